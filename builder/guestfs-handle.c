/* libguestfs' failures as GError.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/guestfs-handle.h"
#include "common/error.h"

#include <string.h>

gboolean
lodge_guestfs_error (guestfs_h *g, GError **error, const char *format, ...)
{
  const char *reason = guestfs_last_error (g);
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* Some messages of libguestfs go on for a page about how to debug it; a program's error output
   * (guestfs_command) has several lines.  The first that says something is the cause. */
  while (reason != NULL && g_ascii_isspace (*reason))
    reason++;
  line = g_strndup (reason != NULL ? reason : "", reason != NULL ? strcspn (reason, "\r\n") : 0);
  if (*line == '\0')
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", message);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", message, line);
}
