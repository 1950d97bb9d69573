/* SSH public keys that --ssh-key names.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The keys of all FILES (each as ssh-keygen writes a .pub, or an authorized_keys without options),
 * one a line, each once; NULL when FILES is NULL or empty.  A private key, a file without a key and
 * anything that is no key are refused with "FILE:LINE: …" in LODGE_ERROR_USAGE; check ERROR to
 * tell. */
char *lodge_ssh_keys_read (const char *const *files, GError **error);
