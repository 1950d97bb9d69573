/* What people are told: consoles (real pseudo-terminals, one of them dead), the final lines, the
 * login prompt, the lock's refusal. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/console.h"
#include "firstboot/lock.h"
#include "firstboot/outcome.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/valgrind.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

typedef struct
{
  char *root;
} Fixture;

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = g_strconcat (fixture->root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-console-XXXXXX", &error);
  g_assert_no_error (error);
  put (fixture, "/sys/class/tty/console/active", "tty0 ttyS0\n");
  put (fixture, "/dev/null", "");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *output = lodge_run_list (NULL, "rm", "-r", fixture->root, NULL);

  (void)data;
  g_assert_nonnull (output);
  g_free (fixture->root);
}

/* A terminal ROOT/dev/NAME whose other end is returned; *SLAVE keeps it open as getty does. */
static int
make_terminal (const Fixture *fixture, const char *name, int *slave)
{
  int master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_autofree char *link = g_strconcat (fixture->root, "/dev/", name, NULL);
  struct termios mode;

  g_assert_cmpint (master, !=, -1);
  g_assert_cmpint (grantpt (master), ==, 0);
  g_assert_cmpint (unlockpt (master), ==, 0);
  g_assert_cmpint (symlink (ptsname (master), link), ==, 0);
  *slave = open (link, O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (*slave, !=, -1);
  g_assert_cmpint (tcgetattr (*slave, &mode), ==, 0);
  cfmakeraw (&mode);
  g_assert_cmpint (tcsetattr (*slave, TCSANOW, &mode), ==, 0);
  return master;
}

static char *
read_terminal (int master)
{
  char buffer[4096] = "";
  struct pollfd waiting = { .fd = master, .events = POLLIN };

  if (poll (&waiting, 1, 0) == 1)
    g_assert_cmpint (read (master, buffer, sizeof buffer - 1), >, 0);
  return g_strdup (buffer);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *active;
    const char *names;
  } cases[] = {
    { "tty0 ttyS0\n", "tty1 ttyS0" },
    { "ttyS0 ttyS1 tty0\n", "tty1 ttyS0 ttyS1" },
    { "tty1\n", "tty1" },
    { "", "tty1" },
    { "hvc0\n", "tty1 hvc0" },
  };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) names = NULL;
      g_autofree char *text = NULL;

      put (fixture, "/sys/class/tty/console/active", cases[i].active);
      names = lodge_console_names (fixture->root);
      text = g_strjoinv (" ", names);
      g_assert_cmpstr (text, ==, cases[i].names);
    }
}

static void
test_write (Fixture *fixture, gconstpointer data)
{
  int slave1, slave2;
  int screen = make_terminal (fixture, "tty1", &slave1);
  int serial = make_terminal (fixture, "ttyS0", &slave2);
  g_autofree char *skipped = g_strconcat (fixture->root, "/dev/tty1", NULL);
  g_autofree char *on_screen = NULL;
  g_autofree char *on_serial = NULL;

  (void)data;
  g_assert_cmpuint (lodge_console_write (fixture->root, "one\n\033[2Jtwo – 2", NULL), ==, 2);
  on_screen = read_terminal (screen);
  on_serial = read_terminal (serial);
  g_assert_cmpstr (on_screen, ==, "\r\none\r\n?[2Jtwo – 2\r\n");
  g_assert_cmpstr (on_serial, ==, on_screen);

  g_free (on_screen);
  g_assert_cmpuint (lodge_console_write (fixture->root, "x", skipped), ==, 1);
  on_screen = read_terminal (screen);
  g_assert_cmpstr (on_screen, ==, "");
  close (slave1);
  close (slave2);
  close (screen);
  close (serial);
}

