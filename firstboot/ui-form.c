/* Forms as data.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui.h"

#include "firstboot/i18n.h"

#include <string.h>

static void
row_free (gpointer data)
{
  LodgeUiRow *row = data;

  g_free (row->id);
  g_free (row->text);
  g_free (row->detail);
  g_free (row->unusable);
  g_free (row);
}

static void
field_free (gpointer data)
{
  LodgeField *field = data;

  g_free (field->id);
  g_free (field->label);
  /* Passwords go through here. */
  memset (field->value, 0, strlen (field->value));
  g_free (field->value);
  g_clear_pointer (&field->rows, g_ptr_array_unref);
  g_free (field->cursor);
  g_free (field);
}

static void
button_free (gpointer data)
{
  LodgeUiButton *button = data;

  g_free (button->id);
  g_free (button->text);
  g_free (button);
}

LodgeForm *
lodge_form_new (const char *id, const char *title)
{
  LodgeForm *form = g_new0 (LodgeForm, 1);

  form->id = g_strdup (id);
  form->title = g_strdup (title);
  form->fields = g_ptr_array_new_with_free_func (field_free);
  form->buttons = g_ptr_array_new_with_free_func (button_free);
  return form;
}

void
lodge_form_free (LodgeForm *form)
{
  if (form == NULL)
    return;
  g_free (form->id);
  g_free (form->title);
  g_free (form->text);
  g_ptr_array_unref (form->fields);
  g_ptr_array_unref (form->buttons);
  g_free (form->focus);
  g_free (form->note);
  g_free (form->help);
  g_free (form->details);
  g_free (form);
}

static gboolean
has_rows (LodgeFieldKind kind)
{
  return kind == LODGE_FIELD_RADIO || kind == LODGE_FIELD_LIST || kind == LODGE_FIELD_MARKS;
}

LodgeField *
lodge_form_add (LodgeForm *form, LodgeFieldKind kind, const char *id, const char *label,
                const char *value)
{
  LodgeField *field = g_new0 (LodgeField, 1);

  field->kind = kind;
  field->id = g_strdup (id);
  field->label = g_strdup (label);
  field->value = g_strdup (value != NULL ? value : "");
  if (has_rows (kind))
    field->rows = g_ptr_array_new_with_free_func (row_free);
  g_ptr_array_add (form->fields, field);
  return field;
}

LodgeUiRow *
lodge_field_add_row (LodgeField *field, const char *id, const char *text, const char *detail,
                     const char *unusable)
{
  LodgeUiRow *row = g_new0 (LodgeUiRow, 1);

  row->id = g_strdup (id);
  row->text = g_strdup (text);
  row->detail = g_strdup (detail);
  row->unusable = g_strdup (unusable);
  g_ptr_array_add (field->rows, row);
  return row;
}

void
lodge_form_add_button (LodgeForm *form, const char *id, const char *text)
{
  LodgeUiButton *button = g_new0 (LodgeUiButton, 1);

  button->id = g_strdup (id);
  button->text = g_strdup (text);
  g_ptr_array_add (form->buttons, button);
}

void
lodge_form_add_back_and_next (LodgeForm *form)
{
  lodge_form_add_button (form, "back", _ ("Back"));
  lodge_form_add_button (form, "next", _ ("Next"));
  form->back = "back";
  form->forward = "next";
}

LodgeForm *
lodge_form_new_text (const char *id, const char *title, const char *text)
{
  LodgeForm *form = lodge_form_new (id, title);

  lodge_form_add (form, LODGE_FIELD_PROSE, "text", NULL, text);
  lodge_form_add_button (form, "close", _ ("Close"));
  form->back = "close";
  form->forward = "close";
  return form;
}

LodgeField *
lodge_form_field (const LodgeForm *form, const char *id)
{
  for (guint i = 0; i < form->fields->len; i++)
    {
      LodgeField *field = form->fields->pdata[i];

      if (g_str_equal (field->id, id))
        return field;
    }
  return NULL;
}

const char *
lodge_form_value (const LodgeForm *form, const char *id)
{
  const LodgeField *field = lodge_form_field (form, id);

  g_return_val_if_fail (field != NULL, "");
  return field->value;
}

void
lodge_field_set_value (LodgeField *field, const char *value)
{
  char *copy = g_strdup (value);

  g_free (field->value);
  field->value = copy;
}

