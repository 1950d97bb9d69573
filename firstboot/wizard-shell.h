/* A shell on the wizard's own terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/wizard.h"

/* Runs a shell until the person leaves it.  FALSE with ERROR set when the wizard has to end: the
 * screens cannot be shown any more, or it was ended from outside.  Taken over by another console
 * meanwhile, the wizard is let go of at once, and the person told when the shell ends. */
gboolean lodge_wizard_shell (LodgeWizard *wizard, GError **error);
