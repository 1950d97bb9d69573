/* The size of the terminal: looked at again, and what is said where it is too small.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who has the terminal in the foreground is told of another size (SIGWINCH); who had a shell there
 * meanwhile, or was stopped, is not.
 */
#include "firstboot/i18n.h"
#include "firstboot/ui-newt-private.h"
#include "firstboot/ui-text.h"

#include <pthread.h>
#include <signal.h>
#include <slang.h>

/* The screens are made for it. */
#define COLUMNS_NEEDED 80
#define ROWS_NEEDED 24
/* A serial line is told of no other size: it is asked. */
#define ASK_MILLISECONDS 1000

static pthread_t screen_thread;
static volatile sig_atomic_t continued;

static void
on_continue (int number)
{
  (void)number;
  continued = 1;
  /* newt hears that one, and ends newtFormRun(). */
  pthread_kill (screen_thread, SIGWINCH);
}

void
lodge_newt_watch_continue (void)
{
  struct sigaction action = { .sa_handler = on_continue };

  screen_thread = pthread_self ();
  sigemptyset (&action.sa_mask);
  sigaction (SIGCONT, &action, NULL);
}

/* newt forgets to tell slang's screen buffer: rows that were gained would stay unpainted. */
void
lodge_newt_measure (LodgeNewt *newt)
{
  if (continued)
    {
      continued = 0;
      /* The shell that stopped us has had the terminal in its own mode. */
      lodge_newt_keys_leave (newt);
      newtSuspend ();
      newtResume ();
    }
  /* slang may have opened the terminal anew. */
  lodge_newt_keys_take (newt);
  SLtt_get_screen_size ();
  SLsmg_reinit_smg ();
  SLsmg_touch_lines (0, (unsigned int)SLtt_Screen_Rows);
  newtCls ();
}

void
lodge_newt_ask_size (LodgeNewt *newt, guint milliseconds)
{
  gint64 now = g_get_monotonic_time ();

  if (now - newt->asked < milliseconds * G_TIME_SPAN_MILLISECOND)
    return;
  newt->asked = now;
  newt->answers = lodge_terminal_ask_again (newt->terminal, newt->typed);
}

/* --- a terminal that is too small --- */

static gboolean
is_small (void)
{
  return SLtt_Screen_Cols < COLUMNS_NEEDED || SLtt_Screen_Rows < ROWS_NEEDED;
}

/* On the bare screen: it may have no room for a window. */
static void
draw_notice (void)
{
  g_autofree char *text = g_strdup_printf (
      _ ("This terminal has %dx%d; the wizard needs %dx%d: enlarge it.  What you typed is kept.  "
         "Enter goes on all the same, with windows that may be cut."),
      SLtt_Screen_Cols, SLtt_Screen_Rows, COLUMNS_NEEDED, ROWS_NEEDED);
  g_auto (GStrv) lines = lodge_text_wrap (text, (guint)MAX (SLtt_Screen_Cols, 2));

  for (int i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *line = lodge_newt_text (lines[i]);

      newtDrawRootText (0, i, line);
    }
}

static void
run_notice (const LodgeNewtForm *shown, struct newtExitStruct *exit)
{
  LodgeNewt *newt = shown->newt;
  guint interval = lodge_terminal_is_asked (newt->terminal) ? ASK_MILLISECONDS : 0;
  g_autofree char *keys = lodge_newt_text (_ ("  Enter goes on  Ctrl-C leave"));
  newtComponent form = newtForm (NULL, NULL, NEWT_FLAG_NOF12);

  /* newt runs none that is empty. */
  newtFormAddComponent (form, newtLabel (0, 0, ""));
  if (newt->cancelled != -1)
    newtFormWatchFd (form, newt->cancelled, NEWT_FD_READ);
  newtFormAddHotKey (form, NEWT_KEY_RESIZE);
  newtFormAddHotKey (form, KEY_CTRL_C);
  newtFormAddHotKey (form, NEWT_KEY_ENTER);
  newtFormAddHotKey (form, LODGE_NEWT_END_OF_TYPED);
  if (shown->form->interval > 0)
    interval = interval > 0 ? MIN (interval, shown->form->interval) : shown->form->interval;
  if (interval > 0)
    newtFormSetTimer (form, (int)interval);
  newtCls ();
  newtPushHelpLine (keys);
  draw_notice ();
  lodge_newt_run (newt, form, exit);
  newtFormDestroy (form);
  newtPopHelpLine ();
  newtCls ();
}

static const char *
handle (LodgeNewtForm *shown, const struct newtExitStruct *exit, GError **error)
{
  LodgeNewt *newt = shown->newt;
  LodgeForm *form = shown->form;

  if (g_cancellable_set_error_if_cancelled (newt->cancellable, error))
    return NULL;
  if (exit->reason == NEWT_EXIT_ERROR)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the terminal has gone");
      return NULL;
    }
  if (exit->reason == NEWT_EXIT_TIMER)
    {
      /* What it changes is shown with the form. */
      if (form->refresh != NULL)
        form->refresh (form, form->data);
      lodge_newt_ask_size (newt, ASK_MILLISECONDS);
    }
  if (exit->reason == NEWT_EXIT_HOTKEY && exit->u.key == KEY_CTRL_C)
    return form->quits_unasked ? "quit" : lodge_newt_ask_to_leave (newt, form, error);
  if (exit->reason == NEWT_EXIT_HOTKEY && exit->u.key == NEWT_KEY_RESIZE)
    lodge_newt_measure (newt);
  /* A monitor with a large font has no more, and no other way on. */
  if (exit->reason == NEWT_EXIT_HOTKEY && exit->u.key == NEWT_KEY_ENTER)
    newt->small_is_taken = TRUE;
  return form->ended ? "ended" : "";
}

const char *
lodge_newt_wait_for_room (LodgeNewtForm *shown, GError **error)
{
  const char *button = "";

  while (button != NULL && button[0] == '\0' && is_small () && !shown->newt->asks_to_leave
         && !shown->newt->small_is_taken)
    {
      struct newtExitStruct exit;

      run_notice (shown, &exit);
      button = handle (shown, &exit, error);
    }
  return button;
}
