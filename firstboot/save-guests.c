/* Saving on the VM storage what libvirt has defined.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/save-guests.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"
#include "common/disk-lock.h"
#include "firstboot/guest-store.h"
#include "firstboot/layout.h"
#include "firstboot/mounts.h"
#include "firstboot/tree-copy.h"

#define XML_LIMIT (16 * 1024 * 1024)
#define TOKEN_LIMIT 128

/* A guest that changes all the time is left for the next run. */
#define MOST_PASSES 10

/* --- one definition --- */

/* Copies the file or directory SOURCE to NAME in DIRECTORY, or removes that when there is none. */
static gboolean
follow (const char *source, const char *directory, const char *name, guint *changed, GError **error)
{
  g_autofree char *target = g_build_filename (directory, name, NULL);

  if (g_file_test (source, G_FILE_TEST_IS_DIR))
    return lodge_copy_tree (source, target, changed, error);
  if (g_file_test (source, G_FILE_TEST_IS_REGULAR))
    return lodge_copy_file (source, target, changed, error);
  return lodge_remove_tree (target, changed, error);
}

static gboolean
save_state (const char *root, const LodgeSaved *guest, const char *directory, guint *changed,
            GError **error)
{
  g_autofree char *nvram_path = lodge_saved_nvram_path (guest);
  g_autofree char *tpm_path = lodge_saved_tpm_path (guest);
  g_autofree char *nvram = g_strconcat (root, nvram_path, NULL);
  g_autofree char *tpm = g_strconcat (root, tpm_path, NULL);

  if (!lodge_saved_is_on_storage (nvram_path)
      && !follow (nvram, directory, LODGE_SAVED_NVRAM, changed, error))
    return FALSE;
  return follow (tpm, directory, LODGE_SAVED_TPM, changed, error);
}

static gboolean
make_directory (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  return lodge_file_make_directory (path, 0700, error) && lodge_file_sync_directory (path, error);
}

