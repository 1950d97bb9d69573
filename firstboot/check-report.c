/* The result of the virtualization check, for people and for programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/check-report.h"

#include "firstboot/i18n.h"
#include "firstboot/ui-text.h"

#include <string.h>

#define INDENT 10 /* of the text beside the level */

/* What a check looks like: its level, and for a pass whether it has a note. */
typedef struct
{
  const char *word;
  const char *colour; /* ECMA-48, "Select Graphic Rendition" */
} Mark;

static const Mark pass_mark = { N_ ("ok"), "\033[32m" };
static const Mark note_mark = { N_ ("note"), "\033[36m" };
static const Mark warning_mark = { N_ ("WARNING"), "\033[33m" };
static const Mark fail_mark = { N_ ("FAIL"), "\033[31m" };

static const Mark *
find_mark (const LodgeCheck *check)
{
  switch (check->level)
    {
    case LODGE_CHECK_PASS:
      return check->mend == NULL ? &pass_mark : &note_mark;
    case LODGE_CHECK_WARNING:
      return &warning_mark;
    case LODGE_CHECK_FAIL:
      break;
    }
  return &fail_mark;
}

const char *
lodge_check_level_name (LodgeCheckLevel level)
{
  static const char *const names[] = { "pass", "warning", "fail" };

  return names[level];
}

const char *
lodge_checks_result (const GPtrArray *checks)
{
  static const char *const names[] = { "ready", "ready-with-warnings", "not-ready" };

  return names[lodge_checks_level (checks)];
}

static guint
count_level (const GPtrArray *checks, LodgeCheckLevel level)
{
  guint count = 0;

  for (guint i = 0; i < checks->len; i++)
    if (((const LodgeCheck *)g_ptr_array_index (checks, i))->level == level)
      count++;
  return count;
}

char *
lodge_checks_summary (const GPtrArray *checks)
{
  guint warnings = count_level (checks, LODGE_CHECK_WARNING);

  switch (lodge_checks_level (checks))
    {
    case LODGE_CHECK_PASS:
      return g_strdup (_ ("This machine is ready to run VMs with KVM."));
    case LODGE_CHECK_WARNING:
      return warnings == 1
                 ? g_strdup (_ ("This machine can run VMs with KVM, with 1 warning."))
                 : g_strdup_printf (_ ("This machine can run VMs with KVM, with %u warnings."),
                                    warnings);
    case LODGE_CHECK_FAIL:
      break;
    }
  return g_strdup (
      _ ("This machine cannot run VMs with KVM: mend the first FAIL, then check again."));
}

/* Appends TEXT, wrapped, to a line that stands at column INDENT. */
static void
append_wrapped (GString *out, const char *text, guint width)
{
  g_auto (GStrv) lines = lodge_text_wrap (text, MAX (width, 2 * INDENT) - INDENT);

  for (gsize i = 0; lines[i] != NULL; i++)
    g_string_append_printf (out, "%*s%s\n", i > 0 ? INDENT : 0, "", lines[i]);
}

static void
append_check (GString *out, const LodgeCheck *check, guint width, gboolean colour)
{
  const Mark *mark = find_mark (check);

  g_autofree char *word = lodge_text_pad (_ (mark->word), INDENT);

  g_string_append_printf (out, "%s%s%s", colour ? mark->colour : "", word, colour ? "\033[0m" : "");
  append_wrapped (out, check->sentence, width);
  if (check->mend != NULL)
    {
      g_autofree char *mend = g_strconcat (
          check->level == LODGE_CHECK_PASS ? "" : _ ("What to do: "), check->mend, NULL);

      g_string_append_printf (out, "%*s", INDENT, "");
      append_wrapped (out, mend, width);
    }
}

char *
lodge_checks_format (const GPtrArray *checks, guint width, gboolean colour)
{
  GString *out = g_string_new (NULL);
  g_autofree char *summary = lodge_checks_summary (checks);

  for (guint i = 0; i < checks->len; i++)
    append_check (out, g_ptr_array_index (checks, i), width, colour);
  g_string_append_printf (out, "\n%s\n", summary);
  return g_string_free (out, FALSE);
}

JsonNode *
lodge_checks_to_json (const GPtrArray *checks)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "result");
  json_builder_add_string_value (builder, lodge_checks_result (checks));
  json_builder_set_member_name (builder, "checks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = g_ptr_array_index (checks, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "id");
      json_builder_add_string_value (builder, check->id);
      json_builder_set_member_name (builder, "level");
      json_builder_add_string_value (builder, lodge_check_level_name (check->level));
      json_builder_set_member_name (builder, "sentence");
      json_builder_add_string_value (builder, check->sentence);
      json_builder_set_member_name (builder, "mend");
      /* A NULL string becomes null. */
      json_builder_add_string_value (builder, check->mend);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
