/* After the last question and the steps: the result, or what failed and the ways on.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "common/file.h"
#include "common/run.h"
#include "firstboot/apply.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"
#include "firstboot/outcome.h"
#include "firstboot/said.h"
#include "firstboot/wizard-files.h"
#include "firstboot/wizard-progress.h"
#include "firstboot/wizard-shell.h"
#include "firstboot/wizard-state.h"

#include <string.h>
#include <sys/wait.h>

#define LOG_LIMIT (4 * 1024 * 1024)
#define GIBIBYTE (G_GUINT64_CONSTANT (1) << 30)
enum
{
  GUEST_MINIMUM = 2, /* GiB of a first guest's disk */
  GUEST_USUAL = 10,
  GUEST_MAXIMUM = 20,
};

/* --- the log, the report --- */

static gboolean
show_log (LodgeWizard *wizard, const LodgeSetup *setup, GError **error)
{
  g_autofree char *text = lodge_file_read (lodge_setup_log (setup), LOG_LIMIT, NULL, NULL);
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : _ ("The log is empty."), -1);

  /* The reason is at its end. */
  return lodge_ui_tell_end (wizard->ui, "log", _ ("What setup said"), valid, error);
}

static gboolean
save_report (LodgeWizard *wizard, const LodgeSetup *setup, GError **error)
{
  g_autofree char *path
      = lodge_host_path (wizard->probe.sysroot, LODGE_STATE_DIRECTORY "/report.json");
  g_autofree char *report = lodge_file_read (path, LOG_LIMIT, NULL, NULL);
  g_autofree char *log = lodge_file_read (lodge_setup_log (setup), LOG_LIMIT, NULL, NULL);
  g_autofree char *text = g_strconcat (log != NULL ? log : "", "\n", report, NULL);
  g_autofree char *where = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) problem = NULL;

  if (lodge_wizard_save (wizard, "lodge-report.txt", text, &where, &problem))
    message = g_strdup_printf (_ ("The log and the report were saved as %s.  No password is in "
                                  "them."),
                               where);
  else
    message = g_strdup_printf (_ ("The report could not be saved: %s"), problem->message);
  return lodge_ui_tell (wizard->ui, "saved", _ ("Save a report"), message, error);
}

/* --- failure --- */

static LodgeForm *
make_failure (const LodgeWizard *wizard, const LodgeSetup *setup)
{
  LodgeForm *form = lodge_form_new (
      "failure", wizard->present != NULL ? _ ("The change has stopped") : _ ("Setup has stopped"));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *reason = lodge_said_translate (setup->reason);

  if (setup->step != NULL)
    g_string_append_printf (text, _ ("It stopped at \"%s\":\n\n"), lodge_step_title (setup->step));
  g_string_append_printf (text, "%s\n\n", reason);
  g_string_append (text, _ ("Steps that were done stay done.  \"Retry\" goes on with the step that "
                            "failed; \"Change answer\" leads to the screen that decides it, with "
                            "all that you typed."));
  lodge_form_add (form, LODGE_FIELD_PROSE, "reason", NULL, text->str);
  lodge_form_add_button (form, "retry", _ ("Retry"));
  lodge_form_add_button (form, "back", _ ("Change answer"));
  lodge_form_add_button (form, "shell", _ ("Shell"));
  lodge_form_add_button (form, "log", _ ("Log"));
  lodge_form_add_button (form, "report", _ ("Save report"));
  lodge_form_set_focus (form, "back");
  form->back = "back";
  if (wizard->present != NULL)
    form->leaving
        = _ ("What was changed before it stopped stays changed.  Nothing that you typed is "
             "kept; `lodge-firstboot --reconfigure` begins anew.");
  return form;
}

