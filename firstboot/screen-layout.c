/* Screen 4: what is made of the disk, and its serial number typed when something would be lost;
 * the UUID of the file system when that is VM storage of Lodge, as unattended (disk-erase.h).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-choice.h"
#include "firstboot/wizard-disks.h"

#include "firstboot/adoptable.h"
#include "firstboot/disk-erase.h"
#include "firstboot/i18n.h"
#include "firstboot/layout.h"
#include "firstboot/plan-choose.h"

#include <string.h>

#define ERASE_PREFIX "erase-"

static const struct
{
  LodgeLayoutKind kind;
  const char *title;
  const char *detail;
} texts[] = {
  { LODGE_LAYOUT_ADOPT, N_ ("adopt: keep what is on it"),
    N_ ("The disk is Lodge's VM storage already: it is mounted as it is, and the virtual machines, "
        "networks and pools saved on it are defined again.  Nothing is erased.") },
  { LODGE_LAYOUT_XFS, N_ ("xfs: one file system"),
    N_ ("One partition with an XFS file system; virtual machines are files in it, copied and "
        "grown with ease.  Right for most hosts.") },
  { LODGE_LAYOUT_LVM, N_ ("lvm: a volume group"),
    N_ ("Each virtual disk is a logical volume: a little faster, and fixed in size.  The group may "
        "span several disks; when one dies, all is lost.") },
  { LODGE_LAYOUT_RAID1, N_ ("raid1: two disks, mirrored"),
    N_ ("Everything is written to both disks; when one dies, nothing is lost.") },
};

static gboolean
skip (const LodgeWizard *wizard)
{
  return lodge_wizard_keeps_storage (wizard) || wizard->answers->layout == LODGE_LAYOUT_NONE;
}

/* Whether LAYOUT can be made of so many disks. */
static gboolean
fits (const LodgeLayout *layout, const GPtrArray *disks)
{
  if (layout == NULL || disks->len < layout->minimum_disks || disks->len > layout->maximum_disks)
    return FALSE;
  return layout->kind != LODGE_LAYOUT_ADOPT || lodge_disk_adoptable (disks->pdata[0]) != NULL;
}

static void
add_layouts (LodgeForm *form, const GPtrArray *disks, const char *given)
{
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_LIST, "layout", NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *name = lodge_layout_kind_name (texts[i].kind);

      if (fits (lodge_layout_find (texts[i].kind), disks))
        lodge_field_add_row (field, name, _ (texts[i].title), _ (texts[i].detail), NULL);
    }
  field->height = MAX (field->rows->len, 1);
  if (field->rows->len > 0)
    lodge_field_set_value (field, ((const LodgeUiRow *)field->rows->pdata[0])->id);
  /* Keeping what is there is offered first; all others only count when they were chosen. */
  if (lodge_field_row (field, lodge_layout_kind_name (LODGE_LAYOUT_ADOPT)) == NULL
      && lodge_field_row (field, given) != NULL)
    lodge_field_set_value (field, given);
}

gboolean
lodge_wizard_can_use (const GPtrArray *disks)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (fits (lodge_layout_find (texts[i].kind), disks))
      return TRUE;
  return FALSE;
}

static void
add_to_list (GStrv *list, const char *item)
{
  guint length = g_strv_length (*list);

  if (g_strv_contains ((const char *const *)*list, item))
    return;
  *list = g_renew (char *, *list, length + 2);
  (*list)[length] = g_strdup (item);
  (*list)[length + 1] = NULL;
}

/* The UUIDs of DISK's VM storages. */
static GStrv
storage_uuids (const LodgeDisk *disk)
{
  GStrv uuids = g_new0 (char *, 1);
  const LodgeSignature *storage;

  /* One without a UUID cannot be given up: the plan says so. */
  while ((storage = lodge_disk_unnamed_storage (disk, (const char *const *)uuids)) != NULL
         && storage->uuid != NULL)
    add_to_list (&uuids, storage->uuid);
  return uuids;
}

