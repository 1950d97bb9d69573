/* What is to be done with the planned disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rule above all: a finished file system of the plan's own is kept whatever else is true,
 * erase= included, as virtual machines may be on it since.
 */
#include "firstboot/storage-decision.h"
#include "common/error.h"

gboolean
lodge_storage_is_own (const LodgeStorageCase *facts)
{
  return facts->resumed && facts->state->kind == LODGE_DISK_STATE_STORAGE
         && g_strcmp0 (facts->state->uuid, facts->filesystem_uuid) == 0;
}

static LodgeStorageAction
refuse (const LodgeStorageCase *facts, GError **error)
{
  switch (facts->state->kind)
    {
    case LODGE_DISK_STATE_STORAGE:
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "is VM storage of Lodge already (file system %s), and virtual machines may be "
          "on it, so it is left as it is; layout=adopt is the one that takes such a disk "
          "over, erase= the one that destroys it",
          facts->state->uuid != NULL ? facts->state->uuid : "without UUID");
      break;
    case LODGE_DISK_STATE_STORAGE_EMPTY:
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "has a partition \"%s\" that this setup did not make, so it is left as it is; "
          "if nobody misses it, name the disk in erase=",
          LODGE_STORAGE_PARTITION_NAME);
      break;
    case LODGE_DISK_STATE_REMAINS:
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "has no partition table, but %s where a first partition would begin, as when "
          "a table was deleted by mistake, so it is left as it is; if nobody misses it, "
          "name the disk in erase=",
          facts->state->what);
      break;
    case LODGE_DISK_STATE_OTHER:
    case LODGE_DISK_STATE_BLANK: /* to libblkid, but not to the probe */
      lodge_error_set (error, LODGE_ERROR_REFUSED,
                       "holds %s, so it is left as it is; if nobody misses it, name the disk in "
                       "erase=",
                       facts->content);
      break;
    }
  return LODGE_STORAGE_REFUSE;
}

LodgeStorageAction
lodge_storage_decide (const LodgeStorageCase *facts, GError **error)
{
  if (lodge_storage_is_own (facts))
    return facts->finished ? LODGE_STORAGE_KEEP : LODGE_STORAGE_REDO;
  if (facts->resumed && facts->state->kind == LODGE_DISK_STATE_STORAGE_EMPTY)
    return LODGE_STORAGE_REDO;
  if (facts->state->kind == LODGE_DISK_STATE_BLANK && facts->blank)
    return LODGE_STORAGE_CREATE;
  if (facts->erase)
    return LODGE_STORAGE_ERASE;
  return refuse (facts, error);
}
