/* The kernel's messages, away from the consoles while screens are on them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel has one level for all consoles (klogctl(2), SYSLOG_ACTION_CONSOLE_OFF and _ON), and
 * several consoles show the wizard: the messages come back when the last of them has ended, however
 * that was.
 */
#pragma once

#include <glib.h>

/* On /run: both the level and the processes are of this boot. */
#define LODGE_KERNEL_MESSAGES_FILE "/run/lodge/kernel-messages"

/* Turns them off, and has PATH, which every process that does so names, say that this one wants it.
 * Returns a descriptor for lodge_kernel_messages_on(); -1 with ERROR set when they are as they were
 * (not root, a container). */
int lodge_kernel_messages_off (const char *path, GError **error);

/* Turns them on unless another process wants them off, and closes HOLD.  HOLD -1: for a process
 * that has ended without (it was killed).  What the kernel refuses now it has refused before. */
void lodge_kernel_messages_on (const char *path, int hold);
