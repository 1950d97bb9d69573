/* What is saved on disks that could be adopted: for the plan's sentence and the wizard.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/probe.h"

/* Fills `saved_guests` and `saved_more` of each of DISKS that can be adopted and is not in use. The
 * file system is read through a mount that is attached nowhere, read-only and without replaying its
 * log: nothing is written.  What stands in the log only (the changes of the last seconds before a
 * power cut) is not seen: with anything in the log, or with anything that cannot be read,
 * `saved_more` is set. `saved_guests` stays NULL when nothing could be read at all. */
void lodge_disks_look_for_guests (const LodgeProbe *probe, const GPtrArray *disks);

/* lodge_probe_disks(), and what is saved on them. */
GPtrArray *lodge_probe_disks_and_guests (const LodgeProbe *probe, GError **error);
