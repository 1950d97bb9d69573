/* CPUID and model-specific registers, of the running or of a captured machine.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/processor.h"
#include "common/probe-files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__x86_64__)
#  include <cpuid.h>
#endif

/* "0000000d 756e6547 6c65746e 49656e69" */
static gboolean
cpuid_captured (const LodgeProbe *probe, guint32 leaf, guint32 registers[4])
{
  g_autofree char *key = g_strdup_printf ("%08x", leaf);
  g_autofree char *text = lodge_capture_value (probe, "cpuid", key);
  g_auto (GStrv) words = g_strsplit (text == NULL ? "" : text, " ", -1);

  if (g_strv_length (words) != 4)
    return FALSE;
  for (gsize i = 0; i < 4; i++)
    registers[i] = (guint32)strtoul (words[i], NULL, 16);
  return TRUE;
}

gboolean
lodge_cpuid (const LodgeProbe *probe, guint32 leaf, guint32 registers[4])
{
  if (lodge_probe_is_captured (probe))
    return cpuid_captured (probe, leaf, registers);
#if defined(__x86_64__)
  /* Leaves of a hypervisor (0x4000xxxx) are no part of the ranges that __get_cpuid_max() knows; on
   * a physical machine they hold what the highest basic leaf holds, which names no hypervisor. */
  if ((leaf & 0xf0000000) != 0x40000000 && leaf > __get_cpuid_max (leaf & 0x80000000, NULL))
    return FALSE;
  __cpuid_count (leaf, 0, registers[0], registers[1], registers[2], registers[3]);
  return TRUE;
#else
  return FALSE;
#endif
}

gboolean
lodge_msr (const LodgeProbe *probe, guint32 number, guint64 *value)
{
  gssize got;
  int fd;

  if (lodge_probe_is_captured (probe))
    {
      g_autofree char *key = g_strdup_printf ("%08x", number);
      g_autofree char *text = lodge_capture_value (probe, "msr", key);

      if (text == NULL)
        return FALSE;
      *value = g_ascii_strtoull (text, NULL, 16);
      return TRUE;
    }
  fd = open ("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  got = pread (fd, value, sizeof *value, number);
  close (fd);
  return got == (gssize)sizeof *value;
}
