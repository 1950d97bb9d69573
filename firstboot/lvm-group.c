/* Which disks an LVM volume group lies on.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/lvm-group.h"
#include "common/error.h"
#include "common/run.h"
#include "firstboot/block-stack.h"
#include "common/block-tree.h"
#include "firstboot/i18n.h"

#include <string.h>

void
lodge_lvm_volume_free (LodgeLvmVolume *volume)
{
  if (volume == NULL)
    return;
  g_free (volume->group);
  g_free (volume->device);
  g_strfreev (volume->disks);
  g_free (volume);
}

LodgeLvmVolume *
lodge_lvm_volume_parse (const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "|", 2);
  LodgeLvmVolume *volume;

  if (g_strv_length (fields) != 2)
    return NULL;
  volume = g_new0 (LodgeLvmVolume, 1);
  volume->group = g_strdup (g_strstrip (fields[0]));
  volume->device = g_strdup (g_strstrip (fields[1]));
  volume->disks = g_new0 (char *, 1);
  return volume;
}

static void
find_disks (LodgeLvmVolume *volume)
{
  g_autofree char *name = lodge_block_name_of_path (&lodge_running_machine, volume->device);
  g_autoptr (GPtrArray) disks = name != NULL ? lodge_block_lower_disks (name) : NULL;
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; disks != NULL && i < disks->len; i++)
    g_ptr_array_add (names, g_strdup (disks->pdata[i]));
  g_ptr_array_add (names, NULL);
  g_strfreev (volume->disks);
  volume->disks = (GStrv)g_ptr_array_free (names, FALSE);
}

static gboolean
lies_on (const LodgeLvmVolume *volume, const char *disk)
{
  return g_strv_contains ((const char *const *)volume->disks, disk);
}

/* Whether VOLUME may go: it is there, and all disks that it lies on are given up. */
static gboolean
is_given_up (const LodgeLvmVolume *volume, const GPtrArray *allowed)
{
  for (gsize i = 0; volume->disks[i] != NULL; i++)
    if (!lodge_block_names_contain (allowed, volume->disks[i]))
      return FALSE;
  return volume->disks[0] != NULL;
}

const LodgeLvmVolume *
lodge_lvm_find_kept (const GPtrArray *volumes, const char *disk, const GPtrArray *allowed,
                     gboolean *known)
{
  *known = FALSE;
  for (guint i = 0; i < volumes->len; i++)
    {
      const LodgeLvmVolume *ours = volumes->pdata[i];

      if (!lies_on (ours, disk))
        continue;
      *known = TRUE;
      for (guint j = 0; ours->group[0] != '\0' && j < volumes->len; j++)
        {
          const LodgeLvmVolume *theirs = volumes->pdata[j];

          if (g_str_equal (theirs->group, ours->group) && !is_given_up (theirs, allowed))
            return theirs;
        }
    }
  return NULL;
}

gboolean
lodge_lvm_check_group (const char *disk, const GPtrArray *allowed, GError **error)
{
  /* The devices file would hide disks that come from another machine. */
  static const char *const pvs[] = { "pvs",
                                     "--readonly",
                                     "--noheadings",
                                     "--separator",
                                     "|",
                                     "-o",
                                     "vg_uuid,pv_name",
                                     "--config",
                                     "devices/use_devicesfile=0",
                                     NULL };
  g_autoptr (GError) problem = NULL;
  g_autofree char *output = lodge_run (pvs, NULL, NULL, &problem);
  g_auto (GStrv) lines = output != NULL ? g_strsplit (output, "\n", -1) : NULL;
  g_autoptr (GPtrArray) volumes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_lvm_volume_free);
  const LodgeLvmVolume *kept;
  gboolean known;

  if (output == NULL)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s has a part of an LVM volume group, and whether that has parts on "
            "other disks is not known (%s), so it is left as it is"),
        disk, problem->message);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      LodgeLvmVolume *volume = lodge_lvm_volume_parse (lines[i]);

      if (volume == NULL)
        continue;
      find_disks (volume);
      g_ptr_array_add (volumes, volume);
    }
  kept = lodge_lvm_find_kept (volumes, disk, allowed, &known);
  if (!known)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s has a part of an LVM volume group that LVM does not list, so it is "
            "left as it is; if nobody misses it, wipe it by hand (wipefs --all)"),
        disk);
  if (kept != NULL && kept->disks[0] == NULL)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("the LVM volume group on %s has another part on a disk that is not "
            "there, so it is left as it is; connect that disk, or take %s out of "
            "the group (vgreduce)"),
        disk, disk);
  return kept == NULL
         || lodge_error_set (
             error, LODGE_ERROR_REFUSED,
             N_ ("the LVM volume group on %s has another part on %s, whose content may "
                 "not be destroyed; name both in erase= or take %s out of the group "
                 "(vgreduce)"),
             disk, kept->device, disk);
}
