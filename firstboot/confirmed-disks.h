/* The disks that a person confirmed at the screens, told to the setup that writes them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers name a disk by its place or its kernel name when it has no serial number, and setup looks
 * at the machine up to a minute after the last screen: another disk may be in that place by then.
 */
#pragma once

#include "firstboot/probe.h"

/* All that tells whether DISK still is the one that it was, in one line without tabs; free with
 * g_free.  The kernel's name and generation of it (diskseq, Linux 5.15 and later; before, two disks
 * that say nothing of themselves look the same in one place) are of this start of the machine, and
 * so is the line. */
char *lodge_confirmed_disk_identity (const LodgeDisk *disk);

/* DISKS (of LodgeDisk) as text, a line each: its identity, a tab, what people call it.  Free with
 * g_free. */
char *lodge_confirmed_disks_format (const GPtrArray *disks);

/* What people call the first disk of TEXT (as formatted above) that is not among DISKS (of
 * LodgeDisk), or NULL when all are; free with g_free. */
char *lodge_confirmed_disks_find_lost (const char *text, const GPtrArray *disks);

/* Refuses (LODGE_ERROR_REFUSED) unless all disks of the text in FILE are among DISKS. */
gboolean lodge_confirmed_disks_check (const char *file, const GPtrArray *disks, GError **error);
