/* The hosts that [match …] sections of answers.conf name.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"
#include "common/error.h"

#include <string.h>

void
lodge_answer_match_free (gpointer data)
{
  LodgeAnswerMatch *match = data;

  g_free (match->by);
  g_free (match->value);
  g_free (match);
}

guint
lodge_answer_match_hash (gconstpointer data)
{
  const LodgeAnswerMatch *match = data;

  return g_str_hash (match->by) * 31 + g_str_hash (match->value);
}

gboolean
lodge_answer_match_equal (gconstpointer a, gconstpointer b)
{
  const LodgeAnswerMatch *one = a;
  const LodgeAnswerMatch *other = b;

  return strcmp (one->by, other->by) == 0 && strcmp (one->value, other->value) == 0;
}

gboolean
lodge_answer_is_match (const char *name)
{
  return g_str_has_prefix (name, "match") && (name[5] == '\0' || g_ascii_isspace (name[5]));
}

LodgeAnswerMatch *
lodge_answer_match_parse (const LodgeKeyfile *keyfile, const LodgeKeyfileSection *section,
                          GError **error)
{
  static const struct
  {
    const char *by;
    LodgeSyntax *syntax;
  } kinds[] = {
    { "mac", lodge_syntax_mac },
    { "serial", lodge_syntax_serial },
    { "uuid", lodge_syntax_uuid },
  };
  g_autofree char *rest = g_strstrip (g_strdup (section->name + strlen ("match")));
  char *equals = strchr (rest, '=');
  g_autofree char *quoted = NULL;
  g_autoptr (GError) reason = NULL;

  if (equals != NULL)
    *equals = '\0';
  for (gsize i = 0; equals != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *value = NULL;
      LodgeAnswerMatch *match;

      if (strcmp (g_strchomp (rest), kinds[i].by) != 0)
        continue;
      value = kinds[i].syntax (g_strchug (equals + 1), &reason);
      if (value == NULL)
        {
          lodge_keyfile_error (error, keyfile, section->line, "match %s: %s", kinds[i].by,
                               reason->message);
          return NULL;
        }
      match = g_new0 (LodgeAnswerMatch, 1);
      match->by = g_strdup (kinds[i].by);
      match->value = g_steal_pointer (&value);
      match->line = section->line;
      match->section = section;
      return match;
    }
  quoted = lodge_error_quote (section->name);
  lodge_keyfile_error (error, keyfile, section->line,
                       "the section %s names no host; expected [match mac=M], [match serial=S] or "
                       "[match uuid=U]",
                       quoted);
  return NULL;
}

gboolean
lodge_answer_match_fits (const LodgeAnswerMatch *match, const LodgeHostIdentity *host)
{
  if (host == NULL)
    return FALSE;
  if (strcmp (match->by, "serial") == 0)
    return g_strcmp0 (match->value, host->serial) == 0;
  if (strcmp (match->by, "uuid") == 0)
    return host->uuid != NULL && g_ascii_strcasecmp (match->value, host->uuid) == 0;
  for (guint i = 0; host->macs != NULL && host->macs[i] != NULL; i++)
    if (g_ascii_strcasecmp (match->value, host->macs[i]) == 0)
      return TRUE;
  return FALSE;
}
