/* Checks of KVM itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/check.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"

#include <errno.h>

static void
found_no_device (const LodgeCheckContext *context, LodgeCheck *check)
{
  const char *module = lodge_check_kvm_module (context);

  if (!context->processor->virtualization || context->processor->switched_off)
    lodge_check_found (check, LODGE_CHECK_FAIL,
                       g_strdup (_ ("There is no /dev/kvm, because the kernel found no hardware "
                                    "virtualization that it may use.")),
                       g_strdup (_ ("Mend hardware virtualization first (above).")));
  else
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup_printf (_ ("There is no /dev/kvm: the kernel module %s is not loaded."), module),
        g_strdup_printf (_ ("Run \"modprobe %s\"; if that fails, \"journalctl -k -g "
                            "kvm\" tells why."),
                         module));
}

void
lodge_check_kvm_device (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeKvmTrial *trial = &context->trial;

  if (trial->stage == LODGE_KVM_UNKNOWN)
    lodge_check_found (check, LODGE_CHECK_WARNING,
                       g_strdup (_ ("This captured tree does not tell whether /dev/kvm opens.")),
                       g_strdup (_ ("Capture it anew as root.")));
  else if (trial->stage == LODGE_KVM_OPEN && trial->errnum == ENOENT)
    found_no_device (context, check);
  else if (trial->stage == LODGE_KVM_OPEN && (trial->errnum == EACCES || trial->errnum == EPERM))
    lodge_check_found (
        check, LODGE_CHECK_FAIL, g_strdup (_ ("/dev/kvm is there, but this user may not open it.")),
        g_strdup (_ ("Run this check as root, or add the user to the group \"kvm\".")));
  else if (trial->stage == LODGE_KVM_OPEN)
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup_printf (_ ("/dev/kvm cannot be opened: %s."), g_strerror (trial->errnum)),
        g_strdup_printf (
            _ ("Run \"modprobe %s\"; if that fails, \"journalctl -k -g kvm\" tells why."),
            lodge_check_kvm_module (context)));
  else if (trial->stage == LODGE_KVM_INTERFACE)
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup_printf (_ ("/dev/kvm answers with interface version %d instead of 12: "
                            "this is not the KVM that programs expect."),
                         trial->interface),
        g_strdup (_ ("Start the distribution's own kernel.")));
  else
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (_ ("/dev/kvm, through which programs use KVM, opens and answers.")), NULL);
}

/* Why the trial failed although the device is fine. */
static void
found_broken (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeKvmTrial *trial = &context->trial;
  g_autofree char *reason = NULL;
  char *mend;

  if (trial->timed_out)
    reason = g_strdup (_ ("it did not answer within 5 seconds"));
  else if (trial->errnum != 0)
    reason = g_strdup (g_strerror (trial->errnum));
  else
    reason = g_strdup_printf (_ ("the processor stopped for reason %u of linux/kvm.h"),
                              trial->exit_reason);

  if (trial->errnum == EBUSY)
    mend = g_strdup (_ ("Another hypervisor holds the processor: stop it (VirtualBox and VMware "
                        "Workstation do this) and unload its kernel modules."));
  else if (context->hypervisor != NULL)
    mend = g_strdup (_ (context->hypervisor->virtualization_mend));
  else
    mend = g_strdup (_ ("Look for the reason with \"journalctl -k -g kvm\", install the vendor's "
                        "newest firmware, and start the distribution's own kernel."));
  lodge_check_found (check, LODGE_CHECK_FAIL,
                     g_strdup_printf (trial->stage == LODGE_KVM_CREATE
                                          ? _ ("KVM cannot create a VM: %s.")
                                          : _ ("KVM created a VM, but cannot run it: %s."),
                                      reason),
                     mend);
}

void
lodge_check_kvm_guest (const LodgeCheckContext *context, LodgeCheck *check)
{
  switch (context->trial.stage)
    {
    case LODGE_KVM_WORKS:
      lodge_check_found (check, LODGE_CHECK_PASS,
                         g_strdup (_ ("KVM created a VM and ran its first instruction.")), NULL);
      break;
    case LODGE_KVM_UNKNOWN:
      lodge_check_found (check, LODGE_CHECK_WARNING,
                         g_strdup (_ ("This captured tree does not tell whether KVM runs a VM.")),
                         g_strdup (_ ("Capture it anew as root.")));
      break;
    case LODGE_KVM_OPEN:
    case LODGE_KVM_INTERFACE:
      lodge_check_found (check, LODGE_CHECK_FAIL,
                         g_strdup (_ ("No VM could be tried, because /dev/kvm does not work.")),
                         g_strdup (_ ("Mend /dev/kvm first (above).")));
      break;
    case LODGE_KVM_CREATE:
    case LODGE_KVM_RUN:
      found_broken (context, check);
      break;
    }
}

/* Whether VMs on this host may run VMs: "nested" of the KVM module, on by default since Linux 4.20.
 */
void
lodge_check_nested_guests (const LodgeCheckContext *context, LodgeCheck *check)
{
  const char *module = lodge_check_kvm_module (context);

  if (!lodge_probe_exists (context->probe, "/sys/module/%s", module))
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup_printf (_ ("Whether VMs may run VMs of their own is known once the "
                                           "kernel module %s is loaded."),
                                        module),
                       NULL);
  else if (lodge_check_parameter (context->probe, module, "nested"))
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup (_ ("VMs on this machine may run VMs of their own (nested "
                                    "virtualization is on).")),
                       NULL);
  else
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (_ ("VMs on this machine cannot run VMs of their own (nested "
                     "virtualization is off).")),
        g_strdup_printf (_ ("Only if you want that: write \"options %s nested=1\" to "
                            "/etc/modprobe.d/kvm.conf and restart."),
                         module));
}
