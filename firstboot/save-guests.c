/* Saving on the VM storage what libvirt has defined.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/save-guests.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/disk-lock.h"
#include "firstboot/guest-store.h"
#include "firstboot/layout.h"
#include "firstboot/mounts.h"
#include "firstboot/removed-guests.h"
#include "firstboot/tree-copy.h"

#define XML_LIMIT (16 * 1024 * 1024)
/* UEFI variables take half a megabyte. */
#define NVRAM_LIMIT (64 * 1024 * 1024)
#define TOKEN_LIMIT 128

/* A guest that changes all the time is left for the next run. */
#define MOST_PASSES 10

typedef struct
{
  const char *root;
  const LodgeDirectory *store;
  LodgeRemoved *removed;
  guint *changed;
  GString *problems; /* one that cannot be saved does not keep the others from it */
} Saving;

static void
add_problem (Saving *saving, const char *what, const char *name, const GError *error)
{
  if (saving->problems->len > 0)
    g_string_append (saving->problems, "; ");
  if (name != NULL)
    g_string_append_printf (saving->problems, "save the %s %s: ", what, name);
  g_string_append (saving->problems, error->message);
}

/* --- one definition --- */

/* When they are not there (the guest has not run yet, or its disk dies) what was saved stays: it
 * goes when the guest is not defined any more. */
static gboolean
save_nvram (Saving *saving, const LodgeSaved *guest, const LodgeDirectory *directory,
            GError **error)
{
  g_autofree char *path = lodge_saved_nvram_path (guest);
  g_autofree char *source = g_strconcat (saving->root, path, NULL);
  g_autofree char *data = NULL;
  gsize length = 0;

  if (lodge_saved_is_on_storage (path))
    return TRUE;
  return lodge_directory_read_host (source, NVRAM_LIMIT, &data, &length, error)
         && (data == NULL
             || lodge_directory_write (directory, LODGE_SAVED_NVRAM, data, (gssize)length,
                                       saving->changed, error));
}

static gboolean
save_tpm (Saving *saving, const LodgeSaved *guest, const LodgeDirectory *directory, GError **error)
{
  g_autofree char *path = lodge_saved_tpm_path (guest);
  g_autofree char *source = g_strconcat (saving->root, path, NULL);
  g_autofree char *place = g_build_filename ("guests", guest->uuid, LODGE_SAVED_TPM, NULL);
  g_autoptr (LodgeDirectory) from = NULL;
  g_autoptr (LodgeDirectory) to = NULL;

  if (!lodge_directory_open (source, &from, error))
    return FALSE;
  return from == NULL
         || (lodge_directory_open_below (directory, LODGE_SAVED_TPM, 0700, &to, error)
             && lodge_copy_tree (from, to, saving->removed, place, saving->changed, error));
}

/* The definition comes last: until it is there the directory does not count. */
static gboolean
save_one (Saving *saving, const LodgeDirectory *parent, const LodgeSaved *saved, GError **error)
{
  g_autoptr (LodgeDirectory) directory = NULL;
  guint *changed = saving->changed;

  return lodge_directory_open_below (parent, saved->uuid, 0700, &directory, error)
         && (saved->kind != LODGE_SAVED_GUEST
             || (save_nvram (saving, saved, directory, error)
                 && save_tpm (saving, saved, directory, error)))
         && (saved->autostart
                 ? lodge_directory_write (directory, LODGE_SAVED_AUTOSTART, "yes\n", -1, changed,
                                          error)
                 : lodge_directory_remove_mark (directory, LODGE_SAVED_AUTOSTART, changed, error))
         && lodge_directory_write (directory, LODGE_SAVED_DEFINITION, saved->xml, -1, changed,
                                   error)
         && lodge_directory_remove_mark (directory, LODGE_SAVED_NOT_DEFINED, changed, error);
}

/* --- one kind --- */

/* What the file NAME in SOURCE defines; *SAVED is NULL when it is no definition, or has been
 * removed since the directory was read. */
