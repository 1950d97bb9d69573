/* Passwords with characters that the terminal cannot send: another one than the person thinks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"
#include "firstboot/ui-newt-private.h"

/* newt asks this for each key in an entry.  In a locale without UTF-8 it drops what is not ASCII
 * without a word. */
int
lodge_newt_entry_key (newtComponent component, void *data, int key, int cursor)
{
  LodgeNewtForm *shown = data;
  int index = lodge_newt_field_index (shown, component);
  const LodgeField *field = index >= 0 ? shown->form->fields->pdata[index] : NULL;

  (void)cursor;
  if (field == NULL || key < 0x80 || key > 0xff || g_get_charset (NULL))
    return key;
  shown->lacks = shown->lacks || field->kind == LODGE_FIELD_PASSWORD;
  lodge_form_complain (shown->form, NULL, _ ("This terminal can send ASCII only."));
  lodge_newt_show_note (shown);
  newtRefresh ();
  return 0;
}

/* Whoever filled the form is told that it was not the person who emptied them. */
static void
empty_password (LodgeNewtForm *shown, guint index)
{
  LodgeForm *form = shown->form;
  LodgeField *field = form->fields->pdata[index];

  lodge_field_set_value (field, "");
  newtEntrySet (shown->fields[index], "", 1);
  field->refused = TRUE;
  if (form->changed != NULL)
    form->changed (form, field, form->data);
  field->refused = FALSE;
}

void
lodge_newt_forget_passwords (LodgeNewtForm *shown)
{
  for (guint i = 0; shown->lacks && i < shown->form->fields->len; i++)
    if (((const LodgeField *)shown->form->fields->pdata[i])->kind == LODGE_FIELD_PASSWORD)
      empty_password (shown, i);
  shown->lacks = FALSE;
}

gboolean
lodge_newt_refuse_passwords (LodgeNewtForm *shown)
{
  const char *first = NULL;

  if (!shown->lacks)
    return FALSE;
  lodge_newt_forget_passwords (shown);
  for (guint i = 0; i < shown->form->fields->len && first == NULL; i++)
    if (((const LodgeField *)shown->form->fields->pdata[i])->kind == LODGE_FIELD_PASSWORD)
      first = ((const LodgeField *)shown->form->fields->pdata[i])->id;
  lodge_form_complain (shown->form, first,
                       _ ("The password has characters that this terminal cannot send: type one of "
                          "ASCII characters only."));
  lodge_newt_set_focus (shown);
  lodge_newt_show_note (shown);
  return TRUE;
}
