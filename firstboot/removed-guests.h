/* What is saved of guests and is not defined any more: kept on the same disk, out of the way.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   .lodge/removed/2026-05-17T08-03-40Z/guests/UUID/…
 *
 * Lodge removes nothing there: it cannot know whether a definition has gone because somebody
 * undefined the guest, or because a disk dies, or the clock is wrong.  It is little, and an
 * administrator may remove it.
 */
#pragma once

#include "firstboot/store-directory.h"

typedef struct
{
  LodgeDirectory *beside; /* ".lodge" */
  char *name;             /* of this run's directory */
} LodgeRemoved;

/* What is moved away from STORE from now on; the directory is made when something is. */
LodgeRemoved *lodge_removed_new (const LodgeDirectory *store, GError **error);

/* Moves NAME from DIRECTORY to PLACE, as "guests".  CHANGED (or NULL) counts it. */
gboolean lodge_removed_take (LodgeRemoved *removed, const LodgeDirectory *directory,
                             const char *name, const char *place, guint *changed, GError **error);

void lodge_removed_free (LodgeRemoved *removed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeRemoved, lodge_removed_free)
