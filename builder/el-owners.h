/* Owners of packages' files that were not there yet when the files came.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From release 10 on, users come with rpm itself out of sysusers.d(5) (rpm 4.19).  An older rpm on
 * the build machine does not make them, gives the files to root, and only warns.
 */
#pragma once

#include "builder/el-tree.h"

/* Lets the tree's own programs make the users, and gives each packaged file the owner, mode and
 * capabilities that its package says.  An owner that is still missing is an error,
 * and so is a file that is not as its package says afterwards. */
gboolean lodge_el_mend_owners (LodgeElTree *tree, GError **error);
