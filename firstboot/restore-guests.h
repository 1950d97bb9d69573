/* Defining again what is saved on adopted VM storage (guest-store.h).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/libvirt-handle.h"
#include "firstboot/plan.h"

typedef struct
{
  GPtrArray *guests;   /* of char *: names of the virtual machines that are defined now */
  GPtrArray *others;   /* of char *: "network lab", "storage pool iso" */
  GPtrArray *refused;  /* of char *: "virtual machine web: why" for each that could not be */
  GPtrArray *warnings; /* of char *: sentences: what is missing before a guest can start … */
} LodgeRestored;

/* Defines what is saved in STORE, in the order pools, networks, virtual machines, with the UEFI
 * variables and the TPM's state first, and sets whether each starts with the host.  Nothing is
 * started: what came from a disk runs when this host's libvirt starts it, at the next boot.  What
 * is defined already under its UUID stays as it is.  What cannot be defined is told in `refused`,
 * marked in the store (so that saving does not remove it) and stops nothing.  Lodge's own pool
 * "default" is left to the step "pool", and another pool of that name is refused; the networks
 * "bridge" and "default" are taken as they were, and made to fit by the step "guest-networks".
 * PLAN says which bridge and networks this host will have.  FALSE only when the store cannot be
 * read fully or written, or CANCELLABLE was triggered. */
gboolean lodge_restore_guests (virConnect *connection, const char *store, const LodgePlan *plan,
                               GCancellable *cancellable, LodgeRestored *restored, GError **error);

LodgeRestored *lodge_restored_new (void);
void lodge_restored_free (LodgeRestored *restored);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeRestored, lodge_restored_free)
