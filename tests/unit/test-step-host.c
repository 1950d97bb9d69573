/* The steps "host" and "access" below a root directory of their own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/authorized-keys.h"
#include "firstboot/host-files.h"
#include "firstboot/step.h"
#include "tests/unit/made-up-facts.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXjPVWS0vq8M6f5bFMC0pnsHlXq1lfWcWjzXqKnNf0k"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdNNGa6n1bX3xaC6xMTdHCJkBWiNB6Ws2RQ2sm2mRrT"

typedef struct
{
  char *root;
} Fixture;

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = lodge_host_path (fixture->root, path);
  g_autofree char *directory = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
}

static void
expect (const Fixture *fixture, const char *path, const char *expected)
{
  g_autofree char *full = lodge_host_path (fixture->root, path);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (full, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
expect_nothing (const Fixture *fixture, const char *path)
{
  g_assert_false (lodge_host_has (fixture->root, path));
}

/* A small Debian-like tree. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-host-XXXXXX", &error);
  g_assert_no_error (error);
  put (fixture, "/usr/share/zoneinfo/Europe/Vienna", "TZif2");
  put (fixture, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 old\n");
  put (fixture, "/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n");
  put (fixture, "/etc/ssh/sshd_config",
       "# Include /nowhere\nInclude /etc/ssh/sshd_config.d/*.conf\n");
  put (fixture, "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
  put (fixture, "/etc/shadow", "root:*:19000:0:99999:7:::\nsshd:!:19000::::::\n");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *output = lodge_run_list (NULL, "rm", "-r", fixture->root, NULL);

  (void)data;
  g_assert_nonnull (output);
  g_free (fixture->root);
}

static void
tell (const char *line, gpointer data)
{
  (void)data;
  g_test_message ("%s", line);
}

static gboolean
run (const Fixture *fixture, gboolean (*step) (LodgeStepContext *context, GError **error),
     const char *answers_text, GError **error)
{
  g_autoptr (LodgeAnswers) answers = parse_answers (answers_text);
  LodgePlan plan = { .answers = answers };
  g_autoptr (JsonObject) measured = json_object_new ();
  LodgeStepContext context
      = { .plan = &plan, .measured = measured, .tell = tell, .root = fixture->root };

  return step (&context, error);
}

/* The step succeeds, twice: it is idempotent. */
static void
succeed (const Fixture *fixture, gboolean (*step) (LodgeStepContext *context, GError **error),
         const char *answers)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      run (fixture, step, answers, &error);
      g_assert_no_error (error);
    }
}

