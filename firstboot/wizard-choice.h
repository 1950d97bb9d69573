/* What was typed about a disk belongs to that disk, not to its kernel name: another one that gets
 * the name must not find itself marked, or released for erasing.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/wizard.h"

/* After the disks were read anew: drops what was typed about names that are of another disk now, or
 * of none. */
void lodge_wizard_forget_exchanged_disks (LodgeWizard *wizard);

/* The names of the marked disks, "sdb;vda", as they stand in what was typed. */
void lodge_wizard_type_marks (LodgeWizard *wizard, const char *marks);
const char *lodge_wizard_typed_marks (const LodgeWizard *wizard);

/* Remembers which disks the answers name now. */
void lodge_wizard_remember_choice (LodgeWizard *wizard);

/* Those disks for the setup to check (confirmed-disks.h), or NULL: it is to write none, or nobody
 * knows which they were when an earlier start of the machine had them chosen. */
const char *lodge_wizard_confirmed_disks (const LodgeWizard *wizard);

/* Whether those are what the answers still name.  When not, they name none any more, nothing is
 * released for erasing, and wizard->lost says which disk it was. */
gboolean lodge_wizard_check_choice (LodgeWizard *wizard);
