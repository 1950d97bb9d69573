/* Signing keys of an RPM distribution.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-key.h"

#include <glib/gstdio.h>
#include <string.h>

#include "builder/gpg.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

/* RFC 9580, 9.5. */
enum
{
  DIGEST_SHA256 = 8,
  DIGEST_SHA3_512 = 14,
};

/* Fields of gpg's colon listing (doc/DETAILS in GnuPG's sources), counted from 0. */
enum
{
  VALIDITY = 1,
  EXPIRES = 6,
  USER_ID = 9, /* and the fingerprint in "fpr" lines */
};

static void
add_matching (GPtrArray *files, const char *directory)
{
  g_autoptr (GDir) handle = g_dir_open (directory, 0, NULL);
  const char *name;

  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    if (g_str_has_prefix (name, "RPM-GPG-KEY"))
      g_ptr_array_add (files, g_build_filename (directory, name, NULL));
}

GPtrArray *
lodge_el_key_files (const GPtrArray *directories)
{
  static const char collection[] = "/usr/share/distribution-gpg-keys";
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) handle = g_dir_open (collection, 0, NULL);
  const char *name;

  for (guint i = 0; i < directories->len; i++)
    add_matching (files, g_ptr_array_index (directories, i));
  add_matching (files, "/etc/pki/rpm-gpg");
  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *directory = g_build_filename (collection, name, NULL);

      add_matching (files, directory);
    }
  return files;
}

static char *
run_gpg (const char *directory, const char *const *words, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = lodge_gpg_arguments (directory);

  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer)*words);
  g_ptr_array_add (argv, NULL);
  return lodge_run ((const char *const *)argv->pdata, NULL, cancellable, error);
}

/* The fields of the "pub" line that the primary key FINGERPRINT has in LISTING, or NULL. */
static char **
find_primary (const char *listing, const char *fingerprint)
{
  g_auto (GStrv) lines = g_strsplit (listing, "\n", -1);
  g_auto (GStrv) primary = NULL;

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", -1);
      guint count = g_strv_length (fields);

      if (count > USER_ID && strcmp (fields[0], "pub") == 0)
        {
          g_strfreev (primary);
          primary = g_steal_pointer (&fields);
        }
      else if (count > USER_ID && strcmp (fields[0], "fpr") == 0 && primary != NULL)
        {
          if (g_ascii_strcasecmp (fields[USER_ID], fingerprint) == 0)
            return g_steal_pointer (&primary);
          g_clear_pointer (&primary, g_strfreev); /* those of subkeys follow */
        }
    }
  return NULL;
}

/* Whether a user id is bound to the key by a signature of the key itself with a digest that stands:
 * ":signature packet: algo 1, keyid …", "… sigclass 0x13", "digest algo 8, …". */
static gboolean
has_strong_binding (const char *packets, const char *fingerprint)
{
  const char *id = fingerprint + strlen (fingerprint) - 16;
  g_auto (GStrv) lines = g_strsplit (packets, "\n", -1);
  gboolean own = FALSE;
  gboolean binding = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      const char *word;

      if (g_str_has_prefix (*line, ":"))
        {
          own = g_str_has_prefix (*line, ":signature packet:") && strstr (*line, id) != NULL;
          binding = FALSE;
        }
      word = strstr (*line, "sigclass 0x1");
      if (own && word != NULL)
        binding = strchr ("0123", word[strlen ("sigclass 0x1")]) != NULL;
      word = strstr (*line, "digest algo ");
      if (own && binding && word != NULL)
        {
          gint64 digest = g_ascii_strtoll (word + strlen ("digest algo "), NULL, 10);

          if (digest >= DIGEST_SHA256 && digest <= DIGEST_SHA3_512)
            return TRUE;
        }
    }
  return FALSE;
}

const char *
lodge_el_key_fault (const char *listing, const char *packets, const char *fingerprint, gint64 now)
{
  g_auto (GStrv) fields = find_primary (listing, fingerprint);
  g_autofree char *upper = g_ascii_strup (fingerprint, -1);
  gint64 expires;

  if (fields == NULL)
    return "is not there";
  expires = g_ascii_strtoll (fields[EXPIRES], NULL, 10);
  if (strcmp (fields[VALIDITY], "e") == 0 || (expires > 0 && expires <= now))
    return "has expired";
  if (strcmp (fields[VALIDITY], "r") == 0)
    return "was revoked";
  if (strcmp (fields[VALIDITY], "i") == 0 || strcmp (fields[VALIDITY], "n") == 0)
    return "is not valid";
  if (!has_strong_binding (packets, upper))
    return "is signed with SHA-1 only, which can be forged";
  return NULL;
}

/* --- keys in files, merged --- */

