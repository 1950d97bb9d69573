/* Where the cursor is on a newt form, and where it goes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui-newt-private.h"

newtComponent
lodge_newt_field_component (const LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  guint choice = 0;

  for (guint i = 0; i < index; i++)
    {
      const LodgeField *before = shown->form->fields->pdata[i];
      choice += before->kind == LODGE_FIELD_RADIO ? before->rows->len : 0;
    }
  if (field->kind != LODGE_FIELD_RADIO)
    return shown->fields[index];
  for (guint i = 0; i < field->rows->len; i++)
    if (lodge_field_has (field, ((const LodgeUiRow *)field->rows->pdata[i])->id))
      return shown->choices[choice + i];
  return shown->choices[choice];
}

guint
lodge_newt_field_of (const LodgeNewtForm *shown, newtComponent component)
{
  guint choice = 0;

  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      const LodgeField *field = shown->form->fields->pdata[i];

      for (guint j = 0; field->kind == LODGE_FIELD_RADIO && j < field->rows->len; j++)
        if (shown->choices[choice++] == component)
          return i;
      if (shown->fields[i] == component)
        return i;
    }
  g_return_val_if_reached (0);
}

void
lodge_newt_set_focus (LodgeNewtForm *shown)
{
  const LodgeForm *form = shown->form;

  for (guint i = 0; form->focus != NULL && i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];

      if (g_str_equal (field->id, form->focus) && lodge_form_uses (form, field))
        newtFormSetCurrent (shown->window, lodge_newt_field_component (shown, i));
    }
  for (guint i = 0; form->focus != NULL && i < form->buttons->len; i++)
    if (g_str_equal (((const LodgeUiButton *)form->buttons->pdata[i])->id, form->focus))
      newtFormSetCurrent (shown->window, shown->buttons[i]);
}

void
lodge_newt_remember_focus (LodgeNewtForm *shown)
{
  newtComponent current = newtFormGetCurrent (shown->window);
  guint choice = 0;

  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      const LodgeField *field = shown->form->fields->pdata[i];
      gboolean here = shown->fields[i] == current;

      for (guint j = 0; field->kind == LODGE_FIELD_RADIO && j < field->rows->len; j++)
        here = shown->choices[choice++] == current || here;
      if (here)
        lodge_form_set_focus (shown->form, field->id);
    }
  for (guint i = 0; i < shown->form->buttons->len; i++)
    if (shown->buttons[i] == current)
      lodge_form_set_focus (shown->form,
                            ((const LodgeUiButton *)shown->form->buttons->pdata[i])->id);
}

void
lodge_newt_go_on_from (LodgeNewtForm *shown, guint index)
{
  for (guint i = index + 1; i < shown->form->fields->len; i++)
    if (lodge_form_uses (shown->form, shown->form->fields->pdata[i])
        && ((const LodgeField *)shown->form->fields->pdata[i])->kind != LODGE_FIELD_PROSE)
      {
        newtFormSetCurrent (shown->window, lodge_newt_field_component (shown, i));
        return;
      }
  for (guint i = 0; i < shown->form->buttons->len; i++)
    if (g_strcmp0 (((const LodgeUiButton *)shown->form->buttons->pdata[i])->id,
                   shown->form->forward)
        == 0)
      newtFormSetCurrent (shown->window, shown->buttons[i]);
}

/* --- Tab --- */

/* Its places are the fields, of which a RADIO is one, and behind them the buttons. */
static guint
current_place (const LodgeNewtForm *shown)
{
  newtComponent current = newtFormGetCurrent (shown->window);

  for (guint i = 0; i < shown->form->buttons->len; i++)
    if (shown->buttons[i] == current)
      return shown->form->fields->len + i;
  return lodge_newt_field_of (shown, current);
}

/* What has the cursor at PLACE, or NULL. */
static newtComponent
component_at (const LodgeNewtForm *shown, guint place)
{
  const LodgeForm *form = shown->form;
  const LodgeField *field;

  if (place >= form->fields->len)
    return shown->buttons[place - form->fields->len];
  field = form->fields->pdata[place];
  return field->kind != LODGE_FIELD_PROSE && lodge_form_uses (form, field)
             ? lodge_newt_field_component (shown, place)
             : NULL;
}

void
lodge_newt_move_focus (LodgeNewtForm *shown, gboolean forward)
{
  guint count = shown->form->fields->len + shown->form->buttons->len;
  guint place = current_place (shown);
  newtComponent component = NULL;

  for (guint i = 0; i < count && component == NULL; i++)
    {
      place = (place + (forward ? 1 : count - 1)) % count;
      component = component_at (shown, place);
    }
  if (component != NULL)
    newtFormSetCurrent (shown->window, component);
}
