/* One setup at a time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define LODGE_LOCK_PATH "/run/lodge.lock"

/* Takes the lock at PATH for the life of the process, or says who has it (LODGE_ERROR_REFUSED). The
 * kernel gives it back however the process ends. */
gboolean lodge_lock_take (const char *path, GError **error);

/* The same for a part of that life: close(2) of what is returned gives it back.  -1 on error. */
int lodge_lock_open (const char *path, GError **error);

/* Whether a process holds it. */
gboolean lodge_lock_is_taken (const char *path);

/* Which; 0 when none does, or it has only just begun to and cannot be told yet. */
pid_t lodge_lock_holder (const char *path);

/* Sends it the signal NUMBER (signal(7)), and no other process.  FALSE: nobody got it, as of
 * lodge_lock_holder(), or this process may not send it one. */
gboolean lodge_lock_signal (const char *path, int number);
