/* Work that takes a while, behind a form that answers meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-wait.h"

#define POLL_MILLISECONDS 100

typedef struct
{
  LodgeWizardWork *work;
  gpointer data;
  GCancellable *cancellable;
  gint done; /* atomic */
} Wait;

static gpointer
do_work (gpointer data)
{
  Wait *wait = data;

  wait->work (wait->data, wait->cancellable);
  g_atomic_int_set (&wait->done, 1);
  return NULL;
}

static gboolean
look_whether_done (LodgeForm *form, gpointer data)
{
  Wait *wait = data;

  form->ended = g_atomic_int_get (&wait->done) != 0;
  return form->ended;
}

const char *
lodge_wizard_wait (LodgeWizard *wizard, LodgeForm *form, LodgeWizardWork *work, gpointer data,
                   GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree Wait *wait = g_new0 (Wait, 1);
  GThread *thread;
  const char *button;

  wait->work = work;
  wait->data = data;
  wait->cancellable = cancellable;
  form->refresh = look_whether_done;
  form->interval = POLL_MILLISECONDS;
  form->data = wait;
  thread = g_thread_new ("work", do_work, wait);
  button = lodge_ui_show (wizard->ui, form, error);
  if (g_strcmp0 (button, "ended") != 0)
    g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  form->refresh = NULL;
  form->data = NULL;
  return button;
}
