/* What the files of the disk writer (flash-write.c, flash-job.c, flash-verify.c) share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-write.h"

/* A piece of the image on its way to all disks. */
typedef struct
{
  gint references;
  guint64 offset;
  guint64 length;
  guint8 *bytes; /* NULL: zeros */
  struct LodgeFlashPool *pool;
} LodgeFlashPiece;

/* What all jobs share. */
typedef struct
{
  const LodgeFlashSource *source;
  const LodgeFlashMap *map;
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
  GAsyncQueue *queue; /* of LodgeFlashPiece; lodge_flash_last_piece is the end */
  GThread *thread;
  LodgeFlashShared *shared;
  guint64 body; /* bytes to be written apart from the patches */
  LodgeFlashState state;
  GError *error;
};

/* Stands for the end in a queue. */
extern LodgeFlashPiece lodge_flash_last_piece;

void lodge_flash_piece_unref (LodgeFlashPiece *piece);

/* Whether RANGE is the patches' and not the body's. */
gboolean lodge_flash_is_margin (const LodgeFlashMap *map, const LodgeFlashRange *range);

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