/* What erase= has to say so that the plan takes DISK, each to be typed: the UUID of each VM
 * storage, and the disk's name unless there is nothing else on it. */
static GStrv
names_to_type (const LodgeDisk *disk)
{
  GStrv names = storage_uuids (disk);

  if (!lodge_disk_is_given_up (disk, (const char *const *)names))
    add_to_list (&names, lodge_disk_erase_name (disk));
  return names;
}

static gboolean
is_disk_name (const LodgeDisk *disk, const char *name)
{
  return g_str_equal (name, lodge_disk_erase_name (disk));
}

/* "erase-sda" is for its serial number, "erase-sda-UUID" for VM storage. */
static char *
erase_id (const LodgeDisk *disk, const char *name)
{
  return is_disk_name (disk, name) ? g_strconcat (ERASE_PREFIX, disk->name, NULL)
                                   : g_strconcat (ERASE_PREFIX, disk->name, "-", name, NULL);
}

static void
add_erase (LodgeForm *form, const LodgeDisk *disk, const char *name)
{
  g_autofree char *id = erase_id (disk, name);
  /* A UUID is too long to stand in the label as well; the text above has it. */
  g_autofree char *label = is_disk_name (disk, name)
                               ? g_strdup_printf (_ ("Type %s to erase %s"), name, disk->name)
                               : g_strdup_printf (_ ("UUID, to erase VMs on %s"), disk->name);
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_TEXT, id, label, NULL);

  field->width = CLAMP ((guint)strlen (name) + 2, 12, 40);
  field->when = "layout";
  field->when_values = "xfs;lvm;raid1";
}

static void
add_erases (LodgeForm *form, const LodgeDisk *disk)
{
  g_auto (GStrv) names = names_to_type (disk);

  for (gsize i = 0; names[i] != NULL; i++)
    add_erase (form, disk, names[i]);
}

/* What VM storage on DISK is called, where its UUID has to be copied from. */
static void
describe_storage (GString *text, const LodgeDisk *disk)
{
  g_auto (GStrv) uuids = storage_uuids (disk);

  for (gsize i = 0; uuids[i] != NULL; i++)
    g_string_append_printf (
        text, _ ("Virtual machines may be on it.  Its file system's UUID: %s\n"), uuids[i]);
}

/* What is on DISK; of many things the first few, so that the fields below have their place. */
static char *
describe_shortly (const LodgeDisk *disk, guint most)
{
  g_autofree char *content = lodge_disk_describe_content (disk);
  g_auto (GStrv) items = g_strsplit (content, _ (", "), -1);
  guint count = g_strv_length (items);
  g_autoptr (GString) first = g_string_new (NULL);

  if (count <= most + 1)
    return g_steal_pointer (&content);
  for (guint i = 0; i < most; i++)
    g_string_append_printf (first, "%s%s", i > 0 ? _ (", ") : "", items[i]);
  return g_strdup_printf (_ ("%s and %u more (F2)"), first->str, count - most);
}