/* A wizard is on the screen: another process leaves it alone, until that has ended. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  int slave1, slave2, ready[2], done[2], status;
  int screen = make_terminal (fixture, "tty1", &slave1);
  int serial = make_terminal (fixture, "ttyS0", &slave2);
  g_autofree char *on_screen = NULL;
  g_autofree char *after = NULL;
  char byte = 0;
  pid_t wizard;

  (void)data;
  g_assert_cmpint (pipe (ready), ==, 0);
  g_assert_cmpint (pipe (done), ==, 0);
  wizard = fork ();
  if (wizard == 0)
    {
      gboolean held = lodge_console_hold (fixture->root, "tty1", NULL)
                      && lodge_console_hold (fixture->root, "pts/7", NULL);

      _exit (held && write (ready[1], "x", 1) == 1 && read (done[0], &byte, 1) == 1 ? 0 : 1);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpuint (lodge_console_write (fixture->root, "line", NULL), ==, 1);
  on_screen = read_terminal (screen);
  g_assert_cmpstr (on_screen, ==, "");
  g_assert_cmpint (write (done[1], "x", 1), ==, 1);
  g_assert_cmpint (waitpid (wizard, &status, 0), ==, wizard);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (lodge_console_write (fixture->root, "line", NULL), ==, 2);
  after = read_terminal (screen);
  g_assert_cmpstr (after, ==, "\r\nline\r\n");
  for (gsize i = 0; i < 2; i++)
    {
      close (ready[i]);
      close (done[i]);
    }
  close (slave1);
  close (slave2);
  close (screen);
  close (serial);
}

/* Nobody reads the serial line, and its buffer is full: it is given up within the bound, and the
 * screen has its line all the same. */
static void
test_dead (Fixture *fixture, gconstpointer data)
{
  int slave1, slave2;
  int serial = make_terminal (fixture, "ttyS0", &slave2);
  int screen = make_terminal (fixture, "tty1", &slave1);
  g_autofree char *on_screen = NULL;
  gint64 began;

  (void)data;
  g_assert_cmpint (fcntl (slave2, F_SETFL, O_NONBLOCK), ==, 0);
  while (write (slave2, "x", 1) == 1)
    ;
  began = g_get_monotonic_time ();
  g_assert_cmpuint (lodge_console_write (fixture->root, "line", NULL), ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_USEC_PER_SEC);
  on_screen = read_terminal (screen);
  g_assert_cmpstr (on_screen, ==, "\r\nline\r\n");
  close (slave1);
  close (slave2);
  close (screen);
  close (serial);
}

/* A terminal that is not there, and a plain file in its place. */
static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_strconcat (fixture->root, "/dev/ttyS0", NULL);
  g_autofree char *text = NULL;

  (void)data;
  put (fixture, "/dev/ttyS0", "");
  g_assert_cmpuint (lodge_console_write (fixture->root, "line", NULL), ==, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "");
}

