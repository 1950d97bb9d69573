/* What the files of the disk writer (flash-write.c, flash-job.c, flash-verify.c) share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-feed.h"
#include "builder/flash-write.h"

/* What all jobs share. */
typedef struct
{
  const LodgeFlashMap *map;
  LodgeFlashFeed *feed;
  GCancellable *cancellable;
  GMutex mutex; /* of what follows, and of the jobs' states */
  GCond changed;
  GError *error; /* why the image could not be read to its end */
} LodgeFlashShared;

struct _LodgeFlashJob
{
  LodgeFlashDevice *device;
  GPtrArray *patches; /* of LodgeFlashPatch */
  const LodgeFlashIdentity *identity;
  LodgeFlashTaker *taker;
  GThread *thread;
  LodgeFlashShared *shared;
  guint64 body; /* bytes to be written apart from the patches */
  LodgeFlashState state;
  GError *error;
};

/* Begins PHASE, which has TOTAL bytes. */
void lodge_flash_job_begin (LodgeFlashJob *job, LodgeFlashPhase phase, guint64 total);
void lodge_flash_job_advance (LodgeFlashJob *job, guint64 done);
/* FALSE with ERROR set when the work shall end. */
gboolean lodge_flash_job_check (LodgeFlashJob *job, GError **error);

/* The thread of a job. */
gpointer lodge_flash_job_run (gpointer job);

/* flash-verify.c: reads back the body, zeros (at most LODGE_FLASH_CHUNK), or one patch. */
gboolean lodge_flash_verify_zeros (LodgeFlashJob *job, guint64 offset, guint64 length,
                                   GError **error);
gboolean lodge_flash_verify_body (LodgeFlashJob *job, GError **error);
gboolean lodge_flash_verify_bytes (LodgeFlashJob *job, guint64 offset, GBytes *bytes,
                                   GError **error);
