/* Work that takes a while, behind a form that answers meanwhile.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/background.h"
#include "firstboot/wizard.h"

/* Shows FORM until WORK is done, and returns as lodge_ui_show(): "ended" when it is.  Anything else
 * is at once: the caller drops WORK, which may not be done for long. */
const char *lodge_wizard_wait (LodgeWizard *wizard, LodgeForm *form, LodgeBackground *work,
                               GError **error);

/* The same behind a form that says TEXT, and without it where WORK is done soon: LODGE_MOVE_NEXT
 * when it is, _QUIT or _FAILED. */
LodgeMove lodge_wizard_wait_saying (LodgeWizard *wizard, const char *text, LodgeBackground *work,
                                    GError **error);
