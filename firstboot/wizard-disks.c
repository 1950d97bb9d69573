/* The disks of the machine as the wizard knows them, and those that were marked.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "common/answers-table.h"
#include "common/size.h"
#include "firstboot/disk-erase.h"
#include "firstboot/disk-reading.h"
#include "firstboot/i18n.h"
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-wait.h"

/* --- disks that come and go --- */

enum
{
  AT_ONCE_MILLISECONDS = 50, /* nobody sees that a screen stood still for so long */
};

/* What has been read becomes the wizard's; *CHANGED: it is not what it was. */
static gboolean
take (LodgeWizard *wizard, gboolean *changed, GError **error)
{
  GPtrArray *disks = NULL;
  g_autofree char *names = NULL;
  gboolean good = lodge_disk_reading_take (wizard->reading, &disks, &names, error);

  lodge_wizard_drop_reading (wizard);
  *changed = disks != NULL;
  if (disks == NULL)
    return good;
  g_ptr_array_unref (wizard->facts->disks);
  wizard->facts->disks = disks;
  g_free (wizard->disk_names);
  wizard->disk_names = g_steal_pointer (&names);
  lodge_wizard_forget_exchanged_disks (wizard);
  return TRUE;
}

static void
begin (LodgeWizard *wizard)
{
  /* Never a second one beside one that gets no answer. */
  if (wizard->reading == NULL)
    wizard->reading = lodge_disk_reading_start (&wizard->probe, wizard->disk_names);
}

gboolean
lodge_wizard_follow_disks (LodgeWizard *wizard)
{
  gboolean changed = FALSE;

  begin (wizard);
  if (lodge_background_is_done (wizard->reading, AT_ONCE_MILLISECONDS))
    take (wizard, &changed, NULL);
  return changed;
}

LodgeMove
lodge_wizard_await_disks (LodgeWizard *wizard, GError **error)
{
  /* One that began earlier may have seen what is not there any more. */
  guint readings = wizard->reading != NULL ? 2 : 1;
  LodgeMove move = LODGE_MOVE_NEXT;

  while (move == LODGE_MOVE_NEXT && readings-- > 0)
    {
      gboolean changed;

      begin (wizard);
      move = lodge_wizard_wait_saying (
          wizard,
          _ ("Looking at the disks...\n\nA disk that does not answer may hold this up for minutes: "
             "when it goes on and on, pull that disk out."),
          wizard->reading, error);
      if (move == LODGE_MOVE_NEXT && !take (wizard, &changed, error))
        move = LODGE_MOVE_FAILED;
    }
  return move;
}

void
lodge_wizard_drop_reading (LodgeWizard *wizard)
{
  g_clear_pointer (&wizard->reading, lodge_background_drop);
}

/* --- those that were marked --- */

/* Whether TEXT ("serial:S") is a good selector that names DISK and no other. */
static gboolean
names_alone (const LodgeFacts *facts, const LodgeDisk *disk, const char *text)
{
  const LodgeAnswerKey *row = lodge_answer_key_find ("storage", "disks");
  g_autoptr (LodgeAnswers) scratch = lodge_answers_new ();

  if (!lodge_answer_key_parse (row, text, scratch, NULL))
    return FALSE;
  for (guint i = 0; i < facts->disks->len; i++)
    {
      const LodgeDisk *other = facts->disks->pdata[i];

      if (lodge_disk_matches (other, scratch->disks->pdata[0]) != (other == disk))
        return FALSE;
    }
  return TRUE;
}

/* "serial:S"; the kernel name, which may change, is the last resort and always one. */
static char *
selector (const LodgeFacts *facts, const LodgeDisk *disk)
{
  const struct
  {
    const char *kind;
    const char *value;
  } ways[] = { { "serial:", disk->serial }, { "wwn:", disk->wwn }, { "path:", disk->path } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *text
          = ways[i].value != NULL ? g_strconcat (ways[i].kind, ways[i].value, NULL) : NULL;

      if (text != NULL && names_alone (facts, disk, text))
        return g_steal_pointer (&text);
    }
  return g_strconcat ("name:", disk->name, NULL);
}

void
lodge_wizard_choose_disks (LodgeWizard *wizard, const GPtrArray *disks)
{
  const LodgeAnswerKey *row = lodge_answer_key_find ("storage", "disks");
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *text = selector (wizard->facts, disks->pdata[i]);
      g_string_append_printf (list, "%s%s", i > 0 ? ";" : "", text);
    }
  lodge_answer_key_reset (row, wizard->answers);
  if (disks->len > 0)
    lodge_answer_key_parse (row, list->str, wizard->answers, &problem);
  g_assert_no_error (problem);
}

GPtrArray *
lodge_wizard_chosen_disks (const LodgeWizard *wizard)
{
  GPtrArray *chosen = g_ptr_array_new ();

  for (guint i = 0; i < wizard->answers->disks->len; i++)
    for (guint j = 0; j < wizard->facts->disks->len; j++)
      if (lodge_disk_matches (wizard->facts->disks->pdata[j], wizard->answers->disks->pdata[i]))
        g_ptr_array_add (chosen, wizard->facts->disks->pdata[j]);
  return chosen;
}

gboolean
lodge_wizard_is_storage (const LodgeDisk *disk)
{
  static const char *const nothing[] = { NULL };

  return lodge_disk_unnamed_storage (disk, nothing) != NULL;
}

static void
add_signature (GString *text, const LodgeSignature *signature)
{
  g_string_append_printf (text, "  %-12s %s", signature->device, signature->type);
  if (signature->label != NULL)
    g_string_append_printf (text, " \"%s\"", signature->label);
  if (signature->partition_name != NULL)
    g_string_append_printf (text, _ (", partition \"%s\""), signature->partition_name);
  if (signature->uuid != NULL)
    g_string_append_printf (text, ", UUID %s", signature->uuid);
  g_string_append_c (text, '\n');
}

static char *
describe_disk (const LodgeDisk *disk)
{
  GString *text = g_string_new (NULL);
  g_autofree char *size = lodge_size_format (disk->size);
  g_autofree char *content = lodge_disk_describe_content (disk);

  g_string_append_printf (text, "%s: %s, %s, %s\n", disk->device,
                          disk->model != NULL ? disk->model : _ ("unknown model"), size,
                          disk->transport);
  g_string_append_printf (text, _ ("  serial %s, path %s\n"),
                          disk->serial != NULL ? disk->serial : _ ("none"),
                          disk->path != NULL ? disk->path : _ ("none"));
  for (guint i = 0; i < disk->signatures->len; i++)
    add_signature (text, disk->signatures->pdata[i]);
  g_string_append_printf (text, _ ("  holds %s\n"), content);
  if (disk->unusable != NULL)
    g_string_append_printf (text, _ ("  cannot be used: %s\n"), disk->unusable);
  return g_string_free (text, FALSE);
}

char *
lodge_wizard_describe_disks (const GPtrArray *disks)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *one = describe_disk (disks->pdata[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", one);
    }
  return g_string_free (text, FALSE);
}
