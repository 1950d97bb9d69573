/* The terminal that the wizard runs on: what it is, and leaving it as it was found.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* "tty1" of the terminal on standard input ("pts/3" of an SSH session), or NULL when it is none;
 * free with g_free. */
char *lodge_terminal_name (void);

/* Whether NAME is one of the kernel's virtual terminals, which have the machine's own keyboard. */
gboolean lodge_terminal_is_virtual (const char *name);

typedef struct _LodgeTerminal LodgeTerminal;

/* Makes the terminal on standard input fit for full screens: remembers its settings, turns flow
 * control off (Ctrl-S would seem to freeze the screen) and the kernel's messages away from it.  A
 * TERM that terminfo does not know becomes vt220: slang would end the process. */
LodgeTerminal *lodge_terminal_take (GError **error);
/* After lodge_terminal_give_back(), for a program that ran on the terminal and has ended, well or
 * killed: comes to the foreground and turns the kernel's messages away from the screen again. */
void lodge_terminal_take_again (LodgeTerminal *terminal);
/* Puts everything back as it was, for a program or for good; once more does no harm. */
void lodge_terminal_give_back (LodgeTerminal *terminal);
void lodge_terminal_free (LodgeTerminal *terminal);

/* Whether nobody tells of the terminal's size, which it was asked for then. */
gboolean lodge_terminal_is_asked (const LodgeTerminal *terminal);
/* Asks such a one again, and returns whether it answered in time.  What is typed meanwhile is read
 * with the answer: it is added to TYPED. */
gboolean lodge_terminal_ask_again (const LodgeTerminal *terminal, GString *typed);
