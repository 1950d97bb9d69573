/* Screen 3: the disk that virtual machines are stored on.  Never skipped, even with one candidate:
 * who sees one disk only has to see which (research on installers: the wrong disk wiped).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-disks.h"

#include "common/size.h"
#include "firstboot/adoptable.h"
#include "firstboot/i18n.h"
#include "firstboot/ui-text.h"

#define REFRESH_MILLISECONDS 2000

static char *
short_content (const LodgeDisk *disk)
{
  if (disk->unusable != NULL)
    return g_strdup (disk->unusable);
  if (lodge_disk_is_blank (disk))
    return g_strdup (_ ("blank"));
  if (lodge_wizard_is_storage (disk))
    return g_strdup (_ ("VM storage of Lodge"));
  return lodge_disk_describe_content (disk);
}

static char *
saved_guests (const LodgeDisk *disk)
{
  g_autofree char *names = NULL;

  if (disk->saved_guests == NULL)
    return g_strdup (_ ("What is saved on it could not be read."));
  if (disk->saved_guests[0] == NULL)
    return g_strdup (disk->saved_more
                         ? _ ("It could not be read fully: virtual machines may be saved on it.")
                         : _ ("No virtual machine's definition is saved on it."));
  names = g_strjoinv (", ", disk->saved_guests);
  if (disk->saved_more)
    return g_strdup_printf (_ ("Virtual machines saved on it: %s.  It could not be read fully: "
                               "more may be saved."),
                            names);
  return g_strdup_printf (_ ("Virtual machines saved on it: %s."), names);
}

static char *
detail (const LodgeDisk *disk)
{
  g_autofree char *name = lodge_disk_describe (disk);
  g_autofree char *content = lodge_disk_describe_content (disk);

  if (disk->unusable != NULL)
    return g_strdup_printf (_ ("%s\nCannot be used: %s."), name, disk->unusable);
  if (lodge_disk_is_blank (disk))
    return g_strdup_printf (_ ("%s\nNothing is on it."), name);
  if (lodge_disk_adoptable (disk) != NULL)
    {
      g_autofree char *guests = saved_guests (disk);

      return g_strdup_printf (_ ("%s\nVM storage of Lodge, which can be kept as it is.  %s"), name,
                              guests);
    }
  if (lodge_wizard_is_storage (disk))
    return g_strdup_printf (_ ("%s\nHolds %s.  VM storage of Lodge that cannot be kept as it is: "
                               "marking it means erasing the virtual machines on it."),
                            name, content);
  return g_strdup_printf (_ ("%s\nHolds %s."), name, content);
}

static void
add_disk (LodgeField *field, const LodgeDisk *disk)
{
  g_autofree char *size = lodge_size_format (disk->size);
  g_autofree char *content = short_content (disk);
  const char *cells[]
      = { disk->name, size, disk->transport, disk->model != NULL ? disk->model : "-", content };
  static const guint columns[] = { 9, 9, 7, 16, 26 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *more = detail (disk);

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autofree char *cell = lodge_text_pad (cells[i], columns[i]);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", cell);
    }
  lodge_field_add_row (field, disk->name, g_strchomp (text->str), more, disk->unusable);
}

static void
add_rows (LodgeField *field, const LodgeFacts *facts)
{
  g_ptr_array_set_size (field->rows, 0);
  for (guint i = 0; i < facts->disks->len; i++)
    add_disk (field, facts->disks->pdata[i]);
  lodge_field_add_row (field, LODGE_NO_DISK, _ ("no disk: store virtual machines on the boot disk"),
                       _ ("Every disk stays as it is.  There is little room on a stick, and it "
                          "wears out: for trying things only."),
                       NULL)
      ->alone
      = TRUE;
}

/* Marked from the start: the one blank disk; where there is none, the one that can be adopted, of
 * which the next screen offers to erase nothing. */
static const char *
suggest (const LodgeFacts *facts)
{
  const char *blank = NULL, *storage = NULL;
  guint blanks = 0, storages = 0;

  for (guint i = 0; i < facts->disks->len; i++)
    {
      const LodgeDisk *disk = facts->disks->pdata[i];

      if (disk->unusable != NULL)
        continue;
      if (lodge_disk_is_blank (disk))
        {
          blank = disk->name;
          blanks++;
        }
      else if (lodge_disk_adoptable (disk) != NULL)
        {
          storage = disk->name;
          storages++;
        }
    }
  if (blanks > 0)
    return blanks == 1 ? blank : NULL;
  return storages == 1 ? storage : NULL;
}

static void
set_details (LodgeForm *form, const LodgeFacts *facts)
{
  g_free (form->details);
  form->details = lodge_wizard_describe_disks (facts->disks);
}

/* --- disks that come and go while the screen is open --- */

