/* Which keys may sign packages: keys as gpg(1) makes them, right and wrong in every way.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-key.h"

#include <string.h>

#include "common/error.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#define EARLY "20200101T000000!" /* the "!": time stands still */
#define LATER "20200201T000000!"

typedef struct
{
  char *top;
  char *home; /* gpg's, with the secret keys */
} Keys;

/* gpg with WORDS, at TIME (NULL: now). */
static char *
gpg (const Keys *keys, const char *time, const char *const *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  static const char *const first[]
      = { "gpg", "--batch", "--yes", "--quiet", "--no-options", "--passphrase", "", "--homedir" };
  char *output;

  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (argv, (gpointer)first[i]);
  g_ptr_array_add (argv, keys->home);
  if (time != NULL)
    {
      g_ptr_array_add (argv, (gpointer) "--faked-system-time");
      g_ptr_array_add (argv, (gpointer)time);
    }
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, (gpointer)*words);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
  return output;
}

static void
keys_open (Keys *keys, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  keys->top = make_directory ();
  keys->home = g_build_filename (keys->top, "home", NULL);
  lodge_file_make_directory (keys->home, 0700, &error);
  g_assert_no_error (error);
}

static void
keys_close (Keys *keys, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output
      = lodge_run_list (&error, "gpgconf", "--homedir", keys->home, "--kill", "all", NULL);

  (void)data;
  g_assert_no_error (error);
  remove_directory (keys->top);
  g_free (keys->top);
  g_free (keys->home);
}

/* A key for NAME, made at TIME with the digest DIGEST; its fingerprint. */
static char *
make_key (const Keys *keys, const char *name, const char *time, const char *digest,
          const char *expires)
{
  const char *const make[]
      = { "--cert-digest-algo", digest, "--quick-gen-key", name, "ed25519", "sign", expires, NULL };
  const char *const list[] = { "--with-colons", "--list-keys", name, NULL };
  g_autofree char *made = gpg (keys, time, make);
  g_autofree char *listing = gpg (keys, time, list);
  const char *line = strstr (listing, "\nfpr:::::::::");

  g_assert_nonnull (line);
  return g_strndup (line + strlen ("\nfpr:::::::::"), 40);
}

/* Writes the key as it is now to FILE below the keys' directory; its path. */
static char *
export_key (const Keys *keys, const char *fingerprint, const char *file)
{
  g_autofree char *path = g_build_filename (keys->top, file, NULL);
  const char *const words[] = { "--armor", "--output", path, "--export", fingerprint, NULL };
  g_autofree char *output = gpg (keys, NULL, words);

  return g_steal_pointer (&path);
}

/* By the certificate that gpg lays aside with each new key; a colon guards it. */
static void
revoke_key (const Keys *keys, const char *fingerprint)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strconcat (fingerprint, ".rev", NULL);
  g_autofree char *path = g_build_filename (keys->home, "openpgp-revocs.d", name, NULL);
  g_autofree char *text = lodge_file_read (path, 65536, NULL, &error);
  const char *const import[] = { "--import", path, NULL };
  g_autofree char *output = NULL;
  char *begin;

  g_assert_no_error (error);
  begin = strstr (text, ":-----BEGIN");
  g_assert_nonnull (begin);
  lodge_file_replace (path, begin + 1, -1, 0600, &error);
  g_assert_no_error (error);
  output = gpg (keys, NULL, import);
}

/* What lodge_el_key_fault() says of the key in FILE at NOW (0: the present). */
static const char *
find_fault (const Keys *keys, const char *file, const char *fingerprint, gint64 now)
{
  const char *const list[] = { "--with-colons", "--show-keys", file, NULL };
  const char *const dump[] = { "--list-packets", file, NULL };
  g_autofree char *listing = gpg (keys, NULL, list);
  g_autofree char *packets = gpg (keys, NULL, dump);

  return lodge_el_key_fault (listing, packets, fingerprint,
                             now != 0 ? now : g_get_real_time () / G_USEC_PER_SEC);
}

