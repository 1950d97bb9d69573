/* The RPM family without a virtual machine: from the stand-in repository (LODGE_STANDIN, see
 * tests/standin) to compiled programs and a labelled root file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/cache.h"
#include "builder/el-owners.h"
#include "builder/el-tree.h"
#include "builder/ext2-handle.h"
#include "builder/family-el.h"
#include "builder/paths.h"
#include "builder/selinux-label.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/el-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <selinux/label.h>
#include <selinux/selinux.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UUID "5f0f3a52-9f0e-5d35-8a0b-7d6f3a4b1c2d"

static void
check_filesystem (const char *image)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = lodge_paths_program ("e2fsck");
  const char *const argv[] = { program, "-fn", image, NULL };
  g_autofree char *output = lodge_run (argv, NULL, NULL, &error);

  g_assert_no_error (error);
}

/* What debugfs(8), which is not our code, says of PATH's label. */
static char *
read_label (const char *image, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = lodge_paths_program ("debugfs");
  g_autofree char *command = g_strdup_printf ("ea_get -V %s security.selinux", path);
  const char *const argv[] = { program, "-R", command, image, NULL };
  g_autofree char *output = lodge_run (argv, NULL, NULL, &error);

  g_assert_no_error (error);
  return g_steal_pointer (&output);
}

static void
check_labels (const char *image, guint64 count)
{
  static const struct
  {
    const char *path;
    const char *type;
  } wanted[] = {
    { "/", ":root_t:" },
    { "/etc/passwd", ":etc_t:" },
    { "/etc/shadow", ":shadow_t:" },
    { "/usr/bin/bash", ":shell_exec_t:" },
    { "/usr/sbin/sshd", ":sshd_exec_t:" },
    { "/boot", ":boot_t:" },
    { "/var/lib/libvirt/images", ":virt_image_t:" },
  };

  g_assert_cmpuint (count, >, 10000);
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autofree char *label = read_label (image, wanted[i].path);

      g_test_message ("%s %s", wanted[i].path, label);
      g_assert_nonnull (strstr (label, wanted[i].type));
    }
}

