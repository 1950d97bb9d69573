/* Unpacking packages for real: no package reaches out of the directory through another one's links.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-unpack.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *top;
  char *store;   /* where the cache has its packages */
  char *outside; /* a directory of the machine */
  char *tree;
  LodgeBuild build;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  LodgeBuild *build = &fixture->build;

  (void)data;
  fixture->top = make_directory ();
  build->cache = g_build_filename (fixture->top, "cache", NULL);
  build->temporary = g_build_filename (fixture->top, "temporary", NULL);
  build->helper = g_getenv ("LODGE_BUILD") != NULL
                      ? g_build_filename (g_getenv ("LODGE_BUILD"), "lodge-sandbox", NULL)
                      : top_file ("build/lodge-sandbox");
  build->packages = g_ptr_array_new ();
  build->build_packages = g_ptr_array_new ();
  fixture->store = g_build_filename (build->cache, "packages", "sha256", NULL);
  fixture->outside = g_build_filename (fixture->top, "outside", NULL);
  fixture->tree = g_build_filename (build->temporary, "tree", NULL);
  g_assert_cmpint (g_mkdir_with_parents (fixture->store, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (fixture->tree, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->outside, 0755), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->top);
  g_ptr_array_unref (fixture->build.packages);
  g_ptr_array_unref (fixture->build.build_packages);
  g_free (fixture->build.cache);
  g_free (fixture->build.temporary);
  g_free (fixture->build.helper);
  g_free (fixture->store);
  g_free (fixture->outside);
  g_free (fixture->tree);
  g_free (fixture->top);
}

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run (argv, NULL, NULL, &error);

  g_assert_no_error (error);
}

static void
write_file (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Puts NAME.deb into the store: MEMBER of the directory FILES and nothing else, not even the
 * directories above it, which dpkg-deb --build would add.  Returns its path. */
static char *
make_package (const Fixture *fixture, const char *name, const char *files, const char *member)
{
  g_autofree char *parts = g_build_filename (fixture->top, name, NULL);
  g_autofree char *file = g_strconcat (name, ".deb", NULL);
  g_autofree char *control
      = g_strdup_printf ("Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody\n"
                         "Description: none\n",
                         name);
  g_autofree char *version = g_build_filename (parts, "debian-binary", NULL);
  g_autofree char *control_tar = g_build_filename (parts, "control.tar", NULL);
  g_autofree char *data_tar = g_build_filename (parts, "data.tar", NULL);
  char *package = g_build_filename (fixture->store, file, NULL);
  const char *const pack_control[] = { "tar", "-cf", control_tar, "-C", parts, "./control", NULL };
  const char *const pack_data[]
      = { "tar", "-cf", data_tar, "--no-recursion", "-C", files, member, NULL };
  const char *const archive[] = { "ar", "rc", package, version, control_tar, data_tar, NULL };

  g_assert_cmpint (g_mkdir (parts, 0755), ==, 0);
  write_file (parts, "debian-binary", "2.0\n");
  write_file (parts, "control", control);
  run (pack_control);
  run (pack_data);
  run (archive);
  return package;
}

static void
unpack (Fixture *fixture, const char *package, gboolean *done)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  g_ptr_array_add (paths, (gpointer)package);
  *done = lodge_debian_unpack (&fixture->build, paths, fixture->tree, &error);
  if (error != NULL)
    g_test_message ("%s", error->message);
}

static void
test_escape (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = g_build_filename (fixture->top, "first", "etc", NULL);
  g_autofree char *second = g_build_filename (fixture->top, "second", "etc", "x", NULL);
  g_autofree char *first_top = g_build_filename (fixture->top, "first", NULL);
  g_autofree char *second_top = g_build_filename (fixture->top, "second", NULL);
  g_autofree char *link = g_build_filename (first, "x", NULL);
  g_autofree char *unpacked = g_build_filename (fixture->tree, "etc", "x", NULL);
  g_autofree char *leads = NULL;
  g_autofree char *leading = NULL;
  g_autofree char *following = NULL;
  gboolean done;

  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (first, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (second, 0755), ==, 0);
  g_assert_cmpint (symlink (fixture->outside, link), ==, 0);
  write_file (second, "evil", "evil");
  leading = make_package (fixture, "leading", first_top, "./etc/x");
  following = make_package (fixture, "following", second_top, "./etc/x/evil");
  unpack (fixture, leading, &done);
  g_assert_true (done);
  leads = g_file_read_link (unpacked, NULL);
  g_assert_cmpstr (leads, ==, fixture->outside);
  /* It may be refused, or go to where it is forgotten. */
  unpack (fixture, following, &done);
  g_assert_cmpuint (count_entries (fixture->outside), ==, 0);
}

/* What it is for: files with their modes, and nothing beside them. */
static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *files = g_build_filename (fixture->top, "files", NULL);
  g_autofree char *tmp = g_build_filename (files, "tmp", NULL);
  g_autofree char *unpacked = g_build_filename (fixture->tree, "tmp", NULL);
  g_autofree char *package = NULL;
  struct stat status;
  gboolean done;

  (void)data;
  g_assert_cmpint (g_mkdir_with_parents (tmp, 0755), ==, 0);
  g_assert_cmpint (g_chmod (tmp, 01777), ==, 0);
  package = make_package (fixture, "directories", files, "./tmp");
  unpack (fixture, package, &done);
  g_assert_true (done);
  g_assert_cmpint (stat (unpacked, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 01777);
  g_assert_cmpuint (count_entries (fixture->tree), ==, 1);
}

int
main (int argc, char **argv)
{
  static const char *const programs[] = { "dpkg-deb", "tar", "ar" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *found = g_find_program_in_path (programs[i]);

      if (found == NULL)
        {
          g_print ("1..0 # SKIP %s is not installed\n", programs[i]);
          return 0;
        }
    }
  g_test_add ("/debian-unpack/escape", Fixture, NULL, set_up, test_escape, tear_down);
  g_test_add ("/debian-unpack/files", Fixture, NULL, set_up, test_files, tear_down);
  return g_test_run ();
}
