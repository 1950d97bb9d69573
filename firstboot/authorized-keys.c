/* Merging SSH keys into an authorized_keys file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/authorized-keys.h"

#include <string.h>

/* The base64 text of the key in LINE (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), or NULL.  It begins,
 * for every key type, with the base64 of a length below 2^24: "AAAA". */
static char *
key_blob (const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *copy = g_strstrip (g_strdup (line));

  if (copy[0] == '#')
    return NULL;
  words = g_strsplit_set (copy, " \t", -1);
  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], "AAAA"))
      return g_strdup (words[i]);
  return NULL;
}

char *
lodge_authorized_keys_merge (const char *text, const char *const *keys)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) merged = g_string_new (text);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *blob = key_blob (lines[i]);
      if (blob != NULL)
        g_hash_table_add (known, blob);
    }
  if (merged->len > 0 && merged->str[merged->len - 1] != '\n')
    g_string_append_c (merged, '\n');
  for (guint i = 0; keys[i] != NULL; i++)
    {
      char *blob = key_blob (keys[i]);

      if (blob != NULL && !g_hash_table_add (known, blob))
        continue;
      g_string_append_printf (merged, "%s\n", keys[i]);
    }
  return g_strdup (merged->str);
}

GStrv
lodge_authorized_keys_names (const char *text)
{
  GPtrArray *names = g_ptr_array_new ();
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *blob = key_blob (lines[i]);
      const char *remark = blob != NULL ? strstr (lines[i], blob) + strlen (blob) : NULL;
      g_autofree char *name = remark != NULL ? g_strstrip (g_strdup (remark)) : NULL;

      if (name == NULL)
        continue;
      if (name[0] == '\0')
        {
          g_autofree char *words
              = g_strndup (lines[i], (gsize)(strstr (lines[i], blob) - lines[i]));
          const char *type = strrchr (g_strstrip (words), ' ');

          g_ptr_array_add (names, g_strdup (type != NULL ? type + 1 : words));
        }
      else
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (names, FALSE);
}
