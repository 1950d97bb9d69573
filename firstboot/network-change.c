/* The way from profiles to a network that works and is saved.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-change.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "common/error.h"
#include "common/file.h"
#include "firstboot/network-failure.h"
#include "firstboot/network-stale.h"
#include "firstboot/network-verify.h"
#include "firstboot/i18n.h"

#define ACTIVATION_SECONDS 60 /* DHCP retransmits after 4, 8, 16 and 32 s (RFC 2131, 4.1) */
#define VERIFY_SECONDS 10

typedef struct
{
  LodgeNetworkPorts ports;
  LodgeStepContext *context;
  const GPtrArray *profiles;
  const GPtrArray *stale;
  GPtrArray *activating; /* of NMActiveConnection */
  NMDevice *bridge;      /* watched */
  gulong bridge_handler;
  NMDeviceState reached;
  NMDeviceStateReason reason;
} Change;

static gboolean
place_profile (Change *change, NMConnection *profile, GError **error)
{
  NMRemoteConnection *existing = lodge_network_find_profile (change->ports.session, profile);
  g_autoptr (NMRemoteConnection) added = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *settings = nm_connection_to_dbus (profile, NM_CONNECTION_SERIALIZE_ALL);

  /* Not to be started by NetworkManager on its own before all of them are there. */
  if (existing != NULL)
    return lodge_network_update_profile (
        change->ports.session, existing, settings,
        NM_SETTINGS_UPDATE2_FLAG_IN_MEMORY | NM_SETTINGS_UPDATE2_FLAG_BLOCK_AUTOCONNECT, error);
  nm_client_add_connection2 (change->ports.session->client, settings,
                             NM_SETTINGS_ADD_CONNECTION2_FLAG_IN_MEMORY
                                 | NM_SETTINGS_ADD_CONNECTION2_FLAG_BLOCK_AUTOCONNECT,
                             NULL, TRUE, change->context->cancellable, lodge_network_ready,
                             &result);
  lodge_network_await (change->ports.session, &result);
  added = nm_client_add_connection2_finish (change->ports.session->client, result, NULL, error);
  return added != NULL;
}

static void
on_bridge_state (NMDevice *bridge G_GNUC_UNUSED, guint state, guint old, guint reason,
                 gpointer data)
{
  Change *change = data;

  if (state == NM_DEVICE_STATE_FAILED)
    {
      change->reached = (NMDeviceState)old;
      change->reason = (NMDeviceStateReason)reason;
    }
}

static void
watch_bridge (Change *change)
{
  NMDevice *bridge = nm_client_get_device_by_iface (change->ports.session->client,
                                                    change->context->plan->answers->bridge);

  if (bridge == NULL || bridge == change->bridge)
    return;
  if (change->bridge != NULL)
    g_signal_handler_disconnect (change->bridge, change->bridge_handler);
  g_set_object (&change->bridge, bridge);
  change->bridge_handler
      = g_signal_connect (bridge, "state-changed", G_CALLBACK (on_bridge_state), change);
}

static gboolean
activate_profile (Change *change, gpointer profile, GError **error)
{
  NMActiveConnection *active
      = lodge_network_ports_activate (&change->ports, profile, change->context->cancellable, error);

  if (active == NULL)
    return FALSE;
  g_ptr_array_add (change->activating, active);
  watch_bridge (change);
  return TRUE;
}

static gboolean
activation_ended (gpointer data)
{
  Change *change = data;
  gboolean all = TRUE;

  watch_bridge (change);
  if (change->reason != NM_DEVICE_STATE_REASON_NONE)
    return TRUE;
  for (guint i = 0; i < change->activating->len; i++)
    {
      NMActiveConnectionState state = nm_active_connection_get_state (change->activating->pdata[i]);

      if (state == NM_ACTIVE_CONNECTION_STATE_DEACTIVATED)
        return TRUE;
      all = all && state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED;
    }
  return all;
}

