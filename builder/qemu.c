/* QEMU's programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/qemu.h"
#include "common/error.h"

char *
lodge_qemu_find_emulator (GError **error)
{
  /* EL's package qemu-kvm keeps its only emulator out of PATH: it is libvirt's to start. */
  static const char *const names[] = { "qemu-system-x86_64", "/usr/libexec/qemu-kvm" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *path = g_find_program_in_path (names[i]);

      if (path != NULL)
        return path;
    }
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "qemu-system-x86_64 is not installed; install the package qemu-system-x86 "
                   "(Debian) or qemu-kvm (CentOS)");
  return NULL;
}
