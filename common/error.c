/* The error domain.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"

GQuark
lodge_error_quark (void)
{
  return g_quark_from_static_string ("lodge-error-quark");
}

int
lodge_error_exit_status (const GError *error)
{
  if (error == NULL)
    return 0;
  if (g_error_matches (error, LODGE_ERROR, LODGE_ERROR_USAGE))
    return 2;
  if (g_error_matches (error, LODGE_ERROR, LODGE_ERROR_REFUSED))
    return 3;
  return 1;
}

gboolean
lodge_error_set_errno (GError **error, int errnum, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, LODGE_ERROR, LODGE_ERROR_FAILED, "%s: %s", message, g_strerror (errnum));
  return FALSE;
}

gboolean
lodge_error_set (GError **error, LodgeError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    {
      g_warn_if_fail (*error == NULL);
      g_clear_error (error);
      *error = g_error_new_valist (LODGE_ERROR, (int)code, format, arguments);
    }
  va_end (arguments);
  return FALSE;
}

char *
lodge_error_quote (const char *text)
{
  const guint limit
      = 60; /* characters: enough to know the place again, and a screen line holds them */
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) quoted = g_string_new ("\"");
  const char *p = valid;

  for (guint i = 0; i < limit && *p != '\0'; i++, p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      g_string_append_unichar (quoted, g_unichar_iscntrl (character) ? ' ' : character);
    }
  g_string_append (quoted, *p != '\0' ? "…\"" : "\"");
  return g_string_free (g_steal_pointer (&quoted), FALSE);
}
