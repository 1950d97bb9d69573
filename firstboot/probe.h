/* What the machine is: read-only facts, gathered under a system root so that captured hardware
 * trees can be probed in tests. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "common/disks.h"

/* --- virtualization: probe-virtualization.c, hypervisor.c --- */

typedef enum
{
  LODGE_CHECK_PASS,
  LODGE_CHECK_WARNING,
  LODGE_CHECK_FAIL,
} LodgeCheckLevel;

typedef struct
{
  char *id; /* stable, lower-case-dashed: "cpu-virtualization", "kvm-device" … */
  LodgeCheckLevel level;
  char *sentence; /* what was found */
  /* What to do about it.  Never NULL with a warning or failure; a check that passed may carry one
   * too (a note): what to do for a special use that is not possible yet (PCI passthrough …). */
  char *mend;
} LodgeCheck;

/* All checks in a fixed order, as LodgeCheck.  A check that cannot be made is a warning that says
 * why, never an error. */
GPtrArray *lodge_probe_virtualization (const LodgeProbe *probe);

/* The worst level of CHECKS. */
LodgeCheckLevel lodge_checks_level (const GPtrArray *checks);

/* --- network ports: probe-network.c --- */

typedef struct
{
  char *name;          /* "enp1s0" */
  char *mac;           /* current, lower case */
  char *permanent_mac; /* ETHTOOL_GPERMADDR, or `mac` when the driver has none */
  char *driver;        /* or NULL */
  gboolean carrier;
  int speed;              /* Mbit/s, -1 when unknown */
  gboolean virtual_guest; /* a paravirtual NIC: virtio, vmxnet3, xen */
} LodgePort;

/* All physical Ethernet ports (those with a device link in sysfs; no wireless) as LodgePort, sorted
 * by name.  On the running machine ports that are down are brought up and carrier is waited for
 * (bounded, on a netlink event), as carrier cannot be read on a port that is down. */
GPtrArray *lodge_probe_ports (const LodgeProbe *probe, GError **error);
gboolean lodge_port_matches (const LodgePort *port, const LodgeSelector *selector);
char *lodge_port_describe (const LodgePort *port);

/* --- the host: probe-host.c --- */

typedef struct
{
  LodgeHostIdentity *identity;
  char *system_vendor; /* DMI; may be NULL */
  char *product_name;
  char *hypervisor; /* "vmware", "kvm", "qemu" (TCG) …, NULL on bare metal */
  guint64 memory;   /* bytes */
  guint processors;
} LodgeHost;

LodgeHost *lodge_probe_host (const LodgeProbe *probe, GError **error);

/* Everything a plan is made from. */
typedef struct
{
  LodgeHost *host;
  GPtrArray *checks;
  GPtrArray *disks;
  GPtrArray *ports;
  GPtrArray *kernel_routes; /* of char*: IPv4 networks in use, "192.168.122.0/24" (default route
                               left out) */
} LodgeFacts;

LodgeFacts *lodge_probe_all (const LodgeProbe *probe, GError **error);

void lodge_check_free (LodgeCheck *check);
void lodge_port_free (LodgePort *port);
void lodge_host_free (LodgeHost *host);
void lodge_facts_free (LodgeFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeCheck, lodge_check_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgePort, lodge_port_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeHost, lodge_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFacts, lodge_facts_free)
