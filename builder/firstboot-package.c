/* A ready-built package of lodge-firstboot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/firstboot-package.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/compile.h"
#include "builder/package-file.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "common/version.h"

/* What the package says of itself. */
#define CARD "usr/share/lodge-firstboot/package.conf"
#define GROUP "Package"
#define UNIT_DIRECTORY "usr/lib/systemd/system"

enum
{
  CARD_LIMIT = 64 * 1024, /* bytes */
};

/* --- names --- */

char *
lodge_firstboot_package_target (const LodgeTemplate *template)
{
  gsize digits = strspn (template->release, "0123456789");

  if (template->family == LODGE_FAMILY_EL)
    return g_strdup_printf ("el%.*s", (int)digits, template->release);
  return g_strdup (template->release);
}

char *
lodge_firstboot_package_name (const LodgeTemplate *template)
{
  g_autofree char *target = lodge_firstboot_package_target (template);

  if (template->family == LODGE_FAMILY_EL)
    return g_strdup_printf ("lodge-firstboot-" LODGE_VERSION "-1.%s.x86_64.rpm", target);
  return g_strdup_printf ("lodge-firstboot_" LODGE_VERSION "-1+%s_amd64.deb", target);
}

static char *
make_card (const LodgeBuild *build, GError **error)
{
  g_autofree char *target = lodge_firstboot_package_target (build->plan->template);
  g_autofree char *sources = lodge_compile_hash_sources (build, error);

  if (sources == NULL)
    return NULL;
  return g_strdup_printf ("# What this lodge-firstboot was compiled for, and from; lodge build\n"
                          "# --firstboot compares it.\n"
                          "[" GROUP "]\nLodge=" LODGE_VERSION "\nTarget=%s\nSources=%s\n",
                          target, sources);
}

/* --- writing --- */

