/* Files that the wizard reads from and leaves on the LODGE partition, which any computer opens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A captured machine has no partition: there the wizard's runtime directory stands for it.
 */
#pragma once

#include "firstboot/wizard.h"

/* The text of NAME; *WHERE (free with g_free) says from where, for messages.  NULL with ERROR set
 * when there is none. */
char *lodge_wizard_load (const LodgeWizard *wizard, const char *name, char **where, GError **error);

/* Writes TEXT as NAME; *WHERE says where it is now. */
gboolean lodge_wizard_save (const LodgeWizard *wizard, const char *name, const char *text,
                            char **where, GError **error);

/* Saves the answers as answers.conf for the next hosts and tells how it went: what belongs to this
 * host alone (its name, ports, address and disk) is a remark, and the password's hash is there when
 * the person wants it. */
gboolean lodge_wizard_save_answers (LodgeWizard *wizard, GError **error);
