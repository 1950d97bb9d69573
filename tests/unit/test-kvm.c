/* Whether KVM is usable: answered within a bound whatever QEMU does.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A QEMU that hangs, aborts or runs the guest cannot be ordered from the real one: programs that
 * behave so take its place in PATH.  The answer is kept for the process, so each case is a process
 * of its own.
 */
#include "builder/kvm.h"
#include "builder/remove.h"
#include "tests/unit/valgrind.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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
  /* Ctrl-C in the terminal is for lodge alone. */
  { "has-own-session",
    "read -r pid name state parent group session rest </proc/$$/stat\n"
    "[ \"$session\" = $$ ] && exit 85\nexit 1\n",
    TRUE, NULL },
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

/* The process id that the script in PATH has written, within ten seconds. */
static pid_t
wait_for_guest (const char *path)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && g_str_has_suffix (text, "\n"))
        return (pid_t)atoi (text);
      g_usleep (10000);
    }
  g_assert_not_reached ();
}

/* lodge is killed outright while the guest runs. */
static void
test_killed (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *program = g_build_filename (directory, "qemu-system-x86_64", NULL);
  g_autofree char *pid_file = g_build_filename (directory, "pid", NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho $$ >%s\nexec sleep 600\n", pid_file);
  g_autofree char *path = g_strconcat (directory, ":", g_getenv ("PATH"), NULL);
  struct pollfd ended = { .events = POLLIN };
  pid_t child;
  pid_t guest;

  if (skip_under_valgrind ("valgrind does not know pidfd_open(2)")
      || access ("/dev/kvm", R_OK | W_OK) != 0)
    {
      g_test_skip ("/dev/kvm cannot be opened: QEMU is not even asked");
      g_assert_true (lodge_remove_tree (directory, NULL));
      return;
    }
  g_assert_true (g_file_set_contents (program, script, -1, NULL));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      g_setenv ("PATH", path, TRUE);
      lodge_kvm_usable (NULL);
      _exit (0);
    }
  guest = wait_for_guest (pid_file);
  ended.fd = (int)syscall (SYS_pidfd_open, guest, 0);
  g_assert_cmpint (ended.fd, >=, 0);
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_cmpint (poll (&ended, 1, 10000), ==, 1);
  close (ended.fd);
  g_assert_true (lodge_remove_tree (directory, NULL));
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
  g_test_add_func ("/kvm/killed", test_killed);
  return g_test_run ();
}