static void
test_root (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeBuild *build = &fixture->build;
  const LodgePartition *root = &fixture->plan->partitions[LODGE_PARTITION_ROOT];
  const char *kept = g_getenv ("LODGE_TEST_IMAGE");
  g_autofree char *image
      = kept != NULL ? g_strdup (kept) : g_build_filename (fixture->top, "root.ext4", NULL);
  g_autofree char *programs = g_build_filename (fixture->top, "programs", NULL);
  g_autofree char *firstboot = g_build_filename (programs, "lodge-firstboot", NULL);
  g_autoptr (LodgeSelinuxAhead) ahead = NULL;
  guint64 count = 0;
  gint64 start;
  int fd;

  (void)data;
  g_unlink (image);
  fd = open (image, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t)root->size), ==, 0);
  close (fd);

  lodge_el_fetch (build, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (build->packages->len, >, 80);
  g_assert_nonnull (build->root_key);
  g_assert_cmpint (build->epoch, >, 0);
  lodge_el_make_root (build, image, 0, root->size, UUID, &error);
  g_assert_no_error (error);
  check_filesystem (image);

  start = g_get_monotonic_time ();
  ahead = lodge_selinux_ahead_start (image, 0, build->work, NULL, &error);
  g_assert_no_error (error);
  lodge_selinux_label (image, 0, build->work, ahead, &count, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%" G_GUINT64_FORMAT " files labelled in %.2f s", count,
                  (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  check_filesystem (image);
  check_labels (image, count);

  g_assert_cmpint (g_mkdir (programs, 0755), ==, 0);
  lodge_el_compile (build, programs, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_test (firstboot, G_FILE_TEST_IS_EXECUTABLE));
}

/* --- owners --- */

static void
run_in_tree (LodgeElTree *tree, const char *command)
{
  g_autoptr (GError) error = NULL;
  const char *const argv[] = { "sh", "-c", command, NULL };

  lodge_el_tree_run (tree, argv, &error);
  g_assert_no_error (error);
}

/* Files that went to the wrong owner get theirs back; when rpm only says so, the file is named. */
static void
test_owners (Fixture *fixture, gconstpointer data)
{
  static const char spoil[]
      = "chown 1:1 /usr/bin/less /usr/bin/sudo && chmod 0700 /usr/bin/less && "
        "setcap -r /usr/bin/ping";
  static const char check[] = "test \"$(stat -c '%u:%g %a' /usr/bin/less)\" = '0:0 755' && "
                              "test \"$(stat -c '%u:%g %a' /usr/bin/sudo)\" = '0:0 4755' && "
                              "getcap /usr/bin/ping | grep -q cap_net_raw";
  static const char lie[]
      = "mv /usr/bin/rpm /usr/bin/rpm.real && printf '#!/bin/sh\\ncase \"$*\" in *--restore*) exit "
        "0;; esac\\nexec rpm.real \"$@\"\\n' >/usr/bin/rpm && chmod 0755 /usr/bin/rpm";
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  LodgeBuild *build = &fixture->build;
  g_autofree char *machine_id = g_strnfill (32, 'a');

  (void)data;
  fixture->options->firstboot = g_strdup ("lodge-firstboot.rpm");
  lodge_el_fetch (build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (build, &error);
  g_assert_no_error (error);
  lodge_el_prepare (tree, UUID, machine_id, &error);
  g_assert_no_error (error);
  lodge_el_install (tree, &error);
  g_assert_no_error (error);
  run_in_tree (tree, spoil);
  lodge_el_mend_owners (tree, &error);
  g_assert_no_error (error);
  run_in_tree (tree, check);
  run_in_tree (tree, lie);
  run_in_tree (tree, "chown 1:1 /usr/bin/less");
  g_assert_false (lodge_el_mend_owners (tree, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "/usr/bin/less has not the owner"));
}

/* --- more than one kernel --- */

/* The version, "6.12.107", that the kernels of both releases have; one has the release "1.standin",
 * the other "2.standin". */
static char *
kernel_version (const Fixture *fixture)
{
  static const char prefix[] = "kernel-core-";
  g_autofree char *path
      = g_build_filename (fixture->standin, "2", "BaseOS", "x86_64", "os", "Packages", NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, prefix))
      return g_strndup (name + strlen (prefix),
                        strlen (name) - strlen (prefix) - strlen ("-2.standin.x86_64.rpm"));
  g_assert_not_reached ();
}

/* What debugfs(8) lists of DIRECTORY, one name a line. */
static char *
list_directory (const char *image, const char *directory)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = lodge_paths_program ("debugfs");
  g_autofree char *command = g_strdup_printf ("ls -p %s", directory);
  const char *const argv[] = { program, "-R", command, image, NULL };
  g_autofree char *output = lodge_run (argv, NULL, NULL, &error);
  g_auto (GStrv) lines = output != NULL ? g_strsplit (output, "\n", -1) : NULL;
  GString *names = g_string_new ("\n");

  g_assert_no_error (error);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, "/", -1); /* /inode/mode/uid/gid/NAME/size/ */

      if (g_strv_length (fields) > 6 && fields[5][0] != '.')
        g_string_append_printf (names, "%s\n", fields[5]);
    }
  return g_string_free (names, FALSE);
}

static void
check_has (const char *names, const char *name)
{
  g_autofree char *line = g_strdup_printf ("\n%s\n", name);

  g_test_message ("%s among%s", name, names);
  g_assert_nonnull (strstr (names, line));
}

