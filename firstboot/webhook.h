/* The webhook of the answers' [finish] section: a server is told how setup goes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * At least once: a power cut between the telling and what is recorded of it has the same told
 * again, marked as resumed.  What is sent is described in lodge-firstboot(8).
 */
#pragma once

#include "firstboot/runner.h"

typedef enum
{
  LODGE_WEBHOOK_STARTED,
  LODGE_WEBHOOK_FAILED,
  LODGE_WEBHOOK_COMPLETE,
} LodgeWebhookEvent;

/* Bounds of one event: three tries of ten seconds, five seconds apart. */
#define LODGE_WEBHOOK_TRIES 3
#define LODGE_WEBHOOK_SECONDS 10
#define LODGE_WEBHOOK_PAUSE_MILLISECONDS 5000

typedef struct
{
  const LodgeAnswers *answers; /* with its URL; without one nothing is told */
  const char *line;            /* what the consoles were told, or NULL: nothing yet */
  const char *address;         /* the bridge's, or NULL */
  gboolean change;             /* a host that is set up is changed */
  guint seconds;               /* of one try; 0: as above */
  guint pause_milliseconds;    /* 0: as above */
  const LodgeWatcher *watcher; /* is told of each try that fails */
  GCancellable *cancellable;
} LodgeWebhook;

/* POSTs EVENT with what REPORT holds, and notes in REPORT ("webhook") what came of it, which is no
 * failure of setup.  FALSE with ERROR set only when it was cancelled. */
gboolean lodge_webhook_tell (const LodgeWebhook *webhook, LodgeWebhookEvent event,
                             LodgeReport *report, GError **error);
