/* `boot-entries`: the boot loader entries get the host's machine id, at every boot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include <stdio.h>

#include "firstboot/boot-entries.h"

int
lodge_command_boot_entries (const LodgeOptions *options, GError **error)
{
  guint renamed;

  if (!lodge_boot_entries_adopt (options->root, &renamed, error))
    return 1;
  printf ("%u boot loader entries got this host's machine id\n", renamed);
  return 0;
}
