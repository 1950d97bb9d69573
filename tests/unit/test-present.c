/* What a host that was set up is now: files under a made-up root, read as answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "firstboot/apply.h"
#include "firstboot/change.h"
#include "firstboot/network-profiles.h"
#include "tests/unit/made-up-facts.h"

#include <nm-keyfile.h>
#include <unistd.h>

#define SETUP                                                                                      \
  "[host]\nhostname=at-setup\n[access]\nssh-keys=ssh-ed25519 "                                     \
  "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@desk\n"              \
  "[storage]\ndisks=serial:S1\n[network]\nport=mac:52:54:00:00:00:01\n[finish]\naction=poweroff\n"

typedef struct
{
  char *root;
} Fixture;

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autoptr (GError) error = NULL;

  lodge_file_replace (full, text, -1, 0600, &error);
  g_assert_no_error (error);
}

static void
put_profiles (const Fixture *fixture, const LodgeAnswers *answers)
{
  static const char *const macs[] = { "52:54:00:00:00:01", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) profiles = lodge_network_profiles_make (answers, macs, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < profiles->len; i++)
    {
      g_autoptr (GKeyFile) file = nm_keyfile_write (
          profiles->pdata[i], NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
      g_autofree char *text = g_key_file_to_data (file, NULL, NULL);
      g_autofree char *path
          = g_strdup_printf ("etc/NetworkManager/system-connections/%s.nmconnection",
                             nm_connection_get_id (profiles->pdata[i]));

      put (fixture, path, text);
    }
}

/* The journal of a setup with the answers SETUP; its last step is in STATE. */
static void
put_journal (const Fixture *fixture, LodgeStepState state)
{
  g_autofree char *directory = g_strconcat (fixture->root, LODGE_STATE_DIRECTORY, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeJournal) journal = lodge_journal_open (directory, &error);
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers (SETUP);
  g_autoptr (LodgePlan) plan = lodge_plan_make (facts, answers, TEST_SEED, &error);
  gsize count;
  const LodgeStep *steps = lodge_steps (&count);

  g_assert_no_error (error);
  g_assert_true (lodge_journal_begin (journal, plan, NULL, 0, &error));
  for (gsize i = 0; i < count; i++)
    g_assert_true (lodge_journal_record (journal, steps[i].id,
                                         i + 1 < count ? LODGE_STEP_DONE : state, NULL, 1, &error));
}

/* As after setup with SETUP, and then changed by hand. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeAnswers) network = parse_answers (
      "[network]\nport=mac:52:54:00:00:00:01\nipv4=static\naddress=192.0.2.10/24\n");
  g_autofree char *zone = NULL;

  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-present-XXXXXX", NULL);
  put_journal (fixture, LODGE_STEP_DONE);
  put_profiles (fixture, network);
  put (fixture, "etc/hostname", "kvm1\n");
  put (fixture, "etc/vconsole.conf", "KEYMAP=\"de-latin1\"\n");
  put (fixture, "etc/locale.conf", "LANG=de_AT.UTF-8\n");
  put (fixture, "usr/lib/systemd/system/chrony.service", "");
  put (fixture, "etc/chrony/sources.d/lodge.sources", "# x\nserver ntp.example.org iburst\n");
  put (fixture, "etc/ssh/sshd_config.d/40-lodge-answers.conf",
       "# x\nPermitRootLogin yes\nPasswordAuthentication yes\n");
  put (fixture, "root/.ssh/authorized_keys",
       "# ours\nssh-ed25519 AAAAC3Nz alice@desk\nfrom=\"192.0.2.0/24\" ssh-rsa AAAAB3Nz\n");
  put (fixture, "etc/libvirt/qemu/networks/default.xml",
       "<network><name>default</name><forward mode='nat'/>"
       "<ip address='192.168.130.1' netmask='255.255.255.0'/></network>\n");
  put (fixture, "sys/class/dmi/id/product_serial", "HOST1\n");
  zone = g_build_filename (fixture->root, "etc/localtime", NULL);
  g_assert_cmpint (symlink ("/usr/share/zoneinfo/Europe/Vienna", zone), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *const argv[] = { "rm", "-rf", fixture->root, NULL };

  (void)data;
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (fixture->root);
}

static void
test_read (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = lodge_present_read (fixture->root, &error);
  g_autofree char *text = NULL;
  g_autofree char *keys = NULL;

  (void)data;
  g_assert_no_error (error);
  text = lodge_answers_format (present->answers, TRUE);
  g_assert_cmpstr (text, ==,
                   "[host]\nhostname=kvm1\ntimezone=Europe/Vienna\nkeyboard=de-latin1\n"
                   "language=de_AT.UTF-8\n\n[access]\nssh-password-login=yes\n\n"
                   "[storage]\ndisks=serial:S1\n\n"
                   "[network]\nport=mac:52:54:00:00:00:01\nipv4=static\naddress=192.0.2.10/24\n"
                   "ntp=ntp.example.org\n");
  keys = g_strjoinv (", ", present->ssh_keys);
  g_assert_cmpstr (keys, ==, "alice@desk, ssh-rsa");
  g_assert_cmpstr (present->nat_network, ==, "192.168.130.0/24");
  g_assert_true (present->network_known);
}

/* What answers.conf does not take is not shown and no reason to fail. */
static void
test_unusual (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = NULL;
  g_autofree char *bridge = g_build_filename (
      fixture->root, "etc/NetworkManager/system-connections/lodge-bridge.nmconnection", NULL);

  (void)data;
  put (fixture, "etc/hostname", "not a host name\n");
  put (fixture, "etc/locale.conf", "# LANG=de_AT\n");
  put (fixture, "etc/libvirt/qemu/networks/default.xml", "<network");
  g_assert_cmpint (unlink (bridge), ==, 0);
  present = lodge_present_read (fixture->root, &error);
  g_assert_no_error (error);
  g_assert_null (present->answers->hostname);
  g_assert_null (present->answers->language);
  g_assert_false (present->answers->nat);
  g_assert_false (present->network_known);
  g_assert_cmpint (present->answers->ipv4, ==, LODGE_IPV4_DHCP);
  g_assert_cmpstr (present->answers->ntp[0], ==, "ntp.example.org");
}

