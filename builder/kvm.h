/* Whether KVM works on the build machine: not whether it is there.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside cloud machines /dev/kvm opens and KVM_CREATE_VM succeeds, and still QEMU aborts ("failed
 * to set MSR 0x10a") or its guest crawls.  Only a guest that ran proves anything.
 */
#pragma once

#include <glib.h>

/* Runs a guest of one instruction worth under KVM, as QEMU would run any other.  Takes about 0.1 s
 * where KVM works, a few seconds at most where it hangs.  The answer is found once for the process;
 * may be called from any thread. When FALSE, *REASON (may be NULL) is what is wrong in a few words
 * without full stop ("/dev/kvm does not exist"); free with g_free. */
gboolean lodge_kvm_usable (char **reason);
