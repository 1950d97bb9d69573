/* The overlay archive: what is in it, with which modes, and what is refused.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/layout-gpt.h"
#include "builder/overlay.h"
#include "builder/remove.h"
#include "common/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *programs;
  char *tar;
  char *files[3];
  LodgeTemplate template;
  LodgeBuildOptions options;
  LodgeBuildPlan plan;
  LodgeBuild build;
} Fixture;

static char *no_strings[] = { NULL };
static char *disabled[] = { (char *)"unwanted.service", NULL };

static void
put (const char *directory, const char *name, const char *text, int mode)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
put_link (const char *directory, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *units = NULL;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->programs = g_build_filename (fixture->directory, "programs", NULL);
  fixture->tar = g_build_filename (fixture->directory, "overlay.tar", NULL);
  fixture->files[0] = g_build_filename (fixture->directory, "include", NULL);
  fixture->files[1] = g_build_filename (fixture->directory, "own", NULL);
  g_assert_cmpint (g_mkdir (fixture->files[0], 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->files[1], 0700), ==, 0);
  units = g_build_filename (fixture->directory, "firstboot", "units", NULL);
  put (fixture->programs, "lodge-firstboot", "program", 0700);
  put (fixture->programs, "lodge-proof-init", "init", 0600); /* a program whatever its mode */
  put (units, "lodge-firstboot.service",
       "[Service]\nExecStart=/usr/sbin/lodge-firstboot apply\n"
       "[Install]\nWantedBy=multi-user.target\n",
       0664);
  put (units, "README.md", "not a unit\n", 0644);

  fixture->template = (LodgeTemplate){
    .name = (char *)"test",
    .directory = fixture->directory,
    .files_directories = fixture->files,
    .description = (char *)"for a test",
    .release = (char *)"one",
    .os_name = (char *)"Test 1",
    .suites = no_strings,
    .components = no_strings,
    .fingerprints = no_strings,
    .install = no_strings,
    .build_depends = no_strings,
    .kernel_command_line = (char *)"quiet",
    .initramfs_drivers = no_strings,
    .enable = no_strings,
    .disable = disabled,
    .hostname = (char *)"lodge",
  };
  fixture->build.epoch = 1700000000;
  fixture->plan.template = &fixture->template;
  fixture->plan.options = &fixture->options;
  fixture->plan.outputs = g_ptr_array_new ();
  fixture->plan.size = (guint64)4 << 30;
  lodge_layout_gpt (fixture->plan.size, fixture->plan.partitions);
  fixture->build.plan = &fixture->plan;
  fixture->build.source = fixture->directory;
  fixture->build.build_hash = (char *)"00";
  fixture->build.packages = g_ptr_array_new ();
  fixture->build.build_packages = g_ptr_array_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_ptr_array_unref (fixture->plan.outputs);
  g_ptr_array_unref (fixture->build.packages);
  g_ptr_array_unref (fixture->build.build_packages);
  g_assert_true (lodge_remove_tree (fixture->directory, NULL));
  g_free (fixture->files[0]);
  g_free (fixture->files[1]);
  g_free (fixture->programs);
  g_free (fixture->tar);
  g_free (fixture->directory);
}

/* One line for each member of the archive TAR; short contents are shown. */
static char *
list (const char *tar)
{
  GString *text = g_string_new (NULL);
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  int result;

  archive_read_support_format_tar (archive);
  g_assert_cmpint (archive_read_open_filename (archive, tar, 4096), ==, ARCHIVE_OK);
  while ((result = archive_read_next_header (archive, &entry)) == ARCHIVE_OK)
    {
      const char *path = archive_entry_pathname (entry);
      char content[256] = "";
      la_ssize_t count = archive_read_data (archive, content, sizeof content - 1);

      g_assert_cmpint (count, >=, 0);
      g_string_append_printf (text, "%c%04o %d:%d %" G_GINT64_FORMAT " %s",
                              archive_entry_filetype (entry) == AE_IFDIR   ? 'd'
                              : archive_entry_filetype (entry) == AE_IFLNK ? 'l'
                                                                           : '-',
                              (unsigned)archive_entry_perm (entry), (int)archive_entry_uid (entry),
                              (int)archive_entry_gid (entry), (gint64)archive_entry_mtime (entry),
                              path);
      if (archive_entry_symlink (entry) != NULL)
        g_string_append_printf (text, " -> %s", archive_entry_symlink (entry));
      else if (archive_entry_filetype (entry) == AE_IFREG
               && !g_str_has_suffix (path, "manifest.json"))
        {
          g_autofree char *escaped = g_strescape (content, NULL);

          g_string_append_printf (text, " \"%s\"", escaped);
        }
      g_string_append_c (text, '\n');
    }
  g_assert_cmpint (result, ==, ARCHIVE_EOF);
  archive_read_free (archive);
  return g_string_free (text, FALSE);
}

