/* A host with guests whose definitions are saved on VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/save-guests.h"
#include "tests/unit/tree-files.h"

#define WEB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01"
#define DB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a02"
#define LAB "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a03"
#define POOL "0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a04"

/* A host, ROOT, that has guests; and the STORE on its VM storage. */
typedef struct
{
  char *root;
  char *store;
} Fixture;

static inline void
put (const Fixture *fixture, const char *path, const char *text)
{
  put_file (fixture->root, path, text);
}

static inline void
make_link (const Fixture *fixture, const char *path, const char *target)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_cmpint (symlink (target, full), ==, 0);
}

static inline void
drop (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->root, path, NULL);

  g_assert_cmpint (g_unlink (full), ==, 0);
}

/* As libvirt writes them, its warning first; a password is among what only root may read. */
static inline void
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

static inline void
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

static inline void
tear_down (Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
  remove_all (fixture->root);
  g_free (fixture->root);
  g_free (fixture->store);
}

/* Saves; CHANGED files must be written or removed (-1: some). */
static inline void
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

static inline gboolean
is_saved (const Fixture *fixture, const char *path)
{
  g_autofree char *full = g_build_filename (fixture->store, path, NULL);

  return g_file_test (full, G_FILE_TEST_EXISTS);
}

/* What was moved to PLACE ("guests/UUID/nvram") in the one or more directories of "removed" holds
 * TEXT. */
static inline void
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

static inline void
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

static inline void
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
