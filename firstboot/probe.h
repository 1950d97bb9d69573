/* What the machine is: read-only facts, gathered under a system root so that captured hardware
 * trees can be probed in tests. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"

/* Where facts are read from: "" for the running machine, else a directory that holds captured
 * /proc, /sys, /dev and /run trees (made by tests/capture-hardware). */
typedef struct
{
  const char *sysroot;
} LodgeProbe;

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

/* --- disks: probe-disks.c --- */

typedef struct
{
  char *device;         /* "/dev/sdb" or "/dev/sdb1" */
  char *type;           /* as libblkid names it: "ext4", "LVM2_member", "gpt", "zfs_member" … */
  char *usage;          /* "filesystem", "raid", "crypto", "partition table", "other" */
  char *label;          /* or NULL */
  char *uuid;           /* or NULL */
  char *partition_name; /* what the partition table calls the partition it is in, or NULL */
} LodgeSignature;

typedef struct
{
  char *name;                /* kernel name, "sdb" */
  char *device;              /* "/dev/sdb" */
  char *model;               /* or NULL */
  char *serial;              /* or NULL: VMware and virtio disks often have none */
  char *wwn;                 /* or NULL */
  char *path;                /* link name under /dev/disk/by-path, or NULL */
  GStrv paths;               /* all its link names there; any of them selects it.  Never NULL */
  char *transport;           /* "usb", "sata", "nvme", "virtio", "scsi", "mmc" … */
  guint64 size;              /* bytes */
  guint logical_sector_size; /* bytes */
  gboolean rotational;
  gboolean removable;
  gboolean read_only;
  GPtrArray *signatures; /* of LodgeSignature: everything on the disk and on its partitions */
  GStrv partitions;      /* kernel names; never NULL */
  /* Nothing that libblkid knows is on it, yet it holds data (disk-data.h): a raw image, a database,
   * a LUKS volume whose header is elsewhere, or what is left after wipefs(8) or after its partition
   * table was deleted.  Also set when it cannot be read. */
  gboolean unknown_data;
  /* Kernel names of devices built on it (dm-0, md127) that nothing uses: volumes that the system
   * found and activated by itself.  They must be stopped before it can be erased.  Never NULL. */
  GStrv holders;
  /* Names of the virtual machines whose definitions are saved on it, when it is VM storage of Lodge
   * that was looked into (lodge_disks_look_for_guests(), look-for-guests.h); else NULL. */
  GStrv saved_guests;
  char *unusable; /* why it can never be VM storage ("this is the boot disk", "read-only" …), or
                     NULL */
} LodgeDisk;

/* A disk below this cannot hold the disk of one ordinary VM. */
#define LODGE_DISK_MINIMUM_SIZE (G_GUINT64_CONSTANT (4) << 30)

/* All disks as LodgeDisk, sorted by name; loop, ram, zram, nbd, dm, md, floppy and optical devices
 * left out.  `unusable` is set for the disk that carries /, /boot or /boot/efi (by ancestry through
 * partitions, dm, md and loop; not by name), for one with anything on it that is mounted, swap or
 * otherwise in use, for a path of a multipath device, and for one that is read-only, without
 * medium, too small or that cannot be read. */
GPtrArray *lodge_probe_disks (const LodgeProbe *probe, GError **error);

/* Nothing is on it that anyone could miss: no signature that libblkid knows (of two that overlap,
 * and of bad checksum, too), no partition, and no data (disk-data.h).  The last is stricter than
 * libblkid: data without a signature is data, and a disk only has to be named with erase= to be
 * taken all the same. */
gboolean lodge_disk_is_blank (const LodgeDisk *disk);

/* Whether SELECTOR names DISK.  Serial numbers are compared without regard to case, as people type
 * them. */
gboolean lodge_disk_matches (const LodgeDisk *disk, const LodgeSelector *selector);

/* "vdb (QEMU HARDDISK, 8.0 GiB, serial S1)": how messages and screens name a disk. */
char *lodge_disk_describe (const LodgeDisk *disk);

/* "GPT partition table on sdb, ext4 file system \"data\" on sdb1, LVM physical volume on sdb2":
 * what a person would lose; "nothing" for a blank disk. */
char *lodge_disk_describe_content (const LodgeDisk *disk);

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
void lodge_signature_free (LodgeSignature *signature);
void lodge_disk_free (LodgeDisk *disk);
void lodge_port_free (LodgePort *port);
void lodge_host_free (LodgeHost *host);
void lodge_facts_free (LodgeFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeCheck, lodge_check_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDisk, lodge_disk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgePort, lodge_port_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeHost, lodge_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFacts, lodge_facts_free)
