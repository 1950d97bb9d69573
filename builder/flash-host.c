/* The answers that go on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-host.h"

#include <string.h>

#include "common/answers.h"
#include "common/error.h"
#include "common/file.h"
#include "common/syntax.h"

enum
{
  LIMIT = 1024 * 1024, /* bytes, as lodge_keyfile_load() */
};

/* What kind of name HOST is follows from how it is written. */
static LodgeHostIdentity *
identify (const char *host, GError **error)
{
  g_autoptr (LodgeHostIdentity) identity = g_new0 (LodgeHostIdentity, 1);
  g_autofree char *mac = lodge_syntax_mac (host, NULL);

  identity->macs = g_new0 (char *, 2);
  identity->macs[0] = g_steal_pointer (&mac);
  if (identity->macs[0] != NULL)
    return g_steal_pointer (&identity);
  identity->uuid = lodge_syntax_uuid (host, NULL);
  if (identity->uuid != NULL)
    return g_steal_pointer (&identity);
  identity->serial = lodge_syntax_serial (host, error);
  if (identity->serial != NULL)
    return g_steal_pointer (&identity);
  g_prefix_error (error, "--host: ");
  return NULL;
}

/* The answers as they stand for one host. */
static char *
take_host (const char *path, const char *text, gsize length, const char *host, GError **error)
{
  g_autoptr (LodgeHostIdentity) identity = identify (host, error);
  g_autoptr (LodgeAnswers) answers = NULL;
  GError *failure = NULL;
  guint matches;

  if (identity == NULL)
    return NULL;
  /* First of all: what a host gets that is a mistake in --host contradicts itself too. */
  matches = lodge_answers_count_matches (path, identity, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  if (matches == 0)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "--host: no [match …] section of %s names %s; without --host the whole file "
                       "goes on the disk",
                       path, host);
      return NULL;
    }
  answers = lodge_answers_parse (path, text, length, identity, error);
  return answers == NULL ? NULL : lodge_answers_format (answers, TRUE);
}

char *
lodge_flash_answers (const char *path, const char *host, GError **error)
{
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  text = lodge_file_read (path, LIMIT, &length, error);
  if (text == NULL)
    return NULL;
  if (host != NULL)
    return take_host (path, text, length, host, error);
  answers = lodge_answers_parse (path, text, length, NULL, error);
  return answers == NULL ? NULL : g_steal_pointer (&text);
}