LodgeUiRow *
lodge_field_row (const LodgeField *field, const char *id)
{
  for (guint i = 0; i < field->rows->len; i++)
    {
      LodgeUiRow *row = field->rows->pdata[i];

      if (g_str_equal (row->id, id))
        return row;
    }
  return NULL;
}

static gboolean
in_list (const char *list, const char *word)
{
  g_auto (GStrv) words = g_strsplit (list, ";", -1);

  return g_strv_contains ((const char *const *)words, word);
}

gboolean
lodge_field_has (const LodgeField *field, const char *id)
{
  return field->kind == LODGE_FIELD_MARKS ? in_list (field->value, id)
                                          : g_str_equal (field->value, id);
}

/* In the order of the rows, whatever the order of marking: the first disk is the first. */
void
lodge_field_toggle (LodgeField *field, const char *id)
{
  const LodgeUiRow *toggled = lodge_field_row (field, id);
  gboolean marking = !lodge_field_has (field, id);
  g_autoptr (GString) value = g_string_new (NULL);

  g_return_if_fail (toggled != NULL);
  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];
      gboolean marked = row == toggled ? marking : lodge_field_has (field, row->id);

      if (marking && row != toggled && (row->alone || toggled->alone))
        marked = FALSE;
      if (marked)
        g_string_append_printf (value, "%s%s", value->len > 0 ? ";" : "", row->id);
    }
  lodge_field_set_value (field, value->str);
}

static guint
count_marks (const LodgeField *field)
{
  guint count = 0;

  for (guint i = 0; i < field->rows->len; i++)
    count += lodge_field_has (field, ((const LodgeUiRow *)field->rows->pdata[i])->id) ? 1 : 0;
  return count;
}

gboolean
lodge_form_uses (const LodgeForm *form, const LodgeField *field)
{
  const LodgeField *other = field->when != NULL ? lodge_form_field (form, field->when) : NULL;

  if (other == NULL)
    return TRUE;
  if (other->kind == LODGE_FIELD_MARKS)
    return count_marks (other) >= g_ascii_strtoull (field->when_values, NULL, 10);
  return in_list (field->when_values, other->value);
}

void
lodge_form_set_focus (LodgeForm *form, const char *id)
{
  char *copy = g_strdup (id);

  g_free (form->focus);
  form->focus = copy;
}

static void
set_note (LodgeForm *form, const char *text, gboolean complaint)
{
  char *copy = g_strdup (text);

  g_free (form->note);
  form->note = copy;
  form->complaint = complaint;
}

void
lodge_form_hint (LodgeForm *form, const char *text)
{
  set_note (form, text, FALSE);
}

void
lodge_form_complain (LodgeForm *form, const char *id, const char *text)
{
  set_note (form, text, TRUE);
  if (id != NULL)
    lodge_form_set_focus (form, id);
}

gboolean
lodge_form_check_field (LodgeForm *form, const LodgeField *field)
{
  g_autoptr (GError) problem = NULL;

  if (field->check == NULL || !lodge_form_uses (form, field) || field->check (field, &problem))
    return TRUE;
  lodge_form_complain (form, field->id, problem->message);
  return FALSE;
}

gboolean
lodge_form_check (LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    if (!lodge_form_check_field (form, form->fields->pdata[i]))
      return FALSE;
  return TRUE;
}

/* --- interfaces --- */

const char *
lodge_ui_show (LodgeUi *ui, LodgeForm *form, GError **error)
{
  if (ui->quits)
    {
      ui->quits = FALSE;
      return "quit";
    }
  return ui->class->show (ui, form, error);
}

void
lodge_ui_suspend (LodgeUi *ui)
{
  ui->class->suspend (ui);
}

void
lodge_ui_resume (LodgeUi *ui)
{
  ui->class->resume (ui);
}

void
lodge_ui_free (LodgeUi *ui)
{
  if (ui != NULL)
    ui->class->free (ui);
}

static gboolean
tell (LodgeUi *ui, LodgeForm *form, GError **error)
{
  const char *button = lodge_ui_show (ui, form, error);

  ui->quits = g_strcmp0 (button, "quit") == 0;
  return button != NULL;
}

gboolean
lodge_ui_tell (LodgeUi *ui, const char *id, const char *title, const char *text, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new_text (id, title, text);

  return tell (ui, form, error);
}

gboolean
lodge_ui_tell_end (LodgeUi *ui, const char *id, const char *title, const char *text, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new_text (id, title, text);

  lodge_form_field (form, "text")->from_end = TRUE;
  return tell (ui, form, error);
}