static char *
describe_loss (const GPtrArray *disks)
{
  enum
  {
    ITEMS_OF_ONE = 5,
    ITEMS_OF_EACH = 1,
  };
  g_autoptr (GString) text = g_string_new (NULL);
  guint most = disks->len == 1 ? ITEMS_OF_ONE : ITEMS_OF_EACH;

  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = disks->pdata[i];
      g_autofree char *name = lodge_disk_describe (disk);
      g_autofree char *content = describe_shortly (disk, most);

      if (lodge_disk_is_blank (disk))
        g_string_append_printf (text, _ ("%s is blank.\n"), name);
      else
        g_string_append_printf (text, _ ("%s holds %s.\n"), name, content);
      describe_storage (text, disk);
    }
  return g_strdup (text->str);
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("layout", _ ("What to make of the disk"));
  g_autoptr (GPtrArray) disks = lodge_wizard_chosen_disks (wizard);

  form->text = describe_loss (disks);
  add_layouts (form, disks, lodge_layout_kind_name (wizard->answers->layout));
  for (guint i = 0; i < disks->len; i++)
    if (!lodge_disk_is_blank (disks->pdata[i]))
      add_erases (form, disks->pdata[i]);
  lodge_form_add_back_and_next (form);
  form->details = lodge_wizard_describe_disks (disks);
  form->help = g_strdup (
      _ ("The list has what can be made of the disks that you marked.\n\nWhat is on a disk is lost "
         "for good when it is erased.  To be sure that the right one is meant, its serial number "
         "has to be typed as it stands before the field (in capital or small letters); it is "
         "printed on the disk's label as well.  A disk that has no serial number is called by its "
         "name.  VM storage of Lodge is only erased when the UUID of its file system, which the "
         "text above has, is typed.\n\nIt is erased when setup has begun, not now."));
  return form;
}

/* --- accepting --- */

static gboolean
take_name (LodgeWizard *wizard, LodgeForm *form, const LodgeDisk *disk, const char *name)
{
  g_autofree char *id = erase_id (disk, name);
  const LodgeField *field = lodge_form_field (form, id);
  g_autofree char *typed = NULL;
  g_autofree char *complaint = NULL;

  if (field == NULL || !lodge_form_uses (form, field))
    return TRUE;
  typed = g_strstrip (g_strdup (field->value));
  if (g_ascii_strcasecmp (typed, name) == 0)
    {
      add_to_list (&wizard->answers->erase, name);
      return TRUE;
    }
  complaint
      = typed[0] == '\0'
            ? g_strdup_printf (_ ("%s is not empty.  Type %s to have everything on it erased, "
                                  "or go back and take another disk."),
                               disk->name, name)
            : g_strdup_printf (_ ("\"%s\" is not %s.  Nothing on %s is touched unless that is "
                                  "typed."),
                               typed, name, disk->name);
  lodge_form_complain (form, id, complaint);
  return FALSE;
}

static gboolean
take_erase (LodgeWizard *wizard, LodgeForm *form, const LodgeDisk *disk)
{
  g_auto (GStrv) names = names_to_type (disk);

  for (gsize i = 0; names[i] != NULL; i++)
    if (!take_name (wizard, form, disk, names[i]))
      return FALSE;
  return TRUE;
}

/* The plan has the last word on disks. */
static gboolean
try_plan (LodgeWizard *wizard, LodgeForm *form)
{
  g_autoptr (LodgePlan) plan = g_new0 (LodgePlan, 1);
  g_autoptr (GError) problem = NULL;

  plan->answers = lodge_wizard_copy_answers (wizard, &problem);
  plan->disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_plan_disk_free);
  if (plan->answers != NULL)
    lodge_plan_choose_disks (plan, wizard->facts, &problem);
  return lodge_form_accept_or_complain (form, "layout", &problem);
}

static LodgeLayoutKind
kind_of (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (lodge_layout_kind_name (texts[i].kind), name))
      return texts[i].kind;
  g_return_val_if_reached (LODGE_LAYOUT_NONE);
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  g_autoptr (GPtrArray) disks = lodge_wizard_chosen_disks (wizard);

  g_strfreev (wizard->answers->erase);
  wizard->answers->erase = g_new0 (char *, 1);
  wizard->answers->layout = kind_of (lodge_form_value (form, "layout"));
  for (guint i = 0; i < disks->len; i++)
    if (!lodge_disk_is_blank (disks->pdata[i]) && !take_erase (wizard, form, disks->pdata[i]))
      return FALSE;
  if (!try_plan (wizard, form))
    return FALSE;
  lodge_wizard_remember_choice (wizard);
  return TRUE;
}

const LodgeScreen lodge_screen_layout
    = { .id = "layout", .skip = skip, .make = make, .accept = accept };
