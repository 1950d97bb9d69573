/* Whether KVM is usable: answered within a bound whatever QEMU does.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A QEMU that hangs, aborts or runs the guest cannot be ordered from the real one: programs that
 * behave so take its place in PATH.  The answer is kept for the process, so each case is a process
 * of its own.
 */
#include "builder/kvm.h"
#include "builder/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *name;
  const char *script;
  gboolean usable;
  const char *reason; /* part of it */
} Case;

static const Case cases[] = {
  { "runs", "exit 85\n", TRUE, NULL },
  { "hangs", "exec sleep 60\n", FALSE, "did not run within" },
  { "aborts",
    "echo 'qemu-system-x86_64: error: failed to set MSR 0x10a' >&2\necho more >&2\nkill -ABRT $$\n",
    FALSE, "QEMU: failed to set MSR 0x10a" },
  { "is-silent", "exit 1\n", FALSE, "ended without running a test guest" },
  { "ends-well", "exit 0\n", FALSE, "ended without running a test guest" },
};

static void
ask (const Case *expected)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *program = g_build_filename (directory, "qemu-system-x86_64", NULL);
  g_autofree char *script = g_strconcat ("#!/bin/sh\n", expected->script, NULL);
  g_autofree char *path = g_strconcat (directory, ":", g_getenv ("PATH"), NULL);
  g_autofree char *reason = NULL;
  gint64 begin = g_get_monotonic_time ();
  gboolean usable;

  g_assert_true (g_file_set_contents (program, script, -1, NULL));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  g_assert_true (g_setenv ("PATH", path, TRUE));
  usable = lodge_kvm_usable (&reason);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <, 30);
  g_assert_true (lodge_remove_tree (directory, NULL));
  g_assert_cmpint (usable, ==, expected->usable);
  if (expected->reason == NULL)
    g_assert_null (reason);
  else
    g_assert_nonnull (strstr (reason, expected->reason));
  /* Asked again, without a QEMU: the first answer. */
  g_assert_cmpint (lodge_kvm_usable (NULL), ==, expected->usable);
}

static void
test_case (gconstpointer data)
{
  int fd;

  if (g_test_subprocess ())
    {
      ask (data);
      return;
    }
  fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (fd < 0)
    {
      g_test_skip ("/dev/kvm cannot be opened: QEMU is not even asked");
      return;
    }
  close (fd);
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/kvm/qemu-", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
