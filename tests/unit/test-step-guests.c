/* The step "guests" never takes over what it has not seen, on a host of its own: one in whose mount
 * namespace VM storage is mounted and libvirt does not run.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/layout.h"
#include "firstboot/step.h"
#include "tests/unit/made-up-facts.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE LODGE_STORAGE_MOUNT_POINT "/" LODGE_GUEST_STORE
#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define DEFINITION STORE "/guests/" WEB "/definition.xml"
#define XML "<domain><name>web</name><uuid>" WEB "</uuid></domain>"

static gboolean
make_host (void)
{
  return unshare (geteuid () == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) == 0
         && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("none", "/run", "tmpfs", 0, NULL) == 0
         && mount ("none", "/var/lib", "tmpfs", 0, NULL) == 0
         && (!g_file_test ("/etc/libvirt", G_FILE_TEST_IS_DIR)
             || mount ("none", "/etc/libvirt", "tmpfs", 0, NULL) == 0)
         && g_mkdir_with_parents (LODGE_STORAGE_MOUNT_POINT, 0755) == 0
         && mount ("none", LODGE_STORAGE_MOUNT_POINT, "tmpfs", 0, NULL) == 0;
}

static void
put (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  lodge_file_replace (path, text, -1, 0600, &error);
  g_assert_no_error (error);
}

static void
tell (const char *line, gpointer data G_GNUC_UNUSED)
{
  g_test_message ("%s", line);
}

static gboolean
run (const char *answers_text, GError **error)
{
  g_autoptr (LodgeAnswers) answers = parse_answers (answers_text);
  g_autoptr (GPtrArray) disks = g_ptr_array_new ();
  g_autoptr (JsonObject) measured = json_object_new ();
  LodgePlan plan = { .answers = answers, .disks = disks };
  LodgeStepContext context = { .plan = &plan, .measured = measured, .tell = tell, .root = "" };

  g_ptr_array_add (disks, NULL);
  return lodge_step_guests (&context, error);
}

static gboolean
is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The step stops, nothing saved is gone, and nothing will be saved. */
static void
assert_stops (const char *answers)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (run (answers, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, "/proc/self"));
  g_assert_true (g_file_get_contents (DEFINITION, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, XML);
  g_assert_false (is_there (LODGE_STORAGE_MOUNT_POINT "/.lodge/removed"));
}

static void
on_fresh_storage (void)
{
  g_autofree char *token = NULL;
  g_autofree char *owner = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  run ("", &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (LODGE_GUEST_STORE_TOKEN, &token, NULL, NULL));
  g_assert_true (g_file_get_contents (STORE "/owner", &owner, NULL, NULL));
  g_assert_cmpstr (token, ==, owner);
  g_assert_cmpint (stat (STORE, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  run ("", &error);
  g_assert_no_error (error);
}

static void
on_storage_without_owner (void)
{
  put (DEFINITION, XML);
  assert_stops ("");
  assert_stops ("[storage]\nlayout=adopt\n");
  g_assert_false (is_there (STORE "/owner"));
  g_assert_false (is_there (LODGE_GUEST_STORE_TOKEN));
}

/* An earlier run has come as far as the owner; its definitions are looked through again, and until
 * that is done nothing is saved. */
static void
on_own_storage (void)
{
  put (DEFINITION, XML);
  put (STORE "/owner", "token\n");
  put (LODGE_GUEST_STORE_TOKEN, "token\n");
  assert_stops ("[storage]\nlayout=adopt\n");
  g_assert_false (is_there (LODGE_GUEST_STORE_TOKEN));
}

static void
on_unreadable_owner (void)
{
  put (DEFINITION, XML);
  g_assert_cmpint (mkfifo (STORE "/owner", 0600), ==, 0);
  assert_stops ("");
  assert_stops ("[storage]\nlayout=adopt\n");
  g_assert_false (is_there (LODGE_GUEST_STORE_TOKEN));
}

static void
on_linked_storage (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (LODGE_STORAGE_MOUNT_POINT "/real", 0700), ==, 0);
  g_assert_cmpint (symlink ("real", LODGE_STORAGE_MOUNT_POINT "/.lodge"), ==, 0);
  g_assert_false (run ("", &error));
  g_assert_nonnull (strstr (error->message, LODGE_STORAGE_MOUNT_POINT "/.lodge is a link"));
  g_assert_false (is_there (LODGE_STORAGE_MOUNT_POINT "/real/saved"));
}

static void
test (gconstpointer data)
{
  void (*const *on_host) (void) = data;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  if (!make_host ())
    {
      g_test_skip ("a mount namespace cannot be made here");
      return;
    }
  (*on_host) ();
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*on_host) (void);
  } tests[] = {
    { "/step-guests/fresh", on_fresh_storage },
    { "/step-guests/no-owner", on_storage_without_owner },
    { "/step-guests/own", on_own_storage },
    { "/step-guests/unreadable-owner", on_unreadable_owner },
    { "/step-guests/linked", on_linked_storage },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, &tests[i].on_host, test);
  return g_test_run ();
}
