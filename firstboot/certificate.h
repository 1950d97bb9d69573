/* What has to be known of a server's certificate to recognize the server.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The public key of the certificate DER as CURLOPT_PINNEDPUBLICKEY(3) wants it, "sha256//…"; NULL
 * when it is no certificate.  Free with g_free. */
char *lodge_certificate_key_pin (const guint8 *der, gsize length);