static void
test_fault (Keys *keys, gconstpointer data)
{
  g_autofree char *right = make_key (keys, "right", EARLY, "SHA256", "never");
  g_autofree char *expired = make_key (keys, "expired", EARLY, "SHA256", "2020-02-01");
  g_autofree char *expires = make_key (keys, "expires", NULL, "SHA512", "1y");
  g_autofree char *revoked = make_key (keys, "revoked", EARLY, "SHA256", "never");
  g_autofree char *weak = make_key (keys, "weak", EARLY, "SHA1", "never");
  g_autofree char *right_file = export_key (keys, right, "right");
  g_autofree char *expired_file = export_key (keys, expired, "expired");
  g_autofree char *expires_file = export_key (keys, expires, "expires");
  g_autofree char *weak_file = export_key (keys, weak, "weak");
  g_autofree char *revoked_file = NULL;
  gint64 in_two_years = g_get_real_time () / G_USEC_PER_SEC + 2 * 365 * 24 * 3600;

  (void)data;
  revoke_key (keys, revoked);
  revoked_file = export_key (keys, revoked, "revoked");
  g_assert_cmpstr (find_fault (keys, right_file, right, 0), ==, NULL);
  g_assert_cmpstr (find_fault (keys, right_file, weak, 0), ==, "is not there");
  g_assert_cmpstr (find_fault (keys, expired_file, expired, 0), ==, "has expired");
  g_assert_cmpstr (find_fault (keys, expires_file, expires, 0), ==, NULL);
  g_assert_cmpstr (find_fault (keys, expires_file, expires, in_two_years), ==, "has expired");
  g_assert_cmpstr (find_fault (keys, revoked_file, revoked, 0), ==, "was revoked");
  g_assert_cmpstr (find_fault (keys, weak_file, weak, 0), ==,
                   "is signed with SHA-1 only, which can be forged");
}

/* --- several files, several keys --- */

/* lodge_el_key_make(); *SHOWN becomes what gpg shows of the file for rpm. */
static gboolean
make (const Keys *keys, const char *const *files, const char *const *fingerprints, char **shown,
      GError **error)
{
  g_autofree char *directory = g_build_filename (keys->top, "private", NULL);
  g_autofree char *armored = g_build_filename (keys->top, "armored", NULL);
  g_autofree char *binary = g_build_filename (keys->top, "binary", NULL);
  const char *const show[] = { "--with-colons", "--show-keys", armored, NULL };
  const char *const show_binary[] = { "--with-colons", "--show-keys", binary, NULL };
  g_autofree char *other = NULL;

  if (!lodge_el_key_make (files, fingerprints, directory, armored, binary, NULL, error))
    return FALSE;
  *shown = gpg (keys, NULL, show);
  other = gpg (keys, NULL, show_binary);
  g_assert_cmpstr (*shown, ==, other);
  return TRUE;
}

/* A copy of before the revocation is in circulation; in which order they are found does not count.
 */
static void
test_revoked_copy (Keys *keys, gconstpointer data)
{
  g_autofree char *fingerprint = make_key (keys, "revoked", EARLY, "SHA256", "never");
  g_autofree char *old = export_key (keys, fingerprint, "old");
  g_autofree char *new = NULL;
  const char *const fingerprints[] = { fingerprint, NULL };

  (void)data;
  revoke_key (keys, fingerprint);
  new = export_key (keys, fingerprint, "new");
  for (int turn = 0; turn < 2; turn++)
    {
      const char *const files[] = { turn == 0 ? old : new, turn == 0 ? new : old, NULL };
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;

      g_assert_false (make (keys, files, fingerprints, &shown, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, "was revoked"));
      g_assert_nonnull (strstr (error->message, new));
    }
}

/* A copy that says no more than that the key was revoked has no name in it, and gpg does not import
 * such a one by itself: it counts all the same, before and after the copy that it is about. */