static LodgeMove
choose_after_failure (LodgeWizard *wizard, const LodgeSetup *setup, GError **error)
{
  g_autoptr (LodgeForm) form = make_failure (wizard, setup);

  for (;;)
    {
      const char *button = lodge_ui_show (wizard->ui, form, error);
      gboolean shown = TRUE;

      if (button == NULL)
        return LODGE_MOVE_FAILED;
      if (g_str_equal (button, "quit"))
        return LODGE_MOVE_QUIT;
      if (g_str_equal (button, "retry"))
        return LODGE_MOVE_AGAIN;
      if (g_str_equal (button, "back"))
        {
          g_free (wizard->screen);
          wizard->screen = g_strdup (lodge_wizard_screen_of_step (setup->step));
          g_free (wizard->reason);
          wizard->reason = g_strdup (setup->reason);
          /* A disk that setup began with is blank no more; a change touches none. */
          if (wizard->present == NULL)
            g_clear_pointer (&wizard->facts, lodge_facts_free);
          return LODGE_MOVE_BACK;
        }
      lodge_form_set_focus (form, button);
      if (g_str_equal (button, "shell"))
        shown = lodge_wizard_shell (wizard, error);
      else if (g_str_equal (button, "log"))
        shown = show_log (wizard, setup, error);
      else
        shown = save_report (wizard, setup, error);
      if (!shown)
        return LODGE_MOVE_FAILED;
    }
}

/* Why it stopped is shown until the person has chosen: on another console too, when that takes the
 * wizard over. */
static LodgeMove
show_failure (LodgeWizard *wizard, const LodgeSetup *setup, GError **error)
{
  LodgeMove move;

  g_free (wizard->stopped);
  wizard->stopped = g_strdup (setup->line != NULL ? setup->line : setup->reason);
  wizard->applied = FALSE;
  wizard->has_failed = TRUE;
  lodge_wizard_save_state (wizard);
  move = choose_after_failure (wizard, setup, error);
  if (move == LODGE_MOVE_FAILED || move == LODGE_MOVE_QUIT)
    return move;
  g_clear_pointer (&wizard->stopped, g_free);
  lodge_wizard_save_state (wizard);
  return move;
}

/* --- success --- */

/* "ADDRESS" of "…, br0 ADDRESS, storage …", where the line was made on a machine that is not this
 * one; else the bridge's own. */
static char *
find_address (const LodgeWizard *wizard, const LodgeSetup *setup)
{
  g_autofree char *pattern = g_strdup_printf (", %s ([0-9a-f.:]+),", wizard->answers->bridge);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) info = NULL;

  if (g_regex_match (regex, setup->line, 0, &info))
    return g_match_info_fetch (info, 1);
  return wizard->probe.sysroot[0] == '\0' ? lodge_outcome_address (wizard->answers->bridge) : NULL;
}

/* Whether root can come in over SSH as the host is now. */
static gboolean
lets_ssh_in (const LodgeWizard *wizard)
{
  const LodgeAnswers *answers = wizard->answers;

  return answers->ssh_password_login || (answers->ssh_keys != NULL && answers->ssh_keys[0] != NULL)
         || lodge_host_has (wizard->probe.sysroot, "/root/.ssh/authorized_keys");
}

/* How large a first guest's disk may be, which the pool has to have room for. */
static guint
guest_gibibytes (const LodgeWizard *wizard)
{
  g_autoptr (GPtrArray) disks = wizard->facts != NULL ? lodge_wizard_chosen_disks (wizard) : NULL;
  guint64 size;

  if (disks == NULL || disks->len == 0)
    return GUEST_USUAL;
  size = ((const LodgeDisk *)disks->pdata[0])->size;
  return (guint)CLAMP (size / GIBIBYTE / 4, GUEST_MINIMUM, GUEST_MAXIMUM);
}

