/* The answers of a change.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/change.h"

#include "common/answers-table.h"
#include "firstboot/answer-sources.h"

#include <string.h>

/* Keys of [network] that belong to the way to an address: they stay with it, and what is left of
 * the section counts whole. */
static const struct
{
  const char *key;
  const char *ways[2]; /* the keys that change the way when they are given */
} addressing[] = {
  { "ipv4", { "ipv4" } },        { "address", { "ipv4" } },        { "gateway", { "ipv4" } },
  { "ipv6", { "ipv6" } },        { "address6", { "ipv6" } },       { "gateway6", { "ipv6" } },
  { "dns", { "ipv4", "ipv6" } }, { "search", { "ipv4", "ipv6" } },
};

static gboolean
is_given (const LodgeAnswerOrigin *origin, gsize row)
{
  return origin->lines[row] != 0 || origin->emptied[row];
}

static gboolean
way_is_given (const LodgeAnswerOrigin *origin, const char *way)
{
  gsize count;

  return is_given (origin,
                   (gsize)(lodge_answer_key_find ("network", way) - lodge_answer_keys (&count)));
}

/* Whether ROW, which was not given, stays what it is. */
static gboolean
stays (const LodgeAnswerOrigin *origin, const LodgeAnswerKey *row)
{
  for (gsize i = 0; g_str_equal (row->section, "network") && i < G_N_ELEMENTS (addressing); i++)
    {
      if (!g_str_equal (addressing[i].key, row->key))
        continue;
      for (gsize j = 0; j < G_N_ELEMENTS (addressing[i].ways); j++)
        if (addressing[i].ways[j] != NULL && way_is_given (origin, addressing[i].ways[j]))
          return FALSE;
      return TRUE;
    }
  return lodge_keyfile_section (origin->keyfile, row->section) == NULL;
}

static void
keep_present (LodgeAnswers *answers, const LodgeAnswerOrigin *origin, gconstpointer data)
{
  const LodgePresent *present = data;
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    if (!is_given (origin, i) && stays (origin, &rows[i]))
      lodge_answer_key_copy (&rows[i], present->answers, answers);
}

LodgeAnswers *
lodge_change_load (const char *root, const char *file, const LodgePresent *present, GError **error)
{
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (LodgeHost) host = lodge_probe_host (&probe, error);
  g_auto (LodgeAnswerText) text = { 0 };

  if (host == NULL || lodge_source_file (file, file, &text, error) != LODGE_SOURCE_FOUND)
    return NULL;
  return lodge_answers_parse_over (file, text.text, text.length, host->identity, keep_present,
                                   present, error);
}

/* The line "KEY=VALUE" of [network], which is left out of ALL as VALUE is the default. */
static void
add_way (GString *all, const char *line)
{
  static const char head[] = "[network]\n";
  const char *found
      = g_str_has_prefix (all->str, head) ? all->str : strstr (all->str, "\n[network]\n");

  g_string_insert (all, strstr (found, head) - all->str + (gssize)strlen (head), line);
}

char *
lodge_change_format (const LodgeAnswers *answers)
{
  static const char *const sections[] = { "access", "network", "libvirt" };
  g_autofree char *text = lodge_answers_format (answers, TRUE);
  g_autoptr (LodgeKeyfile) file = lodge_keyfile_parse ("answers", text, strlen (text), NULL);
  g_autoptr (GString) all = g_string_new (text);

  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    if (lodge_keyfile_section (file, sections[i]) == NULL)
      g_string_append_printf (all, "%s[%s]\n", all->len > 0 ? "\n" : "", sections[i]);
  if (answers->ipv6 == LODGE_IPV6_AUTO)
    add_way (all, "ipv6=auto\n");
  if (answers->ipv4 == LODGE_IPV4_DHCP)
    add_way (all, "ipv4=dhcp\n");
  return g_strdup (all->str);
}

LodgePlan *
lodge_change_plan (const LodgeFacts *facts, const LodgePresent *present,
                   const LodgeAnswers *answers, GError **error)
{
  const LodgePlanPresent what = lodge_present_for_plan (present);

  return lodge_plan_change (facts, &what, answers, error);
}
