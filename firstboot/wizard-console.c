/* The wizard on several consoles at once.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-console.h"

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/apply.h"
#include "firstboot/authorized-keys.h"
#include "firstboot/console.h"
#include "firstboot/i18n.h"
#include "firstboot/lock.h"
#include "firstboot/report.h"
#include "firstboot/terminal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LOCK_FILE "wizard.lock"
#define CONSOLE_FILE "wizard.console"
/* One for each console, with its name behind. */
#define ERROR_FILE "wizard.error."
#define ERROR_LIMIT 65536
#define POLL_MILLISECONDS 500
/* How long the console that has the wizard may take to write down what was typed. */
#define HANDOVER_MILLISECONDS 10000
#define HANDOVER_POLL_MILLISECONDS 50

static char *
runtime_file (const LodgeWizard *wizard, const char *name)
{
  return g_build_filename (wizard->runtime, name, NULL);
}

gboolean
lodge_wizard_is_complete (const LodgeWizard *wizard)
{
  g_autofree char *path
      = g_strconcat (wizard->probe.sysroot, LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, NULL);

  /* A change begins there. */
  return wizard->present == NULL && g_file_test (path, G_FILE_TEST_EXISTS);
}

gboolean
lodge_wizard_must_stay (const LodgeWizard *wizard)
{
  return wizard->on_console && !lodge_wizard_is_complete (wizard)
         && !lodge_access_exists (wizard->probe.sysroot);
}

/* FALSE without ERROR: another process has it. */
static gboolean
take (LodgeWizard *wizard, GError **error)
{
  g_autofree char *lock = runtime_file (wizard, LOCK_FILE);
  g_autofree char *console = runtime_file (wizard, CONSOLE_FILE);
  g_autoptr (GError) problem = NULL;

  if (g_mkdir_with_parents (wizard->runtime, 0700) == -1)
    return lodge_error_set_errno (error, errno, "make %s", wizard->runtime);
  wizard->lock = lodge_lock_open (lock, &problem);
  if (wizard->lock != -1)
    return lodge_file_replace (console, wizard->console, -1, 0600, error);
  if (!g_error_matches (problem, LODGE_ERROR, LODGE_ERROR_REFUSED))
    g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* --- forms that wait --- */

static gboolean
is_taken (const LodgeWizard *wizard)
{
  g_autofree char *lock = runtime_file (wizard, LOCK_FILE);

  return lodge_lock_is_taken (lock);
}

static gboolean
refresh_welcome (LodgeForm *form, gpointer data)
{
  form->ended = lodge_wizard_is_complete (data) || is_taken (data);
  return form->ended;
}

static char *
error_file (const char *runtime, const char *console)
{
  g_autofree char *name = g_strconcat (ERROR_FILE, console, NULL);

  return g_build_filename (runtime, g_strdelimit (name, "/", '-'), NULL);
}

gboolean
lodge_wizard_keep_error (const char *runtime, const char *console, const char *message,
                         GError **error)
{
  g_autofree char *path = error_file (runtime, console);

  return lodge_file_replace (path, message, -1, 0600, error);
}

/* Why setup with answers that somebody put on the disk did not come to its end; NULL: it was not
 * tried. */
static char *
find_stop (const LodgeWizard *wizard)
{
  g_autofree char *directory = g_strconcat (wizard->probe.sysroot, LODGE_STATE_DIRECTORY, NULL);
  g_autofree char *outcome = NULL;
  g_autofree char *line = NULL;

  if (!lodge_report_last (directory, &outcome, &line) || !g_str_equal (outcome, "stopped"))
    return NULL;
  return g_steal_pointer (&line);
}

static LodgeForm *
make_welcome (const LodgeWizard *wizard, const char *problem)
{
  LodgeForm *form = lodge_form_new ("welcome", _ ("Welcome to Lodge"));
  g_autofree char *stop = find_stop (wizard);

  if (problem != NULL)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("The wizard on this console has ended with an error:\n\n%s\n\n\"Set up this "
             "machine\" tries again.  When the same comes back, log in and mend what it says; "
             "`journalctl -b` tells more.  Another console may have the wizard meanwhile."),
          problem);

      lodge_form_add (form, LODGE_FIELD_PROSE, "error", NULL, text);
    }
  else if (stop != NULL)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("This machine has tried to set itself up with the answers that it was given:\n\n%s\n\n"
             "Mend them and restart it, or go on here: eight screens ask for everything, and "
             "change nothing before you confirm the last one."),
          stop);

      lodge_form_add (form, LODGE_FIELD_PROSE, "error", NULL, text);
    }
  else
    form->text
        = g_strdup (_ ("This machine is not set up yet.  Eight screens make a KVM host of it: they "
                       "check that it can run virtual machines, ask for a disk and a network port, "
                       "and change nothing before you confirm the last one.\n\n"
                       "The same is shown on every console; go on at the one you like."));
  lodge_form_add_button (form, "start", _ ("Set up this machine"));
  if (wizard->on_console && lodge_access_exists (wizard->probe.sysroot))
    lodge_form_add_button (form, "login", _ ("Log in instead"));
  lodge_form_set_focus (form, "start");
  form->forward = "start";
  return form;
}