static void
test_lines (Fixture *fixture, gconstpointer data)
{
  static const LodgeStep proof = { "proof", "Proof", NULL };
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers ("[storage]\ndisks=auto\n");
  g_autoptr (LodgeAnswers) little = parse_answers ("[storage]\nlayout=none\n[libvirt]\nproof=no\n");
  g_autoptr (LodgePlan) plan = lodge_plan_make (facts, answers, TEST_SEED, NULL);
  g_autoptr (LodgePlan) small = lodge_plan_make (facts, little, TEST_SEED, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeJournal) journal = lodge_journal_open (fixture->root, &error);
  g_autoptr (LodgeReport) report = lodge_report_open (fixture->root);
  g_autoptr (JsonObject) measured = json_object_new ();
  g_autofree char *line = NULL;

  (void)data;
  g_assert_no_error (error);
  lodge_journal_begin (journal, plan, NULL, 0, &error);
  lodge_journal_record (journal, "proof", LODGE_STEP_DONE, NULL, 20000, &error);
  g_assert_no_error (error);
  line = lodge_outcome_complete_line (journal, report, "kvm1", "192.0.2.10");
  g_assert_cmpstr (line, ==,
                   "lodge: setup complete: host kvm1, br0 192.0.2.10, storage 8.0 GiB on vda, "
                   "proof guest 20.0 s with KVM");
  json_object_set_int_member (measured, "total_ms", 12345);
  lodge_report_set_step (report, 10, &proof, LODGE_STEP_DONE, 20000, NULL, measured);
  g_free (line);
  line = lodge_outcome_complete_line (journal, report, "kvm1", NULL);
  g_assert_cmpstr (line, ==,
                   "lodge: setup complete: host kvm1, br0 without address, storage 8.0 GiB on vda, "
                   "proof guest 12.3 s with KVM");
  lodge_journal_begin (journal, small, NULL, 0, &error);
  g_assert_no_error (error);
  g_free (line);
  line = lodge_outcome_complete_line (journal, report, "kvm1", "fec0::20");
  g_assert_cmpstr (line, ==,
                   "lodge: setup complete: host kvm1, br0 fec0::20, no VM storage, no proof guest");
  g_free (line);
  line = lodge_outcome_stopped_line (5, "storage", "vda is gone");
  g_assert_cmpstr (line, ==, "lodge: setup stopped at step 5 (storage): vda is gone");
}

static void
add_line (JsonObject *measured, const char *member, const char *line)
{
  if (!json_object_has_member (measured, member))
    json_object_set_array_member (measured, member, json_array_new ());
  if (line != NULL)
    json_array_add_string_element (json_object_get_array_member (measured, member), line);
}

/* What could not be defined again is on the console's line, and in the report to be read again. */
static void
test_adopted (Fixture *fixture, gconstpointer data)
{
  static const LodgeStep guests = { "guests", "Guests", NULL };
  static const LodgeStep networks = { "guest-networks", "Networks", NULL };
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers ("[libvirt]\nproof=no\n");
  g_autoptr (LodgePlan) plan = lodge_plan_make (facts, answers, TEST_SEED, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeJournal) journal = lodge_journal_open (fixture->root, &error);
  g_autoptr (LodgeReport) report = lodge_report_open (fixture->root);
  g_autoptr (JsonObject) measured = json_object_new ();
  g_autoptr (JsonObject) replaced = json_object_new ();
  g_autoptr (GPtrArray) none = lodge_report_warnings (fixture->root);
  g_autoptr (GPtrArray) warnings = NULL;
  g_autofree char *line = NULL;

  (void)data;
  g_assert_cmpuint (none->len, ==, 0);
  plan->answers->layout = LODGE_LAYOUT_ADOPT;
  lodge_journal_begin (journal, plan, NULL, 0, &error);
  g_assert_no_error (error);
  add_line (measured, "virtual-machines", "web");
  add_line (measured, "not-defined", NULL);
  add_line (measured, "warnings", NULL);
  lodge_report_set_step (report, 8, &guests, LODGE_STEP_DONE, 100, NULL, measured);
  line = lodge_outcome_complete_line (journal, report, "kvm1", "192.0.2.10");
  g_assert_cmpstr (line, ==,
                   "lodge: setup complete: host kvm1, br0 192.0.2.10, storage 8.0 GiB on vda with "
                   "1 virtual machine, no proof guest");
  add_line (measured, "virtual-machines", "db");
  add_line (measured, "not-defined", "virtual machine old: no emulator");
  add_line (measured, "warnings", "no bridge");
  g_free (line);
  line = lodge_outcome_complete_line (journal, report, "kvm1", "192.0.2.10");
  g_assert_cmpstr (line, ==,
                   "lodge: setup complete: host kvm1, br0 192.0.2.10, storage 8.0 GiB on vda with "
                   "2 virtual machines (2 warnings: see lodge-firstboot status), no proof guest");
  add_line (replaced, "warnings", "the network was replaced");
  lodge_report_set_step (report, 10, &networks, LODGE_STEP_DONE, 100, NULL, replaced);
  g_free (line);
  line = lodge_outcome_complete_line (journal, report, "kvm1", "192.0.2.10");
  g_assert_nonnull (strstr (line, "(3 warnings: "));
  lodge_report_write (report, &error);
  g_assert_no_error (error);
  warnings = lodge_report_warnings (fixture->root);
  g_assert_cmpuint (warnings->len, ==, 3);
  g_assert_cmpstr (warnings->pdata[0], ==, "not defined: virtual machine old: no emulator");
  g_assert_cmpstr (warnings->pdata[1], ==, "no bridge");
  g_assert_cmpstr (warnings->pdata[2], ==, "the network was replaced");
}

