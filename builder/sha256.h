/* SHA-256 of data that comes in pieces, by OpenSSL, which uses the processor's own instructions.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

enum
{
  LODGE_SHA256_DIGITS = 64, /* hexadecimal, lower case */
};

typedef struct evp_md_ctx_st LodgeSha256;

/* NULL with ERROR set when OpenSSL has none. */
LodgeSha256 *lodge_sha256_new (GError **error);
gboolean lodge_sha256_add (LodgeSha256 *sum, const void *data, gsize length, GError **error);
/* Puts the digits and a NUL in TEXT and begins anew. */
gboolean lodge_sha256_finish (LodgeSha256 *sum, char text[LODGE_SHA256_DIGITS + 1], GError **error);
void lodge_sha256_free (LodgeSha256 *sum);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSha256, lodge_sha256_free)
