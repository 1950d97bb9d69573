/* qcow2, made by qemu-img.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/format.h"
#include "builder/qemu-convert.h"

gboolean
lodge_format_qcow2_write (const LodgeFormatSource *source, const char *path,
                          LodgeProgress *progress, GCancellable *cancellable, GError **error)
{
  /* Not compressed: qcow2 is what a hypervisor runs from. */
  return lodge_qemu_convert (source->raw, path, "qcow2", "compat=1.1", progress, cancellable,
                             error);
}
