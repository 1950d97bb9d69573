/* Where each part of a form stands in its window.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui-geometry.h"

#include "firstboot/ui-text.h"

#define WIDEST 76
/* Border, shadow, the row above and the help line. */
#define ROWS_AROUND 5
#define COLUMNS_AROUND 4
#define MARGIN 1
#define MOST_DETAIL 8
#define MOST_NOTE 4
#define SHORTEST_LIST 3

static guint
count_lines (const char *text, guint width)
{
  g_auto (GStrv) lines = lodge_text_wrap (text, width);

  return g_strv_length (lines);
}

guint
lodge_geometry_note_lines (const LodgeForm *form, guint width)
{
  return form->note != NULL ? count_lines (form->note, width - 2 * MARGIN) : 0;
}

static gboolean
is_flexible (const LodgeField *field)
{
  return field->kind == LODGE_FIELD_LIST || field->kind == LODGE_FIELD_MARKS
         || field->kind == LODGE_FIELD_PROSE;
}

/* How many rows the field would like. */
static guint
wanted_rows (const LodgeField *field, guint width)
{
  guint rows = field->kind == LODGE_FIELD_PROSE ? count_lines (field->value, width - 2)
                                                : MAX (field->rows->len, 1);

  return field->height > 0 ? MIN (rows, field->height) : rows;
}

static guint
detail_rows (const LodgeForm *form, guint width)
{
  guint most = 0;

  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];

      for (guint j = 0; field->rows != NULL && j < field->rows->len; j++)
        {
          const LodgeUiRow *row = field->rows->pdata[j];
          if (row->detail != NULL)
            most = MAX (most, count_lines (row->detail, width));
        }
    }
  return MIN (most, MOST_DETAIL);
}

/* Room for what is wrong with an entry comes as the cursor leaves it, so it is kept from the start:
 * a form that moved under the person's hands would be worse. */
static guint
note_rows (const LodgeForm *form, guint width)
{
  guint lines = lodge_geometry_note_lines (form, width + 2 * MARGIN);
  guint kept = 0;

  for (guint i = 0; i < form->fields->len; i++)
    {
      LodgeFieldKind kind = ((const LodgeField *)form->fields->pdata[i])->kind;

      if (kind == LODGE_FIELD_TEXT || kind == LODGE_FIELD_PASSWORD)
        kept = 2;
      else if (kind == LODGE_FIELD_MARKS)
        kept = MAX (kept, 1);
    }
  return MIN (MAX (lines, kept), MOST_NOTE);
}

static guint
label_columns (const LodgeForm *form)
{
  guint most = 0;

  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];

      if (field->label != NULL && !is_flexible (field) && field->kind != LODGE_FIELD_CHECKBOX)
        most = MAX (most, lodge_text_columns (field->label) + 2);
    }
  return most;
}

/* Places the fields from row TOP on; the flexible ones share ROOM.  Returns the row after. */
static guint
place_fields (LodgeGeometry *geometry, const LodgeForm *form, guint top, guint room, guint inner)
{
  guint labels = label_columns (form);

  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];
      LodgeFieldPlace *place = &geometry->fields[i];

      place->top = top;
      place->height = 1;
      place->width = inner;
      if (is_flexible (field))
        {
          place->height = MAX (MIN (wanted_rows (field, inner), room), 1);
          room -= MIN (place->height, room);
          /* The lines about the row under the cursor stand right below the list. */
          if (geometry->detail_rows > 0 && field->rows != NULL && geometry->detail_top == 0)
            {
              geometry->detail_top = top + place->height + 1;
              top += geometry->detail_rows + 1;
            }
          top++;
        }
      else if (field->kind != LODGE_FIELD_CHECKBOX)
        {
          place->label = labels;
          place->width = inner - labels;
          if (field->width > 0)
            place->width = MIN (place->width, field->width);
        }
      top += place->height;
    }
  return top;
}

/* Cuts the text to LINES: what is typed and pressed comes before what is read. */
static void
cut_text (LodgeGeometry *geometry, guint lines)
{
  g_auto (GStrv) all = g_strsplit (geometry->text, "\n", -1);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (guint i = 0; i < lines && all[i] != NULL; i++)
    g_string_append_printf (kept, "%s%s", i > 0 ? "\n" : "", i + 1 < lines ? all[i] : "...");
  g_free (geometry->text);
  geometry->text = g_strdup (kept->str);
  geometry->text_rows = lines;
}

void
lodge_geometry_make (LodgeGeometry *geometry, const LodgeForm *form, guint columns, guint rows)
{
  guint width = MIN (MAX (columns, 40) - COLUMNS_AROUND, WIDEST);
  guint inner = width - 2 * MARGIN;
  guint most = MAX (rows, 12) - ROWS_AROUND;
  guint used, top;

  geometry->width = width;
  geometry->fields = g_new0 (LodgeFieldPlace, MAX (form->fields->len, 1));
  if (form->text != NULL)
    {
      geometry->text = lodge_text_fill (form->text, inner);
      geometry->text_rows = count_lines (form->text, inner);
    }
  geometry->detail_rows = detail_rows (form, inner);
  geometry->note_rows = note_rows (form, inner);

  /* A field of one row, or the empty row below a flexible one. */
  used = geometry->text_rows + (form->text != NULL ? 1 : 0) + form->fields->len
         + (geometry->detail_rows > 0 ? geometry->detail_rows + 1 : 0) + geometry->note_rows
         + (form->buttons->len > 0 ? 2 : 0);
  /* Where it is tight the list comes before what is told about its rows. */
  while (used + SHORTEST_LIST > most && geometry->detail_rows > 2)
    geometry->detail_rows--, used--;
  if (used + 1 > most && geometry->text_rows > 1)
    {
      guint cut = MIN (used + 1 - most, geometry->text_rows - 1);

      cut_text (geometry, geometry->text_rows - cut);
      used -= cut;
    }
  top = place_fields (geometry, form, geometry->text_rows + (form->text != NULL ? 1 : 0),
                      most > used ? most - used : 1, inner);
  geometry->note_top = top;
  top += geometry->note_rows;
  geometry->buttons_top = top + 1;
  geometry->height = MIN (form->buttons->len > 0 ? top + 2 : MAX (top, 1), most);
}

void
lodge_geometry_clear (LodgeGeometry *geometry)
{
  g_clear_pointer (&geometry->text, g_free);
  g_clear_pointer (&geometry->fields, g_free);
  /* The next one is made in its place, row by row. */
  *geometry = (LodgeGeometry){ 0 };
}
