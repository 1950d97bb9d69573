/* Network cards of guests that run, on the bridge: NetworkManager starts a bridge anew for new
 * settings, and what it did not put there itself falls off (seen with 1.42).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Names (of char*) of the tap devices that are ports of BRIDGE (NULL: none). */
GPtrArray *lodge_network_cards_find (const char *bridge);

/* Puts those of CARDS that are there, and on no bridge, on BRIDGE.  All are tried; the error is the
 * first one's. */
gboolean lodge_network_cards_put (const GPtrArray *cards, const char *bridge, GError **error);
