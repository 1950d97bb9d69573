/* lodge doctor: the archive that packages come from, and the keys that sign it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/paths.h"
#include "builder/remove.h"
#include "common/run.h"

/* --- keys --- */

/* The fingerprints in the key ring PATH, in gpg's colon format (doc/DETAILS of GnuPG). */
static char *
list_keys (LodgeDoctor *doctor, const char *path)
{
  const char *const argv[]
      = { "gpg", "--batch", "--no-options", "--with-colons", "--show-keys", path, NULL };

  /* A file that is no key ring holds none of our keys. */
  return lodge_run (argv, NULL, doctor->cancellable, NULL);
}

static void
mark_keys (LodgeDoctor *doctor, const char *directory, GHashTable *found)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *text = list_keys (doctor, path);

      for (guint i = 0; text != NULL && doctor->template->fingerprints[i] != NULL; i++)
        if (strstr (text, doctor->template->fingerprints[i]) != NULL)
          g_hash_table_add (found, doctor->template->fingerprints[i]);
    }
}

void
lodge_doctor_keys (LodgeDoctor *doctor)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);
  guint count = g_strv_length (doctor->template->fingerprints);

  if (doctor->template->family != LODGE_FAMILY_DEBIAN)
    return;
  mark_keys (doctor, "/usr/share/keyrings", found);
  mark_keys (doctor, "/etc/apt/trusted.gpg.d", found);
  mark_keys (doctor, "/etc/apt/keyrings", found);
  if (g_hash_table_size (found) > 0)
    lodge_doctor_add (doctor, "keys", LODGE_FINDING_PASS,
                      g_strdup_printf ("%u of the %u signing keys of %s are installed",
                                       g_hash_table_size (found), count, doctor->template->os_name),
                      NULL);
  else
    lodge_doctor_add (doctor, "keys", LODGE_FINDING_FAIL,
                      g_strdup_printf ("none of the %u signing keys of %s is installed", count,
                                       doctor->template->os_name),
                      g_strdup ("install a present debian-archive-keyring: apt-get install "
                                "debian-archive-keyring"));
}

/* --- mirror --- */

/* The archives that may have the template's suites: --mirror, or those of the machine's own apt. */
static GStrv
list_sites (LodgeDoctor *doctor, GError **error)
{
  const char *const argv[]
      = { "apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", NULL };
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) sites = NULL;
  g_auto (GStrv) lines = NULL;

  if (doctor->mirror != NULL)
    {
      const char *const only[] = { doctor->mirror, NULL };

      return g_strdupv ((char **)only);
    }
  text = lodge_run (argv, NULL, doctor->cancellable, error);
  if (text == NULL)
    return NULL;
  sites = g_ptr_array_new_with_free_func (g_free);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && !g_ptr_array_find_with_equal_func (sites, lines[i], g_str_equal, NULL))
      g_ptr_array_add (sites, g_strdup (lines[i]));
  g_ptr_array_add (sites, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&sites), FALSE);
}

/* Whether SITE has SUITE, asked through apt itself: with its proxy, its certificates, its methods.
 */
static gboolean
site_has_suite (LodgeDoctor *doctor, const char *site, const char *suite, const char *directory,
                GError **error)
{
  g_autofree char *uri = g_strdup_printf ("%s/dists/%s/InRelease", site, suite);
  g_autofree char *file = g_build_filename (directory, "InRelease", NULL);
  const char *const argv[] = { "/usr/lib/apt/apt-helper",
                               "-oAcquire::Retries=0",
                               "-oAcquire::http::Timeout=15",
                               "-oAcquire::https::Timeout=15",
                               "-oAPT::Sandbox::User=",
                               "download-file",
                               uri,
                               file,
                               NULL };
  g_autofree char *output = lodge_run (argv, NULL, doctor->cancellable, error);

  g_unlink (file);
  return output != NULL;
}

/* The site that has SUITE, or NULL with the last site's failure. */
static const char *
find_site (LodgeDoctor *doctor, const GStrv sites, const char *suite, const char *directory,
           GError **error)
{
  for (guint i = 0; sites[i] != NULL; i++)
    {
      g_clear_error (error);
      if (site_has_suite (doctor, sites[i], suite, directory, error))
        return sites[i];
    }
  return NULL;
}

static void
check_suite (LodgeDoctor *doctor, const GStrv sites, const char *suite, const char *directory)
{
  g_autoptr (GError) error = NULL;
  const char *site = find_site (doctor, sites, suite, directory, &error);
  g_autofree char *asked = NULL;

  if (site != NULL)
    {
      lodge_doctor_add (doctor, "mirror", LODGE_FINDING_PASS,
                        g_strdup_printf ("%s answers for %s", site, suite), NULL);
      return;
    }
  asked = sites[0] == NULL ? g_strdup ("this machine's apt has no sources")
                           : g_strjoinv (", ", sites);
  lodge_doctor_add (
      doctor, "mirror", LODGE_FINDING_FAIL,
      g_strdup_printf ("no archive answers for %s; asked: %s", suite, asked),
      g_strdup ("look at the network and proxy of this machine, or give --mirror URL"));
}

void
lodge_doctor_mirror (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) sites = NULL;
  g_autofree char *directory = NULL;

  if (doctor->template->family != LODGE_FAMILY_DEBIAN)
    return;
  sites = list_sites (doctor, &error);
  directory = g_dir_make_tmp ("lodge-doctor-XXXXXX", sites == NULL ? NULL : &error);
  if (sites == NULL || directory == NULL)
    lodge_doctor_add (doctor, "mirror", LODGE_FINDING_FAIL,
                      g_strdup_printf ("the archive cannot be asked: %s", error->message),
                      g_strdup ("mend apt on this machine, or give --mirror URL"));
  else
    for (guint i = 0; doctor->template->suites[i] != NULL; i++)
      check_suite (doctor, sites, doctor->template->suites[i], directory);
  if (directory != NULL)
    lodge_remove_tree (directory, NULL);
}