/* A template may name a second kernel: each has its modules' dependencies, initramfs and entry. */
static void
test_kernels (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeBuild *build = &fixture->build;
  guint64 size = fixture->plan->partitions[LODGE_PARTITION_ROOT].size;
  g_autofree char *first = g_build_filename (fixture->standin, "1", NULL);
  g_autofree char *second = g_build_filename (fixture->standin, "2", NULL);
  const char *const sources[] = { first, second, NULL };
  g_autofree char *version = kernel_version (fixture);
  g_autofree char *image = g_build_filename (fixture->top, "root.ext4", NULL);
  g_autofree char *modules = NULL;
  g_autofree char *entries = NULL;
  g_autofree char *boot = NULL;
  g_auto (GStrv) versions = NULL;
  g_autoptr (GPtrArray) install = g_ptr_array_new ();
  guint count = 0;

  (void)data;
  for (char **name = fixture->template->install; *name != NULL; name++)
    g_ptr_array_add (install, *name);
  for (int release = 1; release <= 2; release++)
    {
      g_ptr_array_add (install, g_strdup_printf ("kernel-core-%s-%d.standin", version, release));
      g_ptr_array_add (install,
                       g_strdup_printf ("kernel-modules-%s-%d.standin.x86_64", version, release));
    }
  g_ptr_array_add (install, NULL);
  g_free (fixture->template->install);
  fixture->template->install = (char **)g_ptr_array_steal (install, NULL);
  /* Debian's kernel for clouds, which the second one is, has no USB. */
  g_strfreev (fixture->template->initramfs_drivers);
  fixture->template->initramfs_drivers = g_strsplit ("virtio_pci virtio_blk nvme", " ", -1);
  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)sources);

  g_assert_true (g_file_set_contents (image, "", 0, NULL));
  g_assert_cmpint (truncate (image, (off_t)size), ==, 0);
  lodge_el_fetch (build, &error);
  g_assert_no_error (error);
  lodge_el_make_root (build, image, 0, size, UUID, &error);
  g_assert_no_error (error);
  modules = list_directory (image, "/usr/lib/modules");
  entries = list_directory (image, "/boot/loader/entries");
  boot = list_directory (image, "/boot");
  versions = g_strsplit (modules, "\n", -1);
  for (char **name = versions; *name != NULL; name++)
    if (**name != '\0')
      {
        g_autofree char *directory = g_build_filename ("/usr/lib/modules", *name, NULL);
        g_autofree char *files = list_directory (image, directory);
        g_autofree char *kernel = g_strconcat ("vmlinuz-", *name, NULL);
        g_autofree char *initramfs = g_strdup_printf ("initramfs-%s.img", *name);
        g_autofree char *entry = g_strdup_printf ("-%s.conf\n", *name);

        count++;
        check_has (files, "modules.dep");
        check_has (boot, kernel);
        check_has (boot, initramfs);
        g_assert_nonnull (strstr (entries, entry));
      }
  g_assert_cmpuint (count, ==, 2);
}

/* --- what must stop a build, and what it then says --- */

typedef struct
{
  const char *name;
  const char *path;     /* below the copied source: what is changed */
  const char *content;  /* its new content; NULL: it is removed; "*": one byte in it is changed */
  const char *sentence; /* a part of the error */
} Refusal;

#define BASEOS "BaseOS/x86_64/os"

static const Refusal refusals[] = {
  { "no-signature", BASEOS "/repodata/repomd.xml.asc", NULL, "not signed" },
  { "bad-signature", BASEOS "/repodata/repomd.xml", "*", "cannot be trusted" },
  { "no-key", "RPM-GPG-KEY-standin", NULL, "no key that the template trusts" },
  { "other-key", "RPM-GPG-KEY-standin", "no key at all\n", "no key that the template trusts" },
  { "no-metadata", BASEOS "/repodata/repomd.xml", NULL, "no repository BaseOS" },
  { "package", "bash", "*", "the package bash-" },
};

/* "bash" stands for the file of that package. */
static char *
find_file (const char *source, const char *path)
{
  g_autofree char *packages = g_build_filename (source, BASEOS, "Packages", NULL);
  g_autoptr (GDir) directory = NULL;
  const char *name;

  if (strcmp (path, "bash") != 0)
    return g_build_filename (source, path, NULL);
  directory = g_dir_open (packages, 0, NULL);
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, "bash-"))
      return g_build_filename (packages, name, NULL);
  g_assert_not_reached ();
}

