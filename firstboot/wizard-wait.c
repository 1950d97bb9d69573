/* Work that takes a while, behind a form that answers meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-wait.h"

#include "firstboot/i18n.h"
#include "firstboot/latch.h"

enum
{
  POLL_MILLISECONDS = 100,
  SOON_MILLISECONDS = 300, /* nobody needs to be told of less */
};

typedef struct
{
  LodgeWizardWork *work;
  gpointer data;
  GCancellable *cancellable;
  LodgeLatch done;
} Wait;

static gpointer
do_work (gpointer data)
{
  Wait *wait = data;

  wait->work (wait->data, wait->cancellable);
  lodge_latch_set (&wait->done);
  return NULL;
}

static gboolean
look_whether_done (LodgeForm *form, gpointer data)
{
  Wait *wait = data;

  form->ended = lodge_latch_is_set_within (&wait->done, 0);
  return form->ended;
}

static const char *
show (LodgeWizard *wizard, LodgeForm *form, Wait *wait, GError **error)
{
  form->refresh = look_whether_done;
  form->interval = POLL_MILLISECONDS;
  form->data = wait;
  return lodge_ui_show (wizard->ui, form, error);
}

/* A disk that does not answer holds up whoever reads it, and the kernel lets nobody go: the screen
 * says what it waits for. */
static void
wait_for_end (LodgeWizard *wizard, Wait *wait)
{
  const char *button = "";

  while (button != NULL && !lodge_latch_is_set_within (&wait->done, SOON_MILLISECONDS))
    {
      g_autoptr (LodgeForm) form = lodge_form_new ("wait", _ ("One moment"));

      form->text = g_strdup (_ ("This goes on as soon as what was begun can be ended.  A disk that "
                                "does not answer may hold it up for minutes."));
      form->quits_unasked = TRUE;
      button = show (wizard, form, wait, NULL);
    }
}

const char *
lodge_wizard_wait (LodgeWizard *wizard, LodgeForm *form, LodgeWizardWork *work, gpointer data,
                   GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Wait wait = { .work = work, .data = data, .cancellable = cancellable };
  GThread *thread;
  const char *button;

  lodge_latch_init (&wait.done);
  thread = g_thread_new ("work", do_work, &wait);
  button = show (wizard, form, &wait, error);
  if (g_strcmp0 (button, "ended") != 0)
    g_cancellable_cancel (cancellable);
  if (button != NULL)
    wait_for_end (wizard, &wait);
  g_thread_join (thread);
  lodge_latch_clear (&wait.done);
  form->refresh = NULL;
  form->data = NULL;
  return button;
}
