/* The wizard on several consoles at once: each shows the same welcome, whoever presses Enter first
 * has it, the others say where it runs and can take it over.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each console has a process of its own; what passes between them is a lock and the state in the
 * runtime directory.
 */
#pragma once

#include "firstboot/wizard.h"

typedef enum
{
  LODGE_CONSOLE_FAILED,   /* ERROR is set */
  LODGE_CONSOLE_HAS_IT,   /* this process runs the wizard now, and has the lock until it ends */
  LODGE_CONSOLE_LEFT,     /* the person wants the login prompt */
  LODGE_CONSOLE_COMPLETE, /* setup is complete: done elsewhere meanwhile, or before */
} LodgeConsoleResult;

/* Waits until the wizard is this console's.  WELCOME: with a screen that has to be answered first,
 * as nobody may be looking at this console. */
LodgeConsoleResult lodge_wizard_wait_for_turn (LodgeWizard *wizard, gboolean welcome,
                                               GError **error);

/* Whether setup is behind this machine; FALSE for a change, which begins there. */
gboolean lodge_wizard_is_complete (const LodgeWizard *wizard);

/* Whether a login prompt in the wizard's place would leave a dead console: nobody can log in yet.
 */
gboolean lodge_wizard_must_stay (const LodgeWizard *wizard);

/* Gives the wizard up while this process lives on with a shell on its console; it must not write
 * any more.  Without effect when it does not have it. */
void lodge_wizard_let_go (LodgeWizard *wizard);

/* The console that has the wizard, "tty1", in words for people.  Free with g_free. */
char *lodge_wizard_where (const LodgeWizard *wizard);

/* Keeps why the wizard of CONSOLE ended, for the next welcome there: a service's own words are only
 * in the journal. */
gboolean lodge_wizard_keep_error (const char *runtime, const char *console, const char *message,
                                  GError **error);

/* Puts the login prompt of CONSOLE ("tty1", "ttyS0") in our place. */
gboolean lodge_wizard_start_login (const char *console, GError **error);

/* Starts the wizard's unit on every active console. */
gboolean lodge_wizard_start_consoles (GError **error);
