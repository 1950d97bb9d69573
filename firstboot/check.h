/* Checks: one function each, one row in probe-virtualization.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which level: FAIL when VMs cannot run with KVM, or cannot have a network; WARNING when VMs run,
 * but worse than they could on this machine, and an ordinary host would not say so; PASS with a
 * mend (a note) when only a special use lacks something that many good hosts lack (PCI passthrough,
 * encrypted memory), so that "ready with warnings" means something.
 */
#pragma once

#include "firstboot/hypervisor.h"
#include "firstboot/kvm-trial.h"

/* What the checks judge; gathered once. */
typedef struct
{
  const LodgeProbe *probe;
  const LodgeProcessor *processor;
  const LodgeHypervisor *hypervisor; /* NULL on a physical machine */
  LodgeKvmTrial trial;
} LodgeCheckContext;

/* Each of these fills in CHECK's level, sentence and mend. */
typedef void (*LodgeCheckFunction) (const LodgeCheckContext *context, LodgeCheck *check);

/* Takes ownership of SENTENCE and MEND (which may be NULL). */
void lodge_check_found (LodgeCheck *check, LodgeCheckLevel level, char *sentence, char *mend);

/* check-processor.c */
void lodge_check_machine (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_cpu_virtualization (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_nested_paging (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_architecture_level (const LodgeCheckContext *context, LodgeCheck *check);

/* check-kvm.c */
void lodge_check_kvm_device (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_kvm_guest (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_nested_guests (const LodgeCheckContext *context, LodgeCheck *check);

/* check-devices.c */
void lodge_check_iommu (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_secure_guests (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_vhost_net (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_tun (const LodgeCheckContext *context, LodgeCheck *check);

/* check-resources.c */
void lodge_check_cgroups (const LodgeCheckContext *context, LodgeCheck *check);
void lodge_check_memory (const LodgeCheckContext *context, LodgeCheck *check);

/* The module parameter is Y or 1; FALSE too when the module is not loaded. */
gboolean lodge_check_parameter (const LodgeProbe *probe, const char *module, const char *name);

/* The kernel module that runs VMs on this processor: "kvm_amd" or "kvm_intel". */
const char *lodge_check_kvm_module (const LodgeCheckContext *context);