static gboolean
read_definition (const LodgeSavedKindInfo *kind, const LodgeDirectory *source, const char *name,
                 LodgeSaved **saved, GError **error)
{
  g_autofree char *path = g_build_filename (source->shown, name, NULL);
  g_autofree char *autostart = g_build_filename ("autostart", name, NULL);
  g_autofree char *xml = NULL;
  g_autoptr (LodgeSaved) one = NULL;
  mode_t type;

  if (!g_str_has_suffix (name, ".xml"))
    return TRUE;
  if (!lodge_directory_look (source, name, &type, error))
    return FALSE;
  if (type == S_IFDIR)
    return TRUE;
  if (!lodge_directory_read_host (path, XML_LIMIT, &xml, NULL, error))
    return FALSE;
  if (xml == NULL)
    return TRUE;
  one = lodge_saved_parse (kind->kind, xml, path, error);
  if (one == NULL || !lodge_directory_look (source, autostart, &type, error))
    return FALSE;
  one->autostart = type == S_IFLNK;
  *saved = g_steal_pointer (&one);
  return TRUE;
}

/* What libvirt has defined of KIND, in its directory SOURCE, into FOUND.  FALSE when one cannot be
 * read; the others are there all the same. */
static gboolean
read_defined (Saving *saving, const LodgeSavedKindInfo *kind, const LodgeDirectory *source,
              GPtrArray *found)
{
  g_autoptr (GError) unlisted = NULL;
  g_auto (GStrv) names = lodge_directory_list (source, &unlisted);
  gboolean good = names != NULL;

  if (names == NULL)
    add_problem (saving, NULL, NULL, unlisted);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GError) problem = NULL;
      LodgeSaved *saved = NULL;

      if (!read_definition (kind, source, names[i], &saved, &problem))
        {
          good = FALSE;
          add_problem (saving, NULL, NULL, problem);
        }
      else if (saved != NULL)
        g_ptr_array_add (found, saved);
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

/* Puts away what is in the store's DIRECTORY and not in FOUND.  What is no directory named by a
 * UUID is an administrator's. */
static gboolean
put_undefined_away (Saving *saving, const LodgeSavedKindInfo *kind, const LodgeDirectory *directory,
                    const GPtrArray *found, GError **error)
{
  g_auto (GStrv) names = lodge_directory_list (directory, error);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (LodgeDirectory) one = NULL;
      mode_t type;

      if (!g_uuid_string_is_valid (names[i]) || is_among (found, names[i]))
        continue;
      if (!lodge_directory_look (directory, names[i], &type, error))
        return FALSE;
      if (type != S_IFDIR)
        continue;
      if (!lodge_directory_open_below (directory, names[i], 0, &one, error)
          || (one != NULL && !lodge_directory_look (one, LODGE_SAVED_NOT_DEFINED, &type, error)))
        return FALSE;
      if (one != NULL && type == 0
          && !lodge_removed_take (saving->removed, directory, names[i], kind->directory,
                                  saving->changed, error))
        return FALSE;
    }
  return names != NULL;
}

static gboolean
save_found (Saving *saving, const LodgeSavedKindInfo *kind, const LodgeDirectory *directory,
            const GPtrArray *found)
{
  gboolean good = TRUE;

  for (guint i = 0; i < found->len; i++)
    {
      const LodgeSaved *saved = found->pdata[i];
      g_autoptr (GError) problem = NULL;

      if (save_one (saving, directory, saved, &problem))
        continue;
      good = FALSE;
      add_problem (saving, kind->word, saved->name, problem);
    }
  return good;
}

