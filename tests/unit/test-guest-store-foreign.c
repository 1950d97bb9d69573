/* A store that came with somebody's disk: links, pipes, masses of files, other people's
 * permissions. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/restore-files.h"
#include "tests/unit/saved-guests.h"

/* Replaces PATH, below the fixture's root, by a link to a directory "outside" that looks like what
 * was there. */
static void
replace_by_link (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);

  g_assert_cmpint (g_rename (full, outside), ==, 0);
  g_assert_cmpint (symlink (outside, full), ==, 0);
}

/* Saving fails where the LINK stands, and nothing behind it is touched. */
static void
assert_not_followed (const Fixture *fixture, const char *link, const char *kept, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->root, "outside", kept, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, link));
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, text);
}

static void
test_link_kind (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;

  save (fixture, -1);
  replace_by_link (fixture, "store/guests");
  put (fixture, "outside/" LAB "/nvram", "not ours");
  drop (fixture, "etc/libvirt/qemu/db.xml");
  assert_not_followed (fixture, "store/guests", LAB "/nvram", "not ours");
  assert_not_followed (fixture, "store/guests", DB "/nvram", "db's variables");
  /* The others are saved all the same. */
  g_assert_true (is_saved (fixture, "networks/" LAB "/definition.xml"));
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (saved->len, ==, 2); /* iso, lab */
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_true (((LodgeSavedProblem *)problems->pdata[0])->lost);
}

static void
test_link_guest (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *link = g_build_filename (fixture->store, "guests", DB, NULL);
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GError) error = NULL;
  LodgeSavedProblem *problem;

  save (fixture, -1);
  replace_by_link (fixture, "store/guests/" DB);
  put (fixture, "outside/passwd", "not ours");
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (problems->len, ==, 1);
  problem = problems->pdata[0];
  g_assert_cmpstr (problem->directory, ==, "guests/" DB);
  g_assert_true (problem->strange);
  g_assert_false (problem->lost);
  g_assert_false (lodge_saved_mark (fixture->store, problem->directory, "no", &error));
  assert_not_followed (fixture, DB, "passwd", "not ours");
  /* Not even when nothing is defined any more. */
  drop (fixture, "etc/libvirt/qemu/db.xml");
  save (fixture, 0);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_link_files (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const names[] = { "tpm", "nvram" };

  save (fixture, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("store/guests/" WEB "/%s", names[i]);
      g_autofree char *full = g_build_filename (fixture->root, path, NULL);
      g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);
      g_autofree char *new = g_build_filename (fixture->root, "new", NULL);
      g_autoptr (GPtrArray) saved = lodge_guest_store_read (fixture->store, NULL);
      g_autoptr (GError) error = NULL;

      replace_by_link (fixture, path);
      g_assert_false (lodge_restore_files (new, saved->pdata[3], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, full));
      if (i == 0)
        {
          put (fixture, "outside/passwd", "not ours");
          assert_not_followed (fixture, full, "passwd", "not ours");
          drop (fixture, path);
        }
      remove_all (outside);
    }
  /* Saving replaces a link by the file. */
  save (fixture, -1);
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  assert_saved (fixture, "guests/" WEB "/tpm/tpm2/tpm2-00.permall", "web's TPM");
}

/* A pipe, which would never end. */
static void
test_pipe (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *definition
      = g_build_filename (fixture->store, "guests", DB, "definition.xml", NULL);
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;

  save (fixture, -1);
  drop (fixture, "store/guests/" DB "/definition.xml");
  g_assert_cmpint (mkfifo (definition, 0600), ==, 0);
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (saved->len, ==, 3);
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_nonnull (strstr (((LodgeSavedProblem *)problems->pdata[0])->reason, "regular file"));
  g_assert_false (((LodgeSavedProblem *)problems->pdata[0])->lost);
}

/* A directory that is not read to its end says nothing about what is not in it. */
static void
test_too_many (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *qemu = g_build_filename (fixture->root, "etc/libvirt/qemu", NULL);
  char full[] = "/dev/shm/lodge-guests-XXXXXX"; /* thousands of files are made in no time there */
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  if (g_mkdtemp (full) == NULL)
    {
      g_test_skip ("/dev/shm cannot be written");
      return;
    }
  save (fixture, -1);
  remove_all (qemu);
  g_assert_cmpint (symlink (full, qemu), ==, 0);
  for (guint i = 0; i < 4097; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/note-%u", full, i);

      g_assert_cmpint (mknod (path, S_IFREG | 0600, 0), ==, 0);
    }
  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_nonnull (strstr (error->message, "etc/libvirt/qemu has more than"));
  assert_names (fixture, "db web");
  remove_all (full);
}

/* Whoever had the disk before, what is saved is root's alone, in no other place. */
static void
test_permissions (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *guests = g_build_filename (fixture->store, "guests", NULL);
  g_autofree char *nvram = g_build_filename (fixture->store, "guests", WEB, "nvram", NULL);
  g_autofree char *other = g_build_filename (fixture->root, "other", NULL);
  struct stat status;

  save (fixture, -1);
  g_assert_cmpint (chmod (guests, 0777), ==, 0);
  g_assert_cmpint (chmod (nvram, 0666), ==, 0);
  if (geteuid () == 0)
    g_assert_cmpint (chown (guests, 1000, 1000), ==, 0);
  save (fixture, 1);
  g_assert_cmpint (stat (guests, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpint (status.st_uid, ==, geteuid ());
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  g_assert_cmpint (link (nvram, other), ==, 0);
  save (fixture, 1);
  g_assert_cmpint (stat (nvram, &status), ==, 0);
  g_assert_cmpint (status.st_nlink, ==, 1);
}

/* Messages name the place, not this process's descriptor. */
static void
test_shown (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeDirectory) directory = NULL;
  g_autofree char *store = NULL;
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GError) error = NULL;

  save (fixture, -1);
  put (fixture, "store/guests/" DB "/definition.xml", "garbage");
  g_assert_true (lodge_directory_open (fixture->store, &directory, &error));
  store = g_strdup_printf ("/proc/self/fd/%d", directory->fd);
  saved = lodge_guest_store_read (store, problems);
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_true (
      g_str_has_prefix (((LodgeSavedProblem *)problems->pdata[0])->reason, fixture->store));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/guest-store-foreign/link-kind", test_link_kind },
    { "/guest-store-foreign/link-guest", test_link_guest },
    { "/guest-store-foreign/link-files", test_link_files },
    { "/guest-store-foreign/pipe", test_pipe },
    { "/guest-store-foreign/too-many", test_too_many },
    { "/guest-store-foreign/permissions", test_permissions },
    { "/guest-store-foreign/shown", test_shown },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