static void
change_file (const char *path, const char *content)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0); /* it is a link to the stand-in's own file */
  if (content == NULL)
    return;
  if (strcmp (content, "*") == 0)
    {
      text[length / 2] ^= 1;
      g_file_set_contents (path, text, (gssize)length, &error);
    }
  else
    g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
}

static void
test_refusal (Fixture *fixture, gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = g_build_filename (fixture->top, "source", NULL);
  const char *const argv[]
      = { "cp", "--archive", "--link", fixture->options->sources[0], copy, NULL };
  g_autofree char *linked = lodge_run (argv, NULL, NULL, NULL);
  g_autofree char *path = NULL;

  if (linked == NULL) /* another file system, or links are not allowed */
    {
      g_autofree char *copied = NULL;

      lodge_remove_tree (copy, NULL);
      copied = lodge_run_list (&error, "cp", "--archive", fixture->options->sources[0], copy, NULL);
      g_assert_no_error (error);
    }
  path = find_file (copy, refusal->path);
  change_file (path, refusal->content);
  g_free (fixture->options->sources[0]);
  fixture->options->sources[0] = g_strdup (copy);
  g_free (fixture->build.cache); /* nothing of before */
  fixture->build.cache = g_build_filename (fixture->top, "cache", NULL);
  lodge_cache_open (fixture->build.cache, fixture->build.cancellable, fixture->build.progress,
                    &error);
  g_assert_no_error (error);
  g_assert_false (lodge_el_fetch (&fixture->build, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, refusal->sentence));
}

/* --- a cache that was damaged after the check --- */

/* Cuts the file of the package NAME short. */
static void
damage (const Fixture *fixture, const GPtrArray *packages, const char *name)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);
      g_autofree char *path = lodge_package_path (&fixture->build, package);

      if (strcmp (package->name, name) != 0)
        continue;
      g_assert_true (g_str_has_suffix (path, ".rpm"));
      g_assert_cmpint (truncate (path, (off_t)package->size / 2), ==, 0);
      return;
    }
  g_assert_not_reached ();
}

/* ERROR names the package, by what an administrator knows it as. */
static void
check_named (const GError *error, const char *name)
{
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_null (strstr (error->message, "sha256/"));
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  LodgeBuild *build = &fixture->build;
  guint64 size = fixture->plan->partitions[LODGE_PARTITION_ROOT].size;
  g_autofree char *image = g_build_filename (fixture->top, "root.ext4", NULL);
  g_autofree char *programs = g_build_filename (fixture->top, "programs", NULL);
  g_autoptr (GError) error = NULL;

  (void)data;
  g_free (build->cache); /* not the one that other tests use */
  build->cache = g_build_filename (fixture->top, "cache", NULL);
  lodge_cache_open (build->cache, build->cancellable, build->progress, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (programs, 0755), ==, 0);
  g_assert_true (g_file_set_contents (image, "", 0, NULL));
  g_assert_cmpint (truncate (image, (off_t)size), ==, 0);
  lodge_el_fetch (build, &error);
  g_assert_no_error (error);
  damage (fixture, build->packages, "less");
  damage (fixture, build->build_packages, "gcc");
  g_assert_false (lodge_el_make_root (build, image, 0, size, UUID, &error));
  check_named (error, "the package less-");
  g_clear_error (&error);
  g_assert_false (lodge_el_compile (build, programs, &error));
  check_named (error, "gcc ");
}

/* --- where packages come from --- */

/* The packages that a fetch from SOURCES chooses, "NAME-VERSION" one a line; nothing is in the
 * cache before. */
static char *
fetch_from (Fixture *fixture, const char *const *sources)
{
  g_autoptr (GError) error = NULL;
  LodgeBuild *build = &fixture->build;
  GString *text = g_string_new (NULL);

  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)sources);
  g_free (build->cache);
  build->cache = g_build_filename (fixture->top, "cache", NULL);
  lodge_cache_open (build->cache, build->cancellable, build->progress, &error);
  g_assert_no_error (error);
  lodge_el_fetch (build, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < build->packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->packages, i);

      g_string_append_printf (text, "%s-%s\n", package->name, package->version);
    }
  return g_string_free (text, FALSE);
}

