/* Root's password: judged and hashed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef enum
{
  LODGE_PASSWORD_WEAK, /* guessed in no time by who tries lists of passwords */
  LODGE_PASSWORD_FAIR,
  LODGE_PASSWORD_STRONG,
} LodgePasswordStrength;

/* A rough judgement by length and variety, for a hint; nothing is refused by it. */
LodgePasswordStrength lodge_password_judge (const char *password);

/* PASSWORD hashed by crypt(5)'s preferred method (yescrypt) with a random salt; free with g_free.
 * NULL with ERROR set when the C library cannot. */
char *lodge_password_hash (const char *password, GError **error);

/* What a password must not have so that it can be typed at every login prompt: control characters;
 * NULL when all is well, else one sentence. */
const char *lodge_password_complaint (const char *password);
