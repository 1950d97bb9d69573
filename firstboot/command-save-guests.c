/* `save-guests`: what libvirt has defined, saved on the VM storage, whenever it changes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include <stdio.h>

#include "firstboot/save-guests.h"

int
lodge_command_save_guests (const LodgeOptions *options, GError **error)
{
  g_autofree char *reason = NULL;
  guint changed = 0;

  (void)options;
  if (!lodge_save_guests_here (&changed, &reason, error))
    return 1;
  if (reason != NULL)
    printf ("nothing saved: %s\n", reason);
  else
    printf ("%u files changed among the saved definitions\n", changed);
  return 0;
}
