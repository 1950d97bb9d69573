/* The result of the virtualization check as text and as JSON.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LODGE_UPDATE_GOLDEN=1 rewrites the expected texts.
 */
#include "firstboot/check-report.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/network-golden.h"

/* One check of each kind, as many as LEVEL has: only passes, with a warning, with a failure. */
static LodgeFacts *
made_up_checks (LodgeCheckLevel worst)
{
  LodgeFacts *facts = made_up_facts ();

  add_check (facts, "short", LODGE_CHECK_PASS, "Short.", NULL);
  add_check (facts, "long", LODGE_CHECK_PASS,
             "A sentence that is so long that it is wrapped, more than once, with an "
             "averyverylongwordthatdoesnotfitbesidetheothersandtakesaline, and "
             "then goes on; ärger mit Umlauten zählt in Zeichen, nicht in Bytes: ääääääääääääää.",
             NULL);
  add_check (facts, "note", LODGE_CHECK_PASS, "Not possible; ordinary VMs do not need it.",
             "Only for something special: do \"this\".");
  if (worst >= LODGE_CHECK_WARNING)
    {
      add_check (facts, "warn", LODGE_CHECK_WARNING, "This is slow.", "Make it fast.");
      add_check (facts, "warn-2", LODGE_CHECK_WARNING, "This is slow, too.", "Make it fast, too.");
    }
  if (worst == LODGE_CHECK_FAIL)
    add_check (facts, "fail", LODGE_CHECK_FAIL, "This does not work.",
               "Mend it, with a sentence that is so long that it takes more than one line.");
  return facts;
}

static const struct
{
  const char *result;
  LodgeCheckLevel worst;
} results[] = {
  { "ready", LODGE_CHECK_PASS },
  { "ready-with-warnings", LODGE_CHECK_WARNING },
  { "not-ready", LODGE_CHECK_FAIL },
};

/* No line is wider than 79 columns, colours not counted, and none ends with a blank. */
static void
assert_width (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_assert_cmpint (g_utf8_strlen (lines[i], -1), <, 80);
      g_assert_false (g_str_has_suffix (lines[i], " "));
    }
}

static void
test_text (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (LodgeFacts) facts = made_up_checks (results[i].worst);
  g_autofree char *text = lodge_checks_format (facts->checks, LODGE_CHECKS_COLUMNS, FALSE);
  g_autofree char *golden = g_strdup_printf ("check-report/%s.text", results[i].result);

  assert_width (text);
  assert_golden (golden, text);
}

static void
test_json (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (LodgeFacts) facts = made_up_checks (results[i].worst);
  g_autoptr (JsonNode) node = lodge_checks_to_json (facts->checks);
  g_autofree char *text = json_to_string (node, TRUE);
  g_autofree char *with_end = g_strconcat (text, "\n", NULL);
  g_autofree char *golden = g_strdup_printf ("check-report/%s.json", results[i].result);

  g_assert_cmpstr (lodge_checks_result (facts->checks), ==, results[i].result);
  assert_golden (golden, with_end);
}

/* Colours change nothing but colour. */
static void
test_colour (void)
{
  g_autoptr (LodgeFacts) facts = made_up_checks (LODGE_CHECK_FAIL);
  g_autofree char *plain = lodge_checks_format (facts->checks, LODGE_CHECKS_COLUMNS, FALSE);
  g_autofree char *coloured = lodge_checks_format (facts->checks, LODGE_CHECKS_COLUMNS, TRUE);
  g_autoptr (GRegex) escapes = g_regex_new ("\033\\[[0-9]+m", 0, 0, NULL);
  g_autofree char *stripped = g_regex_replace_literal (escapes, coloured, -1, 0, "", 0, NULL);

  g_assert_nonnull (strstr (coloured, "\033[31mFAIL"));
  g_assert_nonnull (strstr (coloured, "\033[33mWARNING"));
  g_assert_cmpstr (stripped, ==, plain);
}

static void
test_one_warning (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  g_autofree char *summary = NULL;

  add_check (facts, "warn", LODGE_CHECK_WARNING, "This is slow.", "Make it fast.");
  summary = lodge_checks_summary (facts->checks);
  g_assert_true (g_str_has_suffix (summary, "with 1 warning."));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = g_strdup_printf ("/check-report/text/%s", results[i].result);
      g_autofree char *json = g_strdup_printf ("/check-report/json/%s", results[i].result);

      g_test_add_data_func (text, GSIZE_TO_POINTER (i), test_text);
      g_test_add_data_func (json, GSIZE_TO_POINTER (i), test_json);
    }
  g_test_add_func ("/check-report/colour", test_colour);
  g_test_add_func ("/check-report/one-warning", test_one_warning);
  return g_test_run ();
}
