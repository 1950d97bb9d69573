/* The virtualization check: the table of checks, and what they judge.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A new check is a new row and a new function (check.h).  The table holds all that
 * virt-host-validate(1) looks at for QEMU.
 */
#include "firstboot/check.h"
#include "common/probe-files.h"

static const struct
{
  const char *id;
  LodgeCheckFunction function;
} table[] = {
  { "machine", lodge_check_machine },
  { "cpu-virtualization", lodge_check_cpu_virtualization },
  { "kvm-device", lodge_check_kvm_device },
  { "kvm-guest", lodge_check_kvm_guest },
  { "nested-paging", lodge_check_nested_paging },
  { "architecture-level", lodge_check_architecture_level },
  { "memory", lodge_check_memory },
  { "tun", lodge_check_tun },
  { "vhost-net", lodge_check_vhost_net },
  { "cgroups", lodge_check_cgroups },
  { "nested-guests", lodge_check_nested_guests },
  { "iommu", lodge_check_iommu },
  { "secure-guests", lodge_check_secure_guests },
};

void
lodge_check_found (LodgeCheck *check, LodgeCheckLevel level, char *sentence, char *mend)
{
  check->level = level;
  check->sentence = sentence;
  check->mend = mend;
}

void
lodge_check_free (LodgeCheck *check)
{
  if (check == NULL)
    return;
  g_free (check->id);
  g_free (check->sentence);
  g_free (check->mend);
  g_free (check);
}

gboolean
lodge_check_parameter (const LodgeProbe *probe, const char *module, const char *name)
{
  g_autofree char *value = lodge_probe_read (probe, "/sys/module/%s/parameters/%s", module, name);

  return value != NULL && (value[0] == 'Y' || value[0] == '1');
}

const char *
lodge_check_kvm_module (const LodgeCheckContext *context)
{
  return context->processor->svm ? "kvm_amd" : "kvm_intel";
}

GPtrArray *
lodge_probe_virtualization (const LodgeProbe *probe)
{
  GPtrArray *checks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_check_free);
  g_autoptr (GPtrArray) log = lodge_kernel_log (probe);
  g_autoptr (LodgeProcessor) processor = lodge_processor_read (probe, log);
  LodgeCheckContext context = { .probe = probe, .processor = processor };

  context.hypervisor = lodge_hypervisor_detect (probe, processor);
  lodge_kvm_try (probe, &context.trial);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LodgeCheck *check = g_new0 (LodgeCheck, 1);

      check->id = g_strdup (table[i].id);
      table[i].function (&context, check);
      g_ptr_array_add (checks, check);
    }
  return checks;
}

LodgeCheckLevel
lodge_checks_level (const GPtrArray *checks)
{
  LodgeCheckLevel worst = LODGE_CHECK_PASS;

  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = g_ptr_array_index (checks, i);

      worst = MAX (worst, check->level);
    }
  return worst;
}
