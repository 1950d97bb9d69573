/* `wizard`, and no command at all on a terminal: asks, then applies.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "common/version.h"
#include "firstboot/console.h"
#include "firstboot/i18n.h"
#include "firstboot/interrupt.h"
#include "firstboot/lock.h"
#include "firstboot/terminal.h"
#include "firstboot/wizard-console.h"
#include "firstboot/wizard-state.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define RUNTIME_DIRECTORY "/run/lodge"
#define PROGRAM "/proc/self/exe"

static char *
title_of_setup (void)
{
  return g_strdup_printf (_ ("Lodge %s: setting up a KVM host"), LODGE_VERSION);
}

static char *
title_of_change (void)
{
  return g_strdup_printf (_ ("Lodge %s: changing a KVM host"), LODGE_VERSION);
}

static LodgeUi *
make_ui (const LodgeOptions *options, GCancellable *cancellable, GError **error)
{
  if (options->script != NULL)
    return lodge_ui_scripted_new (options->script, error);
  return lodge_ui_newt_new (options->reconfigure ? title_of_change : title_of_setup, cancellable,
                            error);
}

/* Where answers and words go; a captured machine's are nobody else's business and end with us. */
static char *
make_runtime (const LodgeOptions *options, gboolean *temporary, GError **error)
{
  *temporary = options->root[0] != '\0' && options->runtime == NULL;
  if (*temporary)
    return g_dir_make_tmp ("lodge-wizard-XXXXXX", error);
  return g_strdup (options->runtime != NULL ? options->runtime : RUNTIME_DIRECTORY);
}

static void
remove_runtime (const char *runtime)
{
  g_autoptr (GDir) directory = g_dir_open (runtime, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (runtime, name, NULL);
      g_unlink (path);
    }
  g_rmdir (runtime);
}

/* On a console the login prompt comes back when the wizard is left or done, but not when its line
 * hung up or it was given to another console: then the unit starts it again. */
static int
end_console (const LodgeWizard *wizard, GError **error)
{
  if (wizard->on_console && wizard->probe.sysroot[0] == '\0'
      && !lodge_wizard_start_login (wizard->console, error))
    return 1;
  return 0;
}

/* Not while another process sets up or changes this host, unless it was started here and its screen
 * was lost. */
static gboolean
may_change (const LodgeWizard *wizard, GError **error)
{
  if (wizard->probe.sysroot[0] != '\0' || !lodge_lock_is_taken (LODGE_LOCK_PATH)
      || lodge_wizard_has_state (wizard))
    return TRUE;
  return lodge_error_set (
      error, LODGE_ERROR_REFUSED,
      "another lodge-firstboot is at work on this host: wait until it has ended "
      "(`lodge-firstboot status`)");
}

/* *AGAIN: from the welcome, as whoever left would leave a console that is of no use. */
static int
run_wizard (LodgeWizard *wizard, gboolean welcome, gboolean *again, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean complete;

  wizard->ui->comes_back = FALSE;
  wizard->ui->forgets = wizard->present != NULL;
  switch (lodge_wizard_wait_for_turn (wizard, welcome, error))
    {
    case LODGE_CONSOLE_FAILED:
      return 1;
    case LODGE_CONSOLE_LEFT:
    case LODGE_CONSOLE_COMPLETE:
      return end_console (wizard, error);
    case LODGE_CONSOLE_HAS_IT:
      break;
    }
  if (wizard->present != NULL && !may_change (wizard, error))
    return 1;
  wizard->ui->comes_back = lodge_wizard_must_stay (wizard);
  complete = lodge_wizard_run (wizard, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return 1;
    }
  *again = !complete && wizard->ui->comes_back;
  if (*again)
    return 0;
  if (wizard->on_console)
    return end_console (wizard, error);
  if (!complete && wizard->steps != NULL && wizard->steps[0] == NULL)
    {
      g_print ("lodge: nothing to change\n");
      return 0;
    }
  return complete ? 0 : 1;
}

/* One person's: what the next one is shown is what was saved, without the passwords. */
static int
run_once (const LodgeOptions *options, LodgeUi *ui, const LodgeInterrupt *interrupt,
          const char *console, const char *runtime, LodgePresent *present, gboolean *again,
          GError **error)
{
  g_auto (LodgeWizard) wizard = { 0 };

  lodge_wizard_init (&wizard, ui, options->root);
  wizard.runtime = runtime;
  wizard.program = options->program != NULL ? options->program : PROGRAM;
  wizard.console = console != NULL ? console : "";
  wizard.on_console = options->console;
  wizard.keeps_state = options->root[0] == '\0' || options->runtime != NULL;
  wizard.interrupt = interrupt;
  wizard.cancellable = lodge_interrupt_cancellable (interrupt);
  if (present != NULL && !lodge_wizard_set_present (&wizard, present, error))
    return 1;
  return run_wizard (&wizard, options->console, again, error);
}

static int
run (const LodgeOptions *options, const char *runtime, GError **error)
{
  g_autoptr (LodgePresent) present = NULL;
  g_autoptr (LodgeInterrupt) interrupt = NULL;
  g_autoptr (LodgeUi) ui = NULL;
  g_autofree char *console = lodge_terminal_name ();
  gboolean again = TRUE;
  int status = 0;

  /* Before the terminal is taken: the reason has to be readable. */
  if (options->reconfigure && (present = lodge_present_read (options->root, error)) == NULL)
    return 1;
  interrupt = lodge_interrupt_new ();
  ui = make_ui (options, lodge_interrupt_cancellable (interrupt), error);
  if (ui == NULL)
    return 1;
  /* `apply`, started by hand elsewhere, does not write over the screen. */
  if (options->root[0] == '\0' && console != NULL && !lodge_console_hold ("", console, error))
    return 1;
  while (again)
    {
      again = FALSE;
      status = run_once (options, ui, interrupt, console, runtime, g_steal_pointer (&present),
                         &again, error);
    }
  /* Ended well, it may be ended once more by the login prompt that takes its place. */
  if (status != 0 && g_cancellable_is_cancelled (lodge_interrupt_cancellable (interrupt)))
    {
      g_clear_error (error);
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "the wizard was ended from outside (taken over by another console, or its "
          "terminal hung up); what was typed is kept, but for passwords");
    }
  return status;
}

/* Where the journal is the only one to hear of it: for the next welcome, and at once for who looks
 * at the console. */
static void
tell_console (const char *runtime, const GError *problem)
{
  g_autofree char *console = lodge_terminal_name ();
  g_autoptr (GError) local = NULL;

  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return;
  if (console == NULL || !lodge_wizard_keep_error (runtime, console, problem->message, &local))
    g_print ("lodge-firstboot: %s\n", problem->message);
}

int
lodge_command_wizard (const LodgeOptions *options, GError **error)
{
  gboolean temporary = FALSE;
  g_autofree char *runtime = NULL;
  g_autoptr (GError) problem = NULL;
  int status;

  /* Answers would be for this machine, and its own `apply` would take them. */
  if (options->root[0] == '\0' && geteuid () != 0)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       options->reconfigure ? "only root can change this host: run it as root"
                                            : "the wizard sets this machine up: run it as root");
      return 1;
    }
  runtime = make_runtime (options, &temporary, error);
  if (runtime == NULL)
    return 1;
  status = run (options, runtime, &problem);
  if (problem != NULL && options->console)
    tell_console (runtime, problem);
  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  if (temporary)
    remove_runtime (runtime);
  return status;
}
