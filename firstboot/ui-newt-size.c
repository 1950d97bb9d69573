/* The size of the terminal: looked at again, and what is said where it is too small.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who has the terminal in the foreground is told of another size (SIGWINCH); who had a shell there
 * meanwhile, or was stopped, is not.
 */
#include "firstboot/ui-newt-private.h"

#include <pthread.h>
#include <signal.h>
#include <slang.h>

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
      newtSuspend ();
      newtResume ();
    }
  /* slang may have opened the terminal anew. */
  newt->keys = SLang_TT_Read_FD;
  SLtt_get_screen_size ();
  SLsmg_reinit_smg ();
  SLsmg_touch_lines (0, (unsigned int)SLtt_Screen_Rows);
  newtCls ();
}
