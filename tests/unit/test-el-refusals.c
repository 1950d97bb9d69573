/* What must stop a build of the RPM family: wrong signatures, scripts that fail, full disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/el-small.h"

/* --- signatures --- */

/* All that follows is refused for what it says, and for nothing else. */
static void
test_right (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  g_autofree char *file = NULL;

  (void)data;
  want (fixture, "plain");
  publish (fixture, "good");
  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (&fixture->build, &error);
  g_assert_no_error (error);
  lodge_el_install (tree, &error);
  g_assert_no_error (error);
  file = g_build_filename (tree->path, "usr/share/small/plain", NULL);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
}

static void
test_unsigned (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = package_file (fixture, "plain");

  (void)data;
  want (fixture, "plain");
  run_script ("unsign", fixture->standin, file, NULL);
  publish (fixture, "good");
  check_fetch_refused (fixture, "the package plain-1-1.noarch.rpm is not signed");
}

static void
test_other_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = package_file (fixture, "plain");

  (void)data;
  want (fixture, "plain");
  run_script ("sign", fixture->standin, "other", file);
  publish (fixture, "good");
  check_fetch_refused (fixture, "the package plain-1-1.noarch.rpm is signed with a key that the "
                                "template does not trust");
}

/* A distribution that goes over to another key has packages and metadata of both for a while. */
static void
test_roll_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  g_autofree char *file = package_file (fixture, "plain");
  g_autofree char *path = g_build_filename (fixture->standin, "fingerprint-other", NULL);
  g_autofree char *other = lodge_file_read (path, 1024, NULL, &error);
  const char *const both[] = { g_strstrip (other), fixture->template->fingerprints[0], NULL };
  char **old = fixture->template->fingerprints;

  (void)data;
  g_assert_no_error (error);
  fixture->template->fingerprints = g_strdupv ((char **)both);
  g_strfreev (old);
  want (fixture, "plain");
  run_script ("sign", fixture->standin, "other", file);
  publish (fixture, "good");
  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (&fixture->build, &error);
  g_assert_no_error (error);
  lodge_el_install (tree, &error);
  g_assert_no_error (error);
}

/* A root of the cache was checked against the keys of then. */
static void
test_root_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *const others[] = { "0123456789ABCDEF0123456789ABCDEF01234567", NULL };
  g_autofree char *first = lodge_el_root_key (&fixture->build, 1, &error);
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;

  (void)data;
  g_assert_no_error (error);
  again = lodge_el_root_key (&fixture->build, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, again);
  g_strfreev (fixture->template->fingerprints);
  fixture->template->fingerprints = g_strdupv ((char **)others);
  other = lodge_el_root_key (&fixture->build, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, !=, other);
}

/* Changes one byte of FILE: of WORDS in it, or OFFSET bytes before its end. */
static void
alter (const char *file, const char *words, gsize offset)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  char *place;
  gsize length;

  g_file_get_contents (file, &content, &length, &error);
  g_assert_no_error (error);
  place
      = words != NULL ? memmem (content, length, words, strlen (words)) : content + length - offset;
  g_assert_nonnull (place);
  *place ^= 1;
  g_file_set_contents (file, content, (gssize)length, &error);
  g_assert_no_error (error);
}

/* In its header, which has TEXT, or without one in its payload. */
static void
test_altered (Fixture *fixture, gconstpointer text)
{
  g_autofree char *file = package_file (fixture, "plain");

  want (fixture, "plain");
  alter (file, text, text != NULL ? 0 : 100000);
  publish (fixture, "good");
  check_fetch_refused (fixture, "the package plain-1-1.noarch.rpm is damaged or was tampered with");
}

/* The metadata says what the package was before. */
static void
test_stale_metadata (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = package_file (fixture, "plain");

  (void)data;
  want (fixture, "plain");
  alter (file, NULL, 100000);
  check_fetch_refused (fixture, "the package plain-1-1.noarch.rpm ");
}

static void
test_metadata_other_key (Fixture *fixture, gconstpointer data)
{
  (void)data;
  want (fixture, "plain");
  publish (fixture, "other");
  check_fetch_refused (fixture, "the repository baseos cannot be trusted");
}

static void
test_metadata_unsigned (Fixture *fixture, gconstpointer data)
{
  (void)data;
  want (fixture, "plain");
  publish (fixture, "-");
  check_fetch_refused (fixture, "its package list is not signed (it has no "
                                "repodata/repomd.xml.asc)");
}

/* --- installation DVDs, whose metadata is not signed --- */

static char *
make_image (Fixture *fixture, const char *how)
{
  char *image = g_build_filename (fixture->standin, "dvd.iso", NULL);
  const char *const sources[] = { image, NULL };

  want (fixture, "plain");
  run_script ("image", fixture->standin, "dvd.iso", how);
  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)sources);
  return image;
}

/* HOW the image's checksum is signed. */
static void
test_image (Fixture *fixture, gconstpointer how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  g_autofree char *image = make_image (fixture, how);

  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (&fixture->build, &error);
  g_assert_no_error (error);
  lodge_el_install (tree, &error);
  g_assert_no_error (error);
}

static void
test_image_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *image = make_image (fixture, "-");

  (void)data;
  check_fetch_refused (fixture, "no checksum file beside the image speaks for it; put");
}

