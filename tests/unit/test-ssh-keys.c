/* Files of SSH public keys.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/ssh-keys.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <string.h>

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

static void
test_ssh_keys (void)
{
  static const struct
  {
    const char *text;
    const char *expected; /* keys, or part of the message */
    gboolean accepted;
  } cases[] = {
    { KEY " me@desk\n", KEY " me@desk\n", TRUE },
    { "# mine\n\n" KEY "\n" KEY "\n", KEY "\n", TRUE },
    { KEY, KEY "\n", TRUE },
    { "", "holds no SSH public key", FALSE },
    { "# nothing\n", "holds no SSH public key", FALSE },
    { "-----BEGIN OPENSSH PRIVATE KEY-----\n", "is a private key", FALSE },
    { KEY "\nnonsense\n", "key.pub:2: ", FALSE },
  };
  g_autofree char *directory = make_directory ();
  g_autofree char *path = g_build_filename (directory, "key.pub", NULL);
  const char *const files[] = { path, path, NULL };
  const char *const none[] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *keys = NULL;

      write_file (path, cases[i].text);
      keys = lodge_ssh_keys_read (files, &error);
      if (cases[i].accepted)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (keys, ==, cases[i].expected);
          continue;
        }
      g_assert_null (keys);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
  g_assert_null (lodge_ssh_keys_read (none, NULL));
  g_assert_null (lodge_ssh_keys_read (NULL, NULL));
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ssh-keys/read", test_ssh_keys);
  return g_test_run ();
}
