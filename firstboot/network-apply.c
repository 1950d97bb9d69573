/* Puts profiles into effect, or leaves the network as it was.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-apply.h"

#include "common/error.h"
#include "firstboot/i18n.h"
#include "firstboot/network-cards.h"
#include "firstboot/network-change.h"
#include "firstboot/network-checkpoint.h"
#include "firstboot/network-stale.h"
#include "firstboot/network-verify.h"

#define VERIFY_SECONDS 10
#define RESTORE_SECONDS 15 /* for NetworkManager to do it by itself */
#define RESTART_SECONDS 45 /* after it was told again */
/* NetworkManager rolls back by itself after that; activation, verification and the silence of both
 * gateways fit into it. */
#define CHECKPOINT_SECONDS 150

typedef struct
{
  LodgeStepContext *context;
  LodgeNetworkSession *session;
  LodgeNetworkPorts ports;
  const GPtrArray *profiles;
  GPtrArray *before;        /* of GVariant *: what each profile was before, or NULL */
  GPtrArray *stale;         /* of NMRemoteConnection: ours, and not among the profiles */
  char *bridge_before;      /* the bridge that we had made, or NULL */
  GPtrArray *cards;         /* of char *: the guests' on it */
  GPtrArray *active_before; /* of char *: UUIDs of the profiles that were in effect */
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
  g_clear_pointer (&transaction->before, g_ptr_array_unref);
  g_clear_pointer (&transaction->bridge_before, g_free);
  g_clear_pointer (&transaction->cards, g_ptr_array_unref);
  g_clear_pointer (&transaction->stale, g_ptr_array_unref);
  g_clear_pointer (&transaction->active_before, g_ptr_array_unref);
  lodge_network_session_close (transaction->session);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Transaction, transaction_clear)

