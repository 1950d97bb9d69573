/* The disks of the machine as the wizard knows them, and those that were marked.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/wizard.h"

/* The row of the screen of the disks that is none. */
#define LODGE_NO_DISK "none"

/* Has the disks of the wizard's facts read anew, behind the screen, if any came, went or was
 * exchanged since they were read; never waits.  TRUE when they are others now; wizard->reading
 * stays set while an answer is awaited. */
gboolean lodge_wizard_follow_disks (LodgeWizard *wizard);
/* The same, and waits for it, with a form that says so: LODGE_MOVE_NEXT when the facts are what is
 * there now, _QUIT or _FAILED. */
LodgeMove lodge_wizard_await_disks (LodgeWizard *wizard, GError **error);
/* Nobody wants to know any more. */
void lodge_wizard_drop_reading (LodgeWizard *wizard);

/* Makes the answers' disks= name DISKS (of LodgeDisk, of the wizard's facts), each in the steadiest
 * way that names it alone. */
void lodge_wizard_choose_disks (LodgeWizard *wizard, const GPtrArray *disks);

/* The disks that the answers name, as LodgeDisk that belong to the facts. */
GPtrArray *lodge_wizard_chosen_disks (const LodgeWizard *wizard);

/* Whether VM storage that Lodge made is on DISK. */
gboolean lodge_wizard_is_storage (const LodgeDisk *disk);

/* What is on DISKS (of LodgeDisk), everything, in lines: for the F2 window. */
char *lodge_wizard_describe_disks (const GPtrArray *disks);

/* Whether there is a layout that takes DISKS, so many and such (screen-layout.c). */
gboolean lodge_wizard_can_use (const GPtrArray *disks);
