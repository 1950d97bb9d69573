/* What is saved is defined again, in libvirt's own test driver.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/layout.h"
#include "firstboot/restore-guests.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/tree-files.h"

#include <string.h>
#include <unistd.h>

#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define DB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a02"
#define LAB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a03"
#define ISO "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a04"
#define NAT "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a05"
#define OWN "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a06"
#define BAD "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a07"

typedef struct
{
  char *store;
  virConnect *connection; /* a host of its own, for as long as it is open */
  LodgePlan *plan;
} Fixture;

static void
put (const Fixture *fixture, const char *path, const char *text)
{
  put_file (fixture->store, path, text);
}

static void
put_guest (const Fixture *fixture, const char *name, const char *uuid, const char *interface)
{
  g_autofree char *path = g_strdup_printf ("guests/%s/definition.xml", uuid);
  g_autofree char *text = g_strdup_printf ("<domain type='test'><name>%s</name><uuid>%s</uuid>"
                                           "<memory unit='MiB'>64</memory><os><type>hvm</type></os>"
                                           "<devices>%s</devices></domain>",
                                           name, uuid, interface);

  put (fixture, path, text);
}

static void
say_nothing (void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers ("");
  g_autoptr (GError) error = NULL;

  fixture->store = g_dir_make_tmp ("lodge-restore-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->plan = lodge_plan_make (facts, answers, TEST_SEED, &error);
  g_assert_no_error (error);
  virSetErrorFunc (NULL, say_nothing);
  fixture->connection = virConnectOpen ("test:///default");
  g_assert_nonnull (fixture->connection);

  put_guest (fixture, "web", WEB,
             "<interface type='network'><source network='lab'/></interface>"
             "<interface type='network'><source network='bridge'/></interface>");
  put (fixture, "guests/" WEB "/autostart", "yes\n");
  put_guest (fixture, "db", DB,
             "<interface type='bridge'><source bridge='lodge-no-such'/></interface>"
             "<interface type='network'><source network='gone'/></interface>");
  put (fixture, "networks/" LAB "/definition.xml",
       "<network><name>lab</name><uuid>" LAB "</uuid><bridge name='virbr7'/>"
       "<ip address='10.77.0.1' netmask='255.255.255.0'/></network>");
  put (fixture, "networks/" LAB "/autostart", "yes\n");
  put (fixture, "pools/" ISO "/definition.xml",
       "<pool type='dir'><name>iso</name><uuid>" ISO "</uuid>"
       "<target><path>/tmp</path></target></pool>");
  put (fixture, "pools/" ISO "/autostart", "yes\n");
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_all (fixture->store);
  g_free (fixture->store);
  lodge_plan_free (fixture->plan);
  virConnectClose (fixture->connection);
}

static LodgeRestored *
restore (const Fixture *fixture)
{
  LodgeRestored *restored = lodge_restored_new ();
  g_autoptr (GError) error = NULL;

  lodge_restore_guests (fixture->connection, fixture->store, fixture->plan, NULL, restored, &error);
  g_assert_no_error (error);
  return restored;
}

static void
assert_lines (const GPtrArray *lines, const char *wanted)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (const char *)lines->pdata[i]);
  g_assert_cmpstr (text->str, ==, wanted);
}

static void
assert_autostart (const Fixture *fixture, const char *name, gboolean wanted)
{
  g_autoptr (virDomain) domain = virDomainLookupByName (fixture->connection, name);
  int autostart = -1;

  g_assert_nonnull (domain);
  g_assert_cmpint (virDomainGetAutostart (domain, &autostart), ==, 0);
  g_assert_cmpint (autostart, ==, wanted);
  g_assert_cmpint (virDomainIsActive (domain), ==, 0);
}

