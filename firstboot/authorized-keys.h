/* Merging SSH keys into an authorized_keys file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* TEXT (an authorized_keys file, or NULL for none) with those of KEYS appended that it does not
 * hold yet: two lines hold the same key when its base64 text is the same, whatever options and
 * comments stand around it.  Lines that are there stay as they are. */
char *lodge_authorized_keys_merge (const char *text, const char *const *keys);

/* What each key of TEXT (or NULL) is called by: the remark at its end, else its type.  Free with
 * g_strfreev. */
GStrv lodge_authorized_keys_names (const char *text);

/* Whether somebody could log in to the system under ROOT: an account with a password, or an SSH key
 * of root or of a user (step-access.c). */
gboolean lodge_access_exists (const char *root);
