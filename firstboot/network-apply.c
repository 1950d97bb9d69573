/* Puts profiles into effect, or leaves the network as it was.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-apply.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <string.h>
#include "common/error.h"
#include "common/file.h"
#include "firstboot/network-checkpoint.h"
#include "firstboot/network-failure.h"
#include "firstboot/network-profiles.h"
#include "firstboot/network-verify.h"

#define PORT_SECONDS 15       /* for NetworkManager to see the port and its carrier */
#define ACTIVATION_SECONDS 60 /* DHCP retransmits after 4, 8, 16 and 32 s (RFC 2131, 4.1) */
#define VERIFY_SECONDS 10
#define RESTORE_SECONDS 60
/* NetworkManager rolls back by itself after that; all of the above and both gateways fit into it.
 */
#define CHECKPOINT_SECONDS 150

typedef struct
{
  LodgeStepContext *context;
  LodgeNetworkSession *session;
  const GPtrArray *profiles;
  const char *const *port_macs;
  GPtrArray *before;        /* of GVariant *: what each profile was before, or NULL */
  GPtrArray *active_before; /* of char *: UUIDs of the profiles that were in effect */
  GPtrArray *activating;    /* of NMActiveConnection */
  NMDevice *bridge;         /* watched */
  gulong bridge_handler;
  NMDeviceState reached;
  NMDeviceStateReason reason;
} Transaction;

static void
unref_variant (gpointer variant)
{
  if (variant != NULL)
    g_variant_unref (variant);
}

static void
transaction_clear (Transaction *transaction)
{
  if (transaction->bridge != NULL)
    g_signal_handler_disconnect (transaction->bridge, transaction->bridge_handler);
  g_clear_object (&transaction->bridge);
  g_clear_pointer (&transaction->before, g_ptr_array_unref);
  g_clear_pointer (&transaction->active_before, g_ptr_array_unref);
  g_clear_pointer (&transaction->activating, g_ptr_array_unref);
  lodge_network_session_close (transaction->session);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Transaction, transaction_clear)

static void
tell (const Transaction *transaction, const char *line)
{
  transaction->context->tell (line, transaction->context->tell_data);
}

static NMRemoteConnection *
find_profile (const Transaction *transaction, gpointer profile)
{
  return nm_client_get_connection_by_uuid (transaction->session->client,
                                           nm_connection_get_uuid (profile));
}

static NMActiveConnection *
find_active (const Transaction *transaction, const char *uuid)
{
  const GPtrArray *all = nm_client_get_active_connections (transaction->session->client);

  for (guint i = 0; i < all->len; i++)
    if (g_strcmp0 (nm_active_connection_get_uuid (all->pdata[i]), uuid) == 0
        && nm_active_connection_get_state (all->pdata[i]) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      return all->pdata[i];
  return NULL;
}

/* --- before anything is changed --- */

static gboolean
ports_are_known (gpointer data)
{
  const Transaction *transaction = data;

  for (guint i = 0; transaction->port_macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (transaction->session, transaction->port_macs[i]);

      if (port == NULL || nm_device_get_state (port) <= NM_DEVICE_STATE_UNMANAGED)
        return FALSE;
    }
  return TRUE;
}

/* One port with carrier is enough for a bond; without one there is only one. */
static gboolean
any_port_has_carrier (gpointer data)
{
  const Transaction *transaction = data;

  for (guint i = 0; transaction->port_macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (transaction->session, transaction->port_macs[i]);

      if (port != NULL && nm_device_ethernet_get_carrier (NM_DEVICE_ETHERNET (port)))
        return TRUE;
    }
  return FALSE;
}

/* "enp1s0 (52:54:00:12:34:56), enp2s0 (…)" */
static char *
describe_ports (const Transaction *transaction)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; transaction->port_macs[i] != NULL; i++)
    {
      NMDevice *port = lodge_network_find_port (transaction->session, transaction->port_macs[i]);

      g_string_append_printf (text, "%s%s (%s)", i > 0 ? ", " : "",
                              port != NULL ? nm_device_get_iface (port) : "absent port",
                              transaction->port_macs[i]);
    }
  return g_string_free (text, FALSE);
}

