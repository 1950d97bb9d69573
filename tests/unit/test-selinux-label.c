/* Labels in an ext4 file system, by the words of its own policy; looked up before and when they are
 * written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/selinux-label.h"

#include <glib/gstdio.h>
#include <string.h>

#include "common/run.h"
#include "tests/unit/fixture.h"

#define CONTEXTS                                                                                   \
  "/.* system_u:object_r:default_t:s0\n"                                                           \
  "/bin(/.*)? system_u:object_r:bin_t:s0\n"                                                        \
  "/none -- <<none>>\n"                                                                            \
  "/kind -d system_u:object_r:directory_t:s0\n"                                                    \
  "/kind -- system_u:object_r:file_t:s0\n"

typedef struct
{
  char *top;
  char *image;
} Fixture;

static void
put (const char *top, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (top, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;

  g_free (lodge_run (argv, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tree = NULL;

  (void)data;
  fixture->top = make_directory ();
  fixture->image = g_build_filename (fixture->top, "image", NULL);
  tree = g_build_filename (fixture->top, "tree", NULL);
  put (tree, "etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n");
  put (tree, "etc/selinux/targeted/contexts/files/file_contexts", CONTEXTS);
  put (tree, "bin/sh", "");
  put (tree, "none", "");
  put (tree, "kind", "");
  run ((const char *const[]){ "mke2fs", "-q", "-t", "ext4", "-d", tree, fixture->image, "16M",
                              NULL });
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->top);
  g_free (fixture->top);
  g_free (fixture->image);
}

/* As people do who know nothing of us. */
static void
debugfs (const Fixture *fixture, const char *request)
{
  run ((const char *const[]){ "debugfs", "-w", "-R", request, fixture->image, NULL });
}

static void
assert_label (const Fixture *fixture, const char *path, const char *type)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = g_strdup_printf ("ea_get -V %s security.selinux", path);
  g_autofree char *expected = g_strdup_printf ("system_u:object_r:%s:s0", type);
  g_autofree char *found = lodge_run_list (&error, "debugfs", "-R", request, fixture->image, NULL);

  g_assert_no_error (error);
  found[strcspn (found, "\n")] = '\0';
  g_assert_cmpstr (found, ==, expected);
}

static LodgeSelinuxAhead *
look_up (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  LodgeSelinuxAhead *ahead
      = lodge_selinux_ahead_start (fixture->image, 0, fixture->top, NULL, &error);

  g_assert_no_error (error);
  return ahead;
}

/* COUNT files are there: with the root and lost+found. */
static void
label (const Fixture *fixture, LodgeSelinuxAhead *ahead, guint64 count)
{
  g_autoptr (GError) error = NULL;
  guint64 labelled = 0;

  lodge_selinux_label (fixture->image, 0, fixture->top, ahead, &labelled, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (labelled, ==, count);
  run ((const char *const[]){ "e2fsck", "-fn", fixture->image, NULL });
}

/* How many files the fixture has. */
#define FILES 13

static void
test_labels (Fixture *fixture, gconstpointer with_ahead)
{
  g_autoptr (LodgeSelinuxAhead) ahead = with_ahead != NULL ? look_up (fixture) : NULL;

  label (fixture, ahead, FILES);
  assert_label (fixture, "/bin", "bin_t");
  assert_label (fixture, "/bin/sh", "bin_t");
  assert_label (fixture, "/etc/selinux/config", "default_t");
  assert_label (fixture, "/none", "default_t");
  assert_label (fixture, "/kind", "file_t");
}

/* Between the look-ups and the labels. */
static void
test_changed_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeSelinuxAhead) ahead = look_up (fixture);
  g_autofree char *write = g_strdup_printf ("write %s/tree/bin/sh bin/late", fixture->top);

  (void)data;
  debugfs (fixture, write);
  debugfs (fixture, "rm kind");
  debugfs (fixture, "mkdir kind");
  label (fixture, ahead, FILES + 1);
  assert_label (fixture, "/bin/late", "bin_t");
  assert_label (fixture, "/kind", "directory_t");
}

static void
test_changed_policy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeSelinuxAhead) ahead = look_up (fixture);
  g_autofree char *write = g_strdup_printf (
      "write %s/local etc/selinux/targeted/contexts/files/file_contexts.local", fixture->top);

  (void)data;
  put (fixture->top, "local", "/bin/sh system_u:object_r:local_t:s0\n");
  debugfs (fixture, write);
  label (fixture, ahead, FILES + 1);
  assert_label (fixture, "/bin/sh", "local_t");
  assert_label (fixture, "/kind", "file_t");
}

static void
test_given_up (Fixture *fixture, gconstpointer data)
{
  LodgeSelinuxAhead *ahead = look_up (fixture);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  (void)data;
  lodge_selinux_ahead_free (ahead);
  g_cancellable_cancel (cancellable);
  g_assert_null (lodge_selinux_ahead_start (fixture->image, 0, fixture->top, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_no_policy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  debugfs (fixture, "rm etc/selinux/config");
  g_assert_null (lodge_selinux_ahead_start (fixture->image, 0, fixture->top, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (lodge_selinux_label (fixture->image, 0, fixture->top, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "SELINUXTYPE="));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/selinux-label/labels", Fixture, NULL, set_up, test_labels, tear_down);
  g_test_add ("/selinux-label/ahead", Fixture, "", set_up, test_labels, tear_down);
  g_test_add ("/selinux-label/changed-files", Fixture, NULL, set_up, test_changed_files, tear_down);
  g_test_add ("/selinux-label/changed-policy", Fixture, NULL, set_up, test_changed_policy,
              tear_down);
  g_test_add ("/selinux-label/given-up", Fixture, NULL, set_up, test_given_up, tear_down);
  g_test_add ("/selinux-label/no-policy", Fixture, NULL, set_up, test_no_policy, tear_down);
  return g_test_run ();
}
