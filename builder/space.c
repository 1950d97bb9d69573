/* Is there room?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/space.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/error.h"
#include "common/size.h"

gboolean
lodge_space_available (const char *path, guint64 *bytes, GError **error)
{
  g_autofree char *place = g_canonicalize_filename (path, NULL);
  struct statvfs status;

  /* What does not exist yet will be made in the nearest directory that does. */
  while (statvfs (place, &status) != 0)
    {
      char *parent;

      if (errno != ENOENT || strcmp (place, "/") == 0)
        return lodge_error_set_errno (error, errno, "ask how much space is free at %s", place);
      parent = g_path_get_dirname (place);
      g_free (place);
      place = parent;
    }
  *bytes = (guint64)status.f_bavail * status.f_frsize;
  return TRUE;
}

gboolean
lodge_space_check (const char *path, guint64 needed, const char *purpose, GError **error)
{
  guint64 available = 0;
  g_autofree char *lacking_text = NULL;
  g_autofree char *available_text = NULL;
  g_autofree char *needed_text = NULL;

  if (!lodge_space_available (path, &available, error))
    return FALSE;
  if (available >= needed)
    return TRUE;
  lacking_text = lodge_size_format (needed - available);
  available_text = lodge_size_format (available);
  needed_text = lodge_size_format (needed);
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "no space for %s at %s: %s more are needed (%s are free of the %s that it "
      "takes); make room or choose another directory",
      purpose, path, lacking_text, available_text, needed_text);
}