static gboolean
check_ports (Transaction *transaction, GError **error)
{
  GCancellable *cancellable = transaction->context->cancellable;
  gboolean known = lodge_network_wait (transaction->session, PORT_SECONDS, cancellable,
                                       ports_are_known, transaction);
  g_autofree char *ports = describe_ports (transaction);

  if (known
      && lodge_network_wait (transaction->session, PORT_SECONDS, cancellable, any_port_has_carrier,
                             transaction))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!known)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "NetworkManager does not manage the port %s; see \"nmcli device\" and "
                            "its configuration for what keeps it off",
                            ports);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "no carrier on %s within %d s; check its cable and the switch, or name "
                          "another port",
                          ports, PORT_SECONDS);
}

/* Whether every profile is on disk, as wanted, and in effect. */
static gboolean
is_in_effect (const Transaction *transaction)
{
  for (guint i = 0; i < transaction->profiles->len; i++)
    {
      NMRemoteConnection *profile = find_profile (transaction, transaction->profiles->pdata[i]);

      if (profile == NULL
          || (nm_remote_connection_get_flags (profile) & NM_SETTINGS_CONNECTION_FLAG_UNSAVED) != 0
          || !nm_connection_compare (NM_CONNECTION (profile), transaction->profiles->pdata[i],
                                     NM_SETTING_COMPARE_FLAG_IGNORE_TIMESTAMP)
          || find_active (transaction, nm_connection_get_uuid (NM_CONNECTION (profile))) == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
remember (Transaction *transaction)
{
  const GPtrArray *active = nm_client_get_active_connections (transaction->session->client);

  for (guint i = 0; i < transaction->profiles->len; i++)
    {
      NMRemoteConnection *profile = find_profile (transaction, transaction->profiles->pdata[i]);
      GVariant *settings = NULL;

      if (profile != NULL)
        settings = g_variant_ref_sink (
            nm_connection_to_dbus (NM_CONNECTION (profile), NM_CONNECTION_SERIALIZE_ALL));
      g_ptr_array_add (transaction->before, settings);
    }
  for (guint i = 0; i < active->len; i++)
    if (nm_active_connection_get_state (active->pdata[i]) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      g_ptr_array_add (transaction->active_before,
                       g_strdup (nm_active_connection_get_uuid (active->pdata[i])));
}

/* --- the way there --- */

static gboolean
update_profile (Transaction *transaction, NMRemoteConnection *profile, GVariant *settings,
                NMSettingsUpdate2Flags flags, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) outcome = NULL;

  nm_remote_connection_update2 (profile, settings, flags, NULL, NULL, lodge_network_ready, &result);
  lodge_network_await (transaction->session, &result);
  outcome = nm_remote_connection_update2_finish (profile, result, error);
  return outcome != NULL;
}

static gboolean
place_profile (Transaction *transaction, NMConnection *profile, GError **error)
{
  NMRemoteConnection *existing = find_profile (transaction, profile);
  g_autoptr (NMRemoteConnection) added = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *settings = nm_connection_to_dbus (profile, NM_CONNECTION_SERIALIZE_ALL);

  /* Not to be started by NetworkManager on its own before all of them are there. */
  if (existing != NULL)
    return update_profile (
        transaction, existing, settings,
        NM_SETTINGS_UPDATE2_FLAG_IN_MEMORY | NM_SETTINGS_UPDATE2_FLAG_BLOCK_AUTOCONNECT, error);
  nm_client_add_connection2 (transaction->session->client, settings,
                             NM_SETTINGS_ADD_CONNECTION2_FLAG_IN_MEMORY
                                 | NM_SETTINGS_ADD_CONNECTION2_FLAG_BLOCK_AUTOCONNECT,
                             NULL, TRUE, transaction->context->cancellable, lodge_network_ready,
                             &result);
  lodge_network_await (transaction->session, &result);
  added = nm_client_add_connection2_finish (transaction->session->client, result, NULL, error);
  return added != NULL;
}

static void
on_bridge_state (NMDevice *bridge G_GNUC_UNUSED, guint state, guint old, guint reason,
                 gpointer data)
{
  Transaction *transaction = data;

  if (state == NM_DEVICE_STATE_FAILED)
    {
      transaction->reached = (NMDeviceState)old;
      transaction->reason = (NMDeviceStateReason)reason;
    }
}

static void
watch_bridge (Transaction *transaction)
{
  NMDevice *bridge = nm_client_get_device_by_iface (transaction->session->client,
                                                    transaction->context->plan->answers->bridge);

  if (bridge == NULL || bridge == transaction->bridge)
    return;
  if (transaction->bridge != NULL)
    g_signal_handler_disconnect (transaction->bridge, transaction->bridge_handler);
  g_set_object (&transaction->bridge, bridge);
  transaction->bridge_handler
      = g_signal_connect (bridge, "state-changed", G_CALLBACK (on_bridge_state), transaction);
}

static gboolean
activate_profile (Transaction *transaction, gpointer profile, GError **error)
{
  NMSettingWired *wired = nm_connection_get_setting_wired (profile);
  const char *mac = wired != NULL ? nm_setting_wired_get_mac_address (wired) : NULL;
  NMDevice *port = mac != NULL ? lodge_network_find_port (transaction->session, mac) : NULL;
  g_autoptr (GAsyncResult) result = NULL;
  NMActiveConnection *active;

  nm_client_activate_connection_async (
      transaction->session->client, NM_CONNECTION (find_profile (transaction, profile)), port, NULL,
      transaction->context->cancellable, lodge_network_ready, &result);
  lodge_network_await (transaction->session, &result);
  active = nm_client_activate_connection_finish (transaction->session->client, result, error);
  if (active == NULL)
    {
      g_prefix_error (
          error, "NetworkManager does not start the profile %s: ", nm_connection_get_id (profile));
      return FALSE;
    }
  g_ptr_array_add (transaction->activating, active);
  watch_bridge (transaction);
  return TRUE;
}

static gboolean
activation_ended (gpointer data)
{
  Transaction *transaction = data;
  gboolean all = TRUE;

  watch_bridge (transaction);
  if (transaction->reason != NM_DEVICE_STATE_REASON_NONE)
    return TRUE;
  for (guint i = 0; i < transaction->activating->len; i++)
    {
      NMActiveConnectionState state
          = nm_active_connection_get_state (transaction->activating->pdata[i]);

      if (state == NM_ACTIVE_CONNECTION_STATE_DEACTIVATED)
        return TRUE;
      all = all && state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED;
    }
  return all;
}

static gboolean
all_are_activated (const Transaction *transaction)
{
  for (guint i = 0; i < transaction->activating->len; i++)
    if (nm_active_connection_get_state (transaction->activating->pdata[i])
        != NM_ACTIVE_CONNECTION_STATE_ACTIVATED)
      return FALSE;
  return TRUE;
}

static gboolean
explain_failure (Transaction *transaction, gint64 begin, GError **error)
{
  g_autofree char *ports = describe_ports (transaction);
  g_autofree char *sentence = NULL;
  LodgeNetworkFailure failure = {
    .port = ports,
    .carrier = any_port_has_carrier (transaction),
    .reached = transaction->reached,
    .reason = transaction->reason,
    .seconds = (guint)((g_get_monotonic_time () - begin) / G_USEC_PER_SEC),
  };

  if (g_cancellable_set_error_if_cancelled (transaction->context->cancellable, error))
    return FALSE;
  if (failure.reason == NM_DEVICE_STATE_REASON_NONE && transaction->bridge != NULL)
    failure.reached = nm_device_get_state (transaction->bridge);
  sentence = lodge_network_failure_explain (&failure, transaction->context->plan->answers);
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
    return lodge_error_set_errno (error, errno, "open the profile %s",
                                  path != NULL ? path
                                               : nm_connection_get_id (NM_CONNECTION (profile)));
  ok = fsync (fd) == 0 || lodge_error_set_errno (error, errno, "fsync %s", path);
  close (fd);
  return ok && lodge_file_sync_directory (path, error);
}

static gboolean
save_profiles (Transaction *transaction, GError **error)
{
  for (guint i = 0; i < transaction->profiles->len; i++)
    {
      NMRemoteConnection *profile = find_profile (transaction, transaction->profiles->pdata[i]);

      if (profile == NULL)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "the profile %s has vanished",
                                nm_connection_get_id (transaction->profiles->pdata[i]));
      if (!update_profile (transaction, profile, NULL,
                           NM_SETTINGS_UPDATE2_FLAG_TO_DISK | NM_SETTINGS_UPDATE2_FLAG_NO_REAPPLY,
                           error)
          || !sync_profile (profile, error))
        {
          g_prefix_error (error, "cannot save the network profile %s: ",
                          nm_connection_get_id (NM_CONNECTION (profile)));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
change (Transaction *transaction, GError **error)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < transaction->profiles->len; i++)
    if (!place_profile (transaction, transaction->profiles->pdata[i], error))
      {
        g_prefix_error (error, "NetworkManager does not take the profile %s: ",
                        nm_connection_get_id (transaction->profiles->pdata[i]));
        return FALSE;
      }
  for (guint i = 0; i < transaction->profiles->len; i++)
    if (!activate_profile (transaction, transaction->profiles->pdata[i], error))
      return FALSE;
  lodge_network_wait (transaction->session, ACTIVATION_SECONDS, transaction->context->cancellable,
                      activation_ended, transaction);
  if (!all_are_activated (transaction))
    return explain_failure (transaction, begin, error);
  json_object_set_int_member (transaction->context->measured, "activation_ms",
                              (g_get_monotonic_time () - begin) / 1000);
  return lodge_network_verify (transaction->session, transaction->context, VERIFY_SECONDS, error)
         && save_profiles (transaction, error);
}

/* --- the way back --- */

static gboolean
is_active_as_before (gpointer data)
{
  const Transaction *transaction = data;

  for (guint i = 0; i < transaction->active_before->len; i++)
    if (find_active (transaction, transaction->active_before->pdata[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
delete_profile (Transaction *transaction, NMRemoteConnection *profile, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  nm_remote_connection_delete_async (profile, NULL, lodge_network_ready, &result);
  lodge_network_await (transaction->session, &result);
  return nm_remote_connection_delete_finish (profile, result, error);
}

/* NetworkManager deletes new profiles and restores those in effect; a profile of ours that was only
 * on disk is ours to restore. */
static gboolean
restore_profiles (Transaction *transaction, GError **error)
{
  for (guint i = 0; i < transaction->before->len; i++)
    {
      NMRemoteConnection *found = find_profile (transaction, transaction->profiles->pdata[i]);
      g_autoptr (NMRemoteConnection) profile = found != NULL ? g_object_ref (found) : NULL;
      GVariant *settings = transaction->before->pdata[i];

      if (profile == NULL)
        continue;
      if (settings == NULL
              ? !delete_profile (transaction, profile, error)
              : !update_profile (
                  transaction, profile, settings,
                  NM_SETTINGS_UPDATE2_FLAG_TO_DISK | NM_SETTINGS_UPDATE2_FLAG_NO_REAPPLY, error))
        return FALSE;
    }
  return TRUE;
}

/* Undoes everything.  Adds to ERROR, which is set, what came of it. */
static void
go_back (Transaction *transaction, const char *checkpoint, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *outcome = "the network is as it was before";

  gboolean rolled_back
      = lodge_network_checkpoint_rollback (transaction->session, checkpoint, &local);

  /* A checkpoint that has expired was rolled back by NetworkManager itself: the profiles are still
   * ours to take back. */
  if (restore_profiles (transaction, rolled_back ? &local : NULL) && rolled_back
      && !lodge_network_wait (transaction->session, RESTORE_SECONDS, NULL, is_active_as_before,
                              transaction))
    outcome = "the profiles are as they were before, but not all of them came up again";
  if (local != NULL)
    outcome = local->message;
  tell (transaction, outcome);
  if (error != NULL && *error != NULL)
    {
      g_autofree char *sentence = g_strdup_printf ("%s (%s)", (*error)->message, outcome);

      g_free ((*error)->message);
      (*error)->message = g_steal_pointer (&sentence);
    }
}

gboolean
lodge_network_apply (LodgeStepContext *context, const GPtrArray *profiles,
                     const char *const *port_macs, GError **error)
{
  g_auto (Transaction) transaction = {
    .context = context,
    .profiles = profiles,
    .port_macs = port_macs,
    .before = g_ptr_array_new_with_free_func (unref_variant),
    .active_before = g_ptr_array_new_with_free_func (g_free),
    .activating = g_ptr_array_new_with_free_func (g_object_unref),
  };
  g_autofree char *checkpoint = NULL;
  gboolean recovered;

  transaction.session = lodge_network_session_open (context->cancellable, error);
  if (transaction.session == NULL
      || !lodge_network_checkpoint_recover (transaction.session, &recovered, error))
    return FALSE;
  if (recovered)
    tell (&transaction, "took back what an interrupted run had done to the network");
  if (!check_ports (&transaction, error))
    return FALSE;
  if (is_in_effect (&transaction))
    {
      g_autoptr (GError) local = NULL;

      if (lodge_network_verify (transaction.session, context, VERIFY_SECONDS, &local))
        return TRUE;
      tell (&transaction, local->message);
    }

  remember (&transaction);
  checkpoint = lodge_network_checkpoint_create (transaction.session, CHECKPOINT_SECONDS,
                                                context->cancellable, error);
  if (checkpoint == NULL)
    return FALSE;
  if (change (&transaction, error)
      && lodge_network_checkpoint_destroy (transaction.session, checkpoint, error))
    return TRUE;
  go_back (&transaction, checkpoint, error);
  return FALSE;
}
