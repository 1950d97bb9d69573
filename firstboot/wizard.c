/* The wizard's driver: the table that orders the screens, and the way through it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard.h"

#include "common/answers-table.h"
#include "common/error.h"
#include "firstboot/change.h"
#include "firstboot/i18n.h"
#include "firstboot/lock.h"
#include "firstboot/plan-choose.h"
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-console.h"
#include "firstboot/wizard-disks.h"
#include "firstboot/wizard-state.h"

static const LodgeScreen *const screens[] = {
  &lodge_screen_keyboard, &lodge_screen_checks,  &lodge_screen_disks, &lodge_screen_layout,
  &lodge_screen_ports,    &lodge_screen_address, &lodge_screen_host,  &lodge_screen_summary,
};

void
lodge_wizard_init (LodgeWizard *wizard, LodgeUi *ui, const char *root)
{
  wizard->ui = ui;
  wizard->lock = -1;
  wizard->probe.sysroot = root;
  wizard->answers = lodge_answers_new ();
  wizard->typed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
lodge_wizard_clear (LodgeWizard *wizard)
{
  /* First: a reader that a disk holds up may keep this process, and its descriptors, for long. */
  lodge_wizard_let_go (wizard);
  lodge_wizard_drop_reading (wizard);
  g_clear_pointer (&wizard->present, lodge_present_free);
  g_clear_pointer (&wizard->steps, g_strfreev);
  g_clear_pointer (&wizard->facts, lodge_facts_free);
  g_clear_pointer (&wizard->disk_names, g_free);
  g_clear_pointer (&wizard->answers, lodge_answers_free);
  g_clear_pointer (&wizard->typed, g_hash_table_unref);
  g_clear_pointer (&wizard->stopped, g_free);
  g_clear_pointer (&wizard->screen, g_free);
  g_clear_pointer (&wizard->lost, g_free);
  g_clear_pointer (&wizard->reason, g_free);
}

gboolean
lodge_wizard_only_changes (const LodgeWizard *wizard)
{
  return wizard->present != NULL;
}

gboolean
lodge_wizard_leaves_network (const LodgeWizard *wizard)
{
  return wizard->present != NULL && !wizard->present->network_known;
}

gboolean
lodge_wizard_set_present (LodgeWizard *wizard, LodgePresent *present, GError **error)
{
  LodgeAnswers *answers = lodge_plan_copy_answers (present->answers, error);

  wizard->present = present;
  if (answers == NULL)
    {
      g_prefix_error (error, "what this host is now: ");
      return FALSE;
    }
  lodge_answers_free (wizard->answers);
  wizard->answers = answers;
  return TRUE;
}

static gsize
find_screen (const char *id)
{
  for (gsize i = 0; id != NULL && i < G_N_ELEMENTS (screens); i++)
    if (g_str_equal (screens[i]->id, id))
      return i;
  return 0;
}

const char *
lodge_wizard_screen_of_step (const char *step)
{
  for (gsize i = 0; step != NULL && i < G_N_ELEMENTS (screens); i++)
    {
      g_auto (GStrv) steps
          = g_strsplit (screens[i]->steps != NULL ? screens[i]->steps : "", ";", -1);

      if (g_strv_contains ((const char *const *)steps, step))
        return screens[i]->id;
    }
  return lodge_screen_summary.id;
}

LodgeAnswers *
lodge_wizard_copy_answers (const LodgeWizard *wizard, GError **error)
{
  g_autofree char *message = NULL;

  if (lodge_answer_rules_find (wizard->answers, &message) == NULL)
    return lodge_plan_copy_answers (wizard->answers, error);
  lodge_error_set (error, LODGE_ERROR_USAGE, "%s", message);
  return NULL;
}

/* --- what was typed --- */

static void
remember (LodgeWizard *wizard, const LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];

      if (field->kind != LODGE_FIELD_PROSE && !field->forgotten)
        g_hash_table_insert (wizard->typed, lodge_wizard_typed_key (form, field),
                             g_strdup (field->value));
    }
}