/* FORM until somebody presses a button of it; Ctrl-C is none where it would leave a login prompt
 * that nobody can pass. */
static const char *
show_waiting (LodgeWizard *wizard, LodgeForm *form, GError **error)
{
  const char *button;

  form->interval = POLL_MILLISECONDS;
  form->data = wizard;
  do
    {
      form->quits_unasked = lodge_wizard_must_stay (wizard);
      button = lodge_ui_show (wizard->ui, form, error);
    }
  while (button != NULL && g_str_equal (button, "quit") && lodge_wizard_must_stay (wizard));
  return button;
}

static const char *
show_welcome (LodgeWizard *wizard, GError **error)
{
  g_autofree char *path = error_file (wizard->runtime, wizard->console);
  g_autofree char *problem = lodge_file_read (path, ERROR_LIMIT, NULL, NULL);
  g_autoptr (LodgeForm) form = make_welcome (wizard, problem);
  const char *button;

  form->refresh = refresh_welcome;
  button = show_waiting (wizard, form, error);
  if (button == NULL)
    return NULL;
  if (g_str_equal (button, "ended"))
    return "";
  /* Somebody has read it. */
  g_unlink (path);
  return g_str_equal (button, "start") ? "" : "login";
}

static gboolean
refresh_elsewhere (LodgeForm *form, gpointer data)
{
  form->ended = lodge_wizard_is_complete (data) || !is_taken (data);
  return form->ended;
}

/* What the person chose: "take", "login", or "ended" when the other has let go.  SILENT: it was
 * asked to, and has not. */
static const char *
show_elsewhere (LodgeWizard *wizard, gboolean silent, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("elsewhere", _ ("The wizard runs elsewhere"));
  g_autofree char *console = lodge_wizard_where (wizard);
  const char *button;

  form->text = g_strdup_printf (
      wizard->present != NULL ? _ ("Somebody is changing this host on %s.\n\nYou can take it over: "
                                   "it goes on here, with all that was typed there (but for "
                                   "passwords).  A change that has begun is not disturbed.")
                              : _ ("Somebody is setting this machine up on %s.\n\nYou can take it "
                                   "over: it goes on here, "
                                   "with "
                                   "all that was typed there (but for passwords).  A setup that "
                                   "has begun is not disturbed."),
      console);
  lodge_form_add_button (form, "take", _ ("Take over"));
  if (!wizard->on_console)
    lodge_form_add_button (form, "login", _ ("Leave"));
  else if (lodge_access_exists (wizard->probe.sysroot))
    lodge_form_add_button (form, "login", _ ("Log in instead"));
  if (silent)
    lodge_form_complain (form, "take",
                         _ ("That console does not answer: it may wait for a disk that does not "
                            "answer.  Pull that disk out, or restart the machine."));
  form->refresh = refresh_elsewhere;
  button = show_waiting (wizard, form, error);
  if (button == NULL)
    return NULL;
  if (g_str_equal (button, "take"))
    return "take";
  return g_str_equal (button, "ended") ? "ended" : "login";
}

