/* What the person does on a newt form, into the form's data, and what follows from it back onto the
 * screen. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"
#include "firstboot/ui-newt-private.h"
#include "firstboot/ui-text.h"

#include <string.h>

/* --- text in and out --- */

/* TEXT as the terminal's character set has it; free with g_free. */
char *
lodge_newt_text (const char *text)
{
  const char *charset;
  char *converted;

  if (g_get_charset (&charset))
    return g_strdup (text);
  converted = g_convert_with_fallback (text, -1, "ASCII//TRANSLIT", "UTF-8", "?", NULL, NULL, NULL);
  return converted != NULL ? converted : g_str_to_ascii (text, NULL);
}

static char *
from_terminal (const char *text)
{
  char *converted = g_locale_to_utf8 (text, -1, NULL, NULL, NULL);

  return converted != NULL ? converted : g_utf8_make_valid (text, -1);
}

/* newt's textbox leaves what stood in it where the new text is shorter. */
char *
lodge_newt_block (const char *text, guint width, guint rows)
{
  g_auto (GStrv) lines = lodge_text_wrap (text, width);
  guint count = g_strv_length (lines);
  g_autoptr (GString) block = g_string_new (NULL);

  for (guint i = 0; i < MAX (count, rows); i++)
    {
      g_autofree char *line = lodge_text_pad (i < count ? lines[i] : "", width);
      g_string_append_printf (block, "%s%s", i > 0 ? "\n" : "", line);
    }
  return lodge_newt_text (block->str);
}

char *
lodge_newt_row_text (const LodgeField *field, const LodgeUiRow *row, const LodgeFieldPlace *place)
{
  /* newt keeps three columns for the bar of a list that scrolls. */
  guint width = place->width - (field->rows->len > place->height ? 3 : 0);
  const char *mark = lodge_field_has (field, row->id) ? "[*] " : "[ ] ";
  g_autofree char *text = NULL;
  g_autofree char *fitted = NULL;

  if (field->kind != LODGE_FIELD_MARKS)
    mark = "";
  else if (row->unusable != NULL)
    mark = "[-] ";
  text = g_strconcat (mark, row->text, NULL);
  fitted = lodge_text_pad (text, width);
  return lodge_newt_text (fitted);
}

/* --- what the person does, into the form --- */

static const LodgeUiRow *
current_row (const LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  guint row = GPOINTER_TO_UINT (newtListboxGetCurrent (shown->fields[index]));

  return row > 0 && row <= field->rows->len ? field->rows->pdata[row - 1] : NULL;
}

static void
take_value (LodgeNewtForm *shown, guint index)
{
  LodgeField *field = shown->form->fields->pdata[index];
  g_autofree char *text = NULL;

  switch (field->kind)
    {
    case LODGE_FIELD_TEXT:
    case LODGE_FIELD_PASSWORD:
      text = from_terminal (newtEntryGetValue (shown->fields[index]));
      lodge_field_set_value (field, text);
      break;
    case LODGE_FIELD_CHECKBOX:
      lodge_field_set_value (field, shown->checkboxes[index] == '*' ? "yes" : "no");
      break;
    case LODGE_FIELD_LIST:
      if (current_row (shown, index) != NULL)
        lodge_field_set_value (field, current_row (shown, index)->id);
      break;
    case LODGE_FIELD_MARKS:
      if (current_row (shown, index) != NULL)
        {
          g_free (field->cursor);
          field->cursor = g_strdup (current_row (shown, index)->id);
        }
      break;
    case LODGE_FIELD_RADIO: /* its callback has done it */
    case LODGE_FIELD_PROSE:
      break;
    }
}

void
lodge_newt_take_values (LodgeNewtForm *shown)
{
  for (guint i = 0; i < shown->form->fields->len; i++)
    take_value (shown, i);
}

/* --- the form, onto the screen --- */

