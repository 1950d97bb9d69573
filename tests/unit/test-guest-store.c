/* What is saved of virtual machines on the VM storage: saved, read, put back, moved away.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/restore-files.h"
#include "tests/unit/saved-guests.h"

static void
test_saved (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *guests = g_build_filename (fixture->store, "guests", WEB, NULL);
  g_autoptr (GPtrArray) saved = NULL;
  struct stat status;

  save (fixture, -1);
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  assert_saved (fixture, "guests/" WEB "/tpm/tpm2/tpm2-00.permall", "web's TPM");
  g_assert_false (is_saved (fixture, "guests/" WEB "/tpm/tpm2/.lock"));
  assert_saved (fixture, "guests/" DB "/nvram", "db's variables");
  g_assert_false (is_saved (fixture, "guests/" DB "/autostart"));
  g_assert_cmpint (stat (guests, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);

  saved = lodge_guest_store_read (fixture->store, NULL);
  g_assert_cmpuint (saved->len, ==, 4);
  for (guint i = 0; i < saved->len; i++)
    {
      static const struct
      {
        LodgeSavedKind kind;
        const char *name;
        const char *uuid;
        gboolean autostart;
      } wanted[] = { { LODGE_SAVED_POOL, "iso", POOL, FALSE },
                     { LODGE_SAVED_NETWORK, "lab", LAB, TRUE },
                     { LODGE_SAVED_GUEST, "db", DB, FALSE },
                     { LODGE_SAVED_GUEST, "web", WEB, TRUE } };
      const LodgeSaved *one = saved->pdata[i];

      g_assert_cmpint (one->kind, ==, wanted[i].kind);
      g_assert_cmpstr (one->name, ==, wanted[i].name);
      g_assert_cmpstr (one->uuid, ==, wanted[i].uuid);
      g_assert_cmpint (one->autostart, ==, wanted[i].autostart);
    }
  g_assert_nonnull (strstr (((LodgeSaved *)saved->pdata[3])->xml, "passwd='secret'"));
  save (fixture, 0); /* and nothing is written again */
}

static void
test_changed (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  save (fixture, -1);
  drop (fixture, "etc/libvirt/qemu/autostart/web.xml");
  save (fixture, 1);
  g_assert_false (is_saved (fixture, "guests/" WEB "/autostart"));
  put (fixture, "var/lib/libvirt/qemu/nvram/web.fd", "others");
  save (fixture, 1);
  assert_saved (fixture, "guests/" WEB "/nvram", "others");
  drop (fixture, "etc/libvirt/qemu/db.xml");
  save (fixture, 1);
  g_assert_false (is_saved (fixture, "guests/" DB));
  assert_names (fixture, "web");
  assert_moved (fixture, "guests/" DB "/nvram", "db's variables");
  /* Within the same second too. */
  define_guest (fixture, "db", DB, "");
  put (fixture, "var/lib/libvirt/qemu/nvram/db_VARS.fd", "newer");
  save (fixture, -1);
  drop (fixture, "etc/libvirt/qemu/db.xml");
  save (fixture, 1);
  assert_moved (fixture, "guests/" DB "/nvram", "db's variables");
}

/* A definition that cannot be read is no reason to remove what was saved of it. */
static void
test_unreadable (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  save (fixture, -1);
  put (fixture, "etc/libvirt/qemu/db.xml", "<domain><name>db</name>");
  drop (fixture, "etc/libvirt/qemu/networks/lab.xml");
  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "etc/libvirt/qemu/db.xml"));
  assert_names (fixture, "db web");
  /* The other kinds are saved all the same. */
  g_assert_false (is_saved (fixture, "networks/" LAB));
}

/* libvirt that was removed, or whose disk was exchanged, says nothing about its guests. */
static void
test_gone (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *etc = g_build_filename (fixture->root, "etc", NULL);

  save (fixture, -1);
  remove_all (etc);
  save (fixture, 0);
  assert_names (fixture, "db web");
}

