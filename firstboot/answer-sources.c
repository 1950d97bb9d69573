/* The sources of answers, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/answer-sources.h"

#include "common/file.h"

#define ANSWERS_LIMIT (1024 * 1024)

static const LodgeAnswerSource sources[] = {
  { "kernel-command-line", "the kernel command line", lodge_source_kernel_command_line },
  { "credential", "the systemd credential lodge.answers", lodge_source_credential },
  { "guestinfo", "the VMware variable guestinfo.lodge.answers", lodge_source_guestinfo },
  { "lodge-partition", "a file system labelled LODGE", lodge_source_lodge_partition },
};

void
lodge_answer_text_clear (LodgeAnswerText *text)
{
  g_clear_pointer (&text->name, g_free);
  g_clear_pointer (&text->text, g_free);
  text->length = 0;
}

LodgeSourceResult
lodge_source_file (const char *path, const char *name, LodgeAnswerText *text, GError **error)
{
  text->text = lodge_file_read (path, ANSWERS_LIMIT, &text->length, error);
  if (text->text == NULL)
    return LODGE_SOURCE_ERROR;
  text->name = g_strdup (name);
  return LODGE_SOURCE_FOUND;
}

LodgeSourceResult
lodge_answer_sources_read (const LodgeSourceContext *context, LodgeAnswerText *text, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      LodgeSourceResult result = sources[i].read (context, text, error);

      if (result == LODGE_SOURCE_ERROR)
        g_prefix_error (error, "%s: ", sources[i].title);
      if (result != LODGE_SOURCE_NOTHING)
        return result;
    }
  return LODGE_SOURCE_NOTHING;
}
