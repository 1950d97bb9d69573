/* Files of a root file system that its packages look at while they are installed: they are written
 * before, whatever the family.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"

/* Text of /etc/fstab and /etc/kernel/cmdline, which hold the root file system's UUID. */
char *lodge_root_fstab (const char *uuid);
char *lodge_root_command_line (const LodgeTemplate *template, const char *uuid);
/* dracut.conf(5): an initramfs for any machine, with the template's drivers. */
char *lodge_root_dracut_config (const LodgeTemplate *template);
/* systemd.preset(5): the template's [Services]. */
char *lodge_root_preset (const LodgeTemplate *template);

/* Copies those of the template's own files that packages or the initramfs look at into TREE. */
gboolean lodge_root_copy_early_files (const char *tree, const LodgeTemplate *template,
                                      GError **error);
/* Adds the same files. */
gboolean lodge_root_hash_early_files (GChecksum *checksum, const LodgeTemplate *template,
                                      GError **error);
