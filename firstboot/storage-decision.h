/* What is to be done with the planned disk, by what is on it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/disk-state.h"
#include "firstboot/probe.h"

typedef enum
{
  LODGE_STORAGE_REFUSE,
  LODGE_STORAGE_KEEP,   /* it is the finished work of an earlier run: mount it, write nothing */
  LODGE_STORAGE_CREATE, /* it is blank: nothing has to be wiped */
  LODGE_STORAGE_REDO,   /* it is the unfinished work of an earlier run: wipe that and create */
  LODGE_STORAGE_ERASE,  /* it has content that the answers give up: stop, wipe and create */
} LodgeStorageAction;

typedef struct
{
  const LodgeDiskState *state;
  const char *content;         /* what a person would lose, for messages */
  const char *filesystem_uuid; /* the plan's */
  gboolean blank;              /* the probe calls the disk blank */
  gboolean erase;              /* the answers give up what is on it */
  /* Lodge's VM storage on it that they do not give up (disk-erase.h), or NULL */
  const LodgeSignature *unnamed_storage;
  gboolean resumed; /* an earlier run began this step */
  /* The plan's own file system is complete: it was handed over to the mount unit, or holds files.
   */
  gboolean finished;
} LodgeStorageCase;

/* Decides; LODGE_STORAGE_REFUSE comes with ERROR set to a clause about the disk in
 * LODGE_ERROR_REFUSED, before which the caller puts its name. */
LodgeStorageAction lodge_storage_decide (const LodgeStorageCase *facts, GError **error);

/* Whether the state is the plan's own file system of an earlier run, for which the caller has to
 * find out whether it is finished. */
gboolean lodge_storage_is_own (const LodgeStorageCase *facts);
