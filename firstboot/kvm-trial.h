/* Whether KVM really works: a VM is made through /dev/kvm and runs one instruction.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /dev/kvm may exist, open and create VMs and yet run none (a hypervisor that offers nested
 * virtualization it does not have, another hypervisor that holds the processor), so the trial ends
 * with an instruction.  It is made in a child process and bounded in time, because a KVM that is
 * broken can also hang.
 */
#pragma once

#include "firstboot/probe.h"

typedef enum
{
  LODGE_KVM_OPEN,      /* opening /dev/kvm */
  LODGE_KVM_INTERFACE, /* asking for the interface's version, which must be 12 */
  LODGE_KVM_CREATE,    /* creating a VM, its memory and its processor */
  LODGE_KVM_RUN,       /* running one instruction in it */
  LODGE_KVM_WORKS,     /* nothing failed */
  LODGE_KVM_UNKNOWN,   /* captured without a trial */
} LodgeKvmStage;

typedef struct
{
  LodgeKvmStage stage; /* where it failed */
  int errnum;          /* why, 0 when no system call failed */
  int interface;       /* KVM_GET_API_VERSION, -1 when not reached */
  guint exit_reason; /* KVM_EXIT_…: why the processor stopped when it was not for our instruction */
  gboolean timed_out;
} LodgeKvmTrial;

void lodge_kvm_try (const LodgeProbe *probe, LodgeKvmTrial *trial);
