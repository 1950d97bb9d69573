/* answers.conf on a file system labelled LODGE: the boot stick's own first, then any other's.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/answer-sources.h"

#include "firstboot/labelled.h"

#define LABEL "LODGE"
#define FILE_NAME "answers.conf"
#define ANSWERS_LIMIT (1024 * 1024)

LodgeSourceResult
lodge_source_lodge_partition (const LodgeSourceContext *context, LodgeAnswerText *text,
                              GError **error)
{
  g_autoptr (GPtrArray) found = NULL;

  /* A captured tree has no devices to read. */
  if (context->root[0] != '\0')
    return LODGE_SOURCE_NOTHING;

  found = lodge_labelled_find (LABEL);
  for (guint i = 0; i < found->len; i++)
    {
      const LodgeLabelled *labelled = found->pdata[i];
      g_autoptr (GError) problem = NULL;
      gboolean other = FALSE;

      text->text = lodge_labelled_read (labelled, FILE_NAME, ANSWERS_LIMIT, &text->length, &other,
                                        &problem);
      if (text->text != NULL)
        {
          text->name = g_strdup_printf (LABEL " (%s)/" FILE_NAME, labelled->name);
          return LODGE_SOURCE_FOUND;
        }
      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return LODGE_SOURCE_ERROR;
        }
      if (other)
        lodge_watcher_tell (context->watcher,
                            LABEL " (%s) holds " FILE_NAME ".txt: rename it to " FILE_NAME,
                            labelled->name);
    }
  return LODGE_SOURCE_NOTHING;
}
