/* Profiles of answers of before.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-stale.h"

#include "firstboot/network-profiles.h"
#include "firstboot/i18n.h"

static gboolean
is_among (const GPtrArray *profiles, const char *uuid)
{
  for (guint i = 0; i < profiles->len; i++)
    if (g_strcmp0 (nm_connection_get_uuid (profiles->pdata[i]), uuid) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
lodge_network_stale_find (LodgeNetworkSession *session, const GPtrArray *profiles)
{
  GPtrArray *stale = g_ptr_array_new_with_free_func (g_object_unref);
  const GPtrArray *all = nm_client_get_connections (session->client);

  for (guint i = 0; i < all->len; i++)
    {
      const char *uuid = nm_connection_get_uuid (all->pdata[i]);

      if (lodge_network_profile_is_ours (uuid) && !is_among (profiles, uuid))
        g_ptr_array_add (stale, g_object_ref (all->pdata[i]));
    }
  return stale;
}

gboolean
lodge_network_stale_stop (LodgeNetworkSession *session, const GPtrArray *stale, GError **error)
{
  g_autoptr (GPtrArray) stopping = g_ptr_array_new_with_free_func (g_object_unref);
  const GPtrArray *active = nm_client_get_active_connections (session->client);

  for (guint i = 0; i < active->len; i++)
    if (is_among (stale, nm_active_connection_get_uuid (active->pdata[i])))
      g_ptr_array_add (stopping, g_object_ref (active->pdata[i]));
  for (guint i = 0; i < stopping->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      nm_client_deactivate_connection_async (session->client, stopping->pdata[i], NULL,
                                             lodge_network_ready, &result);
      lodge_network_await (session, &result);
      if (!nm_client_deactivate_connection_finish (session->client, result, error))
        {
          g_prefix_error (error, N_ ("NetworkManager does not stop the profile %s: "),
                          nm_active_connection_get_id (stopping->pdata[i]));
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
lodge_network_stale_delete (LodgeNetworkSession *session, const GPtrArray *stale, GError **error)
{
  for (guint i = 0; i < stale->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      nm_remote_connection_delete_async (stale->pdata[i], NULL, lodge_network_ready, &result);
      lodge_network_await (session, &result);
      if (!nm_remote_connection_delete_finish (stale->pdata[i], result, error))
        {
          g_prefix_error (error, N_ ("NetworkManager does not delete the profile %s: "),
                          nm_connection_get_id (stale->pdata[i]));
          return FALSE;
        }
    }
  return TRUE;
}
