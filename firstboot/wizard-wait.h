/* Work that takes a while, behind a form that answers meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/wizard.h"

/* What is done, in a thread of its own; to be ended soon once CANCELLABLE is cancelled. */
typedef void LodgeWizardWork (gpointer data, GCancellable *cancellable);

/* Shows FORM while WORK is done with DATA, and returns as lodge_ui_show(): "ended" when it is done;
 * anything else has cancelled it.  In any case it has ended by then; where that takes a while, the
 * screen says so. */
const char *lodge_wizard_wait (LodgeWizard *wizard, LodgeForm *form, LodgeWizardWork *work,
                               gpointer data, GError **error);
