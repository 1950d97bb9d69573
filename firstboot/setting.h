/* Settings of the step "host": one file each (setting-ID.c), one row in step-host.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All are checked before the first is applied, so that a wrong one leaves the host as it was.
 */
#pragma once

#include "firstboot/step.h"

typedef struct
{
  const char *id;
  /* Whether what the answers want can be had here; NULL: always. */
  gboolean (*check) (const LodgeStepContext *context, GError **error);
  gboolean (*apply) (const LodgeStepContext *context, GError **error);
  /* Puts into ANSWERS how it is set under ROOT; leaves it as it is where it is not set. */
  void (*present) (const char *root, LodgeAnswers *answers);
} LodgeSetting;

/* Whether all settings of PLAN can be had under ROOT: a part of planning, as a run that stops at
 * its first step, before anybody is let in, leaves a host that nobody can log in to. */
gboolean lodge_settings_check (const LodgePlan *plan, const char *root, GError **error);

gboolean lodge_setting_hostname_apply (const LodgeStepContext *context, GError **error);
void lodge_setting_hostname_present (const char *root, LodgeAnswers *answers);
gboolean lodge_setting_timezone_check (const LodgeStepContext *context, GError **error);
gboolean lodge_setting_timezone_apply (const LodgeStepContext *context, GError **error);
void lodge_setting_timezone_present (const char *root, LodgeAnswers *answers);
gboolean lodge_setting_keyboard_check (const LodgeStepContext *context, GError **error);
gboolean lodge_setting_keyboard_apply (const LodgeStepContext *context, GError **error);
void lodge_setting_keyboard_present (const char *root, LodgeAnswers *answers);
gboolean lodge_setting_language_check (const LodgeStepContext *context, GError **error);
gboolean lodge_setting_language_apply (const LodgeStepContext *context, GError **error);
void lodge_setting_language_present (const char *root, LodgeAnswers *answers);
gboolean lodge_setting_ntp_check (const LodgeStepContext *context, GError **error);
gboolean lodge_setting_ntp_apply (const LodgeStepContext *context, GError **error);
void lodge_setting_ntp_present (const char *root, LodgeAnswers *answers);
