/* One value of answers.conf, by the type its row in the table says.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"
#include "common/error.h"
#include "common/number.h"
#include "common/translate.h"

#include <string.h>

/* Indexed by LodgeSelectorKind. */
static const struct
{
  const char *prefix;
  LodgeSyntax *syntax;
} selector_kinds[] = {
  { "serial", lodge_syntax_serial }, { "path", lodge_syntax_disk_path },
  { "wwn", lodge_syntax_wwn },       { "name", lodge_syntax_kernel_name },
  { "mac", lodge_syntax_mac },
};

void
lodge_selector_free (LodgeSelector *selector)
{
  if (selector == NULL)
    return;
  g_free (selector->value);
  g_free (selector);
}

char *
lodge_selector_format (const LodgeSelector *selector)
{
  return g_strconcat (selector_kinds[selector->kind].prefix, ":", selector->value, NULL);
}

static gpointer
member (const LodgeAnswerKey *row, const LodgeAnswers *answers)
{
  return G_STRUCT_MEMBER_P (answers, row->offset);
}

/* TEXT at its ";", blanks around the items removed.  NULL with ERROR set when an item is empty. */
static GStrv
split_list (const char *text, GError **error)
{
  g_auto (GStrv) items = g_strsplit (text, ";", -1);

  for (guint i = 0; i == 0 || items[i] != NULL; i++)
    if (items[i] == NULL || *g_strstrip (items[i]) == '\0')
      {
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         _ ("item %u of the list is empty: remove a \";\""), i + 1);
        return NULL;
      }
  return g_steal_pointer (&items);
}

/* Adds ITEM (taken) to ITEMS unless it is there. */
static gboolean
add_item (GPtrArray *items, char *item, GError **error)
{
  g_autofree char *quoted = NULL;

  if (!g_ptr_array_find_with_equal_func (items, item, g_str_equal, NULL))
    {
      g_ptr_array_add (items, item);
      return TRUE;
    }
  quoted = lodge_error_quote (item);
  g_free (item);
  return lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s stands twice in the list"), quoted);
}

static gboolean
parse_list (const LodgeAnswerKey *row, const char *text, GStrv *result, GError **error)
{
  g_auto (GStrv) items = split_list (text, error);
  g_autoptr (GPtrArray) checked = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      char *item = row->syntax (items[i], error);

      if (item == NULL || !add_item (checked, item, error))
        return FALSE;
    }
  if (items == NULL)
    return FALSE;
  g_ptr_array_add (checked, NULL);
  g_strfreev (*result);
  *result = (GStrv)g_ptr_array_free (g_steal_pointer (&checked), FALSE);
  return TRUE;
}

/* Whether a "," in TEXT stands before another selector of ROW: the kinds' names with their colon
 * are not part of any serial number or link name that is known. */
static gboolean
has_comma_list (const LodgeAnswerKey *row, const char *text)
{
  for (const char *comma = strchr (text, ','); comma != NULL; comma = strchr (comma + 1, ','))
    for (guint kind = 0; kind < G_N_ELEMENTS (selector_kinds); kind++)
      {
        const char *next = comma + 1 + strspn (comma + 1, " \t");
        gsize length = strlen (selector_kinds[kind].prefix);

        if ((row->selectors & 1U << kind) != 0
            && strncmp (next, selector_kinds[kind].prefix, length) == 0 && next[length] == ':')
          return TRUE;
      }
  return FALSE;
}

static LodgeSelector *
parse_selector (const LodgeAnswerKey *row, const char *text, GError **error)
{
  g_autofree char *quoted = NULL;
  const char *colon = strchr (text, ':');

  if (has_comma_list (row, text))
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("several names stand with \",\" between them: separate them with \";\""));
      return NULL;
    }
  for (guint kind = 0; colon != NULL && kind < G_N_ELEMENTS (selector_kinds); kind++)
    {
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;
      LodgeSelector *selector;

      if ((row->selectors & 1U << kind) == 0
          || strlen (selector_kinds[kind].prefix) != (gsize)(colon - text)
          || !g_str_has_prefix (text, selector_kinds[kind].prefix))
        continue;
      name = g_strstrip (g_strdup (colon + 1));
      value = selector_kinds[kind].syntax (name, error);
      if (value == NULL)
        return NULL;
      selector = g_new0 (LodgeSelector, 1);
      selector->kind = (LodgeSelectorKind)kind;
      selector->value = g_steal_pointer (&value);
      return selector;
    }
  quoted = lodge_error_quote (text);
  if (strcmp (text, "auto") == 0)
    lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s must stand alone"), quoted);
  else
    lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s does not say what kind of name it is"),
                     quoted);
  return NULL;
}