/* What a new host could not define stays until somebody has defined it. */
static void
test_not_defined (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  save (fixture, -1);
  put (fixture, "store/guests/" DB "/not-defined", "no emulator\n");
  drop (fixture, "etc/libvirt/qemu/db.xml");
  save (fixture, 0);
  assert_names (fixture, "db web");
  assert_saved (fixture, "guests/" DB "/nvram", "db's variables");
  define_guest (fixture, "db", DB, "");
  save (fixture, 1);
  g_assert_false (is_saved (fixture, "guests/" DB "/not-defined"));
}

/* The power was cut before the definition was written, or after it was removed. */
static void
test_half (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  save (fixture, -1);
  drop (fixture, "store/guests/" DB "/definition.xml");
  put (fixture, "store/guests/" DB "/.definition.xml.new", "<dom");
  assert_names (fixture, "web");
  save (fixture, 1);
  assert_names (fixture, "db web");
  g_assert_false (is_saved (fixture, "guests/" DB "/.definition.xml.new"));
}

static void
test_damaged (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autofree char *text = NULL;

  save (fixture, -1);
  put (fixture, "store/guests/" DB "/definition.xml", "garbage");
  /* Of somebody who copied a directory. */
  text = g_strdup ("<domain><name>copy</name><uuid>" WEB "</uuid></domain>");
  put (fixture, "store/guests/" LAB "/definition.xml", text);
  put (fixture, "store/guests/" POOL "/definition.xml",
       "<domain><name>../up</name><uuid>" POOL "</uuid></domain>");
  put (fixture, "store/guests/README", "hello");
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (saved->len, ==, 3); /* iso, lab, web */
  g_assert_cmpuint (problems->len, ==, 3);
  /* Marked, as adopting does, none is removed. */
  for (guint i = 0; i < problems->len; i++)
    {
      const LodgeSavedProblem *problem = problems->pdata[i];
      g_autoptr (GError) error = NULL;

      g_assert_false (problem->lost);
      g_assert_false (problem->strange);
      lodge_saved_mark (fixture->store, problem->directory, problem->reason, &error);
      g_assert_no_error (error);
    }
  drop (fixture, "etc/libvirt/qemu/db.xml");
  put (fixture, "store/guests/" DB ".bak/nvram", "an administrator's");
  save (fixture, 0);
  assert_saved (fixture, "guests/README", "hello");
  assert_saved (fixture, "guests/" DB ".bak/nvram", "an administrator's");
  assert_saved (fixture, "guests/" DB "/definition.xml", "garbage");
  g_assert_true (is_saved (fixture, "guests/" LAB));
  g_assert_true (is_saved (fixture, "guests/" POOL));
}

static void
test_restored (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  Fixture other = { .root = fixture->root, .store = g_strdup (fixture->root) };
  g_autoptr (GPtrArray) saved = NULL;
  g_autofree char *root = g_build_filename (fixture->root, "new", NULL);

  save (fixture, -1);
  saved = lodge_guest_store_read (fixture->store, NULL);
  put (fixture, "new/var/lib/libvirt/qemu/nvram/db_VARS.fd", "another's");
  put (fixture, "new/var/lib/libvirt/swtpm/" WEB "/tpm2/half", "of an interrupted run");
  for (guint i = 2; i < saved->len; i++)
    {
      g_autoptr (GError) error = NULL;

      lodge_restore_files (root, saved->pdata[i], &error);
      g_assert_no_error (error);
    }
  assert_saved (&other, "new/var/lib/libvirt/qemu/nvram/web.fd", "web's variables");
  assert_saved (&other, "new/var/lib/libvirt/qemu/nvram/db_VARS.fd", "another's");
  assert_saved (&other, "new/var/lib/libvirt/swtpm/" WEB "/tpm2/tpm2-00.permall", "web's TPM");
  g_free (other.store);
}

