/* The keys that may sign.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-keyring.h"

#include <string.h>
#include <unistd.h>

#include "builder/gpg.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

char **
lodge_apt_keyring_files (const char *const *directories)
{
  GPtrArray *files = g_ptr_array_new ();

  g_ptr_array_add (files, g_strdup ("/usr/share/keyrings/debian-archive-keyring.gpg"));
  g_ptr_array_add (files, g_strdup ("/usr/share/keyrings/debian-archive-keyring.pgp"));
  for (; directories != NULL && *directories != NULL; directories++)
    g_ptr_array_add (files, g_build_filename (*directories, "keys.gpg", NULL));
  g_ptr_array_add (files, NULL);
  return (char **)g_ptr_array_free (files, FALSE);
}

static gboolean
export_keys (const char *const *keyrings, const char *const *fingerprints, const char *directory,
             const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = lodge_gpg_arguments (directory);
  g_autofree char *output = NULL;

  g_ptr_array_add (argv, (gpointer) "--no-default-keyring");
  for (; *keyrings != NULL; keyrings++)
    {
      g_ptr_array_add (argv, (gpointer) "--keyring");
      g_ptr_array_add (argv, (gpointer)*keyrings);
    }
  g_ptr_array_add (argv, (gpointer) "--yes");
  g_ptr_array_add (argv, (gpointer) "--output");
  g_ptr_array_add (argv, (gpointer)path);
  g_ptr_array_add (argv, (gpointer) "--export");
  for (; *fingerprints != NULL; fingerprints++)
    g_ptr_array_add (argv, (gpointer)*fingerprints);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, cancellable, error);
  return output != NULL;
}

/* The fingerprints of the primary keys in PATH, of char*; see doc/DETAILS in GnuPG's sources: a
 * line "fpr:…" follows each "pub:…". */
static GPtrArray *
list_keys (const char *path, const char *directory, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = lodge_gpg_arguments (directory);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean primary = FALSE;

  g_ptr_array_add (argv, (gpointer) "--with-colons");
  g_ptr_array_add (argv, (gpointer) "--show-keys");
  g_ptr_array_add (argv, (gpointer)path);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, cancellable, error);
  if (output == NULL)
    return NULL;
  lines = g_strsplit (output, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);

      if (primary && strcmp (fields[0] != NULL ? fields[0] : "", "fpr") == 0
          && g_strv_length (fields) > 9)
        g_ptr_array_add (found, g_strdup (fields[9]));
      primary
          = fields[0] != NULL
            && (strcmp (fields[0], "pub") == 0
                || (primary && strcmp (fields[0], "fpr") != 0 && strcmp (fields[0], "sub") != 0));
    }
  return g_steal_pointer (&found);
}

/* Those of WANTED that are not in FOUND, joined; NULL when there is none. */
static char *
find_missing (const char *const *wanted, const GPtrArray *found)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (; *wanted != NULL; wanted++)
    {
      gboolean has = FALSE;

      for (guint i = 0; i < found->len; i++)
        has = has || g_ascii_strcasecmp (g_ptr_array_index (found, i), *wanted) == 0;
      if (!has)
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", *wanted);
    }
  return missing->len > 0 ? g_string_free (g_steal_pointer (&missing), FALSE) : NULL;
}

static GPtrArray *
existing_files (const char *const *files)
{
  GPtrArray *found = g_ptr_array_new ();

  for (; *files != NULL; files++)
    if (g_file_test (*files, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (found, (gpointer)*files);
  g_ptr_array_add (found, NULL);
  return found;
}

gboolean
lodge_apt_keyring_make (const char *const *keyrings, const char *const *fingerprints,
                        const char *directory, const char *path, char **missing,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) files = existing_files (keyrings);
  g_autoptr (GPtrArray) found = NULL;

  *missing = NULL;
  unlink (path);
  if (files->pdata[0] == NULL)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        "Debian's keys are not on this machine (%s); install them with: apt-get "
        "install debian-archive-keyring, or: dnf install debian-keyring",
        keyrings[0]);
  if (!export_keys ((const char *const *)files->pdata, fingerprints, directory, path, cancellable,
                    error))
    return FALSE;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    found = list_keys (path, directory, cancellable, error);
  else /* gpg writes nothing when it found nothing */
    found = g_ptr_array_new ();
  if (found == NULL)
    return FALSE;
  *missing = find_missing (fingerprints, found);
  if (found->len > 0)
    return TRUE;
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "%s has none of the keys that the template trusts (%s); bring the package "
                   "debian-archive-keyring up to date, or put them into keys.gpg beside the "
                   "template",
                   (char *)files->pdata[0], *missing);
  g_clear_pointer (missing, g_free);
  return FALSE;
}
