/* After setup: the webhook and the action of the answers' [finish] section.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/runner.h"

/* POSTs {"host", "outcome", "line", "addresses" …} to the answers' webhook, if they have one, in a
 * bounded time.  A failure is told to WATCHER and noted in REPORT ("webhook"), and is no failure of
 * setup. */
void lodge_finish_webhook (const LodgeAnswers *answers, const char *outcome, const char *line,
                           const char *address, LodgeReport *report, const LodgeWatcher *watcher,
                           GCancellable *cancellable);

/* Reboots or powers off when the answers say so; returns when systemd has taken the order. */
gboolean lodge_finish_action (const LodgeAnswers *answers, GError **error);
