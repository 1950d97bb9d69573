/* Hypervisors: how to know them, and what their settings are called.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A new one is a new row.  The signatures are what CPUID leaf 0x40000000 holds in ebx, ecx and edx;
 * the firmware's names are those that systemd's src/basic/virt.c looks for.
 */
#include "firstboot/hypervisor.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"

#include <string.h>

typedef struct
{
  LodgeHypervisor hypervisor;
  const char *signature;    /* 12 bytes, or NULL */
  const char *firmware;     /* what a DMI name begins with, or NULL */
  gboolean firmware_first;  /* it presents another's signature: the firmware's name decides */
  gboolean firmware_shared; /* physical machines carry the name too: only with the flag */
} Row;

#define ANY_IOMMU_MEND N_ ("give this VM a virtual IOMMU in the settings of its hypervisor")

static const Row rows[] = {
  { { "vmware", "VMware", FALSE,
      N_ ("Shut this VM down, then: in vSphere, Edit Settings > CPU, tick \"Expose hardware "
          "assisted "
          "virtualization to the guest OS\"; in Workstation, Processors, tick \"Virtualize Intel "
          "VT-x/EPT or AMD-V/RVI\"; in Fusion, Processors & Memory, tick \"Enable hypervisor "
          "applications in this virtual machine\". Each writes vhv.enable = \"TRUE\" to the .vmx "
          "file."),
      N_ ("tick \"Expose IOMMU to the guest OS\" (vSphere) or \"Virtualize IOMMU\" (Workstation) "
          "in "
          "the CPU settings of this VM (vvtd.enable = \"TRUE\")") },
    "VMwareVMware",
    "VMware" },
  { { "oracle", "VirtualBox", FALSE,
      N_ ("Shut this VM down and run \"VBoxManage modifyvm NAME --nested-hw-virt on\" on its host "
          "(in "
          "the window: System > Processor > Enable Nested VT-x/AMD-V)."),
      N_ ("VirtualBox has no IOMMU that could be used for it: take a physical machine") },
    "VBoxVBoxVBox",
    "innotek GmbH",
    TRUE },
  { { "amazon", "Amazon EC2", FALSE,
      N_ ("Take a .metal instance type, or one that offers nested virtualization, and switch that "
          "on."),
      N_ ("take a .metal instance type") },
    NULL,
    "Amazon EC2",
    TRUE,
    TRUE },
  { { "google", "Google Compute Engine", FALSE,
      N_ ("Make this VM anew with --enable-nested-virtualization, on a machine type that supports "
          "it."),
      ANY_IOMMU_MEND },
    NULL,
    "Google Compute Engine",
    TRUE },
  { { "microsoft", "Hyper-V", FALSE,
      N_ ("Shut this VM down and run \"Set-VMProcessor -VMName NAME "
          "-ExposeVirtualizationExtensions "
          "$true\" in PowerShell on its host; on Azure take a VM size that supports nested "
          "virtualization."),
      ANY_IOMMU_MEND },
    "Microsoft Hv",
    NULL },
  { { "qemu", N_ ("QEMU without KVM"), TRUE,
      N_ ("Start QEMU with a processor that has it: -cpu max, or -accel kvm -cpu host, which is "
          "much "
          "faster."),
      N_ ("start QEMU with -machine q35 -device intel-iommu,intremap=on") },
    "TCGTCGTCGTCG",
    NULL },
  { { "kvm", "KVM", FALSE,
      N_ ("On the machine that runs this VM, /sys/module/kvm_intel/parameters/nested (or kvm_amd) "
          "must "
          "say Y or 1; then start this VM with the host's processor: -cpu host in QEMU, <cpu "
          "mode='host-passthrough'/> in libvirt, processor type \"host\" in Proxmox VE."),
      N_ ("start QEMU with -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on (in "
          "libvirt <iommu model='intel'>)") },
    "KVMKVMKVM\0\0\0",
    "QEMU" },
  { { "xen", "Xen", FALSE,
      N_ ("Shut this VM down and allow it nested virtualization: platform:nested-virt=true in "
          "XCP-ng "
          "and "
          "XenServer, nestedhvm=1 in xl.cfg."),
      ANY_IOMMU_MEND },
    "XenVMMXenVMM",
    "Xen" },
  { { "parallels", "Parallels", FALSE,
      N_ ("Shut this VM down and tick \"Enable nested virtualization\" under Hardware > CPU & "
          "Memory > "
          "Advanced."),
      ANY_IOMMU_MEND },
    "prl hyperv  ",
    "Parallels" },
  { { "bhyve", "bhyve", FALSE,
      N_ ("bhyve cannot give its VMs hardware virtualization: take a physical machine."),
      ANY_IOMMU_MEND },
    "bhyve bhyve ",
    "BHYVE" },
};

static const LodgeHypervisor other_hypervisor
    = { "vm-other", N_ ("an unknown hypervisor"), FALSE,
        N_ ("Switch nested virtualization on in the settings that this VM has in its hypervisor."),
        ANY_IOMMU_MEND };

/* The attributes of /sys/class/dmi/id that name who made the machine. */
static const char *const firmware_attributes[]
    = { "sys_vendor", "product_name", "board_vendor", "bios_vendor", "product_version" };

static gboolean
firmware_names (const LodgeProbe *probe, const char *name)
{
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (firmware_attributes); i++)
    {
      g_autofree char *text
          = lodge_probe_read (probe, "/sys/class/dmi/id/%s", firmware_attributes[i]);

      if (text != NULL && g_str_has_prefix (text, name))
        return TRUE;
    }
  return FALSE;
}

const LodgeHypervisor *
lodge_hypervisor_detect (const LodgeProbe *probe, const LodgeProcessor *processor)
{
  gboolean flag = lodge_processor_has (processor, "hypervisor");
  guint32 registers[4];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].firmware_first && (flag || !rows[i].firmware_shared)
        && firmware_names (probe, rows[i].firmware))
      return &rows[i].hypervisor;
  if (flag && lodge_cpuid (probe, 0x40000000, registers))
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      if (rows[i].signature != NULL && memcmp (&registers[1], rows[i].signature, 12) == 0)
        return &rows[i].hypervisor;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((flag || !rows[i].firmware_shared) && firmware_names (probe, rows[i].firmware))
      return &rows[i].hypervisor;
  return flag ? &other_hypervisor : NULL;
}
