/* lodge doctor: the archive that packages come from, and the keys that sign it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/apt-mirror.h"
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

/* Whether the mirror has SUITE, asked through apt itself: with its proxy, its certificates, its
 * methods. */
static gboolean
mirror_has_suite (LodgeDoctor *doctor, const char *site, const char *suite, const char *directory)
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
  g_autofree char *output = lodge_run (argv, NULL, doctor->cancellable, NULL);

  g_unlink (file);
  return output != NULL;
}

static void
check_suite (LodgeDoctor *doctor, const char *site, const char *suite, const char *directory)
{
  if (mirror_has_suite (doctor, site, suite, directory))
    lodge_doctor_add (doctor, "mirror", LODGE_FINDING_PASS,
                      g_strdup_printf ("%s answers for %s", site, suite), NULL);
  else
    lodge_doctor_add (
        doctor, "mirror", LODGE_FINDING_FAIL,
        g_strdup_printf ("%s does not answer for %s", site, suite),
        g_strdup ("look at the network and proxy of this machine, or give another --mirror URL"));
}

void
lodge_doctor_mirror (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAptMirror) mirror = NULL;
  g_autofree char *directory = NULL;

  if (doctor->template->family != LODGE_FAMILY_DEBIAN)
    return;
  mirror = doctor->mirror != NULL ? lodge_apt_mirror_new (doctor->mirror, &error)
                                  : lodge_apt_mirror_find (&error);
  directory = mirror == NULL ? NULL : g_dir_make_tmp ("lodge-doctor-XXXXXX", &error);
  if (directory == NULL)
    {
      lodge_doctor_add (
          doctor, "mirror", LODGE_FINDING_FAIL, g_strdup (error->message),
          g_strdup ("mend the package sources of this machine, or give --mirror URL"));
      return;
    }
  for (guint i = 0; doctor->template->suites[i] != NULL; i++)
    {
      const char *suite = doctor->template->suites[i];

      check_suite (doctor, lodge_apt_mirror_uri (mirror, suite), suite, directory);
    }
  lodge_remove_tree (directory, NULL);
}