static void
assert_all (const Fixture *fixture, const LodgeRestored *restored)
{
  g_autoptr (virNetwork) network = virNetworkLookupByUUIDString (fixture->connection, LAB);
  g_autoptr (virStoragePool) pool = virStoragePoolLookupByUUIDString (fixture->connection, ISO);
  int autostart = 0;

  assert_lines (restored->guests, "db\nweb");
  assert_lines (restored->others, "storage pool iso\nnetwork lab");
  assert_lines (restored->refused, "");
  assert_lines (restored->warnings,
                "virtual machine db is plugged into the bridge lodge-no-such, which this host does "
                "not have; this host's bridge is br0\n"
                "virtual machine db is plugged into the network gone, which this host does not "
                "have");
  assert_autostart (fixture, "web", TRUE);
  assert_autostart (fixture, "db", FALSE);
  /* They start with the host, and not before. */
  g_assert_cmpint (virNetworkGetAutostart (network, &autostart), ==, 0);
  g_assert_cmpint (autostart, ==, 1);
  g_assert_cmpint (virNetworkIsActive (network), ==, 0);
  g_assert_cmpint (virStoragePoolGetAutostart (pool, &autostart), ==, 0);
  g_assert_cmpint (autostart, ==, 1);
  g_assert_cmpint (virStoragePoolIsActive (pool), ==, 0);
}

static void
test_all (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeRestored) restored = restore (fixture);

  assert_all (fixture, restored);
}

/* The power was cut after any of them. */
static void
test_again (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeRestored) once = restore (fixture);
  g_autoptr (virDomain) domain = virDomainLookupByName (fixture->connection, "db");
  g_autoptr (LodgeRestored) again = NULL;

  g_assert_cmpint (virDomainUndefine (domain), ==, 0);
  again = restore (fixture);
  assert_all (fixture, again);
}

static void
test_refused (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *mark = g_build_filename (fixture->store, "guests", BAD, "not-defined", NULL);
  g_autofree char *torn = g_build_filename (fixture->store, "guests", OWN, "not-defined", NULL);
  g_autofree char *good = g_build_filename (fixture->store, "guests", WEB, "not-defined", NULL);
  g_autoptr (LodgeRestored) restored = NULL;

  /* The test driver has a domain "test" with another UUID. */
  put_guest (fixture, "test", BAD, "");
  put (fixture, "guests/" OWN "/definition.xml", "<domain");
  restored = restore (fixture);
  assert_lines (restored->guests, "db\nweb");
  g_assert_cmpuint (restored->refused->len, ==, 2);
  g_assert_nonnull (strstr (restored->refused->pdata[0], OWN "/definition.xml is not libvirt's"));
  g_assert_true (g_str_has_prefix (restored->refused->pdata[1],
                                   "virtual machine test: libvirt does not take its definition: "));
  g_assert_true (g_file_test (mark, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (torn, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (good, G_FILE_TEST_EXISTS));
}

/* Lodge's own names: there once, the network as it was saved. */
static void
test_own (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeRestored) restored = NULL;
  g_autoptr (virNetwork) network = NULL;
  g_autoptr (virStoragePool) pool = NULL;
  g_autofree char *xml = NULL;
  char uuid[VIR_UUID_STRING_BUFLEN];

  /* The test driver has a running network "default", as distributions do. */
  put (fixture, "networks/" NAT "/definition.xml",
       "<network><name>default</name><uuid>" NAT "</uuid><forward mode='nat'/>"
       "<ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>"
       "<range start='192.168.122.2' end='192.168.122.254'/>"
       "<host mac='52:54:00:77:00:01' ip='192.168.122.77'/></dhcp></ip></network>");
  put (fixture, "pools/" OWN "/definition.xml",
       "<pool type='dir'><name>default</name><uuid>" OWN "</uuid>"
       "<target><path>" LODGE_STORAGE_MOUNT_POINT "</path></target></pool>");
  restored = restore (fixture);
  assert_lines (restored->refused, "");
  network = virNetworkLookupByName (fixture->connection, "default");
  g_assert_nonnull (network);
  g_assert_cmpint (virNetworkGetUUIDString (network, uuid), ==, 0);
  g_assert_cmpstr (uuid, ==, NAT);
  xml = virNetworkGetXMLDesc (network, 0);
  g_assert_nonnull (strstr (xml, "52:54:00:77:00:01"));
  pool = virStoragePoolLookupByName (fixture->connection, "default");
  g_assert_null (pool);
}

/* Somebody's own pool of Lodge's name: not defined, not lost, not passed over in silence. */
static void
test_other_pool (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *mark = g_build_filename (fixture->store, "pools", OWN, "not-defined", NULL);
  g_autoptr (LodgeRestored) restored = NULL;
  g_autoptr (virStoragePool) pool = NULL;

  put (fixture, "pools/" OWN "/definition.xml",
       "<pool type='netfs'><name>default</name><uuid>" OWN "</uuid>"
       "<source><host name='nas'/><dir path='/vms'/></source>"
       "<target><path>/srv/vms</path></target></pool>");
  restored = restore (fixture);
  assert_lines (restored->refused, "storage pool default: Lodge's own pool has that name here; "
                                   "define it under another one");
  g_assert_true (g_file_test (mark, G_FILE_TEST_EXISTS));
  pool = virStoragePoolLookupByUUIDString (fixture->connection, OWN);
  g_assert_null (pool);
}

/* A guest that will not start says so now. */
static void
test_missing_files (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *there = g_build_filename (fixture->store, "there.raw", NULL);
  g_autofree char *text
      = g_strdup_printf ("<domain type='test'><name>db</name><uuid>" DB "</uuid>"
                         "<memory unit='MiB'>64</memory><os><type>hvm</type>"
                         "<loader readonly='yes' type='pflash'>/no/such/loader.fd</loader></os>"
                         "<devices><disk type='file'><source file='%s'/><target dev='vda'/></disk>"
                         "<disk type='file' device='cdrom'><source file='/no/such.iso'/>"
                         "<target dev='sda' bus='sata'/></disk><disk type='block'>"
                         "<source dev='/dev/no/such'/><target dev='vdb'/></disk></devices>"
                         "</domain>",
                         there);
  g_autoptr (LodgeRestored) restored = NULL;

  put (fixture, "there.raw", "disk");
  put (fixture, "guests/" DB "/definition.xml", text);
  restored = restore (fixture);
  assert_lines (restored->guests, "db\nweb");
  assert_lines (restored->warnings,
                "virtual machine db uses /no/such.iso, which this host does not have\n"
                "virtual machine db uses /dev/no/such, which this host does not have\n"
                "virtual machine db uses /no/such/loader.fd, which this host does not have");
}

static void
test_empty (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeRestored) restored = NULL;

  remove_all (fixture->store);
  restored = restore (fixture);
  assert_lines (restored->guests, "");
  assert_lines (restored->refused, "");
}

