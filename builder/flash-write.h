/* Writing one image to several disks at once, and reading back what was written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread reads the image (flash-feed.h), each disk has one that writes and then verifies. First
 * the disk's first and last MiB become zeros, last come its partition table and its first sector:
 * at any instant before, and after any failure, the disk is one that no firmware takes for
 * bootable.
 */
#pragma once

#include "builder/flash-device.h"
#include "builder/flash-identity.h"
#include "builder/flash-map.h"
#include "builder/flash-source.h"

typedef enum
{
  LODGE_FLASH_WRITE,  /* the image's ranges; bytes count when they are on the disk */
  LODGE_FLASH_VERIFY, /* all of them are read back */
  LODGE_FLASH_UUIDS,  /* file systems get UUIDs of their own */
  LODGE_FLASH_TABLE,  /* the partition table, and its reading back */
  LODGE_FLASH_DONE,
  LODGE_FLASH_FAILED,
} LodgeFlashPhase;

/* The work on one disk. */
typedef struct _LodgeFlashJob LodgeFlashJob;

/* What can be told of a job at one instant. */
typedef struct
{
  LodgeFlashPhase phase;
  guint64 done; /* bytes of this phase */
  guint64 total;
  gint64 started;   /* monotonic microseconds: when the phase began … */
  gint64 ended;     /* … and the job ended; 0 before */
  gint64 written;   /* microseconds that writing took, 0 while it is under way */
  gboolean touched; /* something was written: what was on the disk is lost */
  gboolean spoilt;  /* … and after a failure nothing boots from it: that was read back */
} LodgeFlashState;

/* DEVICE becomes the job's.  PATCHES (flash-table.h) are for its size.  With IDENTITY, which must
 * live as long, the disk gets UUIDs of its own; NULL: it keeps the image's. */
LodgeFlashJob *lodge_flash_job_new (LodgeFlashDevice *device, GPtrArray *patches,
                                    const LodgeFlashIdentity *identity);
const char *lodge_flash_job_path (const LodgeFlashJob *job);
LodgeFlashState lodge_flash_job_state (LodgeFlashJob *job);
/* Why it failed, when it did; owned by JOB. */
const GError *lodge_flash_job_error (const LodgeFlashJob *job);
void lodge_flash_job_free (LodgeFlashJob *job);

/* Writes SOURCE, as far as MAP says (all hashes known), to the disks of JOBS (of LodgeFlashJob).  A
 * disk that fails, is slow, or that the kernel waits for, does not hold up the others.  SHOW is
 * called about ten times a second, from this thread, and once at the end.  Afterwards each job is
 * done or failed; its disk is ours until it is freed.  CANCELLABLE makes all fail that are not
 * done. */
void lodge_flash_write (const LodgeFlashSource *source, const LodgeFlashMap *map, GPtrArray *jobs,
                        void (*show) (GPtrArray *jobs, gpointer data), gpointer data,
                        GCancellable *cancellable);
