/* lodge package: lodge-firstboot compiled for a release, for machines where it cannot be compiled.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "builder/build-package.h"
#include "builder/command.h"
#include "builder/firstboot-package.h"
#include "common/error.h"

/* What GOption fills in. */
typedef struct
{
  char *output;
  GStrv sources;
  char *mirror;
  char *cache;
  gboolean no_cache;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->output);
  g_strfreev (words->sources);
  g_free (words->mirror);
  g_free (words->cache);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse_words (Words *words, int *argc, char **argv, gboolean *help_shown, GError **error)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &words->output,
      "The package to write, or the directory for it (default: here)", "FILE" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words->sources,
      "Take packages from there (can be given several times)", "DIR|ISO|URL" },
    { "mirror", 0, 0, G_OPTION_ARG_STRING, &words->mirror,
      "Take packages from this mirror (default: this machine's own)", "URL" },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &words->cache,
      "Keep downloads and the compiler there (default: ~/.cache/lodge)", "DIR" },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &words->no_cache,
      "Make everything anew from the downloaded packages", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "package",
    .operands = "TEMPLATE",
    .summary = "Compiles lodge-firstboot for TEMPLATE's release and makes an .rpm or .deb of it, "
               "for machines that build images where it cannot be compiled.",
    .entries = entries,
    .minimum = 1,
    .maximum = 1,
  };

  return lodge_command_parse (&syntax, argc, argv, help_shown, error);
}

static LodgeBuildOptions *
make_options (const Words *words, const LodgeTemplate *template)
{
  LodgeBuildOptions *options = g_new0 (LodgeBuildOptions, 1);

  options->template = g_strdup (template->name);
  options->output = g_strconcat (template->name, ".raw", NULL); /* nothing is written there */
  options->sources = g_strdupv (words->sources);
  options->mirror = g_strdup (words->mirror);
  options->cache = g_strdup (words->cache);
  options->no_cache = words->no_cache;
  options->source_date_epoch = -1;
  return options;
}

static char *
choose_file (const Words *words, const LodgeTemplate *template)
{
  g_autofree char *name = lodge_firstboot_package_name (template);

  if (words->output == NULL)
    return g_steal_pointer (&name);
  if (g_file_test (words->output, G_FILE_TEST_IS_DIR))
    return g_build_filename (words->output, name, NULL);
  return g_strdup (words->output);
}

gboolean
lodge_command_package (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_auto (Words) words = { NULL };
  g_autoptr (LodgePaths) paths = NULL;
  g_autoptr (LodgeTemplate) template = NULL;
  g_autoptr (LodgeBuildOptions) options = NULL;
  g_autoptr (LodgeBuildPlan) plan = NULL;
  g_autoptr (LodgeProgress) progress = NULL;
  g_autofree char *file = NULL;
  gboolean help_shown;

  if (!parse_words (&words, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  paths = lodge_paths_find (error);
  template = paths != NULL ? lodge_template_load (paths->templates, argv[1], error) : NULL;
  if (template == NULL)
    return FALSE;
  options = make_options (&words, template);
  plan = lodge_build_plan_make (template, options, NULL, NULL, error);
  if (plan == NULL)
    return FALSE;
  file = choose_file (&words, template);
  progress = lodge_progress_new (LODGE_PROGRESS_AUTO);
  if (!lodge_build_package (plan, paths, file, progress, cancellable, error))
    return FALSE;
  puts (file);
  return TRUE;
}
