/* The way back of network-profiles.h: what answers a host's NetworkManager profiles stand for.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/network-profiles.h"

/* The profiles (of NMConnection) that Lodge made, read from the files under
 * ROOT/etc/NetworkManager/system-connections, where NetworkManager keeps what somebody changes with
 * its tools too; empty when there is none.  A file that cannot be read is an error that names it.
 */
GPtrArray *lodge_network_profiles_load (const char *root, GError **error);

/* Puts what PROFILES say into the keys of ANSWERS' [network] section (all but ntp=).  FALSE when
 * the bridge's profile or its port's is not among them: then the network was made with other tools.
 * *FOREIGN receives the settings that answers.conf has no word for ("ipv4.routes"; never NULL, free
 * with g_strfreev): whoever makes profiles of the answers loses them. */
gboolean lodge_network_profiles_read (const GPtrArray *profiles, LodgeAnswers *answers,
                                      GStrv *foreign);