static gboolean
all_are_activated (const Change *change)
{
  for (guint i = 0; i < change->activating->len; i++)
    if (nm_active_connection_get_state (change->activating->pdata[i])
        != NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      return FALSE;
  return TRUE;
}

static gboolean
explain_failure (Change *change, gint64 begin, GError **error)
{
  g_autofree char *ports = lodge_network_ports_describe (&change->ports);
  g_autofree char *sentence = NULL;
  LodgeNetworkFailure failure = {
    .port = ports,
    .carrier = lodge_network_ports_have_carrier (&change->ports),
    .reached = change->reached,
    .reason = change->reason,
    .seconds = (guint)((g_get_monotonic_time () - begin) / G_USEC_PER_SEC),
  };

  if (g_cancellable_set_error_if_cancelled (change->context->cancellable, error))
    return FALSE;
  if (failure.reason == NM_DEVICE_STATE_REASON_NONE && change->bridge != NULL)
    {
      NMIPConfig *ipv4 = nm_device_get_ip4_config (change->bridge);

      failure.reached = nm_device_get_state (change->bridge);
      failure.has_ipv4 = ipv4 != NULL && nm_ip_config_get_addresses (ipv4)->len > 0;
    }
  sentence = lodge_network_failure_explain (&failure, change->context->plan->answers);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", sentence);
}

/* NetworkManager's own writing of a profile is not fsynced all the way. */
static gboolean
sync_profile (NMRemoteConnection *profile, GError **error)
{
  const char *path = nm_remote_connection_get_filename (profile);
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  gboolean ok;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, N_ ("open the profile %s"),
                                  path != NULL ? path
                                               : nm_connection_get_id (NM_CONNECTION (profile)));
  ok = fsync (fd) == 0 || lodge_error_set_errno (error, errno, "fsync %s", path);
  close (fd);
  return ok && lodge_file_sync_directory (path, error);
}

static gboolean
save_profiles (Change *change, GError **error)
{
  for (guint i = 0; i < change->profiles->len; i++)
    {
      NMRemoteConnection *profile
          = lodge_network_find_profile (change->ports.session, change->profiles->pdata[i]);

      if (profile == NULL)
        return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("the profile %s has vanished"),
                                nm_connection_get_id (change->profiles->pdata[i]));
      if (!lodge_network_update_profile (
              change->ports.session, profile, NULL,
              NM_SETTINGS_UPDATE2_FLAG_TO_DISK | NM_SETTINGS_UPDATE2_FLAG_NO_REAPPLY, error)
          || !sync_profile (profile, error))
        {
          g_prefix_error (error, N_ ("cannot save the network profile %s: "),
                          nm_connection_get_id (NM_CONNECTION (profile)));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
run (Change *change, GError **error)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < change->profiles->len; i++)
    if (!place_profile (change, change->profiles->pdata[i], error))
      {
        g_prefix_error (error, N_ ("NetworkManager does not take the profile %s: "),
                        nm_connection_get_id (change->profiles->pdata[i]));
        return FALSE;
      }
  if (!lodge_network_stale_stop (change->ports.session, change->stale, error))
    return FALSE;
  for (guint i = 0; i < change->profiles->len; i++)
    if (!activate_profile (change, change->profiles->pdata[i], error))
      return FALSE;
  lodge_network_wait (change->ports.session, ACTIVATION_SECONDS, change->context->cancellable,
                      activation_ended, change);
  if (!all_are_activated (change))
    return explain_failure (change, begin, error);
  json_object_set_int_member (change->context->measured, "activation_ms",
                              (g_get_monotonic_time () - begin) / 1000);
  return lodge_network_verify (change->ports.session, change->context, VERIFY_SECONDS, error)
         && save_profiles (change, error)
         && lodge_network_stale_delete (change->ports.session, change->stale, error);
}

gboolean
lodge_network_change (const LodgeNetworkPorts *ports, LodgeStepContext *context,
                      const GPtrArray *profiles, const GPtrArray *stale, GError **error)
{
  Change change = {
    .ports = *ports,
    .context = context,
    .profiles = profiles,
    .stale = stale,
    .activating = g_ptr_array_new_with_free_func (g_object_unref),
    .reached = NM_DEVICE_STATE_UNKNOWN,
    .reason = NM_DEVICE_STATE_REASON_NONE,
  };
  gboolean ok = run (&change, error);

  if (change.bridge != NULL)
    g_signal_handler_disconnect (change.bridge, change.bridge_handler);
  g_clear_object (&change.bridge);
  g_ptr_array_unref (change.activating);
  return ok;
}
