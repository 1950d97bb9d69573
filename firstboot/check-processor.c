/* Checks of the machine and its processor.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/check.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"

/* Physical or itself a VM, and how deep its own VMs will then be nested. */
void
lodge_check_machine (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeHypervisor *hypervisor = context->hypervisor;

  if (hypervisor == NULL)
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (_ (
            "This is a physical machine: virtual machines (VMs) run directly on its processor.")),
        NULL);
  else if (hypervisor->emulated)
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (_ ("This machine is emulated in software (%s): everything on "
                            "it, virtual machines (VMs) included, is very slow."),
                         _ (hypervisor->name)),
        g_strdup (_ ("Good enough for a try; for real use start it with -accel kvm "
                     "-cpu host, or take a physical machine.")));
  else
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup_printf (_ ("This machine is itself a virtual machine (VM), of %s: its own VMs are "
                            "nested, one level deeper, and somewhat slower."),
                         _ (hypervisor->name)),
        NULL);
}

static void
found_switched_off (const LodgeCheckContext *context, const char *described, LodgeCheck *check)
{
  const char *setting = context->processor->svm
                            ? _ ("\"SVM Mode\" (also called AMD-V; often under CPU or Advanced)")
                            : _ ("\"Intel Virtualization Technology\" (also called VT-x; often "
                                 "under CPU or Security)");

  lodge_check_found (
      check, LODGE_CHECK_FAIL,
      g_strdup_printf (
          _ ("This %s has hardware virtualization (%s), but the firmware (BIOS or UEFI "
             "setup) has switched it off."),
          described, lodge_processor_technology (context->processor)),
      g_strdup_printf (
          _ ("Start the machine, enter its firmware setup, switch on %s, save, and turn "
             "the power off and on once."),
          setting));
}

void
lodge_check_cpu_virtualization (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeProcessor *processor = context->processor;
  g_autofree char *described = lodge_processor_describe (processor);

  /* Old kernels leave the flag in /proc/cpuinfo of a locked processor, hence the second half. */
  if (processor->virtualization
      && (!processor->switched_off || context->trial.stage == LODGE_KVM_WORKS))
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup_printf (_ ("This %s has hardware virtualization: %s."), described,
                                        lodge_processor_technology (processor)),
                       NULL);
  else if (context->trial.stage == LODGE_KVM_WORKS)
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (
            _ ("This %s shows neither Intel VT-x nor AMD-V, yet KVM ran an instruction "
               "on it: only a real guest will tell whether it works."),
            described),
        g_strdup (_ ("Let setup run its proof guest (proof=yes); if that fails, take another "
                     "machine.")));
  else if (context->hypervisor != NULL)
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup_printf (_ ("This machine is a VM, and its hypervisor (%s) does not "
                            "give it hardware virtualization (Intel VT-x or AMD-V)."),
                         _ (context->hypervisor->name)),
        g_strdup (_ (context->hypervisor->virtualization_mend)));
  else if (processor->switched_off)
    found_switched_off (context, described, check);
  else
    lodge_check_found (check, LODGE_CHECK_FAIL,
                       g_strdup_printf (_ ("This %s has no hardware virtualization (neither Intel "
                                           "VT-x nor AMD-V)."),
                                        described),
                       g_strdup (_ ("KVM cannot run VMs on it: take another machine.")));
}

void
lodge_check_nested_paging (const LodgeCheckContext *context, LodgeCheck *check)
{
  const LodgeProcessor *processor = context->processor;
  const char *name = processor->svm ? "npt" : "ept";
  const char *module = lodge_check_kvm_module (context);

  if (!processor->virtualization)
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup (_ ("Nested paging (EPT or NPT) could not be checked without hardware "
                     "virtualization.")),
        g_strdup (_ ("Mend hardware virtualization first (above).")));
  else if (!lodge_processor_has (processor, name))
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (_ ("The processor has no nested paging (%s): VMs run, but "
                            "slowly wherever they use much memory."),
                         processor->svm ? "NPT" : "EPT"),
        context->hypervisor == NULL
            ? g_strdup (_ ("No setting adds it: processors made since 2010 have it."))
            : g_strdup (_ (context->hypervisor->virtualization_mend)));
  else if (lodge_probe_exists (context->probe, "/sys/module/%s/parameters/%s", module, name)
           && !lodge_check_parameter (context->probe, module, name))
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (_ ("The processor has nested paging (%s), but the kernel "
                            "module %s does not use it: VMs will be slow."),
                         processor->svm ? "NPT" : "EPT", module),
        g_strdup_printf (_ ("Remove \"%s=0\" from the options of %s in "
                            "/etc/modprobe.d or the kernel command line, and restart."),
                         name, module));
  else
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup_printf (_ ("Nested paging (%s) is there: VMs use memory at full "
                                           "speed."),
                                        processor->svm ? "NPT" : "EPT"),
                       NULL);
}

void
lodge_check_architecture_level (const LodgeCheckContext *context, LodgeCheck *check)
{
  guint level = context->processor->level;

  if (level == 0)
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup (_ ("This is not a 64-bit x86 processor: Lodge sets up x86-64 hosts "
                     "only.")),
        g_strdup (_ ("Take a machine with a 64-bit Intel or AMD processor.")));
  else if (level == 1)
    lodge_check_found (check, LODGE_CHECK_WARNING,
                       g_strdup (_ ("The processor is below level x86-64-v2: guests such as CentOS "
                                    "Stream 9 or RHEL 9 will not start on it.")),
                       context->hypervisor == NULL
                           ? g_strdup (_ ("Run older guests only, or take a newer machine."))
                           : g_strdup (_ ("Give this VM the processor of its host (no reduced "
                                          "processor model) in the settings of its hypervisor.")));
  else if (level == 2)
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup (_ ("The processor is of level x86-64-v2: enough for most guests, but "
                     "not for CentOS Stream 10 or RHEL 10, which need v3.")),
        NULL);
  else
    lodge_check_found (check, LODGE_CHECK_PASS,
                       g_strdup_printf (_ ("The processor is of level x86-64-v%u: guests of every "
                                           "kind run on it."),
                                        level),
                       NULL);
}
