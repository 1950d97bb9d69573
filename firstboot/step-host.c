/* The step "host": name, time zone, keyboard, language, time servers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/present.h"
#include "firstboot/setting.h"

static const LodgeSetting settings[] = {
  { "hostname", NULL, lodge_setting_hostname_apply, lodge_setting_hostname_present },
  { "timezone", lodge_setting_timezone_check, lodge_setting_timezone_apply,
    lodge_setting_timezone_present },
  { "keyboard", lodge_setting_keyboard_check, lodge_setting_keyboard_apply,
    lodge_setting_keyboard_present },
  { "language", lodge_setting_language_check, lodge_setting_language_apply,
    lodge_setting_language_present },
  { "ntp", lodge_setting_ntp_check, lodge_setting_ntp_apply, lodge_setting_ntp_present },
};

static gboolean
check (const LodgeStepContext *context, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].check != NULL && !settings[i].check (context, error))
      return FALSE;
  return TRUE;
}

gboolean
lodge_settings_check (const LodgePlan *plan, const char *root, GError **error)
{
  const LodgeStepContext context = { .plan = plan, .root = root };

  return check (&context, error);
}

gboolean
lodge_step_host (LodgeStepContext *context, GError **error)
{
  if (!check (context, error))
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

void
lodge_present_settings (const char *root, LodgeAnswers *answers)
{
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    settings[i].present (root, answers);
}