static void
test_image_other_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *image = make_image (fixture, "other");

  (void)data;
  check_fetch_refused (fixture, "CHECKSUM has no good signature by a key of the template");
}

/* What is added around the signed part of a clear-signed file counts for nothing. */
static void
test_image_added (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = make_image (fixture, "clear");
  g_autofree char *checksums = g_build_filename (fixture->standin, "CHECKSUM", NULL);
  g_autofree char *text = lodge_file_read (checksums, 65536, NULL, &error);
  g_autofree char *digest = NULL;
  g_autofree char *changed = NULL;

  (void)data;
  g_assert_no_error (error);
  alter (image, NULL, 40000);
  digest = lodge_file_sha256 (image, &error);
  g_assert_no_error (error);
  changed = g_strdup_printf ("SHA256 (dvd.iso) = %s\n%s", digest, text);
  lodge_file_replace (checksums, changed, -1, 0644, &error);
  g_assert_no_error (error);
  check_fetch_refused (fixture, "dvd.iso is not the image that ");
}

/* --- packages that nobody has --- */

static void
test_unknown (Fixture *fixture, gconstpointer data)
{
  (void)data;
  want (fixture, "no-such-package");
  check_fetch_refused (fixture, "there is no package no-such-package");
}

/* --- while packages are installed --- */

static void
check_install_refused (Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  gboolean done;

  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (&fixture->build, &error);
  g_assert_no_error (error);
  done = lodge_el_install (tree, &error);
  check_refused (done, error, words);
}

static void
test_script (Fixture *fixture, gconstpointer name)
{
  want (fixture, name);
  check_install_refused (fixture, name);
}

/* The cache, in which trees are made as well, becomes a file system of MEGABYTES of its own. */
static gboolean
make_cache_small (Fixture *fixture, guint megabytes)
{
  g_autoptr (GError) error = NULL;
  LodgeBuild *build = &fixture->build;
  g_autofree char *options = g_strdup_printf ("size=%uM,mode=0700", megabytes);

  /* In a namespace of this test's own: no mount is left, however it ends. */
  if (unshare (CLONE_NEWNS) != 0 || mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
    {
      g_test_skip ("only root can mount a small file system");
      return FALSE;
    }
  g_free (build->cache);
  build->cache = g_build_filename (fixture->top, "small", NULL);
  g_assert_cmpint (g_mkdir (build->cache, 0700), ==, 0);
  g_assert_cmpint (mount ("small", build->cache, "tmpfs", 0, options), ==, 0);
  lodge_cache_open (build->cache, build->cancellable, build->progress, &error);
  g_assert_no_error (error);
  remove_directory (build->temporary);
  g_free (build->temporary);
  build->temporary = lodge_cache_make_temporary (build->cache, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
remove_small_cache (Fixture *fixture)
{
  g_assert_cmpint (umount2 (fixture->build.cache, MNT_DETACH), ==, 0);
}

static void
test_small_cache (Fixture *fixture, gconstpointer data)
{
  (void)data;
  want (fixture, "large");
  if (!make_cache_small (fixture, 16))
    return;
  check_fetch_refused (fixture, "no space for the package cache at ");
  remove_small_cache (fixture);
}

/* NAME and how dnf or the kernel finds out. */
static void
test_full_disk (Fixture *fixture, gconstpointer name)
{
  want (fixture, name);
  if (!make_cache_small (fixture, 48))
    return;
  check_install_refused (fixture, g_str_equal (name, "late") ? " is full; make room there"
                                                             : "the packages need ");
  remove_small_cache (fixture);
}

int
main (int argc, char **argv)
{
  static const char *const scripts[] = { "pre-fails", "post-fails", "posttrans-fails" };
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "right", test_right },
    { "roll-over", test_roll_over },
    { "root-key", test_root_key },
    { "package/unsigned", test_unsigned },
    { "package/other-key", test_other_key },
    { "package/stale-metadata", test_stale_metadata },
    { "metadata/other-key", test_metadata_other_key },
    { "metadata/unsigned", test_metadata_unsigned },
    { "image/alone", test_image_alone },
    { "image/other-key", test_image_other_key },
    { "image/added", test_image_added },
    { "unknown", test_unknown },
    { "full/cache", test_small_cache },
  };
  g_test_init (&argc, &argv, NULL);
  if (!small_make ())
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *name = g_strconcat ("/el-refusals/", tests[i].name, NULL);

      g_test_add (name, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *name = g_strconcat ("/el-refusals/script/", scripts[i], NULL);

      g_test_add (name, Fixture, scripts[i], set_up, test_script, tear_down);
    }
  g_test_add ("/el-refusals/package/header", Fixture, "The fixture plain", set_up, test_altered,
              tear_down);
  g_test_add ("/el-refusals/package/payload", Fixture, NULL, set_up, test_altered, tear_down);
  g_test_add ("/el-refusals/image/clear", Fixture, "clear", set_up, test_image, tear_down);
  g_test_add ("/el-refusals/image/detached", Fixture, "detached", set_up, test_image, tear_down);
  g_test_add ("/el-refusals/full/before", Fixture, "wide", set_up, test_full_disk, tear_down);
  g_test_add ("/el-refusals/full/unpacking", Fixture, "late", set_up, test_full_disk, tear_down);
  return small_run ();
}