static gboolean
parse_selectors (const LodgeAnswerKey *row, const char *text, GPtrArray **result, GError **error)
{
  g_auto (GStrv) items = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) selectors
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_selector_free);

  if (strcmp (text, "auto") != 0)
    {
      items = split_list (text, error);
      if (items == NULL)
        return FALSE;
    }
  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      LodgeSelector *selector = parse_selector (row, items[i], error);

      if (selector == NULL)
        return FALSE;
      g_ptr_array_add (selectors, selector);
      if (!add_item (names, lodge_selector_format (selector), error))
        return FALSE;
    }
  g_ptr_array_unref (*result);
  *result = g_steal_pointer (&selectors);
  return TRUE;
}

static gboolean
parse_text (const LodgeAnswerKey *row, const char *text, char **result, GError **error)
{
  char *checked = row->syntax (text, error);

  if (checked == NULL)
    return FALSE;
  g_free (*result);
  *result = checked;
  return TRUE;
}

/* These four words and no others: a reader that takes any text for true or false turns
 * "disabled" into yes. */
static gboolean
parse_boolean (const char *text, gboolean *result, GError **error)
{
  g_autofree char *quoted = NULL;

  if (strcmp (text, "yes") == 0 || strcmp (text, "true") == 0)
    *result = TRUE;
  else if (strcmp (text, "no") == 0 || strcmp (text, "false") == 0)
    *result = FALSE;
  else
    {
      quoted = lodge_error_quote (text);
      return lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is neither yes nor no"), quoted);
    }
  return TRUE;
}

static gboolean
parse_number (const LodgeAnswerKey *row, const char *text, guint *result, GError **error)
{
  g_autofree char *quoted = NULL;
  guint64 number;

  if (lodge_number_parse (text, row->minimum, row->maximum, &number))
    {
      *result = (guint)number;
      return TRUE;
    }
  quoted = lodge_error_quote (text);
  return lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is %s"), quoted,
                          strspn (text, "0123456789") == strlen (text) ? _ ("out of range")
                                                                       : _ ("not a whole number"));
}

static gboolean
parse_choice (const LodgeAnswerKey *row, const char *text, guint *result, GError **error)
{
  g_autofree char *quoted = NULL;

  for (guint i = 0; row->choices[i] != NULL; i++)
    if (strcmp (text, row->choices[i]) == 0)
      {
        *result = i;
        return TRUE;
      }
  quoted = lodge_error_quote (text);
  return lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is not one of the choices"), quoted);
}

/* Shells and other formats want quotes; here they are part of the value, and a MESSAGE that repeats
 * it in quotes of its own does not show that. */
static gboolean
is_about_quotes (const char *value, const char *message)
{
  gsize length = strlen (value);

  return length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value
         && strstr (message, value) != NULL;
}

gboolean
lodge_answer_key_parse (const LodgeAnswerKey *row, const char *value, LodgeAnswers *answers,
                        GError **error)
{
  return lodge_answer_key_parse_as (row, row->key, row->expected, value, answers, error);
}

