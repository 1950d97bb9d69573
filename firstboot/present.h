/* What a host that was set up is now, read from the host itself: somebody may have changed it with
 * other tools.  `--reconfigure` begins here.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"
#include "firstboot/plan.h"

typedef struct
{
  /* The answers that would make the host what it is.  No password and no SSH key is in them: these
   * are only ever added.  [storage] is what setup was answered; [finish] is empty. */
  LodgeAnswers *answers;
  GStrv ssh_keys;    /* what the keys that let root log in are called by */
  char *nat_network; /* "192.168.122.0/24" of the libvirt network "default", or NULL */
  /* FALSE: the bridge's profile is not Lodge's any more, and Lodge leaves the network alone. */
  gboolean network_known;
  GStrv foreign;   /* settings of its profiles that answers.conf has no word for */
  LodgePlan *plan; /* the journal's: what setup made */
} LodgePresent;

/* Reads the host under ROOT ("": this one).  LODGE_ERROR_REFUSED when its setup has not begun or
 * not ended: that is to be finished first. */
LodgePresent *lodge_present_read (const char *root, GError **error);
void lodge_present_free (LodgePresent *present);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgePresent, lodge_present_free)

/* The same for lodge_plan_change(); owned by PRESENT. */
LodgePlanPresent lodge_present_for_plan (const LodgePresent *present);

/* Parts, each beside what sets it: step-host.c; step-access.c, which returns the keys' names. */
void lodge_present_settings (const char *root, LodgeAnswers *answers);
GStrv lodge_present_access (const char *root, LodgeAnswers *answers);
