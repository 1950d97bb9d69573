/* The plan of a build as text, for people and golden files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/output.h"
#include "builder/plan.h"
#include "common/syntax.h"

#include <string.h>

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

enum
{
  TEXT_COLUMNS = 78, /* of 80: a terminal shows it unbroken */
  LABEL_COLUMNS = 16,
};

static void
add_line (GString *text, const char *label, const char *value)
{
  g_string_append_printf (text, "%-*s%s\n", LABEL_COLUMNS, label, value);
}

/* WORDS in as many lines as they need, all but the first indented. */
static void
add_words (GString *text, const char *label, const char *const *words)
{
  gsize column = LABEL_COLUMNS;

  g_string_append_printf (text, "%-*s", LABEL_COLUMNS, label);
  if (words[0] == NULL)
    g_string_append (text, "none");
  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);

      if (i > 0 && column + 1 + length > TEXT_COLUMNS)
        {
          g_string_append_printf (text, "\n%*s", LABEL_COLUMNS, "");
          column = LABEL_COLUMNS;
        }
      else if (i > 0)
        {
          g_string_append_c (text, ' ');
          column++;
        }
      g_string_append (text, words[i]);
      column += length;
    }
  g_string_append_c (text, '\n');
}

static void
add_partitions (GString *text, const LodgeBuildPlan *plan)
{
  g_string_append_printf (text, "\nPartitions (GPT, image of %" G_GUINT64_FORMAT " MiB)\n",
                          plan->size / MEBIBYTE);
  g_string_append (
      text, "  # name   start MiB  size MiB  type                                  file system\n");
  for (guint i = 0; i < LODGE_N_PARTITIONS; i++)
    {
      const LodgePartition *partition = &plan->partitions[i];

      g_string_append_printf (
          text, "  %u %-5s %10" G_GUINT64_FORMAT "%10" G_GUINT64_FORMAT "  %s  %s%s%s\n", i + 1,
          partition->name, partition->start / MEBIBYTE, partition->size / MEBIBYTE,
          partition->type_guid, partition->filesystem == NULL ? "none" : partition->filesystem,
          partition->label == NULL ? "" : ", ", partition->label == NULL ? "" : partition->label);
    }
}

static guint
count_lines (const char *text)
{
  guint lines = 0;

  for (const char *p = text; *p != '\0'; p++)
    if (*p == '\n')
      lines++;
  return lines;
}

static void
add_access (GString *text, const LodgeBuildPlan *plan)
{
  g_autofree char *keys = plan->ssh_keys == NULL
                              ? g_strdup ("none")
                              : g_strdup_printf ("%u for root", count_lines (plan->ssh_keys));

  g_string_append (text, "\nAccess\n");
  add_line (text, "  password",
            plan->options->root_password_hash == NULL ? "locked" : "given as a hash");
  add_line (text, "  SSH keys", keys);
  add_line (text, "  answers",
            plan->answers != NULL
                ? plan->options->answers
                : "none: asked for on the console, or put on the LODGE partition later");
}

static void
add_outputs (GString *text, const LodgeBuildPlan *plan)
{
  g_autofree char *manifest = g_strconcat (plan->base, LODGE_OUTPUT_MANIFEST, NULL);
  g_autofree char *checksums = g_strconcat (plan->base, LODGE_OUTPUT_CHECKSUMS, NULL);
  g_autofree char *map = g_strconcat (plan->base, LODGE_OUTPUT_MAP, NULL);

  g_string_append (text, "\nOutputs\n");
  for (guint i = 0; i < plan->outputs->len; i++)
    {
      const LodgeOutput *output = g_ptr_array_index (plan->outputs, i);
      g_autofree char *label = g_strconcat ("  ", output->format, NULL);

      add_line (text, label, output->path);
    }
  add_line (text, "  manifest", manifest);
  add_line (text, "  checksums", checksums);
  add_line (text, "  flash map", map);
}

char *
lodge_build_plan_describe (const LodgeBuildPlan *plan)
{
  const LodgeTemplate *template = plan->template;
  const LodgeBuildOptions *options = plan->options;
  GString *text = g_string_new (NULL);
  g_autofree char *command_line = g_strconcat ("root=UUID=… ", template->kernel_command_line, NULL);
  g_auto (GStrv) parameters = g_strsplit (command_line, " ", -1);
  g_autofree char *mirror
      = options->mirror != NULL ? lodge_url_without_login (options->mirror) : NULL;

#define WORDS(list) ((const char *const *)(list))
  add_line (text, "Template", template->name);
  add_line (text, "  description", template->description);
  add_line (text, "  family", lodge_family_kind_name (template->family));
  add_line (text, "  release", template->release);
  if (template->suites[0] != NULL)
    add_words (text, "  suites", WORDS (template->suites));
  if (template->components[0] != NULL)
    add_words (text, "  components", WORDS (template->components));
  add_words (text, "  signed by", WORDS (template->fingerprints));
  add_line (text, "  mirror",
            mirror != NULL ? mirror
            : options->sources != NULL && options->sources[0] != NULL
                ? "none: only the sources below"
                : "from this machine's own package sources");
  if (options->sources != NULL)
    {
      g_auto (GStrv) sources = g_strdupv (options->sources);

      for (char **source = sources; *source != NULL; source++)
        {
          char *plain = lodge_url_without_login (*source);

          g_free (*source);
          *source = plain;
        }
      add_words (text, "  sources", WORDS (sources));
    }
  if (options->firstboot != NULL)
    add_line (text, "  firstboot", options->firstboot);

  g_string_append (text, "\nSystem\n");
  add_words (text, "  packages", WORDS (template->install));
  add_words (text, "  to compile", WORDS (template->build_depends));
  add_words (text, "  initramfs", WORDS (template->initramfs_drivers));
  add_words (text, "  kernel", WORDS (parameters));
  add_words (text, "  enabled", WORDS (template->enable));
  add_words (text, "  disabled", WORDS (template->disable));
  add_line (text, "  host name", template->hostname);
#undef WORDS

  add_partitions (text, plan);
  add_access (text, plan);
  add_outputs (text, plan);
  return g_string_free (text, FALSE);
}
