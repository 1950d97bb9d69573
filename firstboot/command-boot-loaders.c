/* `boot-loaders`: the removable path on the ESP follows the packages, after each change of them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include <stdio.h>

#include "firstboot/boot-loaders.h"

int
lodge_command_boot_loaders (const LodgeOptions *options, GError **error)
{
  guint changed;

  if (!lodge_boot_loaders_update (options->root, &changed, error))
    return 1;
  printf ("%u files changed on the EFI system partition\n", changed);
  return 0;
}