/* A disk or port may have gone since it was marked, or become unfit. */
static void
restore_rows (LodgeField *field, const char *value)
{
  g_auto (GStrv) ids = g_strsplit (value, ";", -1);

  if (field->kind != LODGE_FIELD_MARKS)
    {
      if (lodge_field_row (field, value) != NULL)
        lodge_field_set_value (field, value);
      return;
    }
  lodge_field_set_value (field, "");
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LodgeUiRow *row = lodge_field_row (field, ids[i]);

      if (row != NULL && row->unusable == NULL)
        lodge_field_toggle (field, ids[i]);
    }
}

static void
restore (LodgeWizard *wizard, LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    {
      LodgeField *field = form->fields->pdata[i];
      g_autofree char *key = lodge_wizard_typed_key (form, field);
      const char *value = g_hash_table_lookup (wizard->typed, key);

      if (value == NULL || field->kind == LODGE_FIELD_PROSE)
        continue;
      if (field->rows != NULL)
        restore_rows (field, value);
      else
        lodge_field_set_value (field, value);
    }
}

/* Where VALUE stands in TEXT as a word of its own ("192.0.2.1" not in "192.0.2.10"), or NULL. */
static const char *
find_value (const char *text, const char *value)
{
  g_autofree char *escaped = g_regex_escape_string (value, -1);
  g_autofree char *pattern = g_strdup_printf ("(?<![\\w.:/-])%s(?![\\w/-]|[.:]\\w)", escaped);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) found = NULL;
  gint start = -1;

  if (regex == NULL || !g_regex_match (regex, text, 0, &found)
      || !g_match_info_fetch_pos (found, 0, &start, NULL))
    return NULL;
  return text + start;
}

/* The cursor goes to what REASON names first: "the gateway 192.0.2.1 does not answer on br0 …". */
static void
focus_on_reason (LodgeForm *form, const char *reason)
{
  const char *first = NULL;

  for (guint i = 0; i < form->fields->len; i++)
    {
      const LodgeField *field = form->fields->pdata[i];
      const char *place = NULL;

      if (field->kind == LODGE_FIELD_TEXT && field->value[0] != '\0'
          && lodge_form_uses (form, field))
        place = find_value (reason, field->value);
      if (place == NULL || (first != NULL && place >= first))
        continue;
      first = place;
      lodge_form_set_focus (form, field->id);
    }
}

/* --- the way --- */

/* SCREEN writes into a copy, which counts only when nothing in it is a contradiction: what was
 * refused stays in the form (and in wizard->typed), never in the answers, which other screens plan
 * with and which are saved. */
static gboolean
accept (LodgeWizard *wizard, const LodgeScreen *screen, LodgeForm *form)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (LodgeAnswers) before = wizard->answers;
  g_autoptr (LodgeAnswers) proof = NULL;

  wizard->answers = lodge_wizard_copy_answers (wizard, &problem);
  if (wizard->answers != NULL && screen->accept (wizard, form))
    {
      proof = lodge_wizard_copy_answers (wizard, &problem);
      if (proof != NULL)
        return TRUE;
    }
  lodge_answers_free (wizard->answers);
  wizard->answers = g_steal_pointer (&before);
  lodge_form_accept_or_complain (form, NULL, &problem);
  return FALSE;
}

static LodgeMove
press (LodgeWizard *wizard, const LodgeScreen *screen, LodgeForm *form, const char *button,
       GError **error)
{
  if (g_str_equal (button, "quit"))
    return LODGE_MOVE_QUIT;
  if (g_str_equal (button, "back"))
    return LODGE_MOVE_BACK;
  lodge_form_hint (form, NULL);
  if (g_str_equal (button, "next"))
    return lodge_form_check (form) && accept (wizard, screen, form) ? LODGE_MOVE_NEXT
                                                                    : LODGE_MOVE_STAY;
  g_return_val_if_fail (screen->press != NULL, LODGE_MOVE_STAY);
  return screen->press (wizard, form, button, error);
}

