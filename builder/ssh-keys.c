/* SSH public keys that --ssh-key names.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/ssh-keys.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "common/syntax.h"

enum
{
  FILE_LIMIT = 256 * 1024, /* bytes; thousands of keys */
};

static gboolean
add_key (const char *file, guint line, const char *text, GPtrArray *keys, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *key = lodge_syntax_ssh_key (text, &reason);

  if (key == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "%s:%u: %s", file, line, reason->message);
  if (!g_ptr_array_find_with_equal_func (keys, key, g_str_equal, NULL))
    g_ptr_array_add (keys, g_steal_pointer (&key));
  return TRUE;
}

static gboolean
add_file (const char *file, GPtrArray *keys, GError **error)
{
  g_autofree char *text = lodge_file_read (file, FILE_LIMIT, NULL, error);
  g_auto (GStrv) lines = NULL;
  gboolean found = FALSE;

  if (text == NULL)
    {
      g_prefix_error (error, "--ssh-key: ");
      return FALSE;
    }
  if (strstr (text, "PRIVATE KEY-----") != NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "%s is a private key, which must stay where it is; give its public "
                            "half, %s.pub",
                            file, file);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (*line == '\0' || *line == '#')
        continue;
      if (!add_key (file, i + 1, line, keys, error))
        return FALSE;
      found = TRUE;
    }
  if (!found)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "%s holds no SSH public key", file);
  return TRUE;
}

char *
lodge_ssh_keys_read (const char *const *files, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  if (files == NULL || files[0] == NULL)
    return NULL;
  for (guint i = 0; files[i] != NULL; i++)
    if (!add_file (files[i], keys, error))
      return NULL;
  g_ptr_array_add (keys, g_strdup ("")); /* a newline at the end */
  g_ptr_array_add (keys, NULL);
  return g_strjoinv ("\n", (char **)keys->pdata);
}
