/* What is to be done with the planned disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rule above all: a finished file system of the plan's own is kept whatever else is true,
 * erase= included, as virtual machines may be on it since.
 */
#include "firstboot/storage-decision.h"
#include "common/error.h"
#include "firstboot/disk-erase.h"

gboolean
lodge_storage_is_own (const LodgeStorageCase *facts)
{
  return facts->state->kind == LODGE_DISK_STATE_STORAGE
         && g_strcmp0 (facts->state->uuid, facts->filesystem_uuid) == 0;
}

static LodgeStorageAction
refuse (const LodgeStorageCase *facts, GError **error)
{
  g_autofree char *clause = NULL;

  if (facts->unnamed_storage != NULL)
    {
      clause = lodge_disk_storage_clause (facts->unnamed_storage);
      lodge_error_set (error, LODGE_ERROR_REFUSED, "%s", clause);
      return LODGE_STORAGE_REFUSE;
    }
  switch (facts->state->kind)
    {
    case LODGE_DISK_STATE_STORAGE:
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "is VM storage of Lodge already (file system %s), and was not when setup was planned, so "
          "it is left as it is; plan again",
          facts->state->uuid != NULL ? facts->state->uuid : "without UUID");
      break;
    case LODGE_DISK_STATE_STORAGE_EMPTY:
      lodge_error_set (
          error, LODGE_ERROR_REFUSED,
          "has a partition \"%s\" that this setup did not make, so it is left as it is; "
          "if nobody misses it, name the disk in erase=",
          LODGE_STORAGE_PARTITION_NAME);
      break;
    case LODGE_DISK_STATE_OTHER:
      lodge_error_set (error, LODGE_ERROR_REFUSED,
                       "holds %s, so it is left as it is; if nobody misses it, name the disk in "
                       "erase=",
                       facts->content);
      break;
    case LODGE_DISK_STATE_BLANK: /* but the kernel has something of it */
    case LODGE_DISK_STATE_DATA:
      lodge_error_set (error, LODGE_ERROR_REFUSED,
                       "holds data that is no file system known here, so it is left as it is; if "
                       "nobody misses it, name the disk in erase=");
      break;
    }
  return LODGE_STORAGE_REFUSE;
}

LodgeStorageAction
lodge_storage_decide (const LodgeStorageCase *facts, GError **error)
{
  if (lodge_storage_is_own (facts) && facts->finished)
    return LODGE_STORAGE_KEEP;
  if (lodge_storage_is_own (facts) && facts->resumed)
    return LODGE_STORAGE_REDO;
  if (facts->resumed && facts->state->kind == LODGE_DISK_STATE_STORAGE_EMPTY)
    return LODGE_STORAGE_REDO;
  if (facts->state->kind == LODGE_DISK_STATE_BLANK && facts->blank)
    return LODGE_STORAGE_CREATE;
  if (facts->erase && facts->unnamed_storage == NULL)
    return LODGE_STORAGE_ERASE;
  return refuse (facts, error);
}
