/* Where newt's keys come from: the terminal, what was typed while that was asked for its size, and
 * nowhere any more when it was hung up.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui-newt-private.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <slang.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Twice behind what was typed: newt may have put the first back, and waits for another then. */
static const char end_of_typed[] = { LODGE_NEWT_END_OF_TYPED, LODGE_NEWT_END_OF_TYPED };

/* A terminal that was hung up reads as its end, again and again: newtGetKey() and newtFlushInput()
 * wait for that to change, for ever.  So a pipe takes its place, with one key in it for the one who
 * waits and nothing more; newtFormRun() then sees what else it watches.  The mutex is held. */
static void
follow_end (const LodgeNewt *newt)
{
  struct pollfd terminal = { .fd = STDIN_FILENO };

  if (newt->keys == -1 || poll (&terminal, 1, 0) != 1 || (terminal.revents & POLLHUP) == 0)
    return;
  dup2 (newt->no_terminal[0], STDIN_FILENO);
  dup2 (newt->no_terminal[0], newt->keys);
}

/* Called in the thread that hears signals. */
static void
end_of_terminal (GCancellable *cancellable, gpointer data)
{
  LodgeNewt *newt = data;

  (void)cancellable;
  g_mutex_lock (&newt->keys_mutex);
  follow_end (newt);
  g_mutex_unlock (&newt->keys_mutex);
}

gboolean
lodge_newt_keys_init (LodgeNewt *newt, GError **error)
{
  static const char key = KEY_CTRL_C;

  g_mutex_init (&newt->keys_mutex);
  newt->typed = g_string_new (NULL);
  newt->keys = -1;
  newt->no_terminal[0] = newt->no_terminal[1] = -1;
  newt->no_keys = eventfd (0, EFD_CLOEXEC);
  return (newt->no_keys != -1 && pipe2 (newt->no_terminal, O_CLOEXEC) == 0
          && write (newt->no_terminal[1], &key, 1) == 1)
         || lodge_error_set_errno (error, errno, "make a pipe");
}

void
lodge_newt_keys_clear (LodgeNewt *newt)
{
  const int descriptors[] = { newt->no_terminal[0], newt->no_terminal[1], newt->no_keys };

  if (newt->end_of_terminal != 0)
    g_cancellable_disconnect (newt->cancellable, newt->end_of_terminal);
  for (gsize i = 0; i < G_N_ELEMENTS (descriptors); i++)
    if (descriptors[i] != -1)
      close (descriptors[i]);
  g_string_free (newt->typed, TRUE);
  g_mutex_clear (&newt->keys_mutex);
}

void
lodge_newt_keys_take (LodgeNewt *newt)
{
  g_mutex_lock (&newt->keys_mutex);
  newt->keys = SLang_TT_Read_FD;
  /* It may have been hung up while nobody of us had it. */
  if (g_cancellable_is_cancelled (newt->cancellable))
    follow_end (newt);
  g_mutex_unlock (&newt->keys_mutex);
  if (newt->end_of_terminal == 0)
    newt->end_of_terminal
        = g_cancellable_connect (newt->cancellable, G_CALLBACK (end_of_terminal), newt, NULL);
}

/* slang closes it, and its number is soon another file's. */
void
lodge_newt_keys_leave (LodgeNewt *newt)
{
  g_mutex_lock (&newt->keys_mutex);
  newt->keys = -1;
  g_mutex_unlock (&newt->keys_mutex);
}

/* --- what was typed while the terminal was asked --- */

/* Puts SOURCE into the terminal's place: newt waits on standard input and slang reads. */
static void
read_from (LodgeNewt *newt, int source)
{
  dup2 (source, STDIN_FILENO);
  SLang_TT_Read_FD = source;
  newt->keys = -1;
}

/* What newt did not read of it. */
static void
keep_rest (LodgeNewt *newt, int source)
{
  char rest[256];
  ssize_t length;

  while ((length = read (source, rest, sizeof rest)) > 0)
    g_string_append_len (newt->typed, rest, length);
  for (gsize i = 0; i < newt->typed->len; i++)
    if (newt->typed->str[i] == LODGE_NEWT_END_OF_TYPED)
      g_string_truncate (newt->typed, i);
}

static void
run_with_typed (LodgeNewt *newt, newtComponent form, struct newtExitStruct *exit)
{
  int terminal = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int source = SLang_TT_Read_FD;
  int ends[2] = { -1, -1 };

  g_string_append_len (newt->typed, end_of_typed, sizeof end_of_typed);
  if (terminal == -1 || pipe2 (ends, O_CLOEXEC | O_NONBLOCK) == -1
      || write (ends[1], newt->typed->str, newt->typed->len) != (gssize)newt->typed->len)
    newtFormRun (form, exit);
  else
    {
      g_mutex_lock (&newt->keys_mutex);
      read_from (newt, ends[0]);
      g_mutex_unlock (&newt->keys_mutex);
      newtFormRun (form, exit);
      dup2 (terminal, STDIN_FILENO);
      SLang_TT_Read_FD = source;
      lodge_newt_keys_take (newt);
    }
  g_string_truncate (newt->typed, 0);
  if (ends[0] != -1)
    keep_rest (newt, ends[0]);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    if (ends[i] != -1)
      close (ends[i]);
  if (terminal != -1)
    close (terminal);
}

void
lodge_newt_run (LodgeNewt *newt, newtComponent form, struct newtExitStruct *exit)
{
  if (newt->typed->len > 0)
    run_with_typed (newt, form, exit);
  else
    newtFormRun (form, exit);
  /* No key for anybody. */
  if (exit->reason == NEWT_EXIT_HOTKEY && exit->u.key == LODGE_NEWT_END_OF_TYPED)
    exit->reason = NEWT_EXIT_FDREADY;
}
