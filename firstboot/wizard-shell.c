/* A shell on the wizard's own terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-shell.h"

#include "firstboot/i18n.h"
#include "firstboot/wizard-console.h"

#include <signal.h>

#define END_MILLISECONDS 2000

/* Another console takes the wizard over: at once, as the shell may be open for hours.  The shell
 * stays, and this process with it, as it would lose its terminal. */
static void
leave_wizard_to_other (LodgeWizard *wizard, GSubprocess *shell)
{
  g_autofree char *console = NULL;

  lodge_wizard_let_go (wizard);
  g_subprocess_wait (shell, NULL, NULL);
  console = lodge_wizard_where (wizard);
  g_print (_ ("While this shell was open the wizard was taken over: it runs on %s now.\n"),
           console);
}

/* Asked to end, and the shell with it: it is told what a terminal that goes tells. */
static void
end_shell (GSubprocess *shell)
{
  gint64 deadline = g_get_monotonic_time () + END_MILLISECONDS * 1000;

  g_subprocess_send_signal (shell, SIGHUP);
  while (g_subprocess_get_identifier (shell) != NULL && g_get_monotonic_time () < deadline)
    g_usleep (20 * 1000);
}

gboolean
lodge_wizard_shell (LodgeWizard *wizard, GError **error)
{
  const char *const argv[] = { "/bin/bash", "-i", NULL };
  g_autoptr (GSubprocess) shell = NULL;
  g_autoptr (GError) problem = NULL;

  lodge_ui_suspend (wizard->ui);
  g_print ("%s\n", _ ("A shell of root.  `exit` brings you back to the wizard."));
  shell = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_INHERIT, &problem);
  if (shell != NULL)
    g_subprocess_wait (shell, wizard->cancellable, NULL);
  if (g_cancellable_set_error_if_cancelled (wizard->cancellable, error))
    {
      /* The screen stays given back: what is said now is to be seen. */
      if (shell != NULL && lodge_interrupt_has (wizard->interrupt, SIGHUP))
        leave_wizard_to_other (wizard, shell);
      else if (shell != NULL)
        end_shell (shell);
      return FALSE;
    }
  lodge_ui_resume (wizard->ui);
  return problem == NULL
         || lodge_ui_tell (wizard->ui, "shell", _ ("Shell"), problem->message, error);
}
