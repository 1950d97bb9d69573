/* Screen 2: can this machine virtualize, and if not, what to do about it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard.h"

#include "firstboot/check-report.h"
#include "firstboot/i18n.h"
#include "firstboot/ui-text.h"

#include <string.h>

#define MARK_COLUMNS 9
#define SENTENCE_COLUMNS 58
/* A text to read has these in the window of a terminal of 80. */
#define DETAILS_COLUMNS 72

static const char *
mark (const LodgeCheck *check)
{
  switch (check->level)
    {
    case LODGE_CHECK_PASS:
      return check->mend == NULL ? _ ("ok") : _ ("note");
    case LODGE_CHECK_WARNING:
      return _ ("WARNING");
    case LODGE_CHECK_FAIL:
      break;
    }
  return _ ("FAIL");
}

static gboolean
failed (const LodgeWizard *wizard)
{
  return lodge_checks_level (wizard->facts->checks) == LODGE_CHECK_FAIL;
}

static void
add_check (LodgeField *field, const LodgeCheck *check)
{
  g_autofree char *level = lodge_text_pad (mark (check), MARK_COLUMNS);
  g_autofree char *sentence = lodge_text_pad (check->sentence, SENTENCE_COLUMNS);
  g_autofree char *text = g_strconcat (level, sentence, NULL);
  g_autofree char *detail
      = g_strconcat (check->sentence, check->mend != NULL ? "\n" : "", check->mend, NULL);

  lodge_field_add_row (field, check->id, g_strchomp (text), detail, NULL);
}

/* The cursor stands on the worst one: its mend is what the person has to read. */
static void
add_checks (LodgeForm *form, const GPtrArray *checks)
{
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_LIST, "checks", NULL, NULL);
  const LodgeCheck *worst = NULL;

  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = checks->pdata[i];

      add_check (field, check);
      if (worst == NULL || check->level > worst->level)
        worst = check;
    }
  if (worst != NULL)
    lodge_field_set_value (field, worst->id);
}

/* Whether what failed is KVM itself, and not the guests' network or the like. */
static gboolean
lacks_kvm (const GPtrArray *checks)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = checks->pdata[i];

      if (check->level == LODGE_CHECK_FAIL
          && (g_str_equal (check->id, "cpu-virtualization") || g_str_has_prefix (check->id, "kvm")))
        return TRUE;
    }
  return FALSE;
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  const GPtrArray *checks = wizard->facts->checks;
  LodgeForm *form = lodge_form_new ("checks", _ ("Can this machine run virtual machines?"));

  form->text = lodge_checks_summary (checks);
  add_checks (form, checks);
  if (failed (wizard))
    lodge_form_add (form, LODGE_FIELD_CHECKBOX, "go-on",
                    lacks_kvm (checks)
                        ? _ ("Go on without KVM: guests are emulated, about ten times slower")
                        : _ ("Go on although a check has failed"),
                    "no");
  lodge_form_add_back_and_next (form);
  lodge_form_add_button (form, "again", _ ("Check again"));
  form->help = g_strdup (
      _ ("Each row is one thing that virtual machines need.  Under the list stands what was found "
         "for the row under the cursor and what to do about it.\n\nFAIL: virtual machines cannot "
         "run with KVM, or have no network.  WARNING: they run, but worse than they could.  note: "
         "only a special use, such as PCI passthrough, lacks something.\n\nMend what you can, "
         "then choose Check again.  A setting of the firmware needs a restart."));
  form->details = lodge_checks_format (checks, DETAILS_COLUMNS, FALSE);
  return form;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  if (failed (wizard) && !g_str_equal (lodge_form_value (form, "go-on"), "yes"))
    {
      lodge_form_complain (form, "go-on",
                           _ ("A check has failed: mend it, or tick the box to go on all the "
                              "same."));
      return FALSE;
    }
  wizard->without_kvm = failed (wizard);
  return TRUE;
}

static LodgeMove
press (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error)
{
  LodgeMove move;

  (void)form;
  (void)button;
  g_hash_table_remove (wizard->typed, "checks.checks");
  /* What it stands for may be something worse now. */
  g_hash_table_remove (wizard->typed, "checks.go-on");
  move = lodge_wizard_look (wizard, error);
  return move == LODGE_MOVE_NEXT ? LODGE_MOVE_AGAIN : move;
}

const LodgeScreen lodge_screen_checks = { .id = "checks",
                                          .skip = lodge_wizard_only_changes,
                                          .steps = "check;proof",
                                          .make = make,
                                          .accept = accept,
                                          .press = press };