gboolean
lodge_answer_key_parse_as (const LodgeAnswerKey *row, const char *name, const char *expected,
                           const char *value, LodgeAnswers *answers, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gpointer result = member (row, answers);
  gboolean parsed = FALSE;

  switch (row->type)
    {
    case LODGE_ANSWER_TEXT:
      parsed = parse_text (row, value, result, &reason);
      break;
    case LODGE_ANSWER_LIST:
      parsed = parse_list (row, value, result, &reason);
      break;
    case LODGE_ANSWER_SELECTORS:
      parsed = parse_selectors (row, value, result, &reason);
      break;
    case LODGE_ANSWER_BOOLEAN:
      parsed = parse_boolean (value, result, &reason);
      break;
    case LODGE_ANSWER_NUMBER:
      parsed = parse_number (row, value, result, &reason);
      break;
    case LODGE_ANSWER_CHOICE:
      parsed = parse_choice (row, value, result, &reason);
      break;
    }
  if (!parsed)
    {
      /* A frequent slip that a reader of the message would not see. */
      gboolean remark = strstr (value, " #") != NULL
                        || (row->type != LODGE_ANSWER_LIST && row->type != LODGE_ANSWER_SELECTORS
                            && strstr (value, " ;") != NULL);

      lodge_error_set (
          error, LODGE_ERROR_USAGE, _ ("%s: %s (expected %s)%s"), name,
          is_about_quotes (value, reason->message) ? _ ("remove the quotes around the value")
                                                   : reason->message,
          _ (expected), remark ? _ ("; a remark must stand in a line of its own") : "");
    }
  return parsed;
}

static char *
format_selectors (const GPtrArray *selectors)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < selectors->len; i++)
    {
      g_autofree char *one = lodge_selector_format (g_ptr_array_index (selectors, i));

      g_string_append_printf (text, "%s%s", i > 0 ? ";" : "", one);
    }
  return g_strdup (text->str);
}

char *
lodge_answer_key_format (const LodgeAnswerKey *row, const LodgeAnswers *answers)
{
  gconstpointer value = member (row, answers);

  switch (row->type)
    {
    case LODGE_ANSWER_TEXT:
      {
        const char *text = *(char *const *)value;

        return g_strdup (text != NULL ? text : "");
      }
    case LODGE_ANSWER_LIST:
      return g_strjoinv (";", *(const GStrv *)value);
    case LODGE_ANSWER_SELECTORS:
      return format_selectors (*(GPtrArray *const *)value);
    case LODGE_ANSWER_BOOLEAN:
      return g_strdup (*(const gboolean *)value ? "yes" : "no");
    case LODGE_ANSWER_NUMBER:
      {
        guint number = *(const guint *)value;

        return number == 0 ? g_strdup ("") : g_strdup_printf ("%u", number);
      }
    case LODGE_ANSWER_CHOICE:
      return g_strdup (row->choices[*(const guint *)value]);
    }
  g_return_val_if_reached (NULL);
}

void
lodge_answer_key_reset (const LodgeAnswerKey *row, LodgeAnswers *answers)
{
  g_autoptr (LodgeAnswers) defaults = lodge_answers_new ();
  gpointer value = member (row, answers);
  gpointer initial = member (row, defaults);

  switch (row->type)
    {
    case LODGE_ANSWER_TEXT:
    case LODGE_ANSWER_LIST:
    case LODGE_ANSWER_SELECTORS:
      {
        gpointer given = *(gpointer *)value;

        *(gpointer *)value = *(gpointer *)initial;
        *(gpointer *)initial = given;
        break;
      }
    case LODGE_ANSWER_BOOLEAN:
    case LODGE_ANSWER_NUMBER:
    case LODGE_ANSWER_CHOICE:
      *(guint *)value = *(guint *)initial;
      break;
    }
}

void
lodge_answer_key_copy (const LodgeAnswerKey *row, const LodgeAnswers *from, LodgeAnswers *to)
{
  g_autofree char *value = lodge_answer_key_format (row, from);
  g_autoptr (GError) problem = NULL;

  lodge_answer_key_reset (row, to);
  if (value[0] != '\0')
    lodge_answer_key_parse (row, value, to, &problem);
  g_assert_no_error (problem);
}

void
lodge_answers_copy_section (const LodgeAnswers *from, LodgeAnswers *to, const char *section)
{
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    if (g_str_equal (rows[i].section, section))
      lodge_answer_key_copy (&rows[i], from, to);
}
