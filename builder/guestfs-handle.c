/* libguestfs' failures as GError.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/guestfs-handle.h"
#include "common/error.h"

#include <string.h>

/* What REASON says in one line.  The words of a program that failed (guestfs_command) come whole,
 * what it did first and the cause last; after libguestfs' own words there may be a page about
 * debugging. */
static char *
condense (const char *reason)
{
  static const char *const advice[] = { "\nThis usually means", "\nDo:", "\nTo see full error" };
  g_autofree char *text = g_strdup (reason);
  char *end;

  for (gsize i = 0; i < G_N_ELEMENTS (advice); i++)
    if ((end = strstr (text, advice[i])) != NULL)
      *end = '\0';
  g_strchomp (text);
  end = strrchr (text, '\n');
  return g_strdup (g_strstrip (end != NULL ? end + 1 : text));
}

gboolean
lodge_guestfs_error (guestfs_h *g, GError **error, const char *format, ...)
{
  const char *reason = guestfs_last_error (g);
  g_autofree char *message = NULL;
  g_autofree char *line = condense (reason != NULL ? reason : "");
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (*line == '\0')
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", message);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", message, line);
}
