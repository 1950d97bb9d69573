/* The partitions of an image: the contract's table as geometry.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/plan.h"

/* The smallest image that LODGE_N_PARTITIONS fit in with a root of at least 1 GiB; bytes. */
guint64 lodge_layout_gpt_minimum (void);

/* Lays PARTITIONS out on an image of SIZE bytes (a multiple of 1 MiB, at least the minimum). */
void lodge_layout_gpt (guint64 size, LodgePartition partitions[LODGE_N_PARTITIONS]);
