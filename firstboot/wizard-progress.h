/* The steps of a setup or a change as they run.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/wizard.h"

/* Shows SETUP until it has ended: "ended", or "quit" when the person leaves, which does not end it.
 * NULL as lodge_ui_show(). */
const char *lodge_wizard_show_progress (LodgeWizard *wizard, LodgeSetup *setup, GError **error);