static void
save_kind (Saving *saving, const LodgeSavedKindInfo *kind)
{
  g_autofree char *path = g_strconcat (saving->root, kind->libvirt, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_free);
  g_autoptr (LodgeDirectory) source = NULL;
  g_autoptr (LodgeDirectory) directory = NULL;
  g_autoptr (GError) problem = NULL;
  gboolean all;

  if (!lodge_directory_open (path, &source, &problem)
      || (source != NULL
          && !lodge_directory_open_below (saving->store, kind->directory, 0700, &directory,
                                          &problem)))
    {
      add_problem (saving, NULL, NULL, problem);
      return;
    }
  /* libvirt makes it with the first definition.  Gone, it says nothing about what was in it. */
  if (source == NULL)
    return;
  all = read_defined (saving, kind, source, found);
  if (save_found (saving, kind, directory, found) && all
      && !put_undefined_away (saving, kind, directory, found, &problem))
    add_problem (saving, NULL, NULL, problem);
}

gboolean
lodge_save_guests (const char *root, const char *store, guint *changed, GError **error)
{
  gsize count;
  const LodgeSavedKindInfo *kinds = lodge_saved_kinds (&count);
  g_autoptr (GString) problems = g_string_new (NULL);
  g_autoptr (LodgeDirectory) top = NULL;
  g_autoptr (LodgeRemoved) removed = NULL;
  Saving saving = { root, NULL, NULL, changed, problems };

  if (!lodge_directory_open (store, &top, error))
    return FALSE;
  if (top == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s is not there", store);
  removed = lodge_removed_new (top, error);
  if (removed == NULL)
    return FALSE;
  saving.store = top;
  saving.removed = removed;
  for (gsize i = 0; i < count; i++)
    save_kind (&saving, &kinds[i]);
  return problems->len == 0 || lodge_error_set (error, LODGE_ERROR_FAILED, "%s", problems->str);
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

/* The store below the directory TOP.  Others than root may not have written to it, whoever owned
 * the disk before. */
static int
open_store (const LodgeDirectory *top, gboolean make, GError **error)
{
  g_autoptr (LodgeDirectory) lodge = NULL;
  g_autoptr (LodgeDirectory) store = NULL;
  int fd;

  if (!lodge_directory_open_below (top, ".lodge", make ? 0755 : 0, &lodge, error) || lodge == NULL
      || !lodge_directory_own (lodge, 0755, error)
      || !lodge_directory_open_below (lodge, "saved", make ? 0700 : 0, &store, error)
      || store == NULL || !lodge_directory_own (store, 0700, error))
    return -1;
  fd = fcntl (store->fd, F_DUPFD_CLOEXEC, 3);
  if (fd == -1)
    lodge_error_set_errno (error, errno, "open %s", store->shown);
  return fd;
}

int
lodge_guest_store_open (gboolean make, GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;
  gboolean mounted = FALSE;

  /* Opened first: what is mounted then stays. */
  if (!lodge_directory_open (LODGE_STORAGE_MOUNT_POINT, &top, error)
      || (top != NULL && !is_mounted (&mounted, error)))
    return -1;
  if (mounted)
    return open_store (top, make, error);
  if (make)
    lodge_error_set (error, LODGE_ERROR_FAILED, "nothing is mounted at %s",
                     LODGE_STORAGE_MOUNT_POINT);
  return -1;
}

static gboolean
read_token (char **token, GError **error)
{
  if (!lodge_directory_read_host (LODGE_GUEST_STORE_TOKEN, TOKEN_LIMIT, token, NULL, error))
    return FALSE;
  if (*token != NULL)
    g_strstrip (*token);
  return TRUE;
}

static gboolean
save_open (int fd, guint *changed, char **reason, GError **error)
{
  g_autofree char *store = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *token = NULL;
  g_autofree char *owner = NULL;

  /* One at a time, and none while the step "guests" takes what is saved; the token is read when
   * that is over. */
  if (!lodge_disk_lock (fd, "the directory of saved definitions", NULL, error)
      || !read_token (&token, error) || !lodge_guest_store_owner (store, &owner, error))
    return FALSE;
  if (token == NULL || token[0] == '\0' || g_strcmp0 (token, owner) != 0)
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
  g_autofree char *token = NULL;
  gboolean good;
  int fd;

  *changed = 0;
  if (!read_token (&token, error))
    return FALSE;
  if (token == NULL)
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
