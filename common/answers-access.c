/* Whether answers let anybody log in.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers.h"
#include "common/keyfile.h"

#include <string.h>

/* Whether a [match …] section gives a password or a key: some host's answers do then. */
static gboolean
match_gives_access (const LodgeKeyfile *keyfile)
{
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      for (guint j = 0; j < section->entries->len; j++)
        {
          const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, j);

          if (*entry->value != '\0'
              && (strcmp (entry->key, "access.root-password-hash") == 0
                  || strcmp (entry->key, "access.ssh-keys") == 0))
            return TRUE;
        }
    }
  return FALSE;
}

gboolean
lodge_answers_give_access (const char *path, const char *text, gsize length,
                           const LodgeHostIdentity *host, gboolean *access, GError **error)
{
  g_autoptr (LodgeAnswers) answers = lodge_answers_parse (path, text, length, host, error);
  g_autoptr (LodgeKeyfile) keyfile = NULL;

  if (answers == NULL)
    return FALSE;
  keyfile = lodge_keyfile_parse (path, text, length, error);
  if (keyfile == NULL)
    return FALSE;
  *access = answers->root_password_hash != NULL || g_strv_length (answers->ssh_keys) > 0
            || (host == NULL && match_gives_access (keyfile));
  return TRUE;
}
