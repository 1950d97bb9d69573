/* lodge.answers=URL|PATH|off on the kernel command line.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lodge.answers-fingerprint=SHA256 pins the certificate of an https URL.
 */
#include "firstboot/answer-sources.h"

#include "common/error.h"
#include "common/syntax.h"

#include <string.h>

/* The last value of KEY= in TEXT, or NULL.  Words may hold double quotes, which are taken away
 * (kernel documentation, admin-guide/kernel-parameters: "param="spaces in here""). */
static char *
find_parameter (const char *text, const char *key)
{
  g_autoptr (GString) word = g_string_new (NULL);
  gboolean quoted = FALSE;
  char *value = NULL;

  for (const char *p = text;; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (*p != '\0' && (quoted || !g_ascii_isspace (*p)))
        g_string_append_c (word, *p);
      else
        {
          if (g_str_has_prefix (word->str, key) && word->str[strlen (key)] == '=')
            {
              g_free (value);
              value = g_strdup (word->str + strlen (key) + 1);
            }
          g_string_truncate (word, 0);
        }
      if (*p == '\0')
        return value;
    }
}

LodgeSourceResult
lodge_source_kernel_command_line (const LodgeSourceContext *context, LodgeAnswerText *text,
                                  GError **error)
{
  g_autofree char *path
      = g_build_filename (context->root[0] ? context->root : "/", "proc/cmdline", NULL);
  g_autofree char *line = NULL;
  g_autofree char *value = NULL;
  g_autofree char *given = NULL;
  g_autofree char *fingerprint = NULL;

  if (!g_file_get_contents (path, &line, NULL, error))
    return LODGE_SOURCE_ERROR;
  value = find_parameter (line, "lodge.answers");
  if (value == NULL || value[0] == '\0')
    return LODGE_SOURCE_NOTHING;
  if (g_str_equal (value, "off"))
    return LODGE_SOURCE_OFF;
  if (strstr (value, "://") != NULL)
    {
      /* No user and password in it: the URL is repeated on consoles and in the report. */
      g_autofree char *url = lodge_syntax_https_url (value, error);

      if (url == NULL)
        {
          g_prefix_error (error, "lodge.answers=: ");
          return LODGE_SOURCE_ERROR;
        }
      given = find_parameter (line, "lodge.answers-fingerprint");
      if (given != NULL && (fingerprint = lodge_syntax_fingerprint (given, error)) == NULL)
        {
          g_prefix_error (error, "lodge.answers-fingerprint=: ");
          return LODGE_SOURCE_ERROR;
        }
      return lodge_source_url (context, url, fingerprint, text, error);
    }
  if (g_path_is_absolute (value))
    {
      g_autofree char *file = g_strconcat (context->root, value, NULL);
      return lodge_source_file (file, value, text, error);
    }
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "lodge.answers=%s is none of: an https:// URL, an absolute path, off", value);
  return LODGE_SOURCE_ERROR;
}