/* The other process writes down what was typed and ends, as when its line hangs up.  FALSE: it has
 * not, in the time that it has. */
static gboolean
take_over (LodgeWizard *wizard)
{
  g_autofree char *lock = runtime_file (wizard, LOCK_FILE);
  gint64 deadline = g_get_monotonic_time () + HANDOVER_MILLISECONDS * 1000;
  gboolean asked = FALSE;

  while (is_taken (wizard) && g_get_monotonic_time () < deadline)
    {
      asked = asked || lodge_lock_signal (lock, SIGHUP);
      g_usleep (HANDOVER_POLL_MILLISECONDS * 1000);
    }
  return !is_taken (wizard);
}

void
lodge_wizard_let_go (LodgeWizard *wizard)
{
  if (wizard->lock != -1)
    close (wizard->lock);
  wizard->lock = -1;
}

char *
lodge_wizard_where (const LodgeWizard *wizard)
{
  g_autofree char *path = runtime_file (wizard, CONSOLE_FILE);
  g_autofree char *console = is_taken (wizard) ? lodge_file_read (path, 256, NULL, NULL) : NULL;

  return console != NULL && console[0] != '\0' ? g_steal_pointer (&console)
                                               : g_strdup (_ ("another terminal"));
}

LodgeConsoleResult
lodge_wizard_wait_for_turn (LodgeWizard *wizard, gboolean welcome, GError **error)
{
  const char *choice;
  gboolean silent = FALSE;

  /* A line that hung up on the result: its console is started again. */
  if (lodge_wizard_is_complete (wizard))
    return LODGE_CONSOLE_COMPLETE;
  choice = welcome ? show_welcome (wizard, error) : "";
  while (choice != NULL && !g_str_equal (choice, "login"))
    {
      g_autoptr (GError) problem = NULL;

      if (lodge_wizard_is_complete (wizard))
        return LODGE_CONSOLE_COMPLETE;
      if (take (wizard, &problem))
        return LODGE_CONSOLE_HAS_IT;
      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return LODGE_CONSOLE_FAILED;
        }
      choice = show_elsewhere (wizard, silent, error);
      if (choice == NULL)
        break;
      silent = g_str_equal (choice, "take") && !take_over (wizard);
      /* Whoever has ended it may want to begin anew on another console. */
      if (g_str_equal (choice, "ended") && welcome)
        choice = show_welcome (wizard, error);
    }
  return choice == NULL ? LODGE_CONSOLE_FAILED : LODGE_CONSOLE_LEFT;
}

/* --- units --- */

gboolean
lodge_wizard_start_login (const char *console, GError **error)
{
  g_autofree char *unit = g_strdup_printf (
      "%s@%s.service", lodge_terminal_is_virtual (console) ? "getty" : "serial-getty", console);
  g_autofree char *output = lodge_run_list (error, "systemctl", "--no-block", "start", unit, NULL);

  return output != NULL;
}

gboolean
lodge_wizard_start_consoles (GError **error)
{
  g_auto (GStrv) consoles = lodge_console_names ("");
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;

  g_ptr_array_add (argv, g_strdup ("systemctl"));
  g_ptr_array_add (argv, g_strdup ("--no-block"));
  g_ptr_array_add (argv, g_strdup ("start"));
  for (guint i = 0; consoles[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup_printf ("lodge-wizard@%s.service", consoles[i]));
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, error);
  g_prefix_error (error, "start the wizard on the consoles: ");
  return output != NULL;
}