static LodgeMove
run_screen (LodgeWizard *wizard, const LodgeScreen *screen, GError **error)
{
  g_autoptr (LodgeForm) form = NULL;
  LodgeMove move = LODGE_MOVE_AGAIN;

  g_free (wizard->screen);
  wizard->screen = g_strdup (screen->id);
  while (move == LODGE_MOVE_AGAIN || move == LODGE_MOVE_STAY)
    {
      const char *button;

      if (move == LODGE_MOVE_AGAIN)
        {
          g_autofree char *focus = form != NULL ? g_strdup (form->focus) : NULL;

          g_clear_pointer (&form, lodge_form_free);
          form = screen->make (wizard);
          restore (wizard, form);
          if (wizard->reason != NULL)
            focus_on_reason (form, wizard->reason);
          g_clear_pointer (&wizard->reason, g_free);
          if (focus != NULL)
            lodge_form_set_focus (form, focus);
        }
      button = lodge_ui_show (wizard->ui, form, error);
      remember (wizard, form);
      lodge_wizard_save_state (wizard);
      if (button == NULL)
        return LODGE_MOVE_FAILED;
      move = press (wizard, screen, form, button, error);
      /* What was accepted may be more than what was typed: keys instead of their URL. */
      if (move == LODGE_MOVE_NEXT)
        remember (wizard, form);
    }
  return move;
}

/* A disk may be exchanged at any time: where disks are marked, released for erasing and shown for
 * the last time, and once more before they are written, they are looked at again.  *INDEX becomes
 * the screen of the disks when one that was chosen is not the same any more. */
static LodgeMove
look_again (LodgeWizard *wizard, gsize *index, GError **error)
{
  static const LodgeScreen *const lookers[]
      = { &lodge_screen_disks, &lodge_screen_layout, &lodge_screen_summary };
  const LodgeScreen *screen = *index < G_N_ELEMENTS (screens) ? screens[*index] : NULL;
  gsize disks = find_screen (lodge_screen_disks.id);
  gboolean looks = screen == NULL;
  LodgeMove move = LODGE_MOVE_NEXT;

  /* What no disk is touched for, no disk holds up. */
  if (lodge_wizard_keeps_storage (wizard)
      || (*index > disks && wizard->answers->layout == LODGE_LAYOUT_NONE))
    return LODGE_MOVE_NEXT;
  for (gsize i = 0; i < G_N_ELEMENTS (lookers); i++)
    looks = looks || screen == lookers[i];
  if (looks && (screen == NULL || screen->skip == NULL || !screen->skip (wizard)))
    move = lodge_wizard_await_disks (wizard, error);
  if (move != LODGE_MOVE_NEXT || *index < disks || lodge_wizard_check_choice (wizard))
    return move;
  *index = disks;
  lodge_wizard_save_state (wizard);
  return LODGE_MOVE_NEXT;
}

/* From the screen INDEX to the end of the table; LODGE_MOVE_NEXT when the last was accepted. */
static LodgeMove
run_screens (LodgeWizard *wizard, gsize index, GError **error)
{
  LodgeMove move = LODGE_MOVE_NEXT;

  for (;;)
    {
      LodgeMove looked = lodge_wizard_tell_again (wizard, error);

      if (looked == LODGE_MOVE_NEXT)
        looked = look_again (wizard, &index, error);
      if (looked != LODGE_MOVE_NEXT)
        return looked;
      if (index >= G_N_ELEMENTS (screens))
        return LODGE_MOVE_NEXT;
      if (screens[index]->skip == NULL || !screens[index]->skip (wizard))
        move = run_screen (wizard, screens[index], error);
      if (move == LODGE_MOVE_FAILED || move == LODGE_MOVE_QUIT)
        return move;
      if (move == LODGE_MOVE_NEXT)
        index++;
      else if (index > 0)
        index--;
      else
        move = LODGE_MOVE_NEXT; /* there is nothing before the first */
    }
}

