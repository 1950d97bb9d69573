/* After setup: the action.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/finish.h"

#include "common/run.h"

gboolean
lodge_finish_action (const LodgeAnswers *answers, GError **error)
{
  static const char *const verbs[] = {
    [LODGE_FINISH_CONTINUE] = NULL,
    [LODGE_FINISH_REBOOT] = "reboot",
    [LODGE_FINISH_POWEROFF] = "poweroff",
  };
  const char *verb = verbs[answers->action];
  /* --no-block: when the service of first boot is what runs us, systemd waits for it to end. */
  const char *const argv[] = { "systemctl", "--no-block", verb, NULL };
  g_autofree char *output = NULL;

  if (verb == NULL)
    return TRUE;
  output = lodge_run (argv, NULL, NULL, error);
  return output != NULL;
}
