/* `kernel-messages`: after a wizard that was killed they come back to the consoles.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "firstboot/kernel-messages.h"

int
lodge_command_kernel_messages (const LodgeOptions *options, GError **error)
{
  (void)options;
  (void)error;
  lodge_kernel_messages_on (LODGE_KERNEL_MESSAGES_FILE, -1);
  return 0;
}
