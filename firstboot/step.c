/* The steps, in order.  A new one is a file step-ID.c and a row here.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/step.h"

#include "firstboot/i18n.h"

/* What cannot harm and what lets somebody in comes first: when storage or network fails, the host
 * can be logged in to. */
static const LodgeStep steps[] = {
  { "host", N_ ("Set name, time zone, keyboard and language"), lodge_step_host },
  { "access", N_ ("Set the ways to log in"), lodge_step_access },
  { "storage", N_ ("Prepare the VM storage"), lodge_step_storage },
  { "network", N_ ("Make the bridge"), lodge_step_network },
  { "libvirt", N_ ("Switch libvirt on"), lodge_step_libvirt },
  { "guests", N_ ("Look after the guests' definitions"), lodge_step_guests },
  { "pool", N_ ("Define the storage pool"), lodge_step_pool },
  { "guest-networks", N_ ("Define the guests' networks"), lodge_step_guest_networks },
  { "proof", N_ ("Start a guest to prove it"), lodge_step_proof },
};

const LodgeStep *
lodge_steps (gsize *count)
{
  *count = G_N_ELEMENTS (steps);
  return steps;
}

guint
lodge_step_last (void)
{
  return LODGE_STEP_FIRST + (guint)G_N_ELEMENTS (steps) - 1;
}

const char *
lodge_step_title (const char *id)
{
  static const char *const before[][2] = {
    { "answers", N_ ("Read the answers") },
    { "check", N_ ("Look at this machine and check it") },
    { "plan", N_ ("Make the plan") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    if (g_str_equal (before[i][0], id))
      return _ (before[i][1]);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_str_equal (steps[i].id, id))
      return _ (steps[i].title);
  return id;
}
