/* What is saved of virtual machines on the VM storage: saved, read, put back, removed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/restore-files.h"
#include "firstboot/save-guests.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define DB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a02"
#define LAB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a03"
#define POOL "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a04"

typedef struct
{
  char *root;
  char *store;
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
make_link (const Fixture *fixture, const char *path, const char *target)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_cmpint (symlink (target, full), ==, 0);
}

static void
drop (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);

  g_assert_cmpint (g_unlink (full), ==, 0);
}

/* As libvirt writes them, its warning first; a password is among what only root may read. */
static void
define_guest (const Fixture *fixture, const char *name, const char *uuid, const char *os)
{
  g_autofree char *path = g_strdup_printf ("etc/libvirt/qemu/%s.xml", name);
  g_autofree char *text = g_strdup_printf (
      "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n\n<domain type='kvm'>\n"
      "  <name>%s</name>\n  <uuid>%s</uuid>\n  <os>%s</os>\n"
      "  <devices><graphics type='vnc' passwd='secret'/></devices>\n</domain>\n",
      name, uuid, os);

  put (fixture, path, text);
}

static void
set_up (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  fixture->root = g_dir_make_tmp ("lodge-guests-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->store = g_build_filename (fixture->root, "store", NULL);
  g_assert_cmpint (g_mkdir (fixture->store, 0700), ==, 0);
  define_guest (fixture, "web", WEB,
                "<nvram template='/usr/share/OVMF/VARS.fd'>/var/lib/libvirt/qemu/nvram/web.fd"
                "</nvram>");
  define_guest (fixture, "db", DB, "");
  put (fixture, "var/lib/libvirt/qemu/nvram/web.fd", "web's variables");
  put (fixture, "var/lib/libvirt/qemu/nvram/db_VARS.fd", "db's variables");
  put (fixture, "var/lib/libvirt/swtpm/" WEB "/tpm2/tpm2-00.permall", "web's TPM");
  put (fixture, "var/lib/libvirt/swtpm/" WEB "/tpm2/.lock", "");
  make_link (fixture, "etc/libvirt/qemu/autostart/web.xml", "/etc/libvirt/qemu/web.xml");
  put (fixture, "etc/libvirt/qemu/networks/lab.xml",
       "<network><name>lab</name><uuid>" LAB "</uuid></network>");
  make_link (fixture, "etc/libvirt/qemu/networks/autostart/lab.xml", "../lab.xml");
  put (fixture, "etc/libvirt/storage/iso.xml",
       "<pool type='dir'><name>iso</name><uuid>" POOL "</uuid></pool>");
}

static void
remove_all (const char *path)
{
  const char *argv[] = { "rm", "-rf", "--", path, NULL };
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_all (fixture->root);
  g_free (fixture->root);
  g_free (fixture->store);
}

/* Saves; CHANGED files must be written or removed (-1: some). */
static void
save (const Fixture *fixture, int changed)
{
  g_autoptr (GError) error = NULL;
  guint count = 0;

  lodge_save_guests (fixture->root, fixture->store, &count, &error);
  g_assert_no_error (error);
  if (changed >= 0)
    g_assert_cmpuint (count, ==, (guint)changed);
  else
    g_assert_cmpuint (count, >, 0);
}

static gboolean
is_saved (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->store, path, NULL);

  return g_file_test (full, G_FILE_TEST_EXISTS);
}

/* What was moved to PLACE ("guests/UUID/nvram") in the one or more directories of "removed" holds
 * TEXT. */
static void
assert_moved (const Fixture *fixture, const char *place, const char *text)
{
  g_autofree char *removed = g_build_filename (fixture->root, "removed", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) runs = g_dir_open (removed, 0, &error);
  gboolean found = FALSE;
  const char *run;

  g_assert_no_error (error);
  while ((run = g_dir_read_name (runs)) != NULL)
    {
      g_autofree char *path = g_build_filename (removed, run, place, NULL);
      g_autofree char *content = NULL;

      if (g_file_get_contents (path, &content, NULL, NULL) && g_str_equal (content, text))
        found = TRUE;
    }
  g_assert_true (found);
}

static void
assert_saved (const Fixture *fixture, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (fixture->store, path, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *found = lodge_file_read (full, 65536, NULL, &error);
  struct stat status;

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, text);
  g_assert_cmpint (stat (full, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
assert_names (const Fixture *fixture, const char *names)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = lodge_guest_store_read (fixture->store, problems);
  g_auto (GStrv) list = lodge_saved_guest_names (saved);
  g_autofree char *found = g_strjoinv (" ", list);

  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_cmpstr (found, ==, names);
}

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

/* Replaces PATH, below the fixture's root, by a link to a directory "outside" that looks like what
 * was there. */
static void
replace_by_link (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);

  g_assert_cmpint (g_rename (full, outside), ==, 0);
  g_assert_cmpint (symlink (outside, full), ==, 0);
}

/* Saving fails where the LINK stands, and nothing behind it is touched. */
static void
assert_not_followed (const Fixture *fixture, const char *link, const char *kept, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->root, "outside", kept, NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, link));
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, text);
}

static void
test_link_kind (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;

  save (fixture, -1);
  replace_by_link (fixture, "store/guests");
  put (fixture, "outside/" LAB "/nvram", "not ours");
  drop (fixture, "etc/libvirt/qemu/db.xml");
  assert_not_followed (fixture, "store/guests", LAB "/nvram", "not ours");
  assert_not_followed (fixture, "store/guests", DB "/nvram", "db's variables");
  /* The others are saved all the same. */
  g_assert_true (is_saved (fixture, "networks/" LAB "/definition.xml"));
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (saved->len, ==, 2); /* iso, lab */
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_true (((LodgeSavedProblem *)problems->pdata[0])->lost);
}

