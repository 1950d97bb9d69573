/* The version of both programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#define LODGE_VERSION "0.1"
