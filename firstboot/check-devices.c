/* Checks of what the kernel and the firmware offer to VMs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/check.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* 0 when the device opens, else why not.  Opening makes the kernel load the module behind a device
 * node that systemd made beforehand, so that a node without a module is found out. */
static int
try_device (const LodgeProbe *probe, const char *device)
{
  int fd, saved;

  if (lodge_probe_is_captured (probe))
    return lodge_probe_exists (probe, "%s", device) ? 0 : ENOENT;
  fd = open (device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  saved = fd >= 0 ? 0 : errno;
  if (fd >= 0)
    close (fd);
  return saved;
}

void
lodge_check_vhost_net (const LodgeCheckContext *context, LodgeCheck *check)
{
  int problem = try_device (context->probe, "/dev/vhost-net");

  if (problem == 0)
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup (_ ("/dev/vhost-net is there: the kernel itself moves the network "
                                    "packets of VMs.")),
                       NULL);
  else
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (_ ("/dev/vhost-net cannot be opened (%s): VMs have a network, "
                            "but a slower one."),
                         g_strerror (problem)),
        g_strdup (_ ("Run \"modprobe vhost_net\"; if there is no such module, install "
                     "the distribution's full kernel, not a reduced one.")));
}

void
lodge_check_tun (const LodgeCheckContext *context, LodgeCheck *check)
{
  int problem = try_device (context->probe, "/dev/net/tun");

  if (problem == 0)
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup (_ ("/dev/net/tun is there: VMs can be connected to networks.")),
                       NULL);
  else
    lodge_check_found (check, LODGE_CHECK_FAIL,
                       g_strdup_printf (_ ("/dev/net/tun cannot be opened (%s): VMs cannot be "
                                           "connected to any network."),
                                        g_strerror (problem)),
                       g_strdup (_ ("Run \"modprobe tun\"; if there is no such module, install the "
                                    "distribution's full kernel, not a reduced one.")));
}

void
lodge_check_iommu (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeProbe *probe = context->probe;
  g_autoptr (GPtrArray) groups = lodge_probe_list (probe, "/sys/kernel/iommu_groups");
  /* The firmware's table of the IOMMU: DMAR is Intel's, IVRS is AMD's. */
  gboolean described = lodge_probe_exists (probe, "/sys/firmware/acpi/tables/DMAR")
                       || lodge_probe_exists (probe, "/sys/firmware/acpi/tables/IVRS");

  if (groups->len > 0)
    lodge_check_found (check, LODGE_CHECK_PASS,
                       groups->len == 1
                           ? g_strdup (_ ("PCI passthrough is possible: the IOMMU is on, with 1 "
                                          "group of devices."))
                           : g_strdup_printf (_ ("PCI passthrough is possible: the IOMMU is on, "
                                                 "with %u groups of devices."),
                                              groups->len),
                       NULL);
  else if (described)
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (
            _ ("PCI passthrough is not possible yet: the machine has an IOMMU, but the kernel "
               "does not use it.")),
        g_strdup_printf (_ ("Only for PCI passthrough: add \"%s\" to the kernel command "
                            "line and restart."),
                         context->processor->svm ? "amd_iommu=on iommu=pt"
                                                 : "intel_iommu=on iommu=pt"));
  else if (context->hypervisor != NULL)
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (_ ("PCI passthrough is not possible, as the hypervisor offers no IOMMU; ordinary "
                     "VMs do not need it.")),
        g_strdup_printf (_ ("Only for PCI passthrough: %s."), _ (context->hypervisor->iommu_mend)));
  else
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (
            _ ("PCI passthrough is not possible, as the firmware names no IOMMU; ordinary VMs "
               "do not need it.")),
        g_strdup_printf (_ ("Only for PCI passthrough: switch on %s in the firmware "
                            "setup, if it is there."),
                         context->processor->svm ? "\"IOMMU\" (AMD-Vi)" : "\"VT-d\""));
}

/* AMD SEV (three generations) and Intel TDX: memory that the host cannot read. */
void
lodge_check_secure_guests (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeProbe *probe = context->probe;

  if (lodge_check_parameter (probe, "kvm_amd", "sev") && lodge_probe_exists (probe, "/dev/sev"))
    {
      gboolean es = lodge_check_parameter (probe, "kvm_amd", "sev_es");
      gboolean snp = lodge_check_parameter (probe, "kvm_amd", "sev_snp");

      lodge_check_found (check, LODGE_CHECK_PASS,
                         g_strdup_printf (_ ("VMs can have memory that the host cannot read: AMD "
                                             "SEV%s%s."),
                                          es ? ", SEV-ES" : "", snp ? ", SEV-SNP" : ""),
                         NULL);
    }
  else if (lodge_check_parameter (probe, "kvm_intel", "tdx"))
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup (_ ("VMs can have memory that the host cannot read: Intel TDX.")),
                       NULL);
  else if (lodge_processor_has (context->processor, "sev"))
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (
            _ ("VMs cannot have encrypted memory yet: the processor has AMD SEV, but it is off; "
               "ordinary VMs do not need it.")),
        g_strdup (
            _ ("Only for confidential VMs: switch on SEV (and SMEE) in the firmware setup, add "
               "\"mem_encrypt=on kvm_amd.sev=1\" to the kernel command line, and restart.")));
  else
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup (_ ("VMs cannot have encrypted memory (AMD SEV or Intel TDX); "
                                    "ordinary VMs do not need it.")),
                       NULL);
}
