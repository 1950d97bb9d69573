/* Whether this machine's processor runs a release's programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/processor.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "common/number.h"
#include "common/processor-level.h"

enum
{
  LIMIT = 16 * 1024 * 1024, /* bytes: a few KiB for each of a large machine's processors */
};

/* The words of the first processor's line "flags". */
static GHashTable *
read_flags (const char *cpuinfo)
{
  GHashTable *flags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (cpuinfo, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "flags") && strchr (*line, ':') != NULL)
      {
        g_auto (GStrv) words = g_strsplit (strchr (*line, ':') + 1, " ", -1);

        for (char **word = words; *word != NULL; word++)
          g_hash_table_add (flags, g_strdup (*word));
        break;
      }
  return flags;
}

gboolean
lodge_processor_check_text (const LodgeTemplate *template, const char *cpuinfo, GError **error)
{
  guint64 wanted = 0;
  g_autoptr (GHashTable) flags = NULL;
  guint level;

  if (template->processor_level == NULL
      || !lodge_number_parse (template->processor_level, 1, 4, &wanted))
    return TRUE;
  flags = read_flags (cpuinfo);
  level = lodge_processor_level (flags);
  if (level >= wanted)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "%s needs a processor of level x86-64-v%u, to build it and to run it; "
                          "this machine's is of level v%u (in a virtual machine, give it the "
                          "processor of its host)",
                          template->os_name, (guint)wanted, level);
}

gboolean
lodge_processor_check (const LodgeTemplate *template, GError **error)
{
  g_autofree char *text = NULL;

  if (template->processor_level == NULL)
    return TRUE;
  text = lodge_file_read ("/proc/cpuinfo", LIMIT, NULL, error);
  return text != NULL && lodge_processor_check_text (template, text, error);
}