static void
test_revoked_nameless (Keys *keys, gconstpointer data)
{
  g_autofree char *fingerprint = make_key (keys, "nameless", EARLY, "SHA256", "never");
  g_autofree char *old = export_key (keys, fingerprint, "old");
  g_autofree char *new = g_build_filename (keys->top, "new", NULL);
  const char *const words[] = {
    "--armor", "--export-filter", "keep-uid=uid = nobody", "--output", new, "--export", fingerprint,
    NULL
  };
  const char *const fingerprints[] = { fingerprint, NULL };
  g_autofree char *output = NULL;

  (void)data;
  revoke_key (keys, fingerprint);
  output = gpg (keys, NULL, words);
  for (int turn = 0; turn < 2; turn++)
    {
      const char *const files[] = { turn == 0 ? old : new, turn == 0 ? new : old, NULL };
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;

      g_assert_false (make (keys, files, fingerprints, &shown, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, "was revoked"));
      g_assert_nonnull (strstr (error->message, new));
    }
}

/* An expiry that was set later counts, and so does one that was put off. */
static void
test_expired_copy (Keys *keys, gconstpointer data)
{
  g_autofree char *cut = make_key (keys, "cut", EARLY, "SHA256", "never");
  g_autofree char *prolonged = make_key (keys, "prolonged", EARLY, "SHA256", "2020-03-01");
  g_autofree char *cut_old = export_key (keys, cut, "cut-old");
  g_autofree char *prolonged_old = export_key (keys, prolonged, "prolonged-old");
  const char *const cut_words[] = { "--quick-set-expire", cut, "2020-03-01", NULL };
  const char *const prolong_words[] = { "--quick-set-expire", prolonged, "0", NULL };
  g_autofree char *first = gpg (keys, LATER, cut_words);
  g_autofree char *second = gpg (keys, LATER, prolong_words);
  g_autofree char *cut_new = export_key (keys, cut, "cut-new");
  g_autofree char *prolonged_new = export_key (keys, prolonged, "prolonged-new");
  const char *const cut_files[] = { cut_old, cut_new, NULL };
  const char *const prolonged_files[] = { prolonged_old, prolonged_new, NULL };
  const char *const cut_only[] = { cut, NULL };
  const char *const prolonged_only[] = { prolonged, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;

  (void)data;
  g_assert_false (make (keys, cut_files, cut_only, &shown, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "has expired"));
  g_clear_error (&error);
  make (keys, prolonged_files, prolonged_only, &shown, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (shown, prolonged));
}

/* All pinned keys that can be used are; a file's other keys and faulty ones are not. */
static void
test_several (Keys *keys, gconstpointer data)
{
  g_autofree char *first = make_key (keys, "first", EARLY, "SHA256", "never");
  g_autofree char *second = make_key (keys, "second", EARLY, "SHA512", "never");
  g_autofree char *expired = make_key (keys, "expired", EARLY, "SHA256", "2020-02-01");
  g_autofree char *stranger = make_key (keys, "stranger", EARLY, "SHA256", "never");
  g_autofree char *first_file = export_key (keys, first, "first");
  g_autofree char *all = g_build_filename (keys->top, "all", NULL);
  const char *const words[] = { "--armor", "--output", all, "--export", NULL };
  g_autofree char *exported = gpg (keys, NULL, words);
  const char *const files[] = { "/nonexistent/RPM-GPG-KEY", first_file, all, NULL };
  const char *const fingerprints[] = { expired, second, first, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;

  (void)data;
  make (keys, files, fingerprints, &shown, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (shown, first));
  g_assert_nonnull (strstr (shown, second));
  g_assert_null (strstr (shown, expired));
  g_assert_null (strstr (shown, stranger));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/el-key/fault", Keys, NULL, keys_open, test_fault, keys_close);
  g_test_add ("/el-key/revoked-copy", Keys, NULL, keys_open, test_revoked_copy, keys_close);
  g_test_add ("/el-key/revoked-nameless", Keys, NULL, keys_open, test_revoked_nameless, keys_close);
  g_test_add ("/el-key/expired-copy", Keys, NULL, keys_open, test_expired_copy, keys_close);
  g_test_add ("/el-key/several", Keys, NULL, keys_open, test_several, keys_close);
  return g_test_run ();
}
