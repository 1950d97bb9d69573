/* What a disk is called: model, serial number, world-wide name, place, transport.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/disks.h"

/* Fills in everything about DISK (whose name is set) that names it. */
void lodge_disk_identify (const LodgeProbe *probe, LodgeDisk *disk);

/* Whether the serial number that the kernel read from the disk itself is DISK's, which udev's
 * database may have of the disk before it.  TRUE too where the kernel knows none, and for USB,
 * where udev's is the enclosure's and the kernel's may be that of the disk inside. */
gboolean lodge_disk_serial_agrees (const LodgeProbe *probe, const LodgeDisk *disk);
