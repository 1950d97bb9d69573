/* Why the bridge did not come up, as one sentence.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <NetworkManager.h>
#include "common/answers.h"

typedef struct
{
  char *port;            /* "enp1s0 (52:54:00:12:34:56)" */
  gboolean carrier;      /* of the port, at the end */
  NMDeviceState reached; /* how far the bridge came */
  NMDeviceStateReason
      reason;    /* what NetworkManager gave, or NM_DEVICE_STATE_REASON_NONE: time ran out */
  guint seconds; /* how long it was waited for */
} LodgeNetworkFailure;

/* Free with g_free. */
char *lodge_network_failure_explain (const LodgeNetworkFailure *failure,
                                     const LodgeAnswers *answers);