static void
assert_refused (const Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = lodge_present_read (fixture->root, &error);

  g_assert_null (present);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_not_set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *journal
      = g_build_filename (fixture->root, LODGE_STATE_DIRECTORY, "journal.conf", NULL);

  (void)data;
  put_journal (fixture, LODGE_STEP_FAILED);
  assert_refused (fixture, "not ended");
  g_assert_cmpint (unlink (journal), ==, 0);
  assert_refused (fixture, "not begun");
}

/* The wizard's way: answers to text, text to answers, nothing is lost on it. */
static void
test_there_and_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = lodge_present_read (fixture->root, &error);
  g_autofree char *file = g_build_filename (fixture->root, "answers.conf", NULL);
  g_autofree char *wanted = NULL;
  g_autofree char *got = NULL;
  g_autoptr (LodgeAnswers) answers = NULL;

  (void)data;
  g_assert_no_error (error);
  /* All at the defaults, which a file leaves out. */
  present->answers->ssh_password_login = FALSE;
  wanted = lodge_change_format (present->answers);
  put (fixture, "answers.conf", wanted);
  present->answers->ssh_password_login = TRUE;
  answers = lodge_change_load (fixture->root, file, present, &error);
  g_assert_no_error (error);
  got = lodge_change_format (answers);
  g_assert_cmpstr (got, ==, wanted);
}

/* A section that a file does not have stays as it is. */
static void
test_sections (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = lodge_present_read (fixture->root, &error);
  g_autofree char *file = g_build_filename (fixture->root, "answers.conf", NULL);
  g_autoptr (LodgeAnswers) answers = NULL;

  (void)data;
  g_assert_no_error (error);
  put (fixture, "answers.conf",
       "[host]\nhostname=kvm2\n[match serial=other]\naccess.ssh-password-login=no\n"
       "network.address=192.0.2.99/24\n[match serial=HOST1]\n"
       "network.address=192.0.2.11/24");
  answers = lodge_change_load (fixture->root, file, present, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answers->hostname, ==, "kvm2");
  g_assert_cmpstr (answers->address, ==, "192.0.2.11/24");
  g_assert_cmpint (answers->ipv4, ==, LODGE_IPV4_STATIC);
  g_assert_true (answers->ssh_password_login);
}

/* The way to an address stays unless another is asked for; an empty value asks for the default. */
static void
test_addressing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    LodgeIpv4Method ipv4;
    const char *address;
    const char *search;
  } cases[] = {
    { "[network]\n", LODGE_IPV4_STATIC, "192.0.2.10/24", "example.org" },
    { "[network]\nipv6=off\n", LODGE_IPV4_STATIC, "192.0.2.10/24", NULL },
    { "[network]\naddress=192.0.2.11/24\n", LODGE_IPV4_STATIC, "192.0.2.11/24", "example.org" },
    { "[network]\nipv4=dhcp\n", LODGE_IPV4_DHCP, NULL, NULL },
    { "[network]\nipv4=off\n", LODGE_IPV4_OFF, NULL, NULL },
    { "[match serial=HOST1]\nnetwork.ipv4=dhcp\n", LODGE_IPV4_DHCP, NULL, NULL },
    { "[match serial=HOST1]\nnetwork.ipv4=\n", LODGE_IPV4_DHCP, NULL, NULL },
    { "[match serial=HOST1]\nnetwork.search=\n", LODGE_IPV4_STATIC, "192.0.2.10/24", NULL },
    { "[match serial=OTHER]\nnetwork.ipv4=dhcp\n", LODGE_IPV4_STATIC, "192.0.2.10/24",
      "example.org" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePresent) present = lodge_present_read (fixture->root, &error);
  g_autofree char *file = g_build_filename (fixture->root, "answers.conf", NULL);

  (void)data;
  g_assert_no_error (error);
  g_strfreev (present->answers->search);
  present->answers->search = g_strsplit ("example.org", ";", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LodgeAnswers) answers = NULL;

      put (fixture, "answers.conf", cases[i].text);
      answers = lodge_change_load (fixture->root, file, present, &error);
      g_assert_no_error (error);
      g_assert_cmpint (answers->ipv4, ==, cases[i].ipv4);
      g_assert_cmpstr (answers->address, ==, cases[i].address);
      g_assert_cmpstr (answers->search[0], ==, cases[i].search);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/present/read", Fixture, NULL, set_up, test_read, tear_down);
  g_test_add ("/present/unusual", Fixture, NULL, set_up, test_unusual, tear_down);
  g_test_add ("/present/not-set-up", Fixture, NULL, set_up, test_not_set_up, tear_down);
  g_test_add ("/present/addressing", Fixture, NULL, set_up, test_addressing, tear_down);
  g_test_add ("/present/there-and-back", Fixture, NULL, set_up, test_there_and_back, tear_down);
  g_test_add ("/present/sections", Fixture, NULL, set_up, test_sections, tear_down);
  return g_test_run ();
}