static char *
describe_result (const LodgeWizard *wizard, const LodgeSetup *setup)
{
  GString *text = g_string_new (NULL);
  g_autofree char *state = lodge_host_path (wizard->probe.sysroot, LODGE_STATE_DIRECTORY);
  g_autoptr (GPtrArray) warnings = lodge_report_warnings (state);
  g_autofree char *address = find_address (wizard, setup);
  const char *line = setup->line;
  g_autofree char *said = NULL;
  const char *host = address != NULL ? address : "HOST";
  gboolean v6 = strchr (host, ':') != NULL;

  if (g_str_has_prefix (line, "lodge: "))
    line += strlen ("lodge: ");
  said = lodge_said_translate (line);
  g_string_append_printf (text, _ ("%s.\n\n"), said);
  for (guint i = 0; i < warnings->len; i++)
    {
      g_autofree char *warning = lodge_said_translate (warnings->pdata[i]);

      g_string_append_printf (text, _ ("Warning: %s\n"), warning);
    }
  if (warnings->len > 0)
    g_string_append_c (text, '\n');
  if (lodge_host_has (wizard->probe.sysroot, "/usr/lib/systemd/system/cockpit.socket"))
    g_string_append_printf (text, _ ("Web console:\n  https://%s%s%s:9090\n\n"), v6 ? "[" : "",
                            host, v6 ? "]" : "");
  g_string_append_printf (text,
                          _ ("A virtual machine on your network (network=default: behind NAT):\n"
                             "  virt-install --name vm1 --memory 2048 --disk size=%u \\\n"
                             "    --network network=bridge --osinfo detect=on,require=off \\\n"
                             "    --cdrom /var/lib/libvirt/images/FILE.iso --noautoconsole\n\n"),
                          guest_gibibytes (wizard));
  g_string_append_printf (text,
                          _ ("From your desk:\n  virsh -c qemu+ssh://root@%s%s%s/system list "
                             "--all\n  virt-manager -c qemu+ssh://root@%s%s%s/system\n"),
                          v6 ? "[" : "", host, v6 ? "]" : "", v6 ? "[" : "", host, v6 ? "]" : "");
  if (!lets_ssh_in (wizard))
    g_string_append (text, _ ("SSH takes no password, and nobody's key is here: put yours into "
                              "/root/.ssh/authorized_keys first.\n"));
  return g_string_free (text, FALSE);
}

static LodgeMove
show_result (LodgeWizard *wizard, const LodgeSetup *setup, GError **error)
{
  g_autoptr (LodgeForm) form
      = lodge_form_new ("result", wizard->present != NULL ? _ ("This host was changed")
                                                          : _ ("This machine is a KVM host now"));
  g_autofree char *text = describe_result (wizard, setup);
  const char *button = "save";

  lodge_form_add (form, LODGE_FIELD_PROSE, "result", NULL, text);
  lodge_form_add_button (form, "save", _ ("Save answers"));
  lodge_form_add_button (form, "report", _ ("Save report"));
  lodge_form_add_button (form, "finish", _ ("Finish"));
  lodge_form_set_focus (form, "finish");
  form->back = form->forward = "finish";
  /* Nothing is lost by it: as Esc. */
  form->quits_unasked = TRUE;
  while (!g_str_equal (button, "finish") && !g_str_equal (button, "quit"))
    {
      gboolean shown = TRUE;

      button = lodge_ui_show (wizard->ui, form, error);
      if (button == NULL)
        return LODGE_MOVE_FAILED;
      if (g_str_equal (button, "save"))
        shown = lodge_wizard_save_answers (wizard, error);
      else if (g_str_equal (button, "report"))
        shown = save_report (wizard, setup, error);
      if (!shown)
        return LODGE_MOVE_FAILED;
    }
  return LODGE_MOVE_NEXT;
}

LodgeMove
lodge_wizard_follow (LodgeWizard *wizard, LodgeSetup *setup, GError **error)
{
  const char *button = lodge_wizard_show_progress (wizard, setup, error);

  if (button == NULL)
    return LODGE_MOVE_FAILED;
  if (g_str_equal (button, "quit"))
    return LODGE_MOVE_QUIT;
  return setup->state == LODGE_SETUP_COMPLETE ? show_result (wizard, setup, error)
                                              : show_failure (wizard, setup, error);
}
