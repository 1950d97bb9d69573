/* The disks of a machine: what they are called, what is on them, and why one cannot be overwritten.
 * Gathered under a system root, so that captured hardware trees can be probed in tests.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"

/* Where facts are read from: "" for the running machine, else a directory that holds captured
 * /proc, /sys, /dev and /run trees (made by tests/capture-hardware). */
typedef struct
{
  const char *sysroot;
} LodgeProbe;

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
  guint64 generation;        /* diskseq: another one whenever a disk is attached, though it may get
                                the same name; 0 before Linux 5.15 */
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
   * that was looked into (firstboot/look-for-guests.h); else NULL. */
  GStrv saved_guests;
  gboolean saved_more; /* they are not known to be all: it could not be read fully */
  char *unusable; /* why it can never be overwritten ("this is the boot disk", "read-only" …), or
                     NULL */
} LodgeDisk;

/* What a disk is wanted for. */
typedef struct
{
  guint64 minimum_size; /* bytes; a smaller disk is unusable */
  gboolean for_image;   /* an image is to be written to it; else it becomes VM storage */
} LodgeDiskPurpose;

/* A disk below this cannot hold the disk of one ordinary VM. */
#define LODGE_DISK_MINIMUM_SIZE (G_GUINT64_CONSTANT (4) << 30)

/* All disks as LodgeDisk, sorted by name; loop, ram, zram, nbd, dm, md, floppy and optical devices
 * left out.  `unusable` is set for the disk that carries /, /boot or /boot/efi (by ancestry through
 * partitions, dm, md and loop; not by name), for one with anything on it that is mounted, swap or
 * otherwise in use, for a path of a multipath device, and for one that is read-only, without
 * medium, too small or that cannot be read. */
GPtrArray *lodge_probe_disks (const LodgeProbe *probe, GError **error);
/* The same for another purpose than VM storage. */
GPtrArray *lodge_probe_disks_for (const LodgeProbe *probe, const LodgeDiskPurpose *purpose,
                                  GError **error);

/* The one device NAME ("sdb", "loop0"), which may be of a kind that lodge_probe_disks() leaves out;
 * NULL with ERROR when the kernel has no such whole device, or the mounts cannot be read. */
LodgeDisk *lodge_probe_disk (const LodgeProbe *probe, const char *name,
                             const LodgeDiskPurpose *purpose, GError **error);

/* Which disk NAME is: size, generation and what lodge_disk_identify() finds, from the kernel's and
 * udev's files alone; the disk itself is not asked.  Nothing else is filled in. */
LodgeDisk *lodge_probe_disk_identity (const LodgeProbe *probe, const char *name);

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

void lodge_signature_free (LodgeSignature *signature);
void lodge_disk_free (LodgeDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDisk, lodge_disk_free)
