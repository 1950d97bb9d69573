/* The overlay: everything that an image gets on top of its packages, as one tar archive.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In it, each replacing what came before under the same path:
 *  - the templates' files/ directories, included templates' first;
 *  - lodge-firstboot, its proof guest's program and its systemd units (firstboot/units/);
 *  - the links by which units in the overlay are enabled, as their [Install] sections say, but for
 * those that the template disables; the template's [Services] as a preset file;
 *  - /etc/hostname, root's authorized_keys, and the manifest as /usr/lib/lodge/manifest.json.
 *
 * Everything belongs to root.  Files are 0755 when their owner may execute them and 0644 otherwise,
 * /root/.ssh is 0700 and what is in it 0600.  All have one time, BUILD's `epoch` (family.h), so
 * that the same build gives the same bytes.  Directories are in the archive only when they are
 * empty: those that the image has keep their modes.
 */
#pragma once

#include "builder/family.h"

/* Writes the overlay of BUILD to TAR_PATH (replaced).  PROGRAMS_DIRECTORY holds the compiled
 * lodge-firstboot and lodge-proof-init.  Refused in LODGE_ERROR_USAGE, naming the file: devices,
 * pipes and sockets, links that lead out of the root, a path that is a file in one template and a
 * directory in another. */
gboolean lodge_overlay_write (const LodgeBuild *build, const char *programs_directory,
                              const char *tar_path, GError **error);
