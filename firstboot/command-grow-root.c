/* `grow-root`: the root partition and file system up to the device's end, at every boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include <stdio.h>

#include "firstboot/grow-root.h"

int
lodge_command_grow_root (const LodgeOptions *options, GError **error)
{
  g_autofree char *report = NULL;

  (void)options;
  if (!lodge_grow_root (NULL, &report, error))
    return 1;
  puts (report);
  return 0;
}