static void
fail (const Fixture *fixture, gboolean (*step) (LodgeStepContext *context, GError **error),
      const char *answers, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (run (fixture, step, answers, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, words);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  (void)data;
  succeed (fixture, lodge_step_host, "");
  expect_nothing (fixture, "/etc/hostname");
  expect_nothing (fixture, "/etc/locale.conf");
  expect (fixture, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 old\n");
}

static void
test_hostname (Fixture *fixture, gconstpointer data)
{
  (void)data;
  succeed (fixture, lodge_step_host, "[host]\nhostname=kvm1.example.org\n");
  expect (fixture, "/etc/hostname", "kvm1.example.org\n");
  expect (fixture, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 kvm1.example.org kvm1\n");
  succeed (fixture, lodge_step_host, "[host]\nhostname=kvm2\n");
  expect (fixture, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 kvm2\n");
}

static void
test_hostname_myhostname (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, "/etc/nsswitch.conf", "hosts: files dns myhostname\n");
  succeed (fixture, lodge_step_host, "[host]\nhostname=kvm1\n");
  expect (fixture, "/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 old\n");
}

static void
test_timezone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = lodge_host_path (fixture->root, "/etc/localtime");
  g_autofree char *target = NULL;

  (void)data;
  g_assert_cmpint (symlink ("/usr/share/zoneinfo/Etc/UTC", link), ==, 0);
  succeed (fixture, lodge_step_host, "[host]\ntimezone=Europe/Vienna\n");
  target = g_file_read_link (link, NULL);
  g_assert_cmpstr (target, ==, "/usr/share/zoneinfo/Europe/Vienna");
  expect_nothing (fixture, "/etc/timezone");
  put (fixture, "/etc/timezone", "Etc/UTC\n");
  succeed (fixture, lodge_step_host, "[host]\ntimezone=Europe/Vienna\n");
  expect (fixture, "/etc/timezone", "Europe/Vienna\n");
}

/* One wrong value, and none of the others is applied. */
static void
test_checked_first (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fail (fixture, lodge_step_host, "[host]\nhostname=kvm1\ntimezone=Europe/Atlantis\n",
        "timezone=Europe/Atlantis does not exist");
  fail (fixture, lodge_step_host, "[host]\nhostname=kvm1\nkeyboard=klingon\n",
        "keyboard=klingon does not exist");
  fail (fixture, lodge_step_host, "[host]\nhostname=kvm1\n[network]\nntp=ntp.example.org\n",
        "neither chrony nor systemd-timesyncd");
  expect_nothing (fixture, "/etc/hostname");
}

/* EL's way: a keymap file and /etc/vconsole.conf, whose other lines stay. */
static void
test_keymap_file (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, "/usr/lib/kbd/keymaps/xkb/de-nodeadkeys.map.gz", "");
  put (fixture, "/usr/lib/kbd/keymaps/legacy/i386/qwertz/de-latin1.map.gz", "");
  put (fixture, "/etc/vconsole.conf", "FONT=eurlatgr\nKEYMAP=us\n# end\n");
  fail (fixture, lodge_step_host, "[host]\nkeyboard=de\n", "keyboard=de does not exist");
  succeed (fixture, lodge_step_host, "[host]\nkeyboard=de-latin1\n");
  expect (fixture, "/etc/vconsole.conf", "FONT=eurlatgr\n# end\nKEYMAP=\"de-latin1\"\n");
  expect_nothing (fixture, "/etc/default/keyboard");
}

/* Debian's: X's description of the keyboard; Debian 13 has /etc/vconsole.conf as a link to it. */
static void
test_keyboard_model (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = lodge_host_path (fixture->root, "/etc/vconsole.conf");

  (void)data;
  put (fixture, "/usr/share/systemd/kbd-model-map",
       "# consolelayout xlayout xmodel xvariant xoptions\n"
       "de-latin1-nodeadkeys\tde\tpc105\tnodeadkeys\tterminate:ctrl_alt_bksp\n"
       "de-latin1\t\tde\tpc105\t-\tterminate:ctrl_alt_bksp\n");
  put (fixture, "/etc/default/keyboard", "XKBLAYOUT=\"us\"\nBACKSPACE=\"guess\"\n");
  g_assert_cmpint (symlink ("default/keyboard", link), ==, 0);
  fail (fixture, lodge_step_host, "[host]\nkeyboard=de-latin1\n", "add console-setup");
  put (fixture, "/usr/bin/setupcon", "");
  succeed (fixture, lodge_step_host, "[host]\nkeyboard=de-latin1\n");
  expect (fixture, "/etc/default/keyboard",
          "BACKSPACE=\"guess\"\nKEYMAP=\"de-latin1\"\nXKBLAYOUT=\"de\"\nXKBMODEL=\"pc105\"\n"
          "XKBVARIANT=\"\"\nXKBOPTIONS=\"terminate:ctrl_alt_bksp\"\n");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

/* The kernel's own keymap needs nothing. */
static void
test_keyboard_us (Fixture *fixture, gconstpointer data)
{
  (void)data;
  succeed (fixture, lodge_step_host, "[host]\nkeyboard=us\n");
  expect (fixture, "/etc/vconsole.conf", "KEYMAP=\"us\"\n");
}

static void
test_language (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, "/etc/locale.conf", "LANG=C.UTF-8\nLC_TIME=de_AT.UTF-8\n");
  succeed (fixture, lodge_step_host, "[host]\nlanguage=en_US.UTF-8\n");
  expect (fixture, "/etc/locale.conf", "LC_TIME=de_AT.UTF-8\nLANG=\"en_US.UTF-8\"\n");
  expect_nothing (fixture, "/etc/default/locale");
  put (fixture, "/etc/debian_version", "12.1\n");
  succeed (fixture, lodge_step_host, "[host]\nlanguage=en_US.UTF-8\n");
  expect (fixture, "/etc/default/locale", "LANG=\"en_US.UTF-8\"\n");
}

static void
test_ntp (Fixture *fixture, gconstpointer data)
{
  static const char answers[] = "[network]\nntp=a.example.org;192.0.2.1\n";

  (void)data;
  put (fixture, "/usr/lib/systemd/system/systemd-timesyncd.service", "");
  succeed (fixture, lodge_step_host, answers);
  expect (fixture, "/etc/systemd/timesyncd.conf.d/lodge.conf",
          "# From answers.conf, by lodge-firstboot.\n[Time]\nNTP=a.example.org 192.0.2.1\n");

  put (fixture, "/usr/lib/systemd/system/chronyd.service", "");
  put (fixture, "/etc/chrony.conf", "driftfile /var/lib/chrony/drift");
  succeed (fixture, lodge_step_host, answers);
  expect (fixture, "/etc/chrony.conf",
          "driftfile /var/lib/chrony/drift\nsourcedir /etc/chrony.d\n");
  expect (fixture, "/etc/chrony.d/lodge.sources",
          "# From answers.conf, by lodge-firstboot.\nserver a.example.org iburst\n"
          "server 192.0.2.1 iburst\n");

  put (fixture, "/usr/lib/systemd/system/chrony.service", "");
  succeed (fixture, lodge_step_host, answers);
  expect (fixture, "/etc/chrony/sources.d/lodge.sources",
          "# From answers.conf, by lodge-firstboot.\nserver a.example.org iburst\n"
          "server 192.0.2.1 iburst\n");
}

/* --- access --- */

static void
test_merge (void)
{
  static const char old[] = "# mine\nfrom=\"10.0.0.1\",no-pty " KEY_A " old comment\n\nnot a key";
  const char *const keys[] = { KEY_B " laptop", KEY_A " the same key", KEY_B, NULL };
  g_autofree char *merged = lodge_authorized_keys_merge (old, keys);
  g_autofree char *again = lodge_authorized_keys_merge (merged, keys);
  g_autofree char *fresh = lodge_authorized_keys_merge (NULL, keys);

  g_assert_cmpstr (merged, ==,
                   "# mine\nfrom=\"10.0.0.1\",no-pty " KEY_A " old comment\n\nnot a key\n" KEY_B
                   " laptop\n");
  g_assert_cmpstr (again, ==, merged);
  g_assert_cmpstr (fresh, ==, KEY_B " laptop\n" KEY_A " the same key\n");
}

static void
test_keys (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = lodge_host_path (fixture->root, "/root/.ssh/authorized_keys");
  g_autofree char *directory = lodge_host_path (fixture->root, "/root/.ssh");
  struct stat status;

  (void)data;
  put (fixture, "/root/.ssh/authorized_keys", KEY_A " image\n");
  g_assert_cmpint (g_chmod (path, 0666), ==, 0);
  succeed (fixture, lodge_step_access, "[access]\nssh-keys=" KEY_B " me@laptop;" KEY_A " me\n");
  expect (fixture, "/root/.ssh/authorized_keys", KEY_A " image\n" KEY_B " me@laptop\n");
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (stat (directory, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
}

static void
test_password_login (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put (fixture, "/root/.ssh/authorized_keys", KEY_A "\n");
  /* The image says it already: sshd need not be told. */
  put (fixture, "/etc/ssh/sshd_config.d/50-lodge.conf", "PasswordAuthentication no\n");
  succeed (fixture, lodge_step_access, "");
  expect_nothing (fixture, "/etc/ssh/sshd_config.d/40-lodge-answers.conf");
  succeed (fixture, lodge_step_access, "[access]\nssh-password-login=yes\n");
  succeed (fixture, lodge_step_access, "");
  expect (fixture, "/etc/ssh/sshd_config.d/40-lodge-answers.conf",
          "# ssh-password-login=no in answers.conf, by lodge-firstboot.\n"
          "PermitRootLogin prohibit-password\nPasswordAuthentication no\n"
          "KbdInteractiveAuthentication no\n");
  succeed (fixture, lodge_step_access, "[access]\nssh-password-login=yes\n");
  expect (fixture, "/etc/ssh/sshd_config.d/40-lodge-answers.conf",
          "# ssh-password-login=yes in answers.conf, by lodge-firstboot.\n"
          "PermitRootLogin yes\nPasswordAuthentication yes\n");
  put (fixture, "/etc/ssh/sshd_config", "Port 22\n");
  fail (fixture, lodge_step_access, "", "does not include");
}

static void
test_no_way_in (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fail (fixture, lodge_step_access, "", "nobody could log in");
  put (fixture, "/home/me/.ssh/authorized_keys", "# none yet\n");
  fail (fixture, lodge_step_access, "", "nobody could log in");
  put (fixture, "/home/me/.ssh/authorized_keys", KEY_A "\n");
  succeed (fixture, lodge_step_access, "");
  put (fixture, "/home/me/.ssh/authorized_keys", "");
  put (fixture, "/etc/shadow", "root:*:1::::::\nme:$6$salt$hash:1::::::\n");
  succeed (fixture, lodge_step_access, "");
}

/* The real chpasswd, in the made-up root. */
static void
test_password (Fixture *fixture, gconstpointer data)
{
  static const char hash[]
      = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc."
        "eoxqOmSuNp2xS0ktL3nh/";
  g_autofree char *answers = g_strdup_printf ("[access]\nroot-password-hash=%s\n", hash);
  g_autofree char *path = lodge_host_path (fixture->root, "/etc/shadow");
  g_autofree char *shadow = NULL;
  g_autofree char *expected = g_strdup_printf ("root:%s:", hash);

  (void)data;
  if (geteuid () != 0)
    {
      g_test_skip ("chpasswd --root needs root");
      return;
    }
  succeed (fixture, lodge_step_access, answers);
  g_assert_true (g_file_get_contents (path, &shadow, NULL, NULL));
  g_assert_true (g_str_has_prefix (shadow, expected));
  g_assert_nonnull (strstr (shadow, "sshd:!:"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/host/nothing", test_nothing },
    { "/host/hostname", test_hostname },
    { "/host/hostname-myhostname", test_hostname_myhostname },
    { "/host/timezone", test_timezone },
    { "/host/checked-first", test_checked_first },
    { "/host/keymap-file", test_keymap_file },
    { "/host/keyboard-model", test_keyboard_model },
    { "/host/keyboard-us", test_keyboard_us },
    { "/host/language", test_language },
    { "/host/ntp", test_ntp },
    { "/access/keys", test_keys },
    { "/access/password-login", test_password_login },
    { "/access/no-way-in", test_no_way_in },
    { "/access/password", test_password },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access/merge", test_merge);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