/* Both templates, all of our own files, and every rule about modes. */
static void
test_content (Fixture *fixture, gconstpointer data)
{
  static const char expected[]
      = "-0644 0:0 1700000000 etc/both \"own\"\n"
        "-0644 0:0 1700000000 etc/hostname \"lodge\\n\"\n"
        "l0777 0:0 1700000000 etc/relative -> ../usr/share\n"
        "l0777 0:0 1700000000 etc/systemd/system/dbus-other.service -> "
        "/usr/lib/systemd/system/wanted.service\n"
        "l0777 0:0 1700000000 etc/systemd/system/first.target.wants/wanted.service -> "
        "/usr/lib/systemd/system/wanted.service\n"
        "l0777 0:0 1700000000 etc/systemd/system/multi-user.target.wants/lodge-firstboot.service "
        "-> /usr/lib/systemd/system/lodge-firstboot.service\n"
        "l0777 0:0 1700000000 etc/systemd/system/second.target.wants/wanted.service -> "
        "/usr/lib/systemd/system/wanted.service\n"
        "-0644 0:0 1700000000 etc/systemd/system/ssh.service.d/50.conf "
        "\"[Install]\\nWantedBy=x.target\\n\"\n"
        "l0777 0:0 1700000000 etc/systemd/system/third.target.requires/wanted.service -> "
        "/usr/lib/systemd/system/wanted.service\n"
        "d0700 0:0 1700000000 root/.ssh/\n"
        "-0600 0:0 1700000000 root/.ssh/authorized_keys \"ssh-ed25519 AAAA me\\n\"\n"
        "-0600 0:0 1700000000 root/.ssh/config \"c\"\n"
        "d0755 0:0 1700000000 srv/empty/\n"
        "-0755 0:0 1700000000 usr/bin/tool \"#!/bin/sh\\n\"\n"
        "-0644 0:0 1700000000 usr/lib/lodge/manifest.json\n"
        "-0755 0:0 1700000000 usr/lib/lodge/proof-init \"init\"\n"
        "-0644 0:0 1700000000 usr/lib/systemd/system-preset/10-lodge.preset \"# Services of this "
        "host; see systemd.preset(5).\\nenable lodge-firstboot.service\\ndisable "
        "unwanted.service\\n\"\n"
        "-0644 0:0 1700000000 usr/lib/systemd/system/lodge-firstboot.service "
        "\"[Service]\\nExecStart=/usr/sbin/lodge-firstboot "
        "apply\\n[Install]\\nWantedBy=multi-user.target\\n\"\n"
        "-0644 0:0 1700000000 usr/lib/systemd/system/unwanted.service "
        "\"[Install]\\nWantedBy=multi-user.target\\n\"\n"
        "-0644 0:0 1700000000 usr/lib/systemd/system/wanted.service "
        "\"[Install]\\nWantedBy=first.target  second.target\\n# x\\nRequiredBy = "
        "third.target\\nAlias=dbus-other.service\\n\"\n"
        "-0755 0:0 1700000000 usr/sbin/lodge-firstboot \"program\"\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *empty = g_build_filename (fixture->files[1], "srv", "empty", NULL);
  g_autofree char *text = NULL;

  (void)data;
  put (fixture->files[0], "etc/both", "include", 0644);
  put (fixture->files[1], "etc/both", "own", 0600);
  put_link (fixture->files[0], "etc/relative", "../usr/share");
  put (fixture->files[0], "etc/hostname", "other\n", 0644);
  put (fixture->files[0], "usr/bin/tool", "#!/bin/sh\n", 04777);
  put (fixture->files[0], "root/.ssh/config", "c", 0644);
  put (fixture->files[0], "usr/lib/systemd/system/unwanted.service",
       "[Install]\nWantedBy=multi-user.target\n", 0644);
  put (fixture->files[1], "usr/lib/systemd/system/wanted.service",
       "[Install]\nWantedBy=first.target  second.target\n# x\nRequiredBy = third.target\n"
       "Alias=dbus-other.service\n",
       0644);
  put (fixture->files[1], "etc/systemd/system/ssh.service.d/50.conf",
       "[Install]\nWantedBy=x.target\n", 0644);
  g_assert_cmpint (g_mkdir_with_parents (empty, 0700), ==, 0);
  fixture->plan.ssh_keys = (char *)"ssh-ed25519 AAAA me\n";

  lodge_overlay_write (&fixture->build, fixture->programs, fixture->tar, &error);
  g_assert_no_error (error);
  text = list (fixture->tar);
  g_assert_cmpstr (text, ==, expected);
}