/* What the stand-in's table has; the same wherever it comes from. */
static void
check_chosen (const char *text)
{
  g_assert_nonnull (strstr (text, "kernel-core-"));
  g_assert_nonnull (strstr (text, "libvirt-daemon-kvm-"));
  g_assert_null (strstr (text, "glibc-static-"));
}

/* A DVD has no CRB; a second source has. */
static void
test_dvd (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dvd = g_build_filename (fixture->standin, "stand-in-dvd.iso", NULL);
  g_autofree char *directory = g_build_filename (fixture->standin, "1", NULL);
  const char *const alone[] = { dvd, NULL };
  const char *const both[] = { dvd, directory, NULL };
  g_autofree char *chosen = NULL;
  g_autofree char *saved = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)alone);
  g_assert_false (lodge_el_fetch (&fixture->build, &error));
  g_assert_nonnull (strstr (error->message, "has no repository CRB, which compiling "
                                            "lodge-firstboot needs"));
  g_assert_nonnull (strstr (error->message, "--firstboot FILE, a package that \"lodge package "));
  /* With a ready-built package nothing of CRB is wanted. */
  fixture->options->firstboot = g_strdup ("lodge-firstboot.rpm");
  chosen = fetch_from (fixture, alone);
  check_chosen (chosen);
  g_assert_cmpuint (fixture->build.build_packages->len, ==, 0);
  g_assert_false (fixture->build.makes_compiler);
  saved = g_build_filename (fixture->build.temporary, LODGE_EL_SAVED, NULL);
  remove_directory (saved);
  g_clear_pointer (&chosen, g_free);
  g_clear_pointer (&fixture->options->firstboot, g_free);
  g_ptr_array_set_size (fixture->build.packages, 0);
  g_clear_pointer (&fixture->build.root_key, g_free);
  chosen = fetch_from (fixture, both);
  check_chosen (chosen);
}

/* The key lies beside the template: over the network there is nothing but packages. */
static void
test_http (Fixture *fixture, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (fixture->standin, "1", NULL);
  g_autofree char *key = g_build_filename (fixture->standin, "RPM-GPG-KEY-standin", NULL);
  g_autofree char *beside
      = g_build_filename (fixture->template->directory, "RPM-GPG-KEY-standin", NULL);
  g_autofree char *url = NULL;
  g_autofree char *text = NULL;
  g_autofree char *chosen = NULL;
  g_autoptr (GSubprocess) server = serve (directory, &url);
  const char *const sources[] = { url, NULL };

  (void)data;
  g_assert_true (g_file_get_contents (key, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (beside, text, -1, NULL));
  chosen = fetch_from (fixture, sources);
  check_chosen (chosen);
  g_subprocess_force_exit (server);
  g_assert_true (g_subprocess_wait (server, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (standin_is_missing ())
    return 0;
  g_test_add ("/el/root", Fixture, NULL, standin_set_up, test_root, standin_tear_down);
  g_test_add ("/el/owners", Fixture, NULL, standin_set_up, test_owners, standin_tear_down);
  g_test_add ("/el/kernels", Fixture, NULL, standin_set_up, test_kernels, standin_tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *name = g_strconcat ("/el/refusal/", refusals[i].name, NULL);

      g_test_add (name, Fixture, &refusals[i], standin_set_up, test_refusal, standin_tear_down);
    }
  g_test_add ("/el/damaged", Fixture, NULL, standin_set_up, test_damaged, standin_tear_down);
  g_test_add ("/el/source/dvd", Fixture, NULL, standin_set_up, test_dvd, standin_tear_down);
  g_test_add ("/el/source/http", Fixture, NULL, standin_set_up, test_http, standin_tear_down);
  return g_test_run ();
}
