/* Whether the answers' erase= gives up what is on a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The answers outlive the disks: the stick dies, the next one gets the same file, and the disk that
 * erase= named is full of virtual machines by then.  So a serial number never gives up Lodge's own
 * VM storage; only the UUID of its file system does, which is new each time storage is made.
 */
#pragma once

#include "firstboot/probe.h"

/* What erase= has to say for DISK: its serial, or its kernel name when it has none. */
const char *lodge_disk_erase_name (const LodgeDisk *disk);

/* Lodge's VM storage on DISK whose UUID is not in ERASE, or NULL.  The result belongs to DISK. */
const LodgeSignature *lodge_disk_unnamed_storage (const LodgeDisk *disk, const char *const *erase);

/* Whether ERASE gives up all that is on DISK: by its name, and by the UUID of each VM storage of
 * Lodge; the UUID alone will do where nothing else is. */
gboolean lodge_disk_is_given_up (const LodgeDisk *disk, const char *const *erase);

/* The clause about a disk with STORAGE: why it is left as it is, and what to do; free with
 * g_free. */
char *lodge_disk_storage_clause (const LodgeSignature *storage);