static void
tell (const Transaction *transaction, const char *line)
{
  transaction->context->tell (line, transaction->context->tell_data);
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

/* Whether every profile is on disk, as wanted, and in effect, and no other of ours is there. */
static gboolean
is_in_effect (const Transaction *transaction)
{
  if (transaction->stale->len > 0)
    return FALSE;
  for (guint i = 0; i < transaction->profiles->len; i++)
    {
      NMRemoteConnection *profile
          = lodge_network_find_profile (transaction->session, transaction->profiles->pdata[i]);

      if (profile == NULL
          || (nm_remote_connection_get_flags (profile) & NM_SETTINGS_CONNECTION_FLAG_UNSAVED) != 0
          || !nm_connection_compare (NM_CONNECTION (profile), transaction->profiles->pdata[i],
                                     NM_SETTING_COMPARE_FLAG_IGNORE_TIMESTAMP)
          || find_active (transaction, nm_connection_get_uuid (NM_CONNECTION (profile))) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* What NetworkManager shows for a guest's card is its own view, and another one each time. */
static gboolean
is_card (NMActiveConnection *active)
{
  const GPtrArray *devices = nm_active_connection_get_devices (active);

  return devices->len > 0 && NM_IS_DEVICE_TUN (devices->pdata[0]);
}

static void
remember (Transaction *transaction)
{
  const GPtrArray *active = nm_client_get_active_connections (transaction->session->client);
  NMRemoteConnection *bridge
      = lodge_network_find_profile (transaction->session, transaction->profiles->pdata[0]);

  transaction->bridge_before
      = bridge != NULL ? g_strdup (nm_connection_get_interface_name (NM_CONNECTION (bridge)))
                       : NULL;
  transaction->cards = lodge_network_cards_find (transaction->bridge_before);
  for (guint i = 0; i < transaction->profiles->len; i++)
    {
      NMRemoteConnection *profile
          = lodge_network_find_profile (transaction->session, transaction->profiles->pdata[i]);
      GVariant *settings = NULL;

      if (profile != NULL)
        settings = g_variant_ref_sink (
            nm_connection_to_dbus (NM_CONNECTION (profile), NM_CONNECTION_SERIALIZE_ALL));
      g_ptr_array_add (transaction->before, settings);
    }
  for (guint i = 0; i < active->len; i++)
    if (nm_active_connection_get_state (active->pdata[i]) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED
        && !is_card (active->pdata[i]))
      g_ptr_array_add (transaction->active_before,
                       g_strdup (nm_active_connection_get_uuid (active->pdata[i])));
}

/* The bridge is there under its name of before: the profile alone may be in effect under the new
 * one. */
static gboolean
is_bridge_before (const Transaction *transaction)
{
  NMDevice *device;
  NMActiveConnection *active;

  if (transaction->bridge_before == NULL)
    return TRUE;
  device = nm_client_get_device_by_iface (transaction->session->client, transaction->bridge_before);
  active = device != NULL ? nm_device_get_active_connection (device) : NULL;
  return active != NULL
         && g_strcmp0 (nm_active_connection_get_uuid (active),
                       nm_connection_get_uuid (transaction->profiles->pdata[0]))
                == 0;
}

/* What was in effect is again, and nothing that is new still is. */
static gboolean
is_active_as_before (gpointer data)
{
  const Transaction *transaction = data;
  const GPtrArray *active = nm_client_get_active_connections (transaction->session->client);

  if (g_ptr_array_find_with_equal_func (transaction->active_before,
                                        nm_connection_get_uuid (transaction->profiles->pdata[0]),
                                        g_str_equal, NULL)
      && !is_bridge_before (transaction))
    return FALSE;
  for (guint i = 0; i < transaction->active_before->len; i++)
    if (find_active (transaction, transaction->active_before->pdata[i]) == NULL)
      return FALSE;
  for (guint i = 0; i < transaction->profiles->len; i++)
    for (guint j = 0; transaction->before->pdata[i] == NULL && j < active->len; j++)
      if (g_strcmp0 (nm_active_connection_get_uuid (active->pdata[j]),
                     nm_connection_get_uuid (transaction->profiles->pdata[i]))
          == 0)
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
      NMRemoteConnection *found
          = lodge_network_find_profile (transaction->session, transaction->profiles->pdata[i]);
      g_autoptr (NMRemoteConnection) profile = found != NULL ? g_object_ref (found) : NULL;
      GVariant *settings = transaction->before->pdata[i];

      if (profile == NULL)
        continue;
      if (settings == NULL
              ? !delete_profile (transaction, profile, error)
              : !lodge_network_update_profile (
                  transaction->session, profile, settings,
                  NM_SETTINGS_UPDATE2_FLAG_TO_DISK | NM_SETTINGS_UPDATE2_FLAG_NO_REAPPLY, error))
        return FALSE;
    }
  return TRUE;
}

/* Starts PROFILE when it was in effect before. */
static void
start_again (Transaction *transaction, NMConnection *profile)
{
  g_autoptr (NMActiveConnection) active = NULL;
  g_autoptr (GError) local = NULL;

  if (!g_ptr_array_find_with_equal_func (transaction->active_before,
                                         nm_connection_get_uuid (profile), g_str_equal, NULL))
    return;
  active = lodge_network_ports_activate (&transaction->ports, profile, NULL, &local);
  if (active == NULL)
    tell (transaction, local->message);
}

/* Waits until the network is what it was.  With NetworkManager 1.52 a rollback from a bridge of
 * ours to an earlier one of ours left bridge and port waiting for each other in 8 of 9 trials;
 * started anew in the right order they came up each time. */
static gboolean
wait_for_before (Transaction *transaction)
{
  if (lodge_network_wait (transaction->session, RESTORE_SECONDS, NULL, is_active_as_before,
                          transaction))
    return TRUE;
  for (guint i = 0; i < transaction->profiles->len; i++)
    start_again (transaction, transaction->profiles->pdata[i]);
  for (guint i = 0; i < transaction->stale->len; i++)
    start_again (transaction, transaction->stale->pdata[i]);
  return lodge_network_wait (transaction->session, RESTART_SECONDS, NULL, is_active_as_before,
                             transaction);
}

/* Guests that ran on the bridge go on with BRIDGE. */
static void
put_cards (const Transaction *transaction, const char *bridge)
{
  g_autoptr (GError) local = NULL;

  if (bridge != NULL && !lodge_network_cards_put (transaction->cards, bridge, &local))
    tell (transaction, local->message);
}

/* Undoes everything.  Adds to ERROR, which is set, what came of it. */
static void
go_back (Transaction *transaction, const char *checkpoint, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *outcome = N_ ("the network is as it was before");
  gboolean rolled_back
      = lodge_network_checkpoint_rollback (transaction->session, checkpoint, &local);

  /* A checkpoint that has expired was rolled back by NetworkManager itself: the profiles are still
   * ours to take back. */
  if (restore_profiles (transaction, rolled_back ? &local : NULL) && rolled_back
      && !wait_for_before (transaction))
    outcome = N_ ("the profiles are as they were before, but not all of them came up again");
  put_cards (transaction, transaction->bridge_before);
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
    .before = g_ptr_array_new_with_free_func (unref_variant),
    .active_before = g_ptr_array_new_with_free_func (g_free),
  };
  g_autofree char *checkpoint = NULL;
  gboolean recovered;

  transaction.session = lodge_network_session_open (context->cancellable, error);
  if (transaction.session == NULL
      || !lodge_network_checkpoint_recover (transaction.session, &recovered, error))
    return FALSE;
  if (recovered)
    tell (&transaction, "took back what an interrupted run had done to the network");
  transaction.ports = (LodgeNetworkPorts){ transaction.session, port_macs };
  if (!lodge_network_ports_wait (&transaction.ports, context->cancellable, error))
    return FALSE;
  transaction.stale = lodge_network_stale_find (transaction.session, profiles);
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
  if (lodge_network_change (&transaction.ports, context, profiles, transaction.stale, error)
      && lodge_network_checkpoint_destroy (transaction.session, checkpoint, error))
    {
      put_cards (&transaction, context->plan->answers->bridge);
      return TRUE;
    }
  go_back (&transaction, checkpoint, error);
  return FALSE;
}