void
lodge_newt_show_note (LodgeNewtForm *shown)
{
  const LodgeForm *form = shown->form;
  guint lines = lodge_geometry_note_lines (form, shown->geometry.width);
  g_autofree char *text = NULL;

  if (MIN (lines, LODGE_NEWT_LONGEST_NOTE) > shown->geometry.note_rows)
    {
      shown->remake = TRUE;
      return;
    }
  if (shown->note == NULL)
    return;
  text
      = lodge_newt_block (form->note != NULL ? form->note : "",
                          shown->geometry.width - 2 * LODGE_NEWT_MARGIN, shown->geometry.note_rows);
  newtTextboxSetColors (shown->note, form->complaint ? LODGE_NEWT_COMPLAINT : NEWT_COLORSET_TEXTBOX,
                        NEWT_COLORSET_ACTTEXTBOX);
  newtTextboxSetText (shown->note, text);
}

void
lodge_newt_show_detail (LodgeNewtForm *shown, guint index)
{
  const LodgeUiRow *row = current_row (shown, index);
  const char *detail = row != NULL && row->detail != NULL ? row->detail : "";
  guint width = shown->geometry.width - 2 * LODGE_NEWT_MARGIN;
  guint rows = shown->geometry.detail_rows;
  g_auto (GStrv) lines = lodge_text_wrap (detail, width);
  g_autofree char *cut = NULL;
  g_autofree char *text = NULL;

  if (shown->detail == NULL)
    return;
  if (g_strv_length (lines) > rows)
    {
      g_autofree char *last = lodge_text_pad (lines[rows - 1], width - 12);

      g_free (lines[rows - 1]);
      lines[rows - 1] = g_strconcat (last, _ ("... (see F2)"), NULL);
      for (guint i = g_strv_length (lines); i > rows; i--)
        g_clear_pointer (&lines[i - 1], g_free);
      cut = g_strjoinv ("\n", lines);
    }
  text = lodge_newt_block (cut != NULL ? cut : detail, width, rows);
  newtTextboxSetText (shown->detail, text);
}

/* Fields that another's value makes useless take no focus. */
void
lodge_newt_show_uses (LodgeNewtForm *shown)
{
  guint choice = 0;

  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      const LodgeField *field = shown->form->fields->pdata[i];
      enum newtFlagsSense sense
          = lodge_form_uses (shown->form, field) ? NEWT_FLAGS_RESET : NEWT_FLAGS_SET;

      if (field->kind == LODGE_FIELD_RADIO)
        for (guint j = 0; j < field->rows->len; j++)
          newtCheckboxSetFlags (shown->choices[choice++], NEWT_FLAG_DISABLED, sense);
      else if (field->when == NULL)
        continue;
      else if (field->kind == LODGE_FIELD_CHECKBOX)
        newtCheckboxSetFlags (shown->fields[i], NEWT_FLAG_DISABLED, sense);
      else if (field->kind == LODGE_FIELD_TEXT || field->kind == LODGE_FIELD_PASSWORD)
        newtEntrySetFlags (shown->fields[i], NEWT_FLAG_DISABLED, sense);
    }
}

static void
value_changed (LodgeNewtForm *shown, LodgeField *field)
{
  LodgeForm *form = shown->form;

  lodge_newt_show_uses (shown);
  if (form->changed != NULL && form->changed (form, field, form->data))
    lodge_newt_show_note (shown);
}

/* Which field COMPONENT is, or -1. */
int
lodge_newt_field_index (const LodgeNewtForm *shown, newtComponent component)
{
  for (guint i = 0; i < shown->form->fields->len; i++)
    if (shown->fields[i] == component)
      return (int)i;
  return -1;
}

/* newt calls this when the cursor leaves an entry. */
void
lodge_newt_entry_left (newtComponent component, void *data)
{
  LodgeNewtForm *shown = data;
  int index = lodge_newt_field_index (shown, component);
  LodgeField *field = shown->form->fields->pdata[index];
  g_autofree char *before = g_strdup (field->value);

  take_value (shown, (guint)index);
  /* It also calls it when a form begins to run again. */
  if (g_str_equal (before, field->value))
    return;
  /* Whether such a password is strong is no use to anybody. */
  if (shown->lacks && field->kind == LODGE_FIELD_PASSWORD)
    return;
  lodge_form_hint (shown->form, NULL);
  if (lodge_form_check_field (shown->form, field))
    value_changed (shown, field);
  lodge_newt_show_note (shown);
}

