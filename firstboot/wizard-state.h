/* Where the wizard is and what was typed, kept in its runtime directory so that another console, or
 * the same one after its line hung up, goes on from there.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The directory is in memory and only root's.  Passwords are not kept; the hash of one that was
 * accepted is.
 */
#pragma once

#include "firstboot/journal.h"
#include "firstboot/wizard.h"

/* The key under which WIZARD->typed has the value of FIELD; free with g_free. */
char *lodge_wizard_typed_key (const LodgeForm *form, const LodgeField *field);

/* Writes the state, when the wizard has a directory that outlives it.  Going on from it is a
 * comfort: that it cannot be written is no reason to stop, and the caller does not ask. */
void lodge_wizard_save_state (const LodgeWizard *wizard);

/* Whether there is one to go on from. */
gboolean lodge_wizard_has_state (const LodgeWizard *wizard);

/* Reads it, if there is one that can be read; else what an earlier setup was planned with, after a
 * restart.  Fails when the journal of that setup cannot be read: it could not go on either, and the
 * person is to know before the screens are filled in. */
gboolean lodge_wizard_load_state (LodgeWizard *wizard, GError **error);

/* The journal of the machine that is set up; one that does not exist is empty. */
LodgeJournal *lodge_wizard_open_journal (const LodgeWizard *wizard, GError **error);

/* Nothing is left to go on with: removes the state and the answers. */
void lodge_wizard_forget_state (const LodgeWizard *wizard);
