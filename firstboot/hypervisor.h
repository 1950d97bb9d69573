/* Which hypervisor this machine is a VM of, and what its settings are called: one row each.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/processor.h"

typedef struct
{
  const char *id;    /* as systemd-detect-virt(1) prints it: "vmware", "kvm", "qemu" (TCG) … */
  const char *name;  /* for sentences: "VMware" */
  gboolean emulated; /* every instruction is emulated in software */
  const char *virtualization_mend; /* how its VMs get hardware virtualization */
  const char *iommu_mend;          /* how its VMs get an IOMMU */
} LodgeHypervisor;

/* NULL on a physical machine. */
const LodgeHypervisor *lodge_hypervisor_detect (const LodgeProbe *probe,
                                                const LodgeProcessor *processor);