/* A template may switch first boot off: the program and its unit are there, and nothing starts it,
 * nor would `systemctl preset-all`. */
static void
test_without_firstboot (Fixture *fixture, gconstpointer data)
{
  static char *without[] = { (char *)"lodge-firstboot.service", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  (void)data;
  fixture->template.disable = without;
  lodge_overlay_write (&fixture->build, fixture->programs, fixture->tar, &error);
  g_assert_no_error (error);
  text = list (fixture->tar);
  g_assert_nonnull (strstr (text, "usr/lib/systemd/system/lodge-firstboot.service "));
  g_assert_null (strstr (text, ".wants/"));
  g_assert_null (strstr (text, "enable lodge-firstboot"));
  g_assert_nonnull (strstr (text, "\\ndisable lodge-firstboot.service\\n"));
}

/* The same twice gives the same bytes, whatever the files' own times are. */
static void
test_repeatable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *second = g_strconcat (fixture->tar, "2", NULL);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  gsize one_length;
  gsize two_length;

  (void)data;
  put (fixture->files[0], "etc/a", "a", 0644);
  lodge_overlay_write (&fixture->build, fixture->programs, fixture->tar, &error);
  g_assert_no_error (error);
  put (fixture->files[0], "etc/a", "a", 0640); /* a new inode with a new time */
  lodge_overlay_write (&fixture->build, fixture->programs, second, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->tar, &one, &one_length, NULL));
  g_assert_true (g_file_get_contents (second, &two, &two_length, NULL));
  g_assert_cmpmem (one, one_length, two, two_length);
}

static void
expect_refusal (Fixture *fixture, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lodge_overlay_write (&fixture->build, fixture->programs, fixture->tar, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_pipe (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->files[0], "pipe", NULL);

  (void)data;
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  expect_refusal (fixture, "is a device, a pipe or a socket");
}

static void
test_escaping_link (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put_link (fixture->files[0], "etc/fine", "../usr/../etc");
  put_link (fixture->files[0], "etc/escape", "../../etc/shadow");
  expect_refusal (fixture, "links to ../../etc/shadow, which is outside the image");
}

static void
test_escaping_absolute_link (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put_link (fixture->files[0], "etc/escape", "/usr/../../etc/shadow");
  expect_refusal (fixture, "which is outside the image");
}

static void
test_below_file (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture->files[0], "etc/thing", "file", 0644);
  put (fixture->files[1], "etc/thing/below", "file", 0644);
  expect_refusal (fixture, "/etc/thing is a file, and /etc/thing/below");
}

static void
test_below_link (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put_link (fixture->files[0], "etc/thing", "/tmp");
  put (fixture->files[1], "etc/thing/below", "file", 0644);
  expect_refusal (fixture, "/etc/thing is a link, and /etc/thing/below");
}

static void
test_install_section (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture->files[0], "usr/lib/systemd/system/odd.service",
       "[Unit]\nAlso=fine here\n[Install]\nAlso=other.service\n", 0644);
  expect_refusal (fixture, "odd.service:4: [Install]");
}

static void
test_missing_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_build_filename (fixture->programs, "lodge-firstboot", NULL);

  (void)data;
  g_assert_cmpint (g_unlink (program), ==, 0);
  g_assert_false (lodge_overlay_write (&fixture->build, fixture->programs, fixture->tar, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "lodge-firstboot: No such file or directory"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
    { "/overlay/content", test_content },
    { "/overlay/without-firstboot", test_without_firstboot },
    { "/overlay/repeatable", test_repeatable },
    { "/overlay/pipe", test_pipe },
    { "/overlay/link/escapes", test_escaping_link },
    { "/overlay/link/escapes-absolute", test_escaping_absolute_link },
    { "/overlay/below/file", test_below_file },
    { "/overlay/below/link", test_below_link },
    { "/overlay/unit/install-section", test_install_section },
    { "/overlay/missing-program", test_missing_program },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
