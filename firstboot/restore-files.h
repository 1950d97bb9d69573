/* What a guest has on the host beside its definition, put back: UEFI variables, the TPM's state.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/guest-store.h"

/* Puts the files of GUEST, which is saved, where libvirt below ROOT ("" on a host) looks for them.
 * The TPM's state is put back also when the UEFI variables cannot be.
 * UEFI variables that are there already stay: they go by the guest's name, and may be another's.
 * Only for a guest that is not defined.  libvirt gives them to the user that they are used by when
 * the guest starts. */
gboolean lodge_restore_files (const char *root, const LodgeSaved *guest, GError **error);