void
lodge_newt_checkbox_changed (newtComponent component, void *data)
{
  LodgeNewtForm *shown = data;
  int index = lodge_newt_field_index (shown, component);

  take_value (shown, (guint)index);
  value_changed (shown, shown->form->fields->pdata[index]);
}

void
lodge_newt_radio_changed (newtComponent component, void *data)
{
  LodgeNewtForm *shown = data;
  guint choice = 0;

  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      LodgeField *field = shown->form->fields->pdata[i];

      for (guint j = 0; field->kind == LODGE_FIELD_RADIO && j < field->rows->len; j++)
        if (shown->choices[choice++] == component)
          {
            lodge_field_set_value (field, ((const LodgeUiRow *)field->rows->pdata[j])->id);
            value_changed (shown, field);
            return;
          }
    }
}

/* newt's own way of marking rows gives them another colour, and nothing on a terminal without
 * colours: our marks are in their text, and newt's are for those that cannot be used. */
void
lodge_newt_shade_row (const LodgeField *field, newtComponent list, guint row)
{
  const LodgeUiRow *one = field->rows->pdata[row];

  if (field->kind == LODGE_FIELD_MARKS)
    newtListboxSelectItem (list, GUINT_TO_POINTER (row + 1),
                           one->unusable != NULL ? NEWT_FLAGS_SET : NEWT_FLAGS_RESET);
}

void
lodge_newt_show_row (LodgeNewtForm *shown, guint index, guint row)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  g_autofree char *text
      = lodge_newt_row_text (field, field->rows->pdata[row], &shown->geometry.fields[index]);

  newtListboxSetEntry (shown->fields[index], (int)row, text);
  lodge_newt_shade_row (field, shown->fields[index], row);
}

/* The row that Space has marked or unmarked in newt's way; the number of rows when none. */
static guint
find_toggled (const LodgeField *field, newtComponent list)
{
  int count = 0;
  g_autofree void **selected = newtListboxGetSelection (list, &count);

  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];
      gboolean is_selected = FALSE;

      for (int j = 0; selected != NULL && j < count; j++)
        is_selected = is_selected || selected[j] == GUINT_TO_POINTER (i + 1);
      if (is_selected != (row->unusable != NULL))
        return i;
    }
  return field->rows->len;
}

/* Space has marked a row in newt's own way (and moved on). */
static void
take_mark (LodgeNewtForm *shown, guint index)
{
  LodgeField *field = shown->form->fields->pdata[index];
  guint row = find_toggled (field, shown->fields[index]);
  const LodgeUiRow *toggled;
  g_autofree char *complaint = NULL;

  if (row == field->rows->len)
    return;
  toggled = field->rows->pdata[row];
  lodge_newt_shade_row (field, shown->fields[index], row);
  newtListboxSetCurrent (shown->fields[index], (int)row);
  if (toggled->unusable != NULL)
    {
      complaint = g_strdup_printf (_ ("%s cannot be used: %s."), toggled->id, toggled->unusable);
      lodge_form_complain (shown->form, field->id, complaint);
      lodge_newt_show_note (shown);
      return;
    }
  lodge_field_toggle (field, toggled->id);
  /* Others may have lost their mark. */
  for (guint i = 0; i < field->rows->len; i++)
    lodge_newt_show_row (shown, index, i);
  lodge_form_hint (shown->form, NULL);
  lodge_newt_show_note (shown);
  value_changed (shown, field);
}

void
lodge_newt_list_moved (newtComponent component, void *data)
{
  LodgeNewtForm *shown = data;
  int index = lodge_newt_field_index (shown, component);
  LodgeField *field = shown->form->fields->pdata[index];
  g_autofree char *before = g_strdup (field->value);

  if (field->kind == LODGE_FIELD_MARKS)
    take_mark (shown, (guint)index);
  else
    take_value (shown, (guint)index);
  lodge_newt_show_detail (shown, (guint)index);
  if (field->kind == LODGE_FIELD_LIST && !g_str_equal (before, field->value))
    value_changed (shown, field);
}
