/* What the machine is called, by its firmware and its network ports, and how large it is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/probe-host.h"
#include "firstboot/hypervisor.h"
#include "common/placeholder.h"
#include "common/probe-files.h"

#include <stdlib.h>
#include <string.h>

/* A DMI text, or NULL when nobody filled it in. */
static char *
read_dmi (const LodgeProbe *probe, const char *name)
{
  g_autofree char *text = lodge_probe_read (probe, "/sys/class/dmi/id/%s", name);

  /* A [match serial=…] must never fit such a one: all machines of a classroom would carry it. */
  return text == NULL || lodge_is_placeholder (text) ? NULL : g_steal_pointer (&text);
}

guint64
lodge_probe_memory (const LodgeProbe *probe)
{
  g_autofree char *text = lodge_probe_read (probe, "/proc/meminfo");
  const char *total = text == NULL ? NULL : strstr (text, "MemTotal:");

  /* "MemTotal:  2019200 kB", where kB means 1024 bytes: proc_meminfo(5). */
  return total == NULL ? 0 : g_ascii_strtoull (total + strlen ("MemTotal:"), NULL, 10) * 1024;
}

static LodgeHostIdentity *
read_identity (const LodgeProbe *probe)
{
  LodgeHostIdentity *identity = g_new0 (LodgeHostIdentity, 1);
  g_autoptr (GPtrArray) ports = lodge_ports_read (probe);
  g_autoptr (GPtrArray) macs = g_ptr_array_new ();

  for (guint i = 0; i < ports->len; i++)
    {
      const LodgePort *port = g_ptr_array_index (ports, i);

      if (!g_ptr_array_find_with_equal_func (macs, port->permanent_mac, g_str_equal, NULL))
        g_ptr_array_add (macs, g_strdup (port->permanent_mac));
      if (!g_ptr_array_find_with_equal_func (macs, port->mac, g_str_equal, NULL))
        g_ptr_array_add (macs, g_strdup (port->mac));
    }
  g_ptr_array_add (macs, NULL);
  identity->macs = (GStrv)g_ptr_array_free (g_steal_pointer (&macs), FALSE);
  identity->serial = read_dmi (probe, "product_serial");
  identity->uuid = read_dmi (probe, "product_uuid");
  if (identity->uuid != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (identity->uuid, -1);

      g_free (identity->uuid);
      identity->uuid = g_steal_pointer (&lower);
    }
  return identity;
}

LodgeHost *
lodge_probe_host (const LodgeProbe *probe, GError **error)
{
  LodgeHost *host = g_new0 (LodgeHost, 1);
  g_autoptr (GPtrArray) no_log = g_ptr_array_new ();
  g_autoptr (LodgeProcessor) processor = lodge_processor_read (probe, no_log);
  const LodgeHypervisor *hypervisor = lodge_hypervisor_detect (probe, processor);

  /* Everything here may be missing on some machine; so far nothing can fail. */
  (void)error;
  host->identity = read_identity (probe);
  host->system_vendor = read_dmi (probe, "sys_vendor");
  host->product_name = read_dmi (probe, "product_name");
  host->hypervisor = hypervisor == NULL ? NULL : g_strdup (hypervisor->id);
  host->memory = lodge_probe_memory (probe);
  host->processors = processor->count;
  return host;
}

void
lodge_host_free (LodgeHost *host)
{
  if (host == NULL)
    return;
  lodge_host_identity_free (host->identity);
  g_free (host->system_vendor);
  g_free (host->product_name);
  g_free (host->hypervisor);
  g_free (host);
}
