/* The time zone: /etc/localtime.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setting.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/host-files.h"
#include "firstboot/time-zones.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo/"

gboolean
lodge_setting_timezone_check (const LodgeStepContext *context, GError **error)
{
  const char *zone = context->plan->answers->timezone;
  g_autofree char *path = NULL;

  if (zone == NULL)
    return TRUE;
  path = g_strconcat (context->root, ZONES, zone, NULL);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      N_ ("timezone=%s does not exist in this image: see `timedatectl list-timezones`"), zone);
}

gboolean
lodge_setting_timezone_apply (const LodgeStepContext *context, GError **error)
{
  const char *zone = context->plan->answers->timezone;
  g_autofree char *link = lodge_host_path (context->root, "/etc/localtime");
  g_autofree char *fresh = lodge_host_path (context->root, "/etc/localtime.lodge");
  g_autofree char *target = NULL;
  g_autofree char *old = g_file_read_link (link, NULL);

  if (zone == NULL)
    return TRUE;
  target = g_strconcat (ZONES, zone, NULL);
  if (g_strcmp0 (old, target) != 0)
    {
      if (unlink (fresh) == -1 && errno != ENOENT)
        return lodge_error_set_errno (error, errno, "remove %s", fresh);
      if (symlink (target, fresh) == -1)
        return lodge_error_set_errno (error, errno, N_ ("make the link %s"), fresh);
      if (rename (fresh, link) == -1)
        return lodge_error_set_errno (error, errno, "replace %s", link);
      if (!lodge_file_sync_directory (link, error))
        return FALSE;
    }
  /* Debian 12 keeps the name here too (tzdata's README.Debian); nobody else has the file. */
  if (lodge_host_has (context->root, "/etc/timezone"))
    {
      g_autofree char *text = g_strconcat (zone, "\n", NULL);
      return lodge_host_write (context->root, "/etc/timezone", text, NULL, error);
    }
  return TRUE;
}

void
lodge_setting_timezone_present (const char *root, LodgeAnswers *answers)
{
  g_free (answers->timezone);
  answers->timezone = lodge_time_zone_current (root);
}
