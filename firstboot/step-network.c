/* The step "network": the bridge that host and guests share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/step.h"

#include "firstboot/network-apply.h"
#include "firstboot/network-profiles.h"

gboolean
lodge_step_network (LodgeStepContext *context, GError **error)
{
  const char *const *port_macs = (const char *const *)context->plan->port_macs;
  g_autofree char *ports = g_strjoinv (";", context->plan->port_macs);
  g_autoptr (GPtrArray) profiles
      = lodge_network_profiles_make (context->plan->answers, port_macs, error);

  if (profiles == NULL)
    return FALSE;
  json_object_set_string_member (context->measured, "bridge", context->plan->answers->bridge);
  json_object_set_string_member (context->measured, "port", ports);
  return lodge_network_apply (context, profiles, port_macs, error);
}
