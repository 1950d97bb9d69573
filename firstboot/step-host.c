/* The step "host": name, time zone, keyboard, language, time servers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setting.h"

static const LodgeSetting settings[] = {
  { "hostname", NULL, lodge_setting_hostname_apply },
  { "timezone", lodge_setting_timezone_check, lodge_setting_timezone_apply },
  { "keyboard", lodge_setting_keyboard_check, lodge_setting_keyboard_apply },
  { "language", lodge_setting_language_check, lodge_setting_language_apply },
  { "ntp", lodge_setting_ntp_check, lodge_setting_ntp_apply },
};

gboolean
lodge_step_host (LodgeStepContext *context, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].check != NULL && !settings[i].check (context, error))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      if (g_cancellable_set_error_if_cancelled (context->cancellable, error))
        return FALSE;
      if (!settings[i].apply (context, error))
        {
          g_prefix_error (error, "%s: ", settings[i].id);
          return FALSE;
        }
    }
  return TRUE;
}