/* A definition does not get to say which file of the host is written. */
static void
test_place (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const places[]
      = { "/etc/shadow", "/var/lib/libvirt/../../../etc/shadow", "/var/lib/libvirtual/x" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *os = g_strdup_printf ("<nvram>%s</nvram>", places[i]);
      g_autoptr (GPtrArray) saved = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *root = g_build_filename (fixture->root, "new", NULL);
      g_autofree char *target = g_build_filename (root, "etc/shadow", NULL);

      define_guest (fixture, "web", WEB, os);
      save (fixture, -1);
      put (fixture, "store/guests/" WEB "/nvram", "bad");
      saved = lodge_guest_store_read (fixture->store, NULL);
      g_assert_false (lodge_restore_files (root, saved->pdata[3], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
    }
}

static void
test_owner (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *owner = g_build_filename (fixture->store, "owner", NULL);
  g_autofree char *nobody = NULL;
  g_autofree char *somebody = NULL;
  g_autofree char *unknown = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lodge_guest_store_owner (fixture->store, &nobody, &error));
  g_assert_null (nobody);
  put (fixture, "store/owner", "token\n");
  g_assert_true (lodge_guest_store_owner (fixture->store, &somebody, &error));
  g_assert_cmpstr (somebody, ==, "token");
  /* What cannot be read is not nobody's. */
  drop (fixture, "store/owner");
  make_link (fixture, "store/owner", "/lodge-no-such");
  g_assert_false (lodge_guest_store_owner (fixture->store, &unknown, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_clear_error (&error);
  drop (fixture, "store/owner");
  g_assert_cmpint (mkfifo (owner, 0600), ==, 0);
  g_assert_false (lodge_guest_store_owner (fixture->store, &unknown, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_clear_error (&error);
  drop (fixture, "store/owner");
  g_assert_cmpint (g_mkdir (owner, 0700), ==, 0);
  g_assert_false (lodge_guest_store_owner (fixture->store, &unknown, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_null (unknown);
}

/* What a guest has lost on the host stays saved while it is defined. */
static void
test_state_gone (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *tpm = g_build_filename (fixture->root, "var/lib/libvirt/swtpm", WEB, NULL);
  g_autofree char *nvram
      = g_build_filename (fixture->root, "var/lib/libvirt/qemu/nvram/web.fd", NULL);
  g_autofree char *inner = g_build_filename (tpm, "tpm2/tpm2-00.permall", NULL);
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  save (fixture, -1);
  put (fixture, "var/lib/libvirt/swtpm/" WEB "/tpm2/tpm2-00.volatilestate", "for a moment");
  save (fixture, 1);
  g_assert_cmpint (g_unlink (nvram), ==, 0);
  g_assert_cmpint (g_unlink (inner), ==, 0);
  save (fixture, 1); /* of a TPM that is there, what is not any more is put away */
  g_assert_false (is_saved (fixture, "guests/" WEB "/tpm/tpm2/tpm2-00.permall"));
  assert_moved (fixture, "guests/" WEB "/tpm/tpm2-00.permall", "web's TPM");
  drop (fixture, "var/lib/libvirt/swtpm/" WEB "/tpm2/tpm2-00.volatilestate");
  save (fixture, 0);
  remove_all (tpm);
  save (fixture, 0);
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  assert_saved (fixture, "guests/" WEB "/tpm/tpm2/tpm2-00.volatilestate", "for a moment");
  /* One that cannot be read does not keep the others from being saved. */
  g_assert_cmpint (g_mkdir (nvram, 0700), ==, 0);
  put (fixture, "var/lib/libvirt/qemu/nvram/db_VARS.fd", "newer");
  define_guest (fixture, "a-first", LAB, "<nvram>/var/lib/libvirt/qemu/nvram/web.fd</nvram>");
  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_nonnull (strstr (error->message, "save the virtual machine a-first: "));
  g_assert_nonnull (strstr (error->message, "; save the virtual machine web: "));
  assert_saved (fixture, "guests/" DB "/nvram", "newer");
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/guest-store/saved", test_saved },
    { "/guest-store/changed", test_changed },
    { "/guest-store/unreadable", test_unreadable },
    { "/guest-store/gone", test_gone },
    { "/guest-store/not-defined", test_not_defined },
    { "/guest-store/half", test_half },
    { "/guest-store/damaged", test_damaged },
    { "/guest-store/restored", test_restored },
    { "/guest-store/place", test_place },
    { "/guest-store/owner", test_owner },
    { "/guest-store/state-gone", test_state_gone },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
