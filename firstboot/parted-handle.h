/* libparted's objects as autoptrs, and its questions as errors.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libparted reports failures and asks questions through one exception handler of the whole process,
 * which gets no data pointer.  Ours never prints and never asks: what was said is kept for the
 * thread that said it, until lodge_parted_error() makes a GError of it.
 *
 * libparted is not safe to use from two threads at once.
 */
#pragma once

#include <glib.h>
#include <parted/parted.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PedDevice, ped_device_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PedDisk, ped_disk_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PedPartition, ped_partition_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PedConstraint, ped_constraint_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PedGeometry, ped_geometry_destroy)

/* What libparted is told when it asks. */
typedef enum
{
  LODGE_PARTED_REFUSE, /* every question is a failure */
  LODGE_PARTED_FIX,    /* "fix" and "ok" where offered: only ever on a copy of a partition table */
} LodgePartedAnswer;

/* To be called before libparted is: installs the handler and forgets what was said before. */
void lodge_parted_begin (LodgePartedAnswer answer);

/* Sets ERROR to the message (formatted) and the first thing libparted complained of since
 * lodge_parted_begin(), in LODGE_ERROR_FAILED.  Always returns FALSE. */
gboolean lodge_parted_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
