/* Parts of the host's facts that other probes need.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/probe.h"

/* MemTotal in bytes, 0 when unknown. */
guint64 lodge_probe_memory (const LodgeProbe *probe);

/* The ports as they are now, nothing brought up and nothing waited for (probe-network.c). */
GPtrArray *lodge_ports_read (const LodgeProbe *probe);
