/* NetworkManager's checkpoints.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-checkpoint.h"

#include <errno.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "common/error.h"
#include "common/file.h"
#include "firstboot/i18n.h"

/* On /run: a checkpoint does not outlive NetworkManager, let alone a boot. */
#define NOTE "/run/lodge/network-checkpoint"

/* What tells this checkpoint from a later one under the same path (they are numbered from 1 when
 * NetworkManager restarts). */
static char *
note_text (NMCheckpoint *checkpoint)
{
  return g_strdup_printf ("%s %" G_GINT64_FORMAT "\n", nm_object_get_path (NM_OBJECT (checkpoint)),
                          nm_checkpoint_get_created (checkpoint));
}

static gboolean
remove_note (GError **error)
{
  if (g_unlink (NOTE) < 0 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, "remove %s", NOTE);
  return TRUE;
}

/* All devices but the cards of guests that run: a rollback would save a profile for each (seen with
 * 1.42), which the next boot starts as a device that no guest is behind.  An empty list, when there
 * are none, means all. */
static GPtrArray *
devices_beside_cards (LodgeNetworkSession *session)
{
  const GPtrArray *all = nm_client_get_devices (session->client);
  GPtrArray *devices = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    if (!NM_IS_DEVICE_TUN (all->pdata[i]))
      g_ptr_array_add (devices, all->pdata[i]);
  if (devices->len == all->len)
    g_ptr_array_set_size (devices, 0);
  return devices;
}

char *
lodge_network_checkpoint_create (LodgeNetworkSession *session, guint seconds,
                                 GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) devices = devices_beside_cards (session);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (NMCheckpoint) checkpoint = NULL;
  g_autofree char *path = NULL;
  g_autofree char *note = NULL;

  /* New devices go with all devices only. */
  nm_client_checkpoint_create (
      session->client, devices, seconds,
      NM_CHECKPOINT_CREATE_FLAG_DELETE_NEW_CONNECTIONS
          | (devices->len == 0 ? NM_CHECKPOINT_CREATE_FLAG_DISCONNECT_NEW_DEVICES : 0),
      cancellable, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  checkpoint = nm_client_checkpoint_create_finish (session->client, result, error);
  if (checkpoint == NULL)
    {
      g_prefix_error (error, N_ ("NetworkManager cannot make a checkpoint to go back to: "));
      return NULL;
    }
  path = g_strdup (nm_object_get_path (NM_OBJECT (checkpoint)));
  note = note_text (checkpoint);
  if (!lodge_file_replace (NOTE, note, -1, 0600, error))
    {
      g_autoptr (GError) ignored = NULL; /* the first error is the one to tell */

      if (!lodge_network_checkpoint_destroy (session, path, &ignored))
        g_debug ("%s", ignored->message);
      return NULL;
    }
  return g_steal_pointer (&path);
}

gboolean
lodge_network_checkpoint_rollback (LodgeNetworkSession *session, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GHashTable) outcome = NULL;

  nm_client_checkpoint_rollback (session->client, path, NULL, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  outcome = nm_client_checkpoint_rollback_finish (session->client, result, error);
  if (outcome == NULL)
    {
      g_prefix_error (error, N_ ("NetworkManager cannot go back to the network as it was: "));
      return FALSE;
    }
  return remove_note (error);
}

gboolean
lodge_network_checkpoint_destroy (LodgeNetworkSession *session, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  nm_client_checkpoint_destroy (session->client, path, NULL, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  if (!nm_client_checkpoint_destroy_finish (session->client, result, error))
    {
      g_prefix_error (error, N_ ("NetworkManager cannot end its checkpoint: "));
      return FALSE;
    }
  /* The note is on /run and names a checkpoint that is gone: left behind it means nothing, and what
   * was just confirmed must not be called failed for it. */
  (void)remove_note (NULL);
  return TRUE;
}

gboolean
lodge_network_checkpoint_recover (LodgeNetworkSession *session, gboolean *found, GError **error)
{
  const GPtrArray *checkpoints = nm_client_get_checkpoints (session->client);
  g_autofree char *note = NULL;
  g_autoptr (GError) local = NULL;

  *found = FALSE;
  if (!g_file_get_contents (NOTE, &note, NULL, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; i < checkpoints->len; i++)
    {
      g_autofree char *text = note_text (checkpoints->pdata[i]);
      g_autofree char *path = NULL;

      if (g_strcmp0 (text, note) != 0)
        continue;
      path = g_strdup (nm_object_get_path (checkpoints->pdata[i]));
      *found = TRUE;
      return lodge_network_checkpoint_rollback (session, path, error);
    }
  return remove_note (error);
}
