/* A shell on the wizard's own terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-shell.h"

#include "firstboot/i18n.h"
#include "firstboot/wizard-console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_MILLISECONDS 2000
#define END_INTERVAL_MILLISECONDS 20

static void
on_end (GPid shell, int status, gpointer data)
{
  (void)shell;
  (void)status;
  *(gboolean *)data = TRUE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  (void)cancellable;
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until SHELL has ended, which is TRUE and leaves no process, or CANCELLABLE ends the waiting.
 * (What g_subprocess_wait() does not see is a cancellable that is triggered as it begins.) */
static gboolean
wait_for_shell (GPid shell, GCancellable *cancellable)
{
  g_autoptr (GMainContext) loop = g_main_context_new ();
  g_autoptr (GSource) end = g_child_watch_source_new (shell);
  g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);
  gboolean ended = FALSE;
  gboolean over = FALSE;

  g_source_set_callback (end, G_SOURCE_FUNC (on_end), &ended, NULL);
  g_source_attach (end, loop);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (on_cancelled), &over, NULL);
  g_source_attach (cancelled, loop);
  while (!ended && !over)
    g_main_context_iteration (loop, TRUE);
  g_source_destroy (end);
  g_source_destroy (cancelled);
  return ended;
}

/* Another console takes the wizard over: at once, as the shell may be open for hours.  The shell
 * stays, and this process with it, as it would lose its terminal. */
static void
leave_wizard_to_other (LodgeWizard *wizard, GPid shell)
{
  g_autofree char *console = NULL;

  lodge_wizard_let_go (wizard);
  while (waitpid (shell, NULL, 0) == -1 && errno == EINTR)
    ;
  console = lodge_wizard_where (wizard);
  g_print (_ ("While this shell was open the wizard was taken over: it runs on %s now.\n"),
           console);
}

/* Asked to end, and the shell with it: it is told what a terminal that goes tells, more than once,
 * as it may not listen yet. */
static void
end_shell (GPid shell)
{
  gint64 deadline = g_get_monotonic_time () + END_MILLISECONDS * 1000;

  while (waitpid (shell, NULL, WNOHANG) == 0)
    {
      kill (shell, g_get_monotonic_time () < deadline ? SIGHUP : SIGKILL);
      g_usleep (END_INTERVAL_MILLISECONDS * 1000);
    }
}

gboolean
lodge_wizard_shell (LodgeWizard *wizard, GError **error)
{
  const char *const argv[] = { "/bin/bash", "-i", NULL };
  g_autoptr (GError) problem = NULL;
  GPid shell;
  gboolean runs;
  int terminal;

  lodge_ui_suspend (wizard->ui);
  g_print ("%s\n", _ ("A shell of root.  `exit` brings you back to the wizard."));
  /* Bash writes its prompt and what is typed to its standard error: ours may be the journal. */
  terminal = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  runs = g_spawn_async_with_fds (NULL, (char **)argv, NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
                                 NULL, &shell, -1, -1, terminal, &problem);
  if (terminal != -1)
    close (terminal);
  runs = runs && !wait_for_shell (shell, wizard->cancellable);
  if (g_cancellable_set_error_if_cancelled (wizard->cancellable, error))
    {
      /* The screen stays given back: what is said now is to be seen. */
      if (runs && lodge_interrupt_has (wizard->interrupt, SIGHUP))
        leave_wizard_to_other (wizard, shell);
      else if (runs)
        end_shell (shell);
      return FALSE;
    }
  lodge_ui_resume (wizard->ui);
  return problem == NULL
         || lodge_ui_tell (wizard->ui, "shell", _ ("Shell"), problem->message, error);
}