/* Whether FILE has the key FINGERPRINT; *FAULT is then what speaks against it, or NULL. */
static gboolean
look_at (const char *file, const char *fingerprint, const char *directory, const char **fault,
         GCancellable *cancellable)
{
  const char *const list[] = { "--with-colons", "--show-keys", file, NULL };
  const char *const dump[] = { "--list-packets", file, NULL };
  g_autofree char *listing = run_gpg (directory, list, cancellable, NULL);
  g_auto (GStrv) fields = listing != NULL ? find_primary (listing, fingerprint) : NULL;
  g_autofree char *packets = NULL;

  if (fields == NULL)
    return FALSE; /* another key, or one that this gpg cannot read */
  packets = run_gpg (directory, dump, cancellable, NULL);
  *fault = lodge_el_key_fault (listing, packets != NULL ? packets : "", fingerprint,
                               g_get_real_time () / G_USEC_PER_SEC);
  return TRUE;
}

static gboolean
export_keys (const GPtrArray *fingerprints, const char *directory, const char *path,
             const char *format, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *output = NULL;

  g_ptr_array_add (words, (gpointer) "--yes");
  g_ptr_array_add (words, (gpointer)format);
  g_ptr_array_add (words, (gpointer) "--output");
  g_ptr_array_add (words, (gpointer)path);
  g_ptr_array_add (words, (gpointer) "--export-options");
  g_ptr_array_add (words, (gpointer) "export-minimal");
  g_ptr_array_add (words, (gpointer) "--export");
  for (guint i = 0; i < fingerprints->len; i++)
    g_ptr_array_add (words, g_ptr_array_index (fingerprints, i));
  g_ptr_array_add (words, NULL);
  output = run_gpg (directory, (const char *const *)words->pdata, cancellable, error);
  return output != NULL;
}

/* What gpg refuses to import counts for nothing beside a copy that it takes; when it takes none,
 * the fault that was found in the file stands. */
static void
import_file (const char *file, const char *directory, GCancellable *cancellable)
{
  const char *const words[] = { "--import", file, NULL };

  g_free (run_gpg (directory, words, cancellable, NULL));
}

/* Imports each of FILES with the key: gpg puts the copies together, so that a revocation, or an
 * expiry, in one of them counts for all.  FALSE when none has it.  *FAULT is what speaks against
 * what they make together, and *WHERE one of the files. */
static gboolean
merge_key (const char *const *files, const char *fingerprint, const char *directory,
           const char **fault, const char **where, GCancellable *cancellable)
{
  g_autofree char *merged = g_build_filename (directory, "merged.gpg", NULL);
  const char *const dump[]
      = { "--yes",    "--output",  merged, "--export-options", "no-export-minimal",
          "--export", fingerprint, NULL };
  g_autoptr (GPtrArray) copies = g_ptr_array_new ();

  *where = NULL;
  for (const char *const *file = files; *file != NULL; file++)
    {
      if (!look_at (*file, fingerprint, directory, fault, cancellable))
        continue;
      import_file (*file, directory, cancellable);
      g_ptr_array_add (copies, (gpointer)*file);
      if (*where == NULL || *fault != NULL)
        *where = *file;
    }
  if (*where == NULL)
    return FALSE;
  /* Once more: a copy without a name, as a revocation may be published, is taken only when the key
   * is there already. */
  for (guint i = 0; i < copies->len; i++)
    import_file (g_ptr_array_index (copies, i), directory, cancellable);
  g_unlink (merged); /* gpg writes none when it has nothing to export */
  g_free (run_gpg (directory, dump, cancellable, NULL));
  if (!look_at (merged, fingerprint, directory, fault, cancellable) && *fault == NULL)
    *fault = "cannot be imported by gpg";
  return TRUE;
}

/* Adds those of FINGERPRINTS that can be used to USABLE, and what is wrong with others to FAULTS.
 */
static gboolean
find_usable (const char *const *files, const char *const *fingerprints, const char *directory,
             GPtrArray *usable, GString *faults, GCancellable *cancellable, GError **error)
{
  for (; *fingerprints != NULL; fingerprints++)
    {
      const char *fault = NULL;
      const char *where;

      if (!merge_key (files, *fingerprints, directory, &fault, &where, cancellable))
        where = NULL;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (where != NULL && fault == NULL)
        g_ptr_array_add (usable, (gpointer)*fingerprints);
      else if (where != NULL)
        g_string_append_printf (faults, "; the key in %s %s", where, fault);
    }
  return TRUE;
}

gboolean
lodge_el_key_make (const char *const *files, const char *const *fingerprints, const char *directory,
                   const char *armored, const char *binary, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GString) faults = g_string_new (NULL);
  g_autoptr (GPtrArray) usable = g_ptr_array_new ();
  g_autofree char *wanted = g_strjoinv (", ", (char **)fingerprints);

  /* No key of before. */
  if (!lodge_remove_tree (directory, error) || !lodge_file_make_directory (directory, 0700, error)
      || !find_usable (files, fingerprints, directory, usable, faults, cancellable, error))
    return FALSE;
  if (usable->len > 0)
    return export_keys (usable, directory, armored, "--armor", cancellable, error)
           && export_keys (usable, directory, binary, "--no-armor", cancellable, error);
  if (faults->len > 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "no key that the template trusts (%s) can be used%s", wanted,
                            faults->str);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "no key that the template trusts (%s) was found, neither with the "
                          "packages' source nor in /etc/pki/rpm-gpg nor, over the network, where "
                          "the template says; put the distribution's RPM-GPG-KEY file into one of "
                          "the first two",
                          wanted);
}
