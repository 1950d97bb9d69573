/* Work that takes a while, behind a form that answers meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-wait.h"

#include "firstboot/i18n.h"

enum
{
  POLL_MILLISECONDS = 100,
  SOON_MILLISECONDS = 300, /* nobody needs to be told of less */
};

static gboolean
look_whether_done (LodgeForm *form, gpointer data)
{
  form->ended = lodge_background_is_done (data, 0);
  return form->ended;
}

const char *
lodge_wizard_wait (LodgeWizard *wizard, LodgeForm *form, LodgeBackground *work, GError **error)
{
  const char *button;

  form->refresh = look_whether_done;
  form->interval = POLL_MILLISECONDS;
  form->data = work;
  button = lodge_ui_show (wizard->ui, form, error);
  form->refresh = NULL;
  form->data = NULL;
  return button;
}

LodgeMove
lodge_wizard_wait_saying (LodgeWizard *wizard, const char *text, LodgeBackground *work,
                          GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("wait", _ ("One moment"));
  const char *button;

  if (lodge_background_is_done (work, SOON_MILLISECONDS))
    return LODGE_MOVE_NEXT;
  form->text = g_strdup (text);
  button = lodge_wizard_wait (wizard, form, work, error);
  if (button == NULL)
    return LODGE_MOVE_FAILED;
  return g_str_equal (button, "ended") ? LODGE_MOVE_NEXT : LODGE_MOVE_QUIT;
}
