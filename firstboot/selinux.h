/* SELinux labels of what setup makes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Gives the file or directory PATH itself the label that the policy has for it; does nothing on a
 * system without SELinux. */
gboolean lodge_selinux_relabel (const char *path, GCancellable *cancellable, GError **error);