/* Says so, in the place of nothing else, when the disks are read since an earlier look. */
static gboolean
tell_of_reading (const LodgeWizard *wizard, LodgeForm *form, gboolean waited)
{
  const char *text = _ ("Looking at the disks...");
  gboolean told = g_strcmp0 (form->note, text) == 0;
  gboolean waits = waited && wizard->reading != NULL;

  if (waits == told || (waits && form->note != NULL))
    return FALSE;
  lodge_form_hint (form, waits ? text : NULL);
  return TRUE;
}

static gboolean
refresh (LodgeForm *form, gpointer data)
{
  LodgeWizard *wizard = data;
  LodgeField *field = lodge_form_field (form, "disks");
  gboolean waited = wizard->reading != NULL;

  /* Taken back for those that are not the same any more. */
  lodge_wizard_type_marks (wizard, field->value);
  if (!lodge_wizard_follow_disks (wizard))
    return tell_of_reading (wizard, form, waited);
  tell_of_reading (wizard, form, FALSE);
  add_rows (field, wizard->facts);
  set_details (form, wizard->facts);
  lodge_field_set_value (field, lodge_wizard_typed_marks (wizard));
  return TRUE;
}

/* The disks of the answers, when there are any from before a restart; else what is likely meant. */
static void
mark_first (const LodgeWizard *wizard, LodgeField *field)
{
  g_autoptr (GPtrArray) chosen = lodge_wizard_chosen_disks (wizard);

  for (guint i = 0; i < chosen->len; i++)
    {
      const LodgeDisk *disk = chosen->pdata[i];

      if (disk->unusable == NULL)
        lodge_field_toggle (field, disk->name);
    }
  if (wizard->answers->layout == LODGE_LAYOUT_NONE)
    lodge_field_set_value (field, LODGE_NO_DISK);
  /* Not in the place of one that the person had chosen. */
  else if (field->value[0] == '\0' && wizard->lost == NULL && suggest (wizard->facts) != NULL)
    lodge_field_set_value (field, suggest (wizard->facts));
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("disks", _ ("Disk for the virtual machines"));
  LodgeField *field;

  form->text = g_strdup (_ ("Which disk shall hold the virtual machines?  Space marks it.  Nothing "
                            "is written before the last screen is confirmed."));
  field = lodge_form_add (form, LODGE_FIELD_MARKS, "disks", NULL, NULL);
  add_rows (field, wizard->facts);
  mark_first (wizard, field);
  lodge_form_add_back_and_next (form);
  if (wizard->lost != NULL)
    lodge_form_complain (form, "disks", wizard->lost);
  g_clear_pointer (&wizard->lost, g_free);
  set_details (form, wizard->facts);
  form->refresh = refresh;
  form->interval = REFRESH_MILLISECONDS;
  form->data = wizard;
  form->help = g_strdup (_ (
      "The disk becomes storage for virtual machines.  Rows with [-] cannot be used; the lines "
      "under the list say why.  The stick that this system runs from is one of them.\n\nF2 "
      "lists every partition that was found on every disk.\n\nA disk that holds anything is "
      "only erased when you type its serial number on the next screen; VM storage of Lodge, when "
      "you type the UUID of its file system, and it can be kept with the virtual machines saved "
      "on it.  A disk that you plug in now appears by itself."));
  return form;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  const LodgeField *field = lodge_form_field (form, "disks");
  g_autoptr (GPtrArray) marked = g_ptr_array_new ();
  gboolean none = lodge_field_has (field, LODGE_NO_DISK);

  for (guint i = 0; i < wizard->facts->disks->len; i++)
    {
      LodgeDisk *disk = wizard->facts->disks->pdata[i];

      if (lodge_field_has (field, disk->name))
        g_ptr_array_add (marked, disk);
    }
  if (!none && marked->len == 0)
    {
      lodge_form_complain (form, "disks", _ ("Mark a disk with Space, or the last row."));
      return FALSE;
    }
  if (!none && !lodge_wizard_can_use (marked))
    {
      g_autofree char *complaint = g_strdup_printf (
          _ ("%u disks are marked, and storage cannot be made of so many: unmark some with Space."),
          marked->len);
      lodge_form_complain (form, "disks", complaint);
      return FALSE;
    }
  lodge_wizard_choose_disks (wizard, marked);
  wizard->answers->layout = none ? LODGE_LAYOUT_NONE : LODGE_LAYOUT_XFS;
  g_strfreev (wizard->answers->erase);
  wizard->answers->erase = g_new0 (char *, 1);
  lodge_wizard_remember_choice (wizard);
  return TRUE;
}

const LodgeScreen lodge_screen_disks = { .id = "disks",
                                         .skip = lodge_wizard_keeps_storage,
                                         .steps = "storage;guests;pool",
                                         .make = make,
                                         .accept = accept };
