/* The step "guests": what is saved on the VM storage is defined again; from then on it is this host
 * that saves there.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order is what keeps the saved definitions: this host's token is written to the store when all
 * that is in it was taken, and not before; and without it nothing is saved (save-guests.h).
 */
#include "firstboot/step.h"

#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"
#include "firstboot/guest-store.h"
#include "firstboot/i18n.h"
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

/* This host's token; made when there is none yet. */
static char *
own_token (GError **error)
{
  g_autofree char *token = NULL;
  g_autofree char *line = NULL;

  if (g_file_test (LODGE_GUEST_STORE_TOKEN, G_FILE_TEST_EXISTS))
    token = lodge_file_read (LODGE_GUEST_STORE_TOKEN, TOKEN_LIMIT, NULL, error);
  else
    {
      token = g_uuid_string_random ();
      line = g_strconcat (token, "\n", NULL);
      if (!lodge_file_replace (LODGE_GUEST_STORE_TOKEN, line, -1, 0600, error))
        return NULL;
    }
  return token != NULL ? g_strstrip (g_steal_pointer (&token)) : NULL;
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

static gboolean
take_over (LodgeStepContext *context, const char *store, const char *token, GError **error)
{
  g_autofree char *owner = lodge_guest_store_owner (store);
  g_autofree char *path = g_build_filename (store, "owner", NULL);
  g_autofree char *line = g_strconcat (token, "\n", NULL);

  gboolean own = g_strcmp0 (owner, token) == 0;

  /* Adopting is looked through again when an interrupted run had come so far: what is defined stays
   * as it is, and the report is about this run. */
  if ((own ? context->plan->answers->layout == LODGE_LAYOUT_ADOPT : owner != NULL)
      && !take_what_is_saved (context, store, error))
    return FALSE;
  return own || lodge_file_replace (path, line, -1, 0600, error);
}

gboolean
lodge_step_guests (LodgeStepContext *context, GError **error)
{
  g_autofree char *token = NULL;
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
  token = own_token (error);
  fd = token != NULL ? lodge_guest_store_open (TRUE, error) : -1;
  if (fd == -1)
    return FALSE;
  store = g_strdup_printf ("/proc/self/fd/%d", fd);
  good = take_over (context, store, token, error);
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
