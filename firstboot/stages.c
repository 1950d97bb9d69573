/* The stages before a run, which `apply` and `plan` share: answers, checks, the seed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/apply.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/answer-sources.h"
#include "firstboot/host-files.h"

#define MACHINE_ID_LENGTH 32

static LodgeAnswers *
parse (const char *root, const LodgeAnswerText *text, GError **error)
{
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (LodgeHost) host = lodge_probe_host (&probe, error);

  if (host == NULL)
    return NULL;
  return lodge_answers_parse (text->name, text->text, text->length, host->identity, error);
}

LodgeAnswers *
lodge_apply_find_answers (const char *root, const char *file, GCancellable *cancellable,
                          const LodgeWatcher *watcher, gboolean *off, GError **error)
{
  g_auto (LodgeAnswerText) text = { 0 };
  LodgeSourceContext context = { .root = root, .cancellable = cancellable, .watcher = watcher };
  LodgeSourceResult result;

  *off = FALSE;
  if (file != NULL)
    result = lodge_source_file (file, file, &text, error);
  else
    result = lodge_answer_sources_read (&context, &text, error);

  switch (result)
    {
    case LODGE_SOURCE_FOUND:
      return parse (root, &text, error);
    case LODGE_SOURCE_OFF:
      *off = TRUE;
      return NULL;
    case LODGE_SOURCE_NOTHING:
    case LODGE_SOURCE_ERROR:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

gboolean
lodge_apply_require_checks (const LodgeFacts *facts, GError **error)
{
  const LodgeCheck *first = NULL;
  guint count = 0;
  g_autofree char *more = NULL;

  for (guint i = 0; i < facts->checks->len; i++)
    {
      const LodgeCheck *check = facts->checks->pdata[i];

      if (check->level != LODGE_CHECK_FAIL)
        continue;
      if (first == NULL)
        first = check;
      count++;
    }
  if (first == NULL)
    return TRUE;
  if (count > 1)
    more = g_strdup_printf ("  (%u more: `lodge-firstboot check`)", count - 1);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s%s%s%s", first->sentence,
                          first->mend != NULL ? "  " : "", first->mend != NULL ? first->mend : "",
                          more != NULL ? more : "");
}

char *
lodge_apply_seed (const char *root, GError **error)
{
  g_autofree char *path = lodge_host_path (root, "/etc/machine-id");
  g_autofree char *text = lodge_file_read (path, 4096, NULL, error);

  if (text == NULL)
    return NULL;
  g_strstrip (text);
  if (strlen (text) != MACHINE_ID_LENGTH || strspn (text, "0123456789abcdef") != MACHINE_ID_LENGTH)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s holds no machine id: run `systemd-machine-id-setup`", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}
