/* What was typed about a disk belongs to that disk, not to its kernel name.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-choice.h"

#include "firstboot/confirmed-disks.h"
#include "firstboot/i18n.h"
#include "firstboot/wizard-disks.h"
#include "firstboot/wizard-state.h"

#include <string.h>

/* Beside what stands in fields, and saved with it. */
#define IDENTITY "disk."      /* "disk.sdb": which one is meant by what was typed of sdb */
#define CHOSEN "chosen.disks" /* a line for each: its identity, a tab, what people call it */
#define MARKS "disks.disks"   /* as screen-disks.c */
#define ERASE "layout.erase-" /* "layout.erase-sdb", as screen-layout.c */

static const char *
text_or_nothing (const char *text)
{
  return text != NULL ? text : "";
}

/* --- by name --- */

static char *
identity_key (const LodgeDisk *disk)
{
  return g_strconcat (IDENTITY, disk->name, NULL);
}

/* The names that are of the same disk as when something was typed of them. */
static GHashTable *
find_same (const LodgeWizard *wizard)
{
  GHashTable *same = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < wizard->facts->disks->len; i++)
    {
      const LodgeDisk *disk = wizard->facts->disks->pdata[i];
      g_autofree char *key = identity_key (disk);
      g_autofree char *identity = lodge_confirmed_disk_identity (disk);

      if (g_strcmp0 (g_hash_table_lookup (wizard->typed, key), identity) == 0)
        g_hash_table_add (same, disk->name);
    }
  return same;
}

static void
forget_marks (LodgeWizard *wizard, GHashTable *same)
{
  const char *value = g_hash_table_lookup (wizard->typed, MARKS);
  g_auto (GStrv) names = g_strsplit (text_or_nothing (value), ";", -1);
  g_autoptr (GString) kept = g_string_new (NULL);

  for (gsize i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], LODGE_NO_DISK) || g_hash_table_contains (same, names[i]))
      g_string_append_printf (kept, "%s%s", kept->len > 0 ? ";" : "", names[i]);
  /* None left is not "nothing was ever marked": no other disk is suggested in their place. */
  if (value != NULL)
    g_hash_table_insert (wizard->typed, g_strdup (MARKS), g_strdup (kept->str));
}

void
lodge_wizard_type_marks (LodgeWizard *wizard, const char *marks)
{
  g_hash_table_insert (wizard->typed, g_strdup (MARKS), g_strdup (marks));
}

const char *
lodge_wizard_typed_marks (const LodgeWizard *wizard)
{
  return text_or_nothing (g_hash_table_lookup (wizard->typed, MARKS));
}

static gboolean
is_of_another (gpointer key, gpointer value, gpointer data)
{
  g_autofree char *name = NULL;

  (void)value;
  if (g_str_has_prefix (key, IDENTITY))
    return TRUE;
  if (!g_str_has_prefix (key, ERASE))
    return FALSE;
  /* A UUID may follow. */
  name = g_strdup ((const char *)key + strlen (ERASE));
  name[strcspn (name, "-")] = '\0';
  return !g_hash_table_contains (data, name);
}

void
lodge_wizard_forget_exchanged_disks (LodgeWizard *wizard)
{
  g_autoptr (GHashTable) same = find_same (wizard);

  forget_marks (wizard, same);
  g_hash_table_foreach_remove (wizard->typed, is_of_another, same);
  for (guint i = 0; i < wizard->facts->disks->len; i++)
    {
      const LodgeDisk *disk = wizard->facts->disks->pdata[i];

      g_hash_table_insert (wizard->typed, identity_key (disk),
                           lodge_confirmed_disk_identity (disk));
    }
}

/* --- what the answers name --- */

void
lodge_wizard_remember_choice (LodgeWizard *wizard)
{
  g_autoptr (GPtrArray) disks = lodge_wizard_chosen_disks (wizard);

  g_hash_table_insert (wizard->typed, g_strdup (CHOSEN), lodge_confirmed_disks_format (disks));
}

const char *
lodge_wizard_confirmed_disks (const LodgeWizard *wizard)
{
  return wizard->answers->layout == LODGE_LAYOUT_NONE || lodge_wizard_keeps_storage (wizard)
             ? NULL
             : g_hash_table_lookup (wizard->typed, CHOSEN);
}

gboolean
lodge_wizard_check_choice (LodgeWizard *wizard)
{
  LodgeAnswers *answers = wizard->answers;
  const char *chosen = g_hash_table_lookup (wizard->typed, CHOSEN);
  g_autoptr (GPtrArray) disks = NULL;
  g_autofree char *lost = NULL;

  if (answers->layout == LODGE_LAYOUT_NONE || lodge_wizard_keeps_storage (wizard))
    return TRUE;
  disks = lodge_wizard_chosen_disks (wizard);
  /* Of an earlier start of the machine: nobody knows which disk a name in erase= was then. */
  if (chosen == NULL)
    return disks->len > 0 && answers->erase[0] == NULL;
  lost = lodge_confirmed_disks_find_lost (chosen, disks);
  if (lost == NULL)
    return TRUE;
  g_free (wizard->lost);
  wizard->lost = g_strdup_printf (
      _ ("%s, which you chose, is no longer there, or was connected anew."), lost);
  g_hash_table_remove (wizard->typed, CHOSEN);
  g_ptr_array_set_size (answers->disks, 0);
  g_strfreev (answers->erase);
  answers->erase = g_new0 (char *, 1);
  answers->layout = LODGE_LAYOUT_XFS;
  return FALSE;
}