/* Where nobody knows what is saved, nothing is defined and nothing marked. */
static void
test_lost (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *networks = g_build_filename (fixture->store, "networks", NULL);
  g_autoptr (LodgeRestored) restored = lodge_restored_new ();
  g_autoptr (virDomain) domain = NULL;
  g_autoptr (GError) error = NULL;

  remove_all (networks);
  put (fixture, "networks", "a file");
  g_assert_false (lodge_restore_guests (fixture->connection, fixture->store, fixture->plan, NULL,
                                        restored, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, networks));
  domain = virDomainLookupByName (fixture->connection, "web");
  g_assert_null (domain);
}

/* A link in the place of a directory is told, and left alone. */
static void
test_link (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *link = g_build_filename (fixture->store, "guests", BAD, NULL);
  g_autofree char *target = g_build_filename (fixture->store, "elsewhere", NULL);
  g_autofree char *mark = g_build_filename (target, "not-defined", NULL);
  g_autoptr (LodgeRestored) restored = NULL;

  put (fixture, "elsewhere/definition.xml", "<domain");
  g_assert_cmpint (symlink (target, link), ==, 0);
  restored = restore (fixture);
  assert_lines (restored->guests, "db\nweb");
  g_assert_cmpuint (restored->refused->len, ==, 1);
  g_assert_nonnull (strstr (restored->refused->pdata[0], BAD));
  g_assert_false (g_file_test (mark, G_FILE_TEST_EXISTS));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeRestored) restored = lodge_restored_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (lodge_restore_guests (fixture->connection, fixture->store, fixture->plan,
                                        cancellable, restored, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/restore-guests/all", test_all },
    { "/restore-guests/again", test_again },
    { "/restore-guests/refused", test_refused },
    { "/restore-guests/own", test_own },
    { "/restore-guests/other-pool", test_other_pool },
    { "/restore-guests/missing-files", test_missing_files },
    { "/restore-guests/empty", test_empty },
    { "/restore-guests/cancelled", test_cancelled },
    { "/restore-guests/lost", test_lost },
    { "/restore-guests/link", test_link },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
