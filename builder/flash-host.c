/* The answers that go on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-host.h"

#include <string.h>

#include "builder/classroom.h"
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

static gboolean
is_named (const LodgeClassroomHost *host, const char *by, const char *value)
{
  return g_str_equal (host->by, by) && g_strcmp0 (host->value, value) == 0;
}

/* IDENTITY as identify() makes it: of one name. */
static gboolean
is_host (const LodgeClassroomHost *host, const LodgeHostIdentity *identity)
{
  if (identity->macs[0] != NULL)
    return is_named (host, "mac", identity->macs[0]);
  if (identity->uuid != NULL)
    return is_named (host, "uuid", identity->uuid);
  return is_named (host, "serial", identity->serial);
}

/* Whether CLASH is about the host IDENTITY; NULL: any. */
static gboolean
concerns (const LodgeClash *clash, const LodgeHostIdentity *identity)
{
  for (guint i = 0; identity != NULL && i < clash->hosts->len; i++)
    if (is_host (g_ptr_array_index (clash->hosts, i), identity))
      return TRUE;
  return identity == NULL;
}

/* Hosts that are in each other's way would find that out on the network, the sticks long given out.
 * IDENTITY: only that host's clashes; NULL: all. */
static gboolean
check_clashes (const char *path, const char *text, gsize length, const LodgeHostIdentity *identity,
               GError **error)
{
  g_autoptr (LodgeClassroom) classroom = lodge_classroom_read (path, text, length, error);
  const LodgeClash *first = NULL;
  guint found = 0;

  if (classroom == NULL)
    return FALSE;
  for (guint i = 0; i < classroom->clashes->len; i++)
    {
      const LodgeClash *clash = g_ptr_array_index (classroom->clashes, i);

      if (!concerns (clash, identity))
        continue;
      first = found++ == 0 ? clash : first;
    }
  if (first == NULL)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "%s%s; lodge answers check --all %s shows every host", first->message,
                          found > 1 ? ", and more clash" : "", path);
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
  if (answers == NULL || !check_clashes (path, text, length, identity, error))
    return NULL;
  return lodge_answers_format (answers, TRUE);
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
  if (answers == NULL || !check_clashes (path, text, length, NULL, error))
    return NULL;
  return g_steal_pointer (&text);
}
