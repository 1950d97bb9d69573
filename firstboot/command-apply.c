/* `apply`: sets the host up, for a person or as the service of first boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "firstboot/apply.h"
#include "firstboot/authorized-keys.h"
#include "firstboot/console.h"
#include "firstboot/finish.h"
#include "firstboot/interrupt.h"
#include "firstboot/lock.h"
#include "firstboot/outcome.h"
#include "firstboot/wizard-console.h"

#include <syslog.h>
#include <unistd.h>

/* To whom runs us (a terminal, or the journal); a wizard has it in a file, which goes with the next
 * start of the machine: so to the journal as well. */
static void
say (const char *text, const LodgeOptions *options)
{
  g_printerr ("%s\n", text);
  if (options->from_wizard)
    syslog (LOG_INFO, "%s", text);
}

/* To every console as well; not twice to the one that we run on. */
static void
announce (const char *text, const LodgeOptions *options)
{
  say (text, options);
  if (options->no_announce)
    return;
  lodge_console_write ("", text, isatty (STDERR_FILENO) ? ttyname (STDERR_FILENO) : NULL);
}

static void
step_begins (guint number, guint last, const LodgeStep *step, gpointer data)
{
  g_autofree char *line
      = g_strdup_printf ("lodge: step %u (%s) of %u: %s", number, step->id, last, step->title);
  const LodgeOptions *options = data;
  g_autoptr (GError) problem = NULL;

  /* Whoever left a wizard's screen for the login prompt is told how it ends, and not over what is
   * typed there meanwhile. */
  if (options->from_wizard)
    say (line, options);
  else
    announce (line, options);
  /* What stood above the login prompt is of a former run. */
  if (!lodge_outcome_write_issue ("", line, NULL, NULL, &problem))
    say (problem->message, options);
}

static void
step_ends (guint number, guint last, const LodgeStep *step, LodgeStepState state,
           gint64 milliseconds, gpointer data)
{
  g_autofree char *line
      = g_strdup_printf ("lodge: step %u (%s) of %u: %s after %.1f s", number, step->id, last,
                         lodge_step_state_name (state), (double)milliseconds / 1000);

  say (line, data);
}

static void
tell (const char *text, gpointer data)
{
  g_autofree char *line = g_strconcat ("lodge: ", text, NULL);

  say (line, data);
}

/* Above the login prompt, and below it. */
static void
write_line (const LodgeApplyResult *result, const LodgeOptions *options)
{
  g_autoptr (GError) problem = NULL;

  if (!lodge_outcome_write_issue ("", result->line, result->interface, result->address, &problem)
      || !lodge_outcome_write_motd ("", result->line, &problem))
    tell (problem->message, (gpointer)options);
}

/* What the screens, the login prompt and, of a failure, the webhook are told. */
static void
tell_outcome (const LodgeApplyResult *result, const LodgeOptions *options,
              const LodgeWatcher *watcher, GCancellable *cancellable)
{
  g_autoptr (GError) problem = NULL;

  if (result->outcome == LODGE_APPLY_WAITING || result->outcome == LODGE_APPLY_OFF)
    {
      g_autofree char *text = g_strconcat (result->line, "\n", lodge_how_to_answer, NULL);
      announce (text, options);
    }
  else
    announce (result->line, options);
  write_line (result, options);
  /* An interruption is no failure: the next run goes on.  Who interrupted it knows, and the webhook
   * would be interrupted too. */
  if (result->outcome == LODGE_APPLY_STOPPED && !g_cancellable_is_cancelled (cancellable)
      && !lodge_apply_tell_webhook (result, LODGE_WEBHOOK_FAILED, watcher, cancellable, &problem))
    tell (problem->message, (gpointer)options);
}

/* Nobody has given answers, or those that stopped were typed at a screen: ask there.  The same
 * where nobody could log in to mend what stopped. */
static gboolean
wants_wizard (const LodgeApplyResult *result)
{
  const LodgePlan *plan = result->journal != NULL ? lodge_journal_plan (result->journal) : NULL;

  if (result->outcome == LODGE_APPLY_WAITING)
    return TRUE;
  if (result->outcome != LODGE_APPLY_STOPPED || (plan != NULL && plan->steps != NULL))
    return FALSE;
  return (plan != NULL && plan->answers_given) || !lodge_access_exists ("");
}

int
lodge_command_apply (const LodgeOptions *options, GError **error)
{
  const LodgeWatcher watcher = {
    .step_begins = step_begins, .step_ends = step_ends, .tell = tell, .data = (gpointer)options
  };
  g_autoptr (LodgeInterrupt) interrupt = NULL;
  g_auto (LodgeApplyResult) result = { 0 };
  g_autoptr (GError) problem = NULL;
  LodgeApplyOptions apply = {
    .answers = options->answers,
    .disks = options->disks,
    .reconfigure = options->reconfigure,
    .new_plan = options->new_plan,
    .without_kvm = options->without_kvm,
    .watcher = &watcher,
  };

  /* A wizard calls us by /proc/self/exe. */
  openlog ("lodge-firstboot", LOG_PID, LOG_DAEMON);
  if (!lodge_lock_take (LODGE_LOCK_PATH, error))
    return 1;
  interrupt = lodge_interrupt_new ();
  apply.interrupt = interrupt;
  apply.cancellable = lodge_interrupt_cancellable (interrupt);
  lodge_apply (&apply, &result, &problem);

  if (result.again)
    {
      if (result.line != NULL)
        say (result.line, options);
      if (problem != NULL)
        g_propagate_error (error, g_steal_pointer (&problem));
      return 0;
    }
  tell_outcome (&result, options, &watcher, apply.cancellable);
  if (options->start_wizard && wants_wizard (&result) && !lodge_wizard_start_consoles (error))
    return 1;
  if (problem != NULL)
    return lodge_error_exit_status (problem);
  if (result.outcome == LODGE_APPLY_COMPLETE && lodge_apply_answers (&result) != NULL
      && !lodge_finish_action (lodge_apply_answers (&result), error))
    return 1;
  return 0;
}