static void
expect_issue (const Fixture *fixture, const char *line, const char *address, const char *expected)
{
  g_autofree char *path = g_strconcat (fixture->root, "/etc/issue.d/lodge.issue", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  lodge_outcome_write_issue (fixture->root, line, "br0", address, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_issue (Fixture *fixture, gconstpointer data)
{
  (void)data;
  expect_issue (fixture, "lodge: stopped \\o/", NULL, "lodge: stopped \\\\o/\n\n");
  expect_issue (fixture, "host k, br0 192.0.2.1, storage", "192.0.2.1",
                "host k, br0 \\4{br0}, storage\n\n");
  expect_issue (fixture, "host k, br0 fec0::1, storage", "fec0::1",
                "host k, br0 \\6{br0}, storage\n\n");
}

static void
test_motd (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_strconcat (fixture->root, "/etc/motd.d/lodge", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  lodge_outcome_write_motd (fixture->root, "lodge: stopped \\o/", &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "lodge: stopped \\o/\nMore: lodge-firstboot status\n");
}

/* In place: the lock is the file's. */
static void
write_number (const char *path, pid_t pid)
{
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpint (fprintf (file, "%ld\n", (long)pid), >, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* A second process is refused and told who has the lock; when the first dies, it is free. */
static void
test_lock (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_strconcat (fixture->root, "/lock", NULL);
  g_autofree char *holder = NULL;
  g_autoptr (GError) error = NULL;
  int ready[2];
  char byte;
  pid_t child;

  (void)data;
  if (skip_under_valgrind ("valgrind does not know pidfd_open(2)"))
    return;
  g_assert_false (lodge_lock_is_taken (path));
  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, !=, -1);
  if (child == 0)
    {
      byte = lodge_lock_take (path, NULL) ? 'y' : 'n';
      if (write (ready[1], &byte, 1) == 1)
        pause ();
      _exit (0);
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'y');
  g_assert_true (lodge_lock_is_taken (path));
  g_assert_false (lodge_lock_take (path, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  holder = g_strdup_printf ("(process %d)", (int)child);
  g_assert_nonnull (strstr (error->message, holder));
  g_assert_cmpint (lodge_lock_holder (path), ==, child);
  /* The number of one that does not hold it: this process' own, which a signal would end. */
  write_number (path, getpid ());
  g_assert_cmpint (lodge_lock_holder (path), ==, 0);
  g_assert_false (lodge_lock_signal (path, SIGKILL));
  write_number (path, child);
  g_assert_true (lodge_lock_signal (path, SIGKILL));
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_false (lodge_lock_is_taken (path));
  g_assert_false (lodge_lock_signal (path, SIGKILL));
  g_clear_error (&error);
  g_assert_true (lodge_lock_take (path, &error));
  g_assert_no_error (error);
  close (ready[0]);
  close (ready[1]);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/console/names", test_names },     { "/console/write", test_write },
    { "/console/held", test_held },       { "/console/dead", test_dead },
    { "/console/missing", test_missing }, { "/outcome/lines", test_lines },
    { "/outcome/adopted", test_adopted }, { "/outcome/issue", test_issue },
    { "/outcome/motd", test_motd },       { "/lock", test_lock },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
