/* Fields of forms that are keys of answers.conf: the parser's own checks, the printer's own
 * spelling. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard.h"

#include "common/answers-table.h"
#include "common/error.h"

#include <string.h>

/* What people put between the items of a list, as answers.conf has it. */
static char *
canonical (const LodgeAnswerKey *row, const char *value)
{
  g_autofree char *text = g_strstrip (g_strdup (value));
  g_auto (GStrv) words = NULL;
  g_autoptr (GString) list = g_string_new (NULL);

  /* A public key has blanks in it. */
  if (row->type != LODGE_ANSWER_LIST || g_str_equal (row->key, "ssh-keys"))
    return g_steal_pointer (&text);
  words = g_strsplit_set (text, " ,;\t", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_string_append_printf (list, "%s%s", list->len > 0 ? ";" : "", words[i]);
  return g_strdup (list->str);
}

/* FIELD's label as the name in a sentence: "VLAN (empty: none)" is the VLAN. */
static char *
name_of (const LodgeField *field)
{
  static const char *const remarks[] = { " (", "（", ",", "，", NULL };
  char *name = g_strdup (field->label);

  for (gsize i = 0; remarks[i] != NULL; i++)
    {
      char *remark = strstr (name, remarks[i]);

      if (remark != NULL)
        *remark = '\0';
    }
  return name;
}

static gboolean
parse (const LodgeField *field, const LodgeAnswerKey *row, const char *text, LodgeAnswers *answers,
       GError **error)
{
  g_autofree char *name = name_of (field);

  return lodge_answer_key_parse_as (row, name, row->typed != NULL ? row->typed : row->expected,
                                    text, answers, error);
}

static gboolean
check_answer (const LodgeField *field, GError **error)
{
  const LodgeAnswerKey *row = field->check_data;
  g_autoptr (LodgeAnswers) scratch = lodge_answers_new ();
  g_autofree char *text = canonical (row, field->value);

  return text[0] == '\0' || parse (field, row, text, scratch, error);
}

/* A list as people type it. */
static char *
shown (const LodgeAnswerKey *row, const LodgeAnswers *answers)
{
  char *value = lodge_answer_key_format (row, answers);

  if (row->type == LODGE_ANSWER_LIST && !g_str_equal (row->key, "ssh-keys"))
    return g_strdelimit (value, ";", ' ');
  return value;
}

LodgeField *
lodge_form_add_answer (LodgeForm *form, LodgeFieldKind kind, const char *name, const char *label,
                       const LodgeAnswers *answers)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", 2);
  const LodgeAnswerKey *row = lodge_answer_key_find (parts[0], parts[1]);
  g_autofree char *value = shown (row, answers);
  LodgeField *field = lodge_form_add (form, kind, row->key, label, value);

  field->check = check_answer;
  field->check_data = row;
  return field;
}

static gboolean
take_one (LodgeForm *form, const LodgeField *field, const LodgeAnswerKey *row,
          LodgeAnswers *answers)
{
  g_autofree char *text = canonical (row, field->value);
  g_autoptr (GError) problem = NULL;

  lodge_answer_key_reset (row, answers);
  if (!lodge_form_uses (form, field) || text[0] == '\0'
      || parse (field, row, text, answers, &problem))
    return TRUE;
  lodge_form_complain (form, field->id, problem->message);
  return FALSE;
}

gboolean
lodge_form_take_answers (LodgeForm *form, const char *section, LodgeAnswers *answers)
{
  const LodgeAnswerKey *wrong;
  g_autofree char *message = NULL;

  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];
      const LodgeAnswerKey *row = lodge_answer_key_find (section, field->id);

      if (row != NULL && field->check_data == row && !take_one (form, field, row, answers))
        return FALSE;
    }
  wrong = lodge_answer_rules_find (answers, &message);
  if (wrong == NULL)
    return TRUE;
  lodge_form_complain (form, lodge_form_field (form, wrong->key) != NULL ? wrong->key : NULL,
                       message);
  return FALSE;
}

gboolean
lodge_form_accept_or_complain (LodgeForm *form, const char *id, GError **problem)
{
  if (*problem == NULL)
    return TRUE;
  lodge_form_complain (form, id, (*problem)->message);
  g_clear_error (problem);
  return FALSE;
}
