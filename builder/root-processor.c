/* A host that says so when its processor cannot run the release.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program takes the place of the initramfs's /init, and starts that when all is well.  The
 * kernel's rdinit= would do it too, but in an initramfs that does not have the program, made by an
 * administrator's own command, it is a panic: this way such a one starts as ever. rdinit=/init.next
 * on the kernel command line is the way past the program.
 */
#include "builder/root-processor.h"

#include <string.h>

#include "builder/hash-inputs.h"
#include "builder/tree.h"
#include "common/error.h"

/* Of the modules that make /init, systemd's and base's, none comes later in the alphabet. */
#define MODULE "usr/lib/dracut/modules.d/99lodge-processor"
#define PROGRAM "lodge-processor-init"

static const char setup[]
    = "#!/bin/bash\n"
      "# Lodge: the first program says what the processor lacks, and waits; without it the kernel\n"
      "# panics, as the release's programs do not start.\n"
      "check ()\n"
      "{\n"
      "  return 0\n"
      "}\n"
      "depends ()\n"
      "{\n"
      "  return 0\n"
      "}\n"
      "install ()\n"
      "{\n"
      "  [ -e \"$initdir/init\" ] || [ -L \"$initdir/init\" ] || return 1\n"
      "  inst_simple \"$moddir/needs\" /usr/lib/lodge/processor-needs\n"
      "  inst_simple \"$moddir/processor-init\" /init.lodge || return 1\n"
      "  mv \"$initdir/init\" \"$initdir/init.next\"\n"
      "  mv \"$initdir/init.lodge\" \"$initdir/init\"\n"
      "}\n";

static gboolean
is_wanted (const LodgeTemplate *template)
{
  return template->processor_level != NULL && strcmp (template->processor_level, "1") != 0;
}

/* Of the program processor-init-main.c, which is beside lodge-sandbox. */
static gboolean
read_program (const LodgeBuild *build, char **program, gsize *length, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (build->helper);
  g_autofree char *path = g_build_filename (directory, PROGRAM, NULL);
  g_autoptr (GError) failure = NULL;

  if (g_file_get_contents (path, program, length, &failure))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s; build or install Lodge whole",
                          failure->message);
}

/* See processor-init-main.c. */
static char *
make_needs (const LodgeTemplate *template)
{
  return g_strdup_printf ("%s %s\n", template->processor_level, template->os_name);
}

gboolean
lodge_root_write_processor (const LodgeBuild *build, const char *tree, GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *program = NULL;
  g_autofree char *needs = NULL;
  gsize length;

  if (!is_wanted (template))
    return TRUE;
  needs = make_needs (template);
  return read_program (build, &program, &length, error)
         && lodge_tree_write (tree, MODULE "/module-setup.sh", setup, 0755, error)
         && lodge_tree_write (tree, MODULE "/needs", needs, 0644, error)
         && lodge_tree_write_bytes (tree, MODULE "/processor-init", program, length, 0755, error);
}

gboolean
lodge_root_hash_processor (GChecksum *checksum, const LodgeBuild *build, GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *program = NULL;
  g_autofree char *needs = NULL;
  gsize length;

  if (!is_wanted (template))
    return TRUE;
  needs = make_needs (template);
  if (!read_program (build, &program, &length, error))
    return FALSE;
  lodge_hash_add_text (checksum, "processor-setup", setup);
  lodge_hash_add_text (checksum, "processor-needs", needs);
  lodge_hash_add_bytes (checksum, "processor-init", program, length);
  return TRUE;
}

/* Whether a line of LIST, as "ls -l" has it, is of NAME; of a link its own name counts. */
static gboolean
has_file (char **lines, const char *name, gboolean regular)
{
  for (; *lines != NULL; lines++)
    {
      const char *arrow = strstr (*lines, " -> ");
      g_autofree char *line
          = arrow != NULL ? g_strndup (*lines, (gsize)(arrow - *lines)) : g_strdup (*lines);
      const char *blank = strrchr (line, ' ');

      if (blank != NULL && strcmp (blank + 1, name) == 0 && (!regular || line[0] == '-'))
        return TRUE;
    }
  return FALSE;
}

gboolean
lodge_root_check_processor (const LodgeTemplate *template, const char *version, const char *list,
                            GError **error)
{
  g_auto (GStrv) lines = NULL;

  if (!is_wanted (template))
    return TRUE;
  lines = g_strsplit (list, "\n", -1);
  if (has_file (lines, "init", TRUE) && has_file (lines, "init.next", FALSE)
      && has_file (lines, "usr/lib/lodge/processor-needs", TRUE))
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the initramfs of Linux %s does not begin with " PROGRAM
                          ", which says so when a processor is too old",
                          version);
}
