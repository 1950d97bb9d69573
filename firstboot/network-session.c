/* A conversation with NetworkManager.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-session.h"

#include "common/error.h"
#include "firstboot/i18n.h"

LodgeNetworkSession *
lodge_network_session_open (GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeNetworkSession) session = g_new0 (LodgeNetworkSession, 1);
  g_autoptr (GAsyncResult) result = NULL;

  session->loop = g_main_context_new ();
  g_main_context_push_thread_default (session->loop);
  nm_client_new_async (cancellable, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  session->client = nm_client_new_finish (result, error);
  if (session->client == NULL)
    {
      g_prefix_error (error, N_ ("cannot talk to NetworkManager: "));
      return NULL;
    }
  if (!nm_client_get_nm_running (session->client))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       N_ ("NetworkManager does not run; see \"systemctl status NetworkManager\""));
      return NULL;
    }
  return g_steal_pointer (&session);
}

void
lodge_network_session_close (LodgeNetworkSession *session)
{
  if (session == NULL)
    return;
  if (session->client != NULL)
    {
      /* libnm finishes what is under way in idle callbacks; the watcher goes when the last is done.
       */
      GObject *busy = nm_client_get_context_busy_watcher (session->client);

      g_object_add_weak_pointer (busy, (gpointer *)&busy);
      g_object_unref (session->client);
      while (busy != NULL)
        g_main_context_iteration (session->loop, TRUE);
    }
  g_main_context_pop_thread_default (session->loop);
  g_main_context_unref (session->loop);
  g_free (session);
}

void
lodge_network_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer slot)
{
  *(GAsyncResult **)slot = g_object_ref (result);
}

void
lodge_network_await (LodgeNetworkSession *session, GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (session->loop, TRUE);
}

static gboolean
on_deadline (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  return on_deadline (data);
}

gboolean
lodge_network_wait (LodgeNetworkSession *session, guint seconds, GCancellable *cancellable,
                    gboolean (*condition) (gpointer data), gpointer data)
{
  g_autoptr (GSource) deadline = g_timeout_source_new_seconds (seconds);
  g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);
  gboolean over = FALSE;
  gboolean holds;

  g_source_set_callback (deadline, on_deadline, &over, NULL);
  g_source_attach (deadline, session->loop);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (on_cancelled), &over, NULL);
  g_source_attach (cancelled, session->loop);
  while (!(holds = condition (data)) && !over)
    g_main_context_iteration (session->loop, TRUE);
  g_source_destroy (deadline);
  g_source_destroy (cancelled);
  return holds;
}

NMDevice *
lodge_network_find_port (LodgeNetworkSession *session, const char *mac)
{
  const GPtrArray *devices = nm_client_get_devices (session->client);

  for (guint i = 0; i < devices->len; i++)
    {
      NMDevice *device = devices->pdata[i];
      const char *address;

      if (!NM_IS_DEVICE_ETHERNET (device))
        continue;
      address = nm_device_ethernet_get_permanent_hw_address (NM_DEVICE_ETHERNET (device));
      if (address == NULL || *address == '\0')
        address = nm_device_get_hw_address (device);
      if (address != NULL && g_ascii_strcasecmp (address, mac) == 0)
        return device;
    }
  return NULL;
}

NMRemoteConnection *
lodge_network_find_profile (LodgeNetworkSession *session, NMConnection *profile)
{
  return nm_client_get_connection_by_uuid (session->client, nm_connection_get_uuid (profile));
}

gboolean
lodge_network_update_profile (LodgeNetworkSession *session, NMRemoteConnection *profile,
                              GVariant *settings, NMSettingsUpdate2Flags flags, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) outcome = NULL;

  nm_remote_connection_update2 (profile, settings, flags, NULL, NULL, lodge_network_ready, &result);
  lodge_network_await (session, &result);
  outcome = nm_remote_connection_update2_finish (profile, result, error);
  return outcome != NULL;
}
