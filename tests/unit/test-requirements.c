/* What a build needs of the machine: found where distributions have it, and the command that
 * installs it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/requirements.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static const LodgeRequirement *
find_row (const char *program)
{
  gsize count;
  const LodgeRequirement *rows = lodge_requirements (&count);

  for (gsize i = 0; i < count; i++)
    if (strcmp (rows[i].program, program) == 0)
      return &rows[i];
  g_assert_not_reached ();
}

/* PATH of an EL machine: dnf is there, dpkg-query is not. */
static char *
make_el_path (const char *directory)
{
  g_autofree char *dnf = g_build_filename (directory, "dnf", NULL);

  g_assert_true (g_file_set_contents (dnf, "#!/bin/sh\n", -1, NULL));
  g_assert_cmpint (g_chmod (dnf, 0755), ==, 0);
  return g_strdup (directory);
}

static void
test_el (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *path = make_el_path (directory);
  g_autofree char *base = NULL;
  g_autofree char *epel = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", path, TRUE);
  base = lodge_requirement_mend (find_row ("mkfs.fat"));
  epel = lodge_requirement_mend (find_row ("dpkg-deb"));
  g_assert_false (lodge_requirements_check (LODGE_FAMILY_DEBIAN, &error));
  g_setenv ("PATH", before, TRUE);
  g_assert_cmpstr (base, ==, "dnf install dosfstools");
  g_assert_cmpstr (epel, ==, "dnf install epel-release && dnf install dpkg");
  g_assert_nonnull (strstr (error->message, "dnf install epel-release && dnf install apt "));
  remove_directory (directory);
}

/* EL's package qemu-kvm has its emulator in no directory of PATH. */
static void
test_emulator (void)
{
  static const char libexec[] = "/usr/libexec/qemu-kvm";
  const LodgeRequirement *row = find_row ("qemu-system-x86_64");
  g_autofree char *directory = make_directory ();
  g_autofree char *before = g_strdup (g_getenv ("PATH"));
  g_autofree char *program = g_build_filename (directory, "qemu-system-x86_64", NULL);
  g_autofree char *found = NULL;
  g_autofree char *other = NULL;

  g_assert_true (g_file_set_contents (program, "#!/bin/sh\n", -1, NULL));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  g_setenv ("PATH", directory, TRUE);
  found = lodge_requirement_find (row);
  g_assert_cmpint (g_unlink (program), ==, 0);
  other = lodge_requirement_find (row);
  g_setenv ("PATH", before, TRUE);
  g_assert_cmpstr (found, ==, program);
  g_assert_cmpstr (other, ==, g_file_test (libexec, G_FILE_TEST_IS_EXECUTABLE) ? libexec : NULL);
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/requirements/el", test_el);
  g_test_add_func ("/requirements/emulator", test_emulator);
  return g_test_run ();
}
