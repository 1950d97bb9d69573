/* libmount's handles, freed when they go out of scope.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <libmount/libmount.h>

typedef struct libmnt_table LodgeMountTable;
typedef struct libmnt_iter LodgeMountIterator;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeMountTable, mnt_unref_table)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeMountIterator, mnt_free_iter)
