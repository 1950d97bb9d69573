/* A form as plain text, for scripts and tests: everything that a person would be told, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui.h"

#include "firstboot/ui-text.h"

#include <string.h>

#define COLUMNS 76

/* The rows around the value of a long list are enough. */
#define NEIGHBOURS 4

static void
add_text (GString *out, const char *indent, const char *text)
{
  g_auto (GStrv) lines = lodge_text_wrap (text, COLUMNS - (guint)strlen (indent));

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] != '\0')
        g_string_append_printf (out, "%s%s", indent, lines[i]);
      g_string_append_c (out, '\n');
    }
}

static guint
row_index (const LodgeField *field)
{
  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];

      if (lodge_field_has (field, row->id))
        return i;
    }
  return 0;
}

static void
render_row (GString *out, const LodgeField *field, const LodgeUiRow *row)
{
  const char *mark = lodge_field_has (field, row->id) ? "*" : " ";

  if (row->unusable != NULL)
    mark = "-";
  g_string_append_printf (out, "  [%s] %s: ", mark, row->id);
  g_string_append (out, row->text);
  g_string_append_c (out, '\n');
  if (row->detail != NULL)
    add_text (out, "        ", row->detail);
  if (row->unusable != NULL)
    add_text (out, "        cannot be used: ", row->unusable);
}

static void
render_rows (GString *out, const LodgeField *field)
{
  guint chosen = row_index (field);
  guint first = 0, last = field->rows->len;

  if (field->kind == LODGE_FIELD_LIST && field->rows->len > 4 * NEIGHBOURS)
    {
      first = chosen > NEIGHBOURS ? chosen - NEIGHBOURS : 0;
      last = MIN (field->rows->len, chosen + NEIGHBOURS + 1);
    }
  for (guint i = first; i < last; i++)
    render_row (out, field, field->rows->pdata[i]);
  if (last - first < field->rows->len)
    g_string_append_printf (out, "  ... of %u rows\n", field->rows->len);
}

static void
render_radio (GString *out, const LodgeField *field)
{
  for (guint i = 0; i < field->rows->len; i++)
    {
      const LodgeUiRow *row = field->rows->pdata[i];

      g_string_append_printf (out, " (%s) %s", lodge_field_has (field, row->id) ? "*" : " ",
                              row->text);
    }
  g_string_append_c (out, '\n');
}

static void
render_field (GString *out, const LodgeForm *form, const LodgeField *field)
{
  const char *label = field->label != NULL ? field->label : field->id;

  if (!lodge_form_uses (form, field))
    {
      g_string_append_printf (out, "  %s: not used\n", field->id);
      return;
    }
  switch (field->kind)
    {
    case LODGE_FIELD_PROSE:
      add_text (out, "  ", field->value);
      break;
    case LODGE_FIELD_TEXT:
      g_string_append_printf (out, "  %s (%s): %s\n", field->id, label, field->value);
      break;
    case LODGE_FIELD_PASSWORD:
      g_string_append_printf (out, "  %s (%s): %s\n", field->id, label,
                              field->value[0] != '\0' ? "***" : "");
      break;
    case LODGE_FIELD_CHECKBOX:
      g_string_append_printf (out, "  %s: [%s] %s\n", field->id,
                              g_str_equal (field->value, "yes") ? "*" : " ", label);
      break;
    case LODGE_FIELD_RADIO:
      g_string_append_printf (out, "  %s (%s):", field->id, label);
      render_radio (out, field);
      break;
    case LODGE_FIELD_LIST:
    case LODGE_FIELD_MARKS:
      g_string_append_printf (out, "  %s%s%s:\n", field->id, field->label != NULL ? " " : "",
                              field->label != NULL ? field->label : "");
      render_rows (out, field);
      break;
    }
}

char *
lodge_form_render (const LodgeForm *form)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "=== %s: %s\n", form->id, form->title);
  if (form->text != NULL)
    add_text (out, "", form->text);
  for (guint i = 0; i < form->fields->len; i++)
    render_field (out, form, form->fields->pdata[i]);
  if (form->note != NULL)
    add_text (out, form->complaint ? "! " : "~ ", form->note);
  for (guint i = 0; i < form->buttons->len; i++)
    {
      const LodgeUiButton *button = form->buttons->pdata[i];

      g_string_append_printf (out, "%s<%s>", i > 0 ? "  " : "", button->text);
    }
  g_string_append (out, form->buttons->len > 0 ? "\n" : "");
  return g_string_free (out, FALSE);
}
