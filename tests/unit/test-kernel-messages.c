/* The kernel's messages stay away from the consoles while any process wants that, and come back
 * however the last one ended.  Needs root: it is the kernel's own level that is looked at.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/kernel-messages.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *path;
  long before;
} Fixture;

/* The level, below which messages reach the consoles (proc_sys_kernel(5), printk). */
static long
level (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/sys/kernel/printk", &text, NULL, NULL));
  return strtol (text, NULL, 10);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-messages-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->directory, "sub", "messages", NULL);
  fixture->before = level ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sub = g_path_get_dirname (fixture->path);

  (void)data;
  g_unlink (fixture->path);
  g_rmdir (sub);
  g_rmdir (fixture->directory);
  g_free (fixture->path);
  g_free (fixture->directory);
}

/* The descriptor, or -1 after the test was skipped. */
static int
off_or_skip (const Fixture *fixture)
{
  int hold = lodge_kernel_messages_off (fixture->path, NULL);

  if (hold == -1)
    g_test_skip ("this process may not turn the kernel's messages off");
  else if (level () == fixture->before)
    {
      lodge_kernel_messages_on (fixture->path, hold);
      g_test_skip ("the kernel's messages are off already");
      hold = -1;
    }
  return hold;
}

/* A child that has them off until something is written to *TELL.  It is no part of HOLD, our own.
 */
static pid_t
start_other (const Fixture *fixture, int hold, int *tell)
{
  int ready[2], end[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (end), ==, 0);
  child = fork ();
  g_assert_cmpint (child, !=, -1);
  if (child == 0)
    {
      close (hold);
      hold = lodge_kernel_messages_off (fixture->path, NULL);
      if (hold == -1 || write (ready[1], "r", 1) != 1 || read (end[0], &byte, 1) != 1)
        _exit (1);
      lodge_kernel_messages_on (fixture->path, hold);
      _exit (0);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  close (ready[1]);
  close (end[0]);
  *tell = end[1];
  return child;
}

static void
test_one (Fixture *fixture, gconstpointer data)
{
  int hold = off_or_skip (fixture);

  (void)data;
  if (hold == -1)
    return;
  g_assert_cmpint (level (), <, fixture->before);
  lodge_kernel_messages_on (fixture->path, hold);
  g_assert_cmpint (level (), ==, fixture->before);
}

/* Whoever ends first leaves the other's screen alone. */
static void
test_two (Fixture *fixture, gconstpointer data)
{
  int hold = off_or_skip (fixture);
  int tell, status;
  pid_t other;

  (void)data;
  if (hold == -1)
    return;
  other = start_other (fixture, hold, &tell);
  g_assert_cmpint (write (tell, "e", 1), ==, 1);
  g_assert_cmpint (waitpid (other, &status, 0), ==, other);
  close (tell);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (level (), <, fixture->before);

  other = start_other (fixture, hold, &tell);
  lodge_kernel_messages_on (fixture->path, hold);
  g_assert_cmpint (level (), <, fixture->before);
  g_assert_cmpint (write (tell, "e", 1), ==, 1);
  g_assert_cmpint (waitpid (other, &status, 0), ==, other);
  close (tell);
  g_assert_cmpint (level (), ==, fixture->before);
}

/* One that was killed counts no more: the next that ends turns them on, or the unit that ran it. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  int hold = off_or_skip (fixture);
  int tell;
  pid_t other;

  (void)data;
  if (hold == -1)
    return;
  other = start_other (fixture, hold, &tell);
  kill (other, SIGKILL);
  g_assert_cmpint (waitpid (other, NULL, 0), ==, other);
  close (tell);
  lodge_kernel_messages_on (fixture->path, hold);
  g_assert_cmpint (level (), ==, fixture->before);

  other = start_other (fixture, -1, &tell);
  g_assert_cmpint (level (), <, fixture->before);
  lodge_kernel_messages_on (fixture->path, -1);
  g_assert_cmpint (level (), <, fixture->before);
  kill (other, SIGKILL);
  g_assert_cmpint (waitpid (other, NULL, 0), ==, other);
  close (tell);
  g_assert_cmpint (level (), <, fixture->before);
  lodge_kernel_messages_on (fixture->path, -1);
  g_assert_cmpint (level (), ==, fixture->before);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/kernel-messages/one", test_one },
    { "/kernel-messages/two", test_two },
    { "/kernel-messages/killed", test_killed },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
