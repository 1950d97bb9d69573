/* The step "guests": what is saved on the VM storage is defined again; from then on it is this host
 * that saves there.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order is what keeps the saved definitions: this host's token is written to the store, and
 * then to the host, when all that is in the store was taken and libvirt's files are on their disk,
 * and not before; and without the two nothing is saved (save-guests.h).
 */
#include "firstboot/step.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/disk-lock.h"
#include "common/error.h"
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/i18n.h"
#include "firstboot/layout.h"
#include "firstboot/restore-guests.h"
#include "firstboot/save-guests.h"

#define TOKEN_LIMIT 128

static void
tell_all (const LodgeStepContext *context, const GPtrArray *lines, const char *prefix)
{
  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *line = g_strconcat (prefix, lines->pdata[i], NULL);
      context->tell (line, context->tell_data);
    }
}

static void
measure_list (LodgeStepContext *context, const char *member, const GPtrArray *lines)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < lines->len; i++)
    json_array_add_string_element (array, lines->pdata[i]);
  json_object_set_array_member (context->measured, member, array);
}

/* This host's token; a new one when there is none yet. */
static char *
own_token (GError **error)
{
  char *token = NULL;

  if (!lodge_directory_read_host (LODGE_GUEST_STORE_TOKEN, TOKEN_LIMIT, &token, NULL, error))
    return NULL;
  if (token != NULL && g_strstrip (token)[0] != '\0')
    return token;
  g_free (token);
  return g_uuid_string_random ();
}

static gboolean
take_what_is_saved (LodgeStepContext *context, const char *store, GError **error)
{
  g_autoptr (virConnect) connection = lodge_libvirt_open (context->cancellable, error);
  g_autoptr (LodgeRestored) restored = lodge_restored_new ();

  if (connection == NULL
      || !lodge_restore_guests (connection, store, context->plan, context->cancellable, restored,
                                error))
    return FALSE;
  tell_all (context, restored->guests, "defined again: virtual machine ");
  tell_all (context, restored->others, "defined again: ");
  tell_all (context, restored->refused, "warning: not defined, and kept on the storage: ");
  tell_all (context, restored->warnings, "warning: ");
  measure_list (context, "virtual-machines", restored->guests);
  measure_list (context, "others", restored->others);
  measure_list (context, "not-defined", restored->refused);
  measure_list (context, "warnings", restored->warnings);
  return TRUE;
}

/* What libvirt was told must be on its disk before the storage says that it was taken: after a
 * power cut in between it would look as if somebody had undefined it. */
static gboolean
sync_host (GError **error)
{
  static const char *const places[] = { "/etc/libvirt", "/var/lib/libvirt" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (LodgeDirectory) directory = NULL;

      if (!lodge_directory_open (places[i], &directory, error))
        return FALSE;
      if (directory != NULL && syncfs (directory->fd) != 0)
        return lodge_error_set_errno (error, errno, N_ ("write %s to its disk"), places[i]);
    }
  return TRUE;
}

static gboolean
is_something_saved (const char *store)
{
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = lodge_guest_store_read (store, problems);

  return saved->len > 0 || problems->len > 0;
}

static gboolean
forget_token (GError **error)
{
  if (unlink (LODGE_GUEST_STORE_TOKEN) != 0)
    return errno == ENOENT
           || lodge_error_set_errno (error, errno, N_ ("remove %s"), LODGE_GUEST_STORE_TOKEN);
  return lodge_file_sync_directory (LODGE_GUEST_STORE_TOKEN, error);
}

static gboolean
write_owner (const char *store, const char *line, GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;

  return lodge_directory_open (store, &top, error)
         && lodge_directory_write (top, LODGE_GUEST_STORE_OWNER, line, -1, NULL, error);
}

static gboolean
take_over (LodgeStepContext *context, const char *store, GError **error)
{
  g_autofree char *token = own_token (error);
  g_autofree char *line = g_strconcat (token != NULL ? token : "", "\n", NULL);
  g_autofree char *owner = NULL;
  gboolean adopt = context->plan->answers->layout == LODGE_LAYOUT_ADOPT;

  if (token == NULL || !lodge_guest_store_owner (store, &owner, error))
    return FALSE;
  /* Adopting is looked through again when an interrupted run had come so far: what is defined stays
   * as it is, and the report is about this run.  What is saved is never taken over unseen, whether
   * the disk says whose it is or not. */
  if ((adopt || (g_strcmp0 (owner, token) != 0 && (owner != NULL || is_something_saved (store))))
      && (!forget_token (error) || !take_what_is_saved (context, store, error)
          || !sync_host (error)))
    return FALSE;
  return write_owner (store, line, error)
         && lodge_file_replace (LODGE_GUEST_STORE_TOKEN, line, -1, 0600, error);
}

/* No others than root change what is on the storage while it is this host's. */
static gboolean
own_storage (GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;

  return lodge_directory_open (LODGE_STORAGE_MOUNT_POINT, &top, error)
         && (top == NULL || lodge_directory_own (top, 0711, error));
}

gboolean
lodge_step_guests (LodgeStepContext *context, GError **error)
{
  g_autofree char *store = NULL;
  g_autofree char *reason = NULL;
  guint changed = 0;
  gboolean good;
  int fd;

  /* Nothing can be adopted later: the virtual machines are on the boot disk themselves. */
  if (context->plan->disks->len == 0)
    {
      context->tell ("there is no VM storage to save definitions on", context->tell_data);
      return TRUE;
    }
  fd = lodge_guest_store_open (TRUE, error);
  if (fd == -1)
    return FALSE;
  store = g_strdup_printf ("/proc/self/fd/%d", fd);
  /* Locked: each definition that libvirt takes starts a save, which has to wait. */
  good = lodge_disk_lock (fd, "the directory of saved definitions", context->cancellable, error)
         && own_storage (error) && take_over (context, store, error);
  close (fd);
  if (!good || !lodge_save_guests_here (&changed, &reason, error))
    {
      g_prefix_error (error, N_ ("definitions on the VM storage: "));
      return FALSE;
    }
  if (reason != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("nothing could be saved: %s"), reason);
  context->tell ("definitions are saved on the VM storage from now on", context->tell_data);
  return TRUE;
}