/* What a power cut has left of files that were being written. */
static gboolean
remove_leftovers (const char *directory, GError **error)
{
  static const char *const names[]
      = { LODGE_SAVED_DEFINITION, LODGE_SAVED_AUTOSTART,   LODGE_SAVED_NVRAM,
          LODGE_SAVED_TPM,        LODGE_SAVED_NOT_DEFINED, NULL };
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (!g_strv_contains (names, name) && !lodge_remove_tree (path, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* The definition comes last: until it is there the directory does not count. */
static gboolean
save_one (const char *root, const LodgeSaved *saved, const char *directory, guint *changed,
          GError **error)
{
  g_autofree char *definition = g_build_filename (directory, LODGE_SAVED_DEFINITION, NULL);
  g_autofree char *autostart = g_build_filename (directory, LODGE_SAVED_AUTOSTART, NULL);
  g_autofree char *refused = g_build_filename (directory, LODGE_SAVED_NOT_DEFINED, NULL);

  return make_directory (directory, error) && remove_leftovers (directory, error)
         && (saved->kind != LODGE_SAVED_GUEST
             || save_state (root, saved, directory, changed, error))
         && (saved->autostart ? lodge_copy_text ("yes\n", autostart, changed, error)
                              : lodge_remove_tree (autostart, changed, error))
         && lodge_copy_text (saved->xml, definition, changed, error)
         && lodge_remove_tree (refused, changed, error);
}

/* --- one kind --- */

/* What libvirt has defined of KIND, in its directory SOURCE, into FOUND.  FALSE with ERROR set when
 * one cannot be read; the others are there all the same. */
static gboolean
read_defined (const LodgeSavedKindInfo *kind, const char *source, GPtrArray *found, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GDir) directory = g_dir_open (source, 0, &problem);
  gboolean good = TRUE;
  const char *name;

  if (directory == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the directory %s: %s", source,
                            problem->message);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (source, name, NULL);
      g_autofree char *autostart = g_build_filename (source, "autostart", name, NULL);
      g_autofree char *xml = NULL;
      g_autoptr (GError) unread = NULL;
      LodgeSaved *saved = NULL;

      if (!g_str_has_suffix (name, ".xml") || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
        continue;
      xml = lodge_file_read (path, XML_LIMIT, NULL, &unread);
      if (xml != NULL)
        saved = lodge_saved_parse (kind->kind, xml, path, &unread);
      if (saved != NULL)
        {
          saved->autostart = g_file_test (autostart, G_FILE_TEST_IS_SYMLINK);
          g_ptr_array_add (found, saved);
        }
      /* It was removed since the directory was read. */
      else if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          good = FALSE;
          if (error != NULL && *error == NULL)
            g_propagate_error (error, g_steal_pointer (&unread));
        }
    }
  return good;
}

static gboolean
is_among (const GPtrArray *found, const char *uuid)
{
  for (guint i = 0; i < found->len; i++)
    if (g_str_equal (((const LodgeSaved *)found->pdata[i])->uuid, uuid))
      return TRUE;
  return FALSE;
}

/* Removes what is in the store's DIRECTORY and not in FOUND: the definition first, without which
 * the rest does not count. */
static gboolean
remove_undefined (const char *directory, const GPtrArray *found, guint *changed, GError **error)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *one = g_build_filename (directory, name, NULL);
      g_autofree char *definition = g_build_filename (one, LODGE_SAVED_DEFINITION, NULL);
      g_autofree char *refused = g_build_filename (one, LODGE_SAVED_NOT_DEFINED, NULL);

      if (is_among (found, name) || g_file_test (refused, G_FILE_TEST_EXISTS))
        continue;
      if (!lodge_remove_tree (definition, NULL, error) || !lodge_remove_tree (one, changed, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
save_kind (const char *root, const char *store, const LodgeSavedKindInfo *kind, guint *changed,
           GError **error)
{
  g_autofree char *source = g_strconcat (root, kind->libvirt, NULL);
  g_autofree char *directory = g_build_filename (store, kind->directory, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_free);
  g_autoptr (GError) problem = NULL;
  gboolean all;

  /* libvirt makes it with the first definition.  Gone, it says nothing about what was in it. */
  if (!g_file_test (source, G_FILE_TEST_IS_DIR))
    return TRUE;
  all = read_defined (kind, source, found, &problem);
  if (!make_directory (directory, error))
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const LodgeSaved *saved = found->pdata[i];
      g_autofree char *one = g_build_filename (directory, saved->uuid, NULL);

      if (!save_one (root, saved, one, changed, error))
        {
          g_prefix_error (error, "save the %s %s: ", kind->word, saved->name);
          return FALSE;
        }
    }
  if (all)
    return remove_undefined (directory, found, changed, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

gboolean
lodge_save_guests (const char *root, const char *store, guint *changed, GError **error)
{
  gsize count;
  const LodgeSavedKindInfo *kinds = lodge_saved_kinds (&count);
  gboolean good = TRUE;

  /* One that fails does not keep the others from being saved. */
  for (gsize i = 0; i < count; i++)
    {
      g_autoptr (GError) problem = NULL;

      if (save_kind (root, store, &kinds[i], changed, &problem))
        continue;
      if (good)
        g_propagate_error (error, g_steal_pointer (&problem));
      good = FALSE;
    }
  return good;
}

/* --- on a host --- */

static gboolean
is_mounted (gboolean *mounted, GError **error)
{
  g_autoptr (LodgeMountTable) mounts = lodge_mounts_read (error);

  if (mounts == NULL)
    return FALSE;
  *mounted = mnt_table_find_target (mounts, LODGE_STORAGE_MOUNT_POINT, MNT_ITER_BACKWARD) != NULL;
  return TRUE;
}

/* The store below the directory TOP, which is held open. */
static int
open_store (int top, gboolean make, GError **error)
{
  g_autofree char *parent = g_strdup_printf ("/proc/self/fd/%d/.lodge", top);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/" LODGE_GUEST_STORE, top);
  int fd;

  if (make
      && ((!g_file_test (parent, G_FILE_TEST_IS_DIR)
           && (!lodge_file_make_directory (parent, 0755, error)
               || !lodge_file_sync_directory (parent, error)))
          || !make_directory (path, error)))
    return -1;
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1 && (make || errno != ENOENT))
    lodge_error_set_errno (error, errno, "open %s/" LODGE_GUEST_STORE, LODGE_STORAGE_MOUNT_POINT);
  return fd;
}

int
lodge_guest_store_open (gboolean make, GError **error)
{
  gboolean mounted = FALSE;
  int top, fd;

  /* Opened first: what is mounted then stays. */
  top = open (LODGE_STORAGE_MOUNT_POINT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (top == -1 && (make || errno != ENOENT))
    lodge_error_set_errno (error, errno, "open %s", LODGE_STORAGE_MOUNT_POINT);
  if (top == -1)
    return -1;
  if (!is_mounted (&mounted, error) || !mounted)
    {
      if (make && !mounted && (error == NULL || *error == NULL))
        lodge_error_set (error, LODGE_ERROR_FAILED, "nothing is mounted at %s",
                         LODGE_STORAGE_MOUNT_POINT);
      close (top);
      return -1;
    }
  fd = open_store (top, make, error);
  close (top);
  return fd;
}

static gboolean
save_open (int fd, guint *changed, char **reason, GError **error)
{
  g_autofree char *store = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *token = lodge_file_read (LODGE_GUEST_STORE_TOKEN, TOKEN_LIMIT, NULL, error);
  g_autofree char *owner = lodge_guest_store_owner (store);

  /* One at a time: the next one would take the other's half-written files for left-overs. */
  if (token == NULL || !lodge_disk_lock (fd, "the directory of saved definitions", NULL, error))
    return FALSE;
  if (g_strcmp0 (g_strstrip (token), owner) != 0)
    {
      *reason = g_strdup ("the VM storage is another host's; what is saved on it stays as it is");
      return TRUE;
    }
  for (guint i = 0; i < MOST_PASSES; i++)
    {
      guint before = *changed;

      if (!lodge_save_guests ("", store, changed, error))
        return FALSE;
      /* What changed while it was saved is told to nobody: systemd looks away meanwhile. */
      if (*changed == before)
        break;
    }
  return TRUE;
}

gboolean
lodge_save_guests_here (guint *changed, char **reason, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean good;
  int fd;

  *changed = 0;
  if (!g_file_test (LODGE_GUEST_STORE_TOKEN, G_FILE_TEST_EXISTS))
    {
      *reason = g_strdup ("this host has no VM storage of its own yet");
      return TRUE;
    }
  fd = lodge_guest_store_open (FALSE, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (fd == -1)
    {
      *reason = g_strdup ("the VM storage is not mounted");
      return TRUE;
    }
  good = save_open (fd, changed, reason, error);
  close (fd);
  return good;
}
