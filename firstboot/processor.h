/* The processor: what the kernel says of it, and what the processor says of itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two differ where firmware has switched virtualization off: the kernel then clears "vmx"
 * (since Linux 5.6, arch/x86/kernel/cpu/feat_ctl.c) or "svm" (since 6.7, arch/x86/kernel/cpu/amd.c)
 * from /proc/cpuinfo, while the CPUID instruction goes on showing it.  That difference, the
 * kernel's message and the model-specific register tell a processor that is locked from one that
 * has none.
 */
#pragma once

#include "common/processor-level.h"
#include "firstboot/probe.h"

typedef struct
{
  char *vendor;      /* "GenuineIntel", or NULL */
  char *model;       /* "AMD EPYC 7313 16-Core Processor", or NULL */
  GHashTable *flags; /* set of char *, as /proc/cpuinfo names them */
  guint count;       /* logical processors */
  guint level;       /* x86-64 microarchitecture level: 1 to 4, 0 when not x86-64 */

  gboolean svm;            /* AMD's technology, else Intel's; also when it is switched off */
  gboolean virtualization; /* the kernel's flags have vmx or svm */
  gboolean in_silicon;     /* the kernel's flags or the CPUID instruction show it */
  gboolean switched_off;   /* firmware has switched it off, by any of the three proofs */
} LodgeProcessor;

/* LOG is the kernel's log (lodge_kernel_log). */
LodgeProcessor *lodge_processor_read (const LodgeProbe *probe, const GPtrArray *log);

gboolean lodge_processor_has (const LodgeProcessor *processor, const char *flag);

/* "Intel VT-x" or "AMD-V". */
const char *lodge_processor_technology (const LodgeProcessor *processor);

/* The model in parentheses after the noun: "processor (AMD EPYC)"; just "processor" without one. */
char *lodge_processor_describe (const LodgeProcessor *processor);

void lodge_processor_free (LodgeProcessor *processor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeProcessor, lodge_processor_free)

/* --- processor-registers.c --- */

/* CPUID: REGISTERS receives eax, ebx, ecx and edx.  FALSE when the leaf is not offered or not
 * captured. */
gboolean lodge_cpuid (const LodgeProbe *probe, guint32 leaf, guint32 registers[4]);

/* A model-specific register of the first processor, through /dev/cpu/0/msr: FALSE when that cannot
 * be read (module not loaded, not root) or was not captured. */
gboolean lodge_msr (const LodgeProbe *probe, guint32 number, guint64 *value);

/* --- kernel-log.c --- */

/* The kernel's messages of this boot as char *, oldest first, as far as they are still in its
 * buffer; empty when they may not be read. */
GPtrArray *lodge_kernel_log (const LodgeProbe *probe);

/* The end of the running kernel's log now, for lodge_kernel_log_since(); -1 when it may not be
 * read. */
int lodge_kernel_log_mark (void);

/* As lodge_kernel_log(), what came since MARK (or nothing for -1).  Closes MARK. */
GPtrArray *lodge_kernel_log_since (int mark);
