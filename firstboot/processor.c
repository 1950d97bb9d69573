/* What the kernel and the processor say of the processor.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/processor.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"

#include <string.h>

/* IA32_FEATURE_CONTROL: Intel SDM volume 4, table 2-2. */
#define MSR_FEATURE_CONTROL 0x3a
#define FEATURE_CONTROL_LOCKED (1u << 0)
#define FEATURE_CONTROL_VMX (1u << 2)
/* VM_CR: AMD APM volume 2, 15.30.1. */
#define MSR_VM_CR 0xc0010114
#define VM_CR_SVM_DISABLED (1u << 4)

/* What the kernel logs when it finds virtualization switched off: by the processor's set-up code
 * (since the versions named in the header) and by the modules kvm_intel and kvm_amd of all ages. */
static const char *const log_proofs[] = {
  "VMX (outside TXT) disabled by BIOS",
  "VMX not enabled (by BIOS)",
  "SVM disabled (by BIOS)",
  "kvm: disabled by bios",
  "support for 'kvm_intel' disabled by bios",
  "support for 'kvm_amd' disabled by bios",
};

static gboolean
log_says_switched_off (const GPtrArray *log)
{
  for (guint i = 0; i < log->len; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (log_proofs); j++)
      if (strstr (g_ptr_array_index (log, i), log_proofs[j]) != NULL)
        return TRUE;
  return FALSE;
}

static gboolean
register_says_switched_off (const LodgeProbe *probe, gboolean svm)
{
  guint64 value;

  if (svm)
    return lodge_msr (probe, MSR_VM_CR, &value) && (value & VM_CR_SVM_DISABLED) != 0;
  /* Not locked means that the kernel itself sets the bit. */
  return lodge_msr (probe, MSR_FEATURE_CONTROL, &value) && (value & FEATURE_CONTROL_LOCKED) != 0
         && (value & FEATURE_CONTROL_VMX) == 0;
}

static gboolean
instruction_shows (const LodgeProbe *probe, gboolean svm)
{
  guint32 registers[4];

  if (svm)
    return lodge_cpuid (probe, 0x80000001, registers) && (registers[2] & (1u << 2)) != 0;
  return lodge_cpuid (probe, 1, registers) && (registers[2] & (1u << 5)) != 0;
}

/* One pair of /proc/cpuinfo; processors after the first only count. */
static void
take_pair (LodgeProcessor *processor, const char *key, const char *value)
{
  if (g_str_equal (key, "processor"))
    processor->count++;
  else if (processor->count > 1)
    return;
  else if (g_str_equal (key, "vendor_id"))
    processor->vendor = g_strdup (value);
  else if (g_str_equal (key, "model name"))
    {
      g_auto (GStrv) words = g_strsplit_set (value, " \t", -1);
      GString *model = g_string_new (NULL);

      /* Vendors pad the name with runs of blanks. */
      for (gsize i = 0; words[i] != NULL; i++)
        if (words[i][0] != '\0')
          g_string_append_printf (model, "%s%s", model->len > 0 ? " " : "", words[i]);
      processor->model = g_string_free (model, FALSE);
    }
  else if (g_str_equal (key, "flags"))
    {
      g_auto (GStrv) words = g_strsplit (value, " ", -1);

      for (gsize i = 0; words[i] != NULL; i++)
        g_hash_table_add (processor->flags, g_strdup (words[i]));
    }
}

static void
read_cpuinfo (const LodgeProbe *probe, LodgeProcessor *processor)
{
  g_autofree char *text = lodge_probe_read (probe, "/proc/cpuinfo");
  g_auto (GStrv) lines = g_strsplit (text == NULL ? "" : text, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (colon == NULL)
        continue;
      *colon = '\0';
      take_pair (processor, g_strstrip (lines[i]), g_strstrip (colon + 1));
    }
}

LodgeProcessor *
lodge_processor_read (const LodgeProbe *probe, const GPtrArray *log)
{
  LodgeProcessor *processor = g_new0 (LodgeProcessor, 1);

  processor->flags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  read_cpuinfo (probe, processor);
  processor->level = lodge_processor_level (processor->flags);
  processor->svm = lodge_processor_has (processor, "svm")
                   || g_strcmp0 (processor->vendor, "AuthenticAMD") == 0
                   || g_strcmp0 (processor->vendor, "HygonGenuine") == 0;
  processor->virtualization = lodge_processor_has (processor, processor->svm ? "svm" : "vmx");
  processor->in_silicon = processor->virtualization || instruction_shows (probe, processor->svm);
  processor->switched_off = log_says_switched_off (log)
                            || register_says_switched_off (probe, processor->svm)
                            || (processor->in_silicon && !processor->virtualization);
  return processor;
}

gboolean
lodge_processor_has (const LodgeProcessor *processor, const char *flag)
{
  return g_hash_table_contains (processor->flags, flag);
}

const char *
lodge_processor_technology (const LodgeProcessor *processor)
{
  return processor->svm ? "AMD-V" : "Intel VT-x";
}

char *
lodge_processor_describe (const LodgeProcessor *processor)
{
  if (processor->model == NULL)
    return g_strdup (_ ("processor"));
  return g_strdup_printf (_ ("processor (%s)"), processor->model);
}

void
lodge_processor_free (LodgeProcessor *processor)
{
  if (processor == NULL)
    return;
  g_free (processor->vendor);
  g_free (processor->model);
  g_hash_table_unref (processor->flags);
  g_free (processor);
}