static void
test_link_guest (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *link = g_build_filename (fixture->store, "guests", DB, NULL);
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GError) error = NULL;
  LodgeSavedProblem *problem;

  save (fixture, -1);
  replace_by_link (fixture, "store/guests/" DB);
  put (fixture, "outside/passwd", "not ours");
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (problems->len, ==, 1);
  problem = problems->pdata[0];
  g_assert_cmpstr (problem->directory, ==, "guests/" DB);
  g_assert_true (problem->strange);
  g_assert_false (problem->lost);
  g_assert_false (lodge_saved_mark (fixture->store, problem->directory, "no", &error));
  assert_not_followed (fixture, DB, "passwd", "not ours");
  /* Not even when nothing is defined any more. */
  drop (fixture, "etc/libvirt/qemu/db.xml");
  save (fixture, 0);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

static void
test_link_files (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const names[] = { "tpm", "nvram" };

  save (fixture, -1);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("store/guests/" WEB "/%s", names[i]);
      g_autofree char *full = g_build_filename (fixture->root, path, NULL);
      g_autofree char *outside = g_build_filename (fixture->root, "outside", NULL);
      g_autofree char *new = g_build_filename (fixture->root, "new", NULL);
      g_autoptr (GPtrArray) saved = lodge_guest_store_read (fixture->store, NULL);
      g_autoptr (GError) error = NULL;

      replace_by_link (fixture, path);
      g_assert_false (lodge_restore_files (new, saved->pdata[3], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, full));
      if (i == 0)
        {
          put (fixture, "outside/passwd", "not ours");
          assert_not_followed (fixture, full, "passwd", "not ours");
          drop (fixture, path);
        }
      remove_all (outside);
    }
  /* Saving replaces a link by the file. */
  save (fixture, -1);
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  assert_saved (fixture, "guests/" WEB "/tpm/tpm2/tpm2-00.permall", "web's TPM");
}

/* A pipe, which would never end. */
static void
test_pipe (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *definition
      = g_build_filename (fixture->store, "guests", DB, "definition.xml", NULL);
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;

  save (fixture, -1);
  drop (fixture, "store/guests/" DB "/definition.xml");
  g_assert_cmpint (mkfifo (definition, 0600), ==, 0);
  saved = lodge_guest_store_read (fixture->store, problems);
  g_assert_cmpuint (saved->len, ==, 3);
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_nonnull (strstr (((LodgeSavedProblem *)problems->pdata[0])->reason, "regular file"));
  g_assert_false (((LodgeSavedProblem *)problems->pdata[0])->lost);
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

/* A directory that is not read to its end says nothing about what is not in it. */
static void
test_too_many (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *qemu = g_build_filename (fixture->root, "etc/libvirt/qemu", NULL);
  char full[] = "/dev/shm/lodge-guests-XXXXXX"; /* thousands of files are made in no time there */
  g_autoptr (GError) error = NULL;
  guint changed = 0;

  if (g_mkdtemp (full) == NULL)
    {
      g_test_skip ("/dev/shm cannot be written");
      return;
    }
  save (fixture, -1);
  remove_all (qemu);
  g_assert_cmpint (symlink (full, qemu), ==, 0);
  for (guint i = 0; i < 4097; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/note-%u", full, i);

      g_assert_cmpint (mknod (path, S_IFREG | 0600, 0), ==, 0);
    }
  g_assert_false (lodge_save_guests (fixture->root, fixture->store, &changed, &error));
  g_assert_nonnull (strstr (error->message, "etc/libvirt/qemu has more than"));
  assert_names (fixture, "db web");
  remove_all (full);
}

/* Whoever had the disk before, what is saved is root's alone, in no other place. */
static void
test_permissions (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *guests = g_build_filename (fixture->store, "guests", NULL);
  g_autofree char *nvram = g_build_filename (fixture->store, "guests", WEB, "nvram", NULL);
  g_autofree char *other = g_build_filename (fixture->root, "other", NULL);
  struct stat status;

  save (fixture, -1);
  g_assert_cmpint (chmod (guests, 0777), ==, 0);
  g_assert_cmpint (chmod (nvram, 0666), ==, 0);
  if (geteuid () == 0)
    g_assert_cmpint (chown (guests, 1000, 1000), ==, 0);
  save (fixture, 1);
  g_assert_cmpint (stat (guests, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpint (status.st_uid, ==, geteuid ());
  assert_saved (fixture, "guests/" WEB "/nvram", "web's variables");
  g_assert_cmpint (link (nvram, other), ==, 0);
  save (fixture, 1);
  g_assert_cmpint (stat (nvram, &status), ==, 0);
  g_assert_cmpint (status.st_nlink, ==, 1);
}

/* Messages name the place, not this process's descriptor. */
static void
test_shown (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (LodgeDirectory) directory = NULL;
  g_autofree char *store = NULL;
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = NULL;
  g_autoptr (GError) error = NULL;

  save (fixture, -1);
  put (fixture, "store/guests/" DB "/definition.xml", "garbage");
  g_assert_true (lodge_directory_open (fixture->store, &directory, &error));
  store = g_strdup_printf ("/proc/self/fd/%d", directory->fd);
  saved = lodge_guest_store_read (store, problems);
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_true (
      g_str_has_prefix (((LodgeSavedProblem *)problems->pdata[0])->reason, fixture->store));
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
    { "/guest-store/link-kind", test_link_kind },
    { "/guest-store/link-guest", test_link_guest },
    { "/guest-store/link-files", test_link_files },
    { "/guest-store/pipe", test_pipe },
    { "/guest-store/state-gone", test_state_gone },
    { "/guest-store/too-many", test_too_many },
    { "/guest-store/permissions", test_permissions },
    { "/guest-store/shown", test_shown },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