/* Copies FROM to PATH below TREE, with MODE. */
static gboolean
put_file (const char *tree, const char *from, const char *path, int mode, GError **error)
{
  g_autofree char *target = g_build_filename (tree, path, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;
  gsize length;

  if (!g_file_get_contents (from, &text, &length, &failure))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", failure->message);
  return lodge_file_replace (target, text, (gssize)length, mode, error);
}

static gboolean
put_units (const LodgeBuild *build, const char *tree, GError **error)
{
  g_autofree char *directory = g_build_filename (build->source, "firstboot", "units", NULL);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) handle = g_dir_open (directory, 0, &failure);
  const char *name;

  if (handle == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", failure->message);
  while ((name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *source = g_build_filename (directory, name, NULL);
      g_autofree char *path = g_build_filename (UNIT_DIRECTORY, name, NULL);

      if (!put_file (tree, source, path, 0644, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill_tree (const LodgeBuild *build, const char *programs, const char *tree, GError **error)
{
  g_autofree char *firstboot = g_build_filename (programs, "lodge-firstboot", NULL);
  g_autofree char *proof = g_build_filename (programs, "lodge-proof-init", NULL);
  g_autofree char *card_path = g_build_filename (tree, CARD, NULL);
  g_autofree char *card = make_card (build, error);

  return card != NULL && put_file (tree, firstboot, "usr/sbin/lodge-firstboot", 0755, error)
         && put_file (tree, proof, "usr/lib/lodge/proof-init", 0755, error)
         && put_units (build, tree, error) && lodge_file_replace (card_path, card, -1, 0644, error);
}

/* Its only script is constant; what differs comes in by the environment. */
static const char spec[]
    = "Name: lodge-firstboot\n"
      "Version: " LODGE_VERSION "\n"
      "Release: 1.%{lodge_target}\n"
      "Summary: First-boot set-up of a KVM host, built for lodge build --firstboot\n"
      "License: GPL-3.0-or-later\n"
      "%global debug_package %{nil}\n"
      "%global __os_install_post %{nil}\n"
      "%global _build_id_links none\n"
      "%global _buildhost lodge\n"
      "%global use_source_date_epoch_as_buildtime 1\n"
      "%global clamp_mtime_to_source_date_epoch 1\n"
      /* Every release, and libarchive, reads it. */
      "%global _binary_payload w9.gzdio\n"
      "%description\n"
      "lodge-firstboot as lodge compiled it for one release, for machines that build images\n"
      "where its development packages cannot be had.\n"
      "%prep\n"
      "%build\n"
      "%install\n"
      "mkdir -p \"$RPM_BUILD_ROOT\"\n"
      "cp -R \"$LODGE_PACKAGE_TREE\"/usr \"$RPM_BUILD_ROOT\"/\n"
      "%files\n"
      "%defattr(-,root,root)\n"
      "/usr/sbin/lodge-firstboot\n"
      "%dir /usr/lib/lodge\n"
      "/usr/lib/lodge/proof-init\n"
      "/usr/lib/systemd/system/*\n"
      "/usr/share/lodge-firstboot\n";

static gboolean
make_rpm (const LodgeBuild *build, const char *work, const char *tree, const char *target,
          GError **error)
{
  g_autofree char *spec_path = g_build_filename (work, "lodge-firstboot.spec", NULL);
  g_autofree char *environment_tree = g_strconcat ("LODGE_PACKAGE_TREE=", tree, NULL);
  g_autofree char *epoch = g_strdup_printf ("SOURCE_DATE_EPOCH=%" G_GINT64_FORMAT, build->epoch);
  g_autofree char *top = g_strconcat ("_topdir ", work, "/rpm", NULL);
  g_autofree char *out = g_strconcat ("_rpmdir ", work, NULL);
  g_autofree char *temporary = g_strconcat ("_tmppath ", work, NULL);
  g_autofree char *database = g_strconcat ("_dbpath ", work, "/rpmdb", NULL);
  g_autofree char *target_macro = g_strconcat ("lodge_target ", target, NULL);
  const char *const argv[] = { "env",      environment_tree,
                               epoch,      "rpmbuild",
                               "-bb",      "--quiet",
                               "--target", "x86_64-linux",
                               "--define", top,
                               "--define", out,
                               "--define", temporary,
                               "--define", database,
                               "--define", target_macro,
                               "--define", "_build_name_fmt package.made",
                               spec_path,  NULL };
  g_autofree char *program = g_find_program_in_path ("rpmbuild");
  g_autofree char *output = NULL;

  if (program == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "rpmbuild is not installed; install the package rpm-build, or rpm on "
                            "Debian");
  if (!lodge_file_replace (spec_path, spec, -1, 0600, error))
    return FALSE;
  output = lodge_run (argv, NULL, build->cancellable, error);
  return output != NULL;
}

static gboolean
make_deb (const LodgeBuild *build, const char *work, const char *tree, const char *target,
          GError **error)
{
  g_autofree char *file = g_build_filename (work, "package.made", NULL);
  g_autofree char *control_path = g_build_filename (tree, "DEBIAN", "control", NULL);
  g_autofree char *control
      = g_strdup_printf ("Package: lodge-firstboot\n"
                         "Version: " LODGE_VERSION "-1+%s\n"
                         "Architecture: amd64\n"
                         "Maintainer: The Lodge developers <lodge@localhost>\n"
                         "Description: First-boot set-up of a KVM host, built for lodge build "
                         "--firstboot\n"
                         " It names no libraries that it depends on: a template's images have "
                         "them.\n",
                         target);
  g_autofree char *epoch = g_strdup_printf ("SOURCE_DATE_EPOCH=%" G_GINT64_FORMAT, build->epoch);
  const char *const argv[]
      = { "env", epoch, "dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, file, NULL };
  g_autofree char *output = NULL;

  if (!lodge_file_replace (control_path, control, -1, 0644, error))
    return FALSE;
  output = lodge_run (argv, NULL, build->cancellable, error);
  return output != NULL;
}

/* Beside FILE, and then in its place. */
static gboolean
deliver (const char *made, const char *file, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;
  gsize length;

  if (!g_file_get_contents (made, &text, &length, &failure))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the package was not made: %s",
                            failure->message);
  return lodge_file_replace (file, text, (gssize)length, 0644, error);
}

gboolean
lodge_firstboot_package_write (const LodgeBuild *build, const char *programs, const char *file,
                               GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *target = lodge_firstboot_package_target (template);
  g_autofree char *work = g_build_filename (build->temporary, "package", NULL);
  g_autofree char *tree = g_build_filename (work, "tree", NULL);
  g_autofree char *made = g_build_filename (work, "package.made", NULL);
  gboolean done;

  if (!lodge_file_make_directory (work, 0700, error)
      || !lodge_file_make_directory (tree, 0755, error)
      || !fill_tree (build, programs, tree, error))
    return FALSE;
  done = template->family == LODGE_FAMILY_EL ? make_rpm (build, work, tree, target, error)
                                             : make_deb (build, work, tree, target, error);
  if (!done)
    g_prefix_error (error, "make the package of lodge-firstboot: ");
  return done && deliver (made, file, error);
}

/* --- reading --- */

/* Whether the card has KEY=WANTED; *FOUND is what it has. */
static gboolean
has_value (GKeyFile *card, const char *key, const char *wanted, char **found)
{
  g_free (*found);
  *found = g_key_file_get_string (card, GROUP, key, NULL);
  if (*found == NULL)
    *found = g_strdup ("(not said)");
  return strcmp (*found, wanted) == 0;
}

static gboolean
compare_card (GKeyFile *card, const char *file, const char *target, const char *sources,
              GError **error)
{
  g_autofree char *found = NULL;

  if (!has_value (card, "Target", target, &found))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--firstboot %s was compiled for the release %s, and the template's "
                            "is %s",
                            file, found, target);
  if (!has_value (card, "Lodge", LODGE_VERSION, &found))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--firstboot %s was made by lodge %s, and this is lodge " LODGE_VERSION
                            "; make it again with this one's lodge package",
                            file, found);
  if (!has_value (card, "Sources", sources, &found))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--firstboot %s was compiled from other sources of lodge-firstboot "
                            "than this lodge has; make it again with this one's lodge package",
                            file);
  return TRUE;
}

static gboolean
check_card (const LodgeBuild *build, const char *file, const char *path, GError **error)
{
  g_autofree char *text = lodge_file_read (path, CARD_LIMIT, NULL, error);
  g_autofree char *target = lodge_firstboot_package_target (build->plan->template);
  g_autofree char *sources = text != NULL ? lodge_compile_hash_sources (build, error) : NULL;
  g_autoptr (GKeyFile) card = g_key_file_new ();

  if (sources == NULL)
    return FALSE;
  /* What cannot be parsed has no values. */
  g_key_file_load_from_data (card, text, (gsize)-1, G_KEY_FILE_NONE, NULL);
  return compare_card (card, file, target, sources, error);
}

gboolean
lodge_firstboot_package_read (const LodgeBuild *build, const char *file, const char *programs,
                              GError **error)
{
  g_autofree char *firstboot = g_build_filename (programs, "lodge-firstboot", NULL);
  g_autofree char *proof = g_build_filename (programs, "lodge-proof-init", NULL);
  g_autofree char *card = g_build_filename (programs, "package.conf", NULL);
  const LodgePackageFileWanted wanted[] = { { CARD, card, 0600 },
                                            { "usr/sbin/lodge-firstboot", firstboot, 0755 },
                                            { "usr/lib/lodge/proof-init", proof, 0755 },
                                            { NULL, NULL, 0 } };

  if (!lodge_package_file_copy (file, wanted, build->cancellable, error))
    {
      g_prefix_error (error, "--firstboot needs a package that lodge package made: ");
      return FALSE;
    }
  if (!check_card (build, file, card, error))
    return FALSE;
  return unlink (card) == 0 || lodge_error_set_errno (error, errno, "remove %s", card);
}
