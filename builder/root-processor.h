/* A host that says so when its processor cannot run the release: lodge-processor-init in each
 * initramfs, of templates that have a ProcessorLevel=.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

/* Gives TREE dracut's module, before the packages: what makes an initramfs, now or on the running
 * host, has it.  All three do nothing without a ProcessorLevel= above 1. */
gboolean lodge_root_write_processor (const LodgeBuild *build, const char *tree, GError **error);
/* Adds what it writes. */
gboolean lodge_root_hash_processor (GChecksum *checksum, const LodgeBuild *build, GError **error);
/* Whether the initramfs of Linux VERSION, LIST being what lsinitrd(1) says of it, begins with it.
 */
gboolean lodge_root_check_processor (const LodgeTemplate *template, const char *version,
                                     const char *list, GError **error);
