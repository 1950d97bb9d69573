/* lodge doctor: the archive that packages come from, and the keys that sign it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <glib/gstdio.h>

#include "builder/apt-config.h"
#include "builder/apt-keyring.h"
#include "builder/apt-mirror.h"
#include "builder/interrupt.h"
#include "builder/remove.h"
#include "common/run.h"

/* --- keys --- */

/* As a build does it, into a directory that is removed again. */
static void
check_keys (LodgeDoctor *doctor, const char *directory)
{
  const LodgeTemplate *template = doctor->template;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, "keys.gpg", NULL);
  g_autofree char *missing = NULL;
  g_auto (GStrv) keyrings = lodge_apt_keyring_files ((const char *const *)template->directories);

  if (!lodge_apt_keyring_make ((const char *const *)keyrings,
                               (const char *const *)template->fingerprints, directory, path,
                               &missing, doctor->cancellable, &error))
    lodge_doctor_add (doctor, "keys", LODGE_FINDING_FAIL, g_strdup (error->message),
                      g_strdup ("install a present debian-archive-keyring"));
  else if (missing != NULL)
    lodge_doctor_add (doctor, "keys", LODGE_FINDING_WARNING,
                      g_strdup_printf ("not all signing keys of %s are installed: %s",
                                       template->os_name, missing),
                      g_strdup ("install a present debian-archive-keyring"));
  else
    lodge_doctor_add (doctor, "keys", LODGE_FINDING_PASS,
                      g_strdup_printf ("all signing keys of %s are installed", template->os_name),
                      NULL);
}

void
lodge_doctor_keys (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = NULL;

  if (doctor->template->family != LODGE_FAMILY_DEBIAN)
    return;
  directory = g_dir_make_tmp ("lodge-doctor-XXXXXX", &error);
  if (directory == NULL)
    {
      lodge_doctor_add (doctor, "keys", LODGE_FINDING_FAIL, g_strdup (error->message),
                        g_strdup ("make room in the directory for temporary files"));
      return;
    }
  lodge_interrupt_clean (doctor->cancellable, directory);
  check_keys (doctor, directory);
  lodge_remove_tree (directory, NULL);
  lodge_interrupt_keep (doctor->cancellable, directory);
}

/* --- mirror --- */

/* In the directory for temporary files. */
#define LOGINS "auth.conf"

/* Whether the mirror has SUITE, asked through apt itself: with its proxy, its certificates, its
 * methods. */
static gboolean
mirror_has_suite (LodgeDoctor *doctor, const char *site, const char *suite, const char *directory)
{
  g_autofree char *machine = lodge_run_list (NULL, "apt-config", "dump", NULL);
  g_autofree char *helper = lodge_apt_config_helper (machine != NULL ? machine : "");
  g_autofree char *uri = g_strdup_printf ("%s/dists/%s/InRelease", site, suite);
  g_autofree char *file = g_build_filename (directory, "InRelease", NULL);
  g_autofree char *logins = g_strdup_printf ("-oDir::Etc::netrc=%s/" LOGINS, directory);
  const char *const argv[] = { helper,
                               "-oAcquire::Retries=0",
                               "-oAcquire::http::Timeout=15",
                               "-oAcquire::https::Timeout=15",
                               "-oAPT::Sandbox::User=",
                               logins,
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

/* With the passwords that a build uses. */
static void
check_suites (LodgeDoctor *doctor, const LodgeAptMirror *mirror, const char *directory)
{
  g_autofree char *logins = g_build_filename (directory, LOGINS, NULL);
  g_autoptr (GError) error = NULL;

  if (!lodge_apt_mirror_write_logins (mirror, logins, &error))
    {
      lodge_doctor_add (doctor, "mirror", LODGE_FINDING_FAIL, g_strdup (error->message),
                        g_strdup ("make room in the directory for temporary files"));
      return;
    }
  for (guint i = 0; doctor->template->suites[i] != NULL; i++)
    {
      const char *suite = doctor->template->suites[i];

      check_suite (doctor, lodge_apt_mirror_uri (mirror, suite), suite, directory);
    }
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
  lodge_interrupt_clean (doctor->cancellable, directory);
  check_suites (doctor, mirror, directory);
  lodge_remove_tree (directory, NULL);
  lodge_interrupt_keep (doctor->cancellable, directory);
}
