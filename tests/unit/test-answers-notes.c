/* What is told of answers that are no mistake.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/answers-notes.h"
#include "common/keymaps.h"

#include <string.h>

#define KEY                                                                                        \
  "[access]\nssh-keys=ssh-ed25519 "                                                                \
  "AAAAC3NzaC1lZDI1NTE5AAAAIGRtAr0MG1cMBSQJFbGnRzNBHw0Rz8sfqAcMTSFfCQXs a\n"
#define HOST(n) "[match mac=52:54:00:00:00:0" n "]\n"
#define HASH                                                                                       \
  "access.root-password-hash=$6$salt$"                                                             \
  "0123456789012345678901234567890123456789012"                                                    \
  "abcdefghijabcdefghijabcdefghijabcdefghijabc\n"

static void
check (const char *text, const LodgeHostIdentity *host, LodgeImageAccess access,
       const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) notes
      = lodge_answers_notes ("F", text, strlen (text), host, access, &error);
  g_autofree char *all = NULL;

  g_assert_no_error (error);
  g_ptr_array_add (notes, NULL);
  all = g_strjoinv ("|", (char **)notes->pdata);
  if (!g_pattern_match_simple (expected, all))
    g_error ("notes of\n%s\nare\n%s\nwanted\n%s", text, all, expected);
}

static void
test_access (void)
{
  char *macs[] = { (char *)"52:54:00:00:00:01", NULL };
  const LodgeHostIdentity first = { .macs = macs };

  check ("", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "nobody can log in with the answers of F alone: *");
  check ("", NULL, LODGE_IMAGE_ACCESS_GIVEN, "");
  check (KEY, NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  check (HOST ("1") HASH, NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  check (HOST ("1") "host.hostname=a\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "nobody can log in*");
  check (HOST ("1") HASH HOST ("2") "host.hostname=b\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
         "F:3: nobody can log in to the host mac=52:54:00:00:00:02 with its answers alone: *");
  check (HOST ("1") HASH HOST ("2") HOST ("3"), NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
         "F:3: nobody can log in to the host mac=52:54:00:00:00:02, as to others of this file, *");
  check (HOST ("1") HASH HOST ("2") HOST ("3"), NULL, LODGE_IMAGE_ACCESS_GIVEN, "");
  /* Both sections may be one machine's. */
  check (HOST ("1") HASH "[match serial=S]\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  /* One host alone. */
  check (HOST ("1") HASH HOST ("2"), &first, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  check (HOST ("1") HOST ("2") HASH, &first, LODGE_IMAGE_ACCESS_UNKNOWN, "nobody can log in*");
}

static void
test_values (void)
{
  check (KEY "[storage]\nlayout=raid1\n" HOST ("1") HOST ("2") "host.hostname=b\n", NULL,
         LODGE_IMAGE_ACCESS_UNKNOWN, "layout=raid1 of F is not in this version *none");
  check (KEY HOST ("1") "storage.layout=lvm\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
         "layout=lvm of F is not in this version *none");
  check (KEY "[host]\nlanguage=C.UTF-8\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  check (KEY HOST ("1") "host.language=de_AT.UTF-8\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
         "language=de_AT.UTF-8 of F is only in an image *");
  check (KEY "[host]\ntimezone=UTC\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  if (g_file_test ("/usr/share/zoneinfo", G_FILE_TEST_IS_DIR))
    check (KEY HOST ("1") "host.timezone=Europe/Berln\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
           "timezone=Europe/Berln of F is not known on this machine; *");
  check (KEY "[host]\nkeyboard=us\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
  if (lodge_keymaps_are_known (""))
    {
      check (KEY "[host]\nkeyboard=de-latin1\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN, "");
      check (KEY HOST ("1") "host.keyboard=de-latn1\n", NULL, LODGE_IMAGE_ACCESS_UNKNOWN,
             "keyboard=de-latn1 of F is not known on this machine; *");
    }
}

static void
test_clashes (void)
{
  check (KEY HOST ("1") "host.hostname=a\n" HOST ("2") "host.hostname=a\n", NULL,
         LODGE_IMAGE_ACCESS_UNKNOWN,
         "F:6: hostname=a of *; lodge answers check --all F shows every host");
}

static void
test_mistake (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_answers_notes ("F", "[hos]\n", 6, NULL, LODGE_IMAGE_ACCESS_GIVEN, &error));
  g_assert_true (g_str_has_prefix (error->message, "F:1: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answers-notes/access", test_access);
  g_test_add_func ("/answers-notes/values", test_values);
  g_test_add_func ("/answers-notes/clashes", test_clashes);
  g_test_add_func ("/answers-notes/mistake", test_mistake);
  return g_test_run ();
}