/* One that failed is tried again with the disks that were confirmed: from their screen when they
 * are others by now. */
static LodgeMove
look_before_retry (LodgeWizard *wizard, GError **error)
{
  gsize index = G_N_ELEMENTS (screens);
  LodgeMove move = LODGE_MOVE_NEXT;

  if (lodge_wizard_keeps_storage (wizard))
    return LODGE_MOVE_NEXT;
  if (wizard->facts == NULL)
    move = lodge_wizard_look (wizard, error);
  if (move == LODGE_MOVE_NEXT)
    move = look_again (wizard, &index, error);
  if (move != LODGE_MOVE_NEXT || index == G_N_ELEMENTS (screens))
    return move;
  g_free (wizard->screen);
  wizard->screen = g_strdup (screens[index]->id);
  return LODGE_MOVE_BACK;
}

static LodgeMove
apply (LodgeWizard *wizard, GError **error)
{
  const LodgeSetupOptions options = { .program = wizard->program,
                                      .runtime = wizard->runtime,
                                      .without_kvm = wizard->without_kvm,
                                      .reconfigure = wizard->present != NULL,
                                      .disks = lodge_wizard_confirmed_disks (wizard) };
  g_autofree char *text = wizard->present != NULL ? lodge_change_format (wizard->answers)
                                                  : lodge_answers_format (wizard->answers, TRUE);
  g_autoptr (LodgeSetup) setup = NULL;

  /* Before it begins: nobody may follow it to its end. */
  wizard->applied = TRUE;
  lodge_wizard_save_state (wizard);
  setup = lodge_setup_start (&options, text, error);
  if (setup != NULL)
    return lodge_wizard_follow (wizard, setup, error);
  wizard->applied = FALSE;
  lodge_wizard_save_state (wizard);
  return LODGE_MOVE_FAILED;
}

/* A setup that another console started, or this one before its line hung up; one that has ended
 * since, when nobody followed it; or one that stopped before the machine was restarted: why is what
 * the person has to see first. */
static LodgeMove
follow_earlier (LodgeWizard *wizard, GError **error)
{
  g_autoptr (LodgeSetup) setup = NULL;

  if (!wizard->keeps_state)
    return LODGE_MOVE_BACK;
  if (wizard->probe.sysroot[0] == '\0')
    setup = lodge_setup_attach (wizard->runtime, LODGE_LOCK_PATH);
  if (setup == NULL && wizard->stopped != NULL)
    setup = lodge_setup_recall (wizard->runtime, wizard->stopped);
  if (setup == NULL && wizard->applied)
    setup = lodge_setup_reread (wizard->runtime);
  return setup != NULL ? lodge_wizard_follow (wizard, setup, error) : LODGE_MOVE_BACK;
}

gboolean
lodge_wizard_run (LodgeWizard *wizard, GError **error)
{
  LodgeMove move;

  if (!lodge_wizard_load_state (wizard, error))
    return FALSE;
  /* Chosen on a serial line, or before a restart of the machine. */
  lodge_wizard_load_keymap (wizard);
  move = follow_earlier (wizard, error);
  while (move == LODGE_MOVE_BACK || move == LODGE_MOVE_AGAIN)
    {
      if (move == LODGE_MOVE_AGAIN)
        move = look_before_retry (wizard, error);
      if (move == LODGE_MOVE_BACK)
        {
          move = wizard->facts == NULL ? lodge_wizard_look (wizard, error) : LODGE_MOVE_NEXT;
          if (move == LODGE_MOVE_NEXT)
            move = run_screens (wizard, find_screen (wizard->screen), error);
        }
      if (move != LODGE_MOVE_NEXT)
        break;
      move = apply (wizard, error);
    }
  /* Who leaves a change wants the host as it is, and to see that the next time. */
  if (move == LODGE_MOVE_NEXT || (move == LODGE_MOVE_QUIT && wizard->present != NULL))
    lodge_wizard_forget_state (wizard);
  return move == LODGE_MOVE_NEXT;
}
