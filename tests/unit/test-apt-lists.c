/* Package lists without their mirror: signed with real keys, checked by the real gpgv.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-lists.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define UNTIL 1763902496 /* Sun, 23 Nov 2025 12:54:56 UTC */
#define TEXT "Origin: Test\nValid-Until: Sun, 23 Nov 2025 12:54:56 UTC\nSHA256:\n"

typedef struct
{
  char *directory; /* home of gpg, too */
  char *lists;
  char *keyring; /* has the trusted key alone */
  char *file;    /* LISTS/a_InRelease */
} Fixture;

static void
run_gpg (const Fixture *fixture, const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;

  for (const char *const *word
       = (const char *const[]){ "gpg", "--batch", "--quiet", "--no-options", "--pinentry-mode",
                                "loopback", "--passphrase", "", "--yes", "--homedir", NULL };
       *word != NULL; word++)
    g_ptr_array_add (argv, (gpointer)*word);
  g_ptr_array_add (argv, fixture->directory);
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer)*arguments);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}
#define GPG(fixture, ...) run_gpg (fixture, (const char *const[]){ __VA_ARGS__, NULL })

/* TEXT as the list NAME, signed by USER. */
static void
sign (const Fixture *fixture, const char *name, const char *user, const char *text)
{
  g_autofree char *plain = g_build_filename (fixture->directory, "plain", NULL);
  g_autofree char *path = g_build_filename (fixture->lists, name, NULL);

  g_assert_true (g_file_set_contents (plain, text, -1, NULL));
  if (g_str_has_suffix (name, "InRelease"))
    {
      GPG (fixture, "--local-user", user, "--output", path, "--clear-sign", plain);
      return;
    }
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_free (g_steal_pointer (&plain));
  plain = g_strconcat (path, ".gpg", NULL);
  GPG (fixture, "--local-user", user, "--output", plain, "--detach-sign", path);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->directory = make_directory ();
  fixture->lists = g_build_filename (fixture->directory, "lists", NULL);
  fixture->keyring = g_build_filename (fixture->directory, "trusted.gpg", NULL);
  fixture->file = g_build_filename (fixture->lists, "a_InRelease", NULL);
  g_assert_cmpint (g_mkdir (fixture->lists, 0700), ==, 0);
  GPG (fixture, "--quick-generate-key", "trusted@example.com", "ed25519", "sign", "never");
  GPG (fixture, "--quick-generate-key", "removed@example.com", "ed25519", "sign", "never");
  GPG (fixture, "--output", fixture->keyring, "--export", "trusted@example.com");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_free (lodge_run_list (NULL, "gpgconf", "--homedir", fixture->directory, "--kill", "gpg-agent",
                          NULL));
  remove_directory (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->lists);
  g_free (fixture->keyring);
  g_free (fixture->file);
}

static gboolean
check (const Fixture *fixture, guint count, gint64 now, GError **error)
{
  return lodge_apt_lists_check (fixture->lists, count, fixture->keyring, now, fixture->directory,
                                NULL, error);
}

static void
expect_refusal (const Fixture *fixture, guint count, gint64 now, const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (check (fixture, count, now, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  sign (fixture, "a_InRelease", "trusted@example.com", TEXT);
  sign (fixture, "b_Release", "trusted@example.com", TEXT);
  check (fixture, 2, UNTIL, &error);
  g_assert_no_error (error);
  expect_refusal (fixture, 3, UNTIL, "the lists of every suite");
}

static void
test_outdated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  sign (fixture, "a_InRelease", "trusted@example.com", TEXT);
  expect_refusal (fixture, 1, UNTIL + 1, "a_InRelease was valid until 2025-11-2");
  /* A machine whose apt does not look at it. */
  check (fixture, 1, -1, &error);
  g_assert_no_error (error);
  sign (fixture, "a_InRelease", "trusted@example.com", "Valid-Until: when hell freezes over\n");
  expect_refusal (fixture, 1, UNTIL, "does not say in a known form");
}

/* The key was taken out of the template since the lists were got. */
static void
test_removed_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  sign (fixture, "a_InRelease", "removed@example.com", TEXT);
  expect_refusal (fixture, 1, UNTIL, "a_InRelease is not signed by a key");
  sign (fixture, "a_InRelease", "trusted@example.com", TEXT);
  sign (fixture, "b_Release", "removed@example.com", TEXT);
  expect_refusal (fixture, 1, UNTIL, "b_Release is not signed by a key");
  /* An archive signs with several keys. */
  sign (fixture, "b_InRelease", "trusted@example.com", TEXT);
  {
    g_autofree char *b = g_build_filename (fixture->lists, "b_Release", NULL);
    g_autofree char *plain = g_build_filename (fixture->directory, "plain", NULL);

    g_assert_cmpint (g_unlink (b), ==, 0);
    GPG (fixture, "--local-user", "removed@example.com", "--local-user", "trusted@example.com",
         "--output", fixture->file, "--clear-sign", plain);
  }
  check (fixture, 2, UNTIL, &error);
  g_assert_no_error (error);
}

static void
test_tampered (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *later = NULL;
  char *year;

  (void)data;
  sign (fixture, "a_InRelease", "trusted@example.com", TEXT);
  g_assert_true (g_file_get_contents (fixture->file, &text, NULL, NULL));
  year = strstr (text, "2025");
  memcpy (year, "2035", 4);
  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
  expect_refusal (fixture, 1, UNTIL, "is not signed by a key");
  /* What stands before the signed text is not signed. */
  sign (fixture, "a_InRelease", "trusted@example.com", TEXT);
  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (fixture->file, &text, NULL, NULL));
  later = g_strconcat ("Valid-Until: Fri, 23 Nov 2035 12:54:56 UTC\n\n", text, NULL);
  g_assert_true (g_file_set_contents (fixture->file, later, -1, NULL));
  expect_refusal (fixture, 1, UNTIL + 1, "was valid until 2025");
  g_assert_true (g_file_set_contents (fixture->file, TEXT, -1, NULL));
  expect_refusal (fixture, 1, UNTIL, "is not signed by a key");
}

static void
test_valid_until (void)
{
  static const struct
  {
    const char *text;
    gint64 until; /* 0: not understood */
  } cases[] = {
    { TEXT, UNTIL },
    { "Valid-Until: Sun, 23 Nov 2025 12:54:56 +0000", UNTIL },
    { "Suite: stable\n", G_MAXINT64 },
    { "X-Valid-Until: nonsense\n", G_MAXINT64 },
    { "Valid-Until: Sun, 23 Nov 2025 12:54:56 EST", 0 },
    { "Valid-Until: Sun, 31 Feb 2025 12:54:56 UTC", 0 },
    { "Valid-Until:", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 until = 0;

      g_assert_cmpint (lodge_apt_lists_valid_until (cases[i].text, &until), ==,
                       cases[i].until != 0);
      if (cases[i].until != 0)
        g_assert_cmpint (until, ==, cases[i].until);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/apt-lists/good", test_good);
  ADD ("/apt-lists/outdated", test_outdated);
  ADD ("/apt-lists/removed-key", test_removed_key);
  ADD ("/apt-lists/tampered", test_tampered);
#undef ADD
  g_test_add_func ("/apt-lists/valid-until", test_valid_until);
  return g_test_run ();
}
