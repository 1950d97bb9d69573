/* What a disk is called: model, serial number, world-wide name, place, transport.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/probe.h"

/* Fills in everything about DISK (whose name is set) that names it. */
void lodge_disk_identify (const LodgeProbe *probe, LodgeDisk *disk);
