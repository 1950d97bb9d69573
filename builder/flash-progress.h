/* What is seen of several disks being written: a bar each on a terminal, plain lines otherwise,
 * JSON lines for programs. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "builder/flash-write.h"
#include "builder/progress.h"

typedef struct _LodgeFlashProgress LodgeFlashProgress;

/* MODE AUTO and PLAIN write to FD, as lodge_progress_new_for_fd(); JSON events go through EVENTS.
 */
LodgeFlashProgress *lodge_flash_progress_new (LodgeProgressMode mode, int fd,
                                              LodgeProgress *events);

/* Shows JOBS (of LodgeFlashJob) as they are now; for lodge_flash_write(), DATA is the progress. */
void lodge_flash_progress_show (GPtrArray *jobs, gpointer data);

void lodge_flash_progress_free (LodgeFlashProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFlashProgress, lodge_flash_progress_free)
