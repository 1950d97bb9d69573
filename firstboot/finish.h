/* After setup: the action of the answers' [finish] section.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"

/* Reboots or powers off when the answers say so; returns when systemd has taken the order. */
gboolean lodge_finish_action (const LodgeAnswers *answers, GError **error);
