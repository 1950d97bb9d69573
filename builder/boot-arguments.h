/* The virtual machine of `lodge boot`, and QEMU's command line for it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/boot-firmware.h"

/* An added disk: blank, gone with the machine. */
typedef struct
{
  guint64 size; /* bytes */
  char *serial; /* or NULL */
  int fd;       /* its file, which has no name any more; -1 before it is made */
} LodgeBootDisk;

typedef struct
{
  const char *emulator;
  gboolean kvm;     /* else emulation */
  guint processors; /* under KVM; emulated is one */
  guint64 memory;   /* bytes */
  const char *image;
  const char *image_format;
  gboolean usb;                  /* the image is a USB stick */
  const LodgeFirmware *firmware; /* NULL: BIOS */
  int variables_fd;              /* the firmware's variables, when there is a firmware */
  const GPtrArray *disks;        /* of LodgeBootDisk */
  int answers_fd;                /* text for SMBIOS type 11, or -1 */
  guint ssh_port;                /* on 127.0.0.1 */
  gboolean restricted;           /* nothing but DHCP and the machine's own gateway can be reached */
  gboolean graphic;              /* a window with the screen */
} LodgeBootMachine;

/* QEMU's argument vector.  Pure.  The image is written to a temporary overlay that QEMU deletes at
 * once. */
GPtrArray *lodge_boot_arguments (const LodgeBootMachine *machine);

/* "SIZE[,serial=S]" as --disk takes it; LODGE_ERROR_USAGE says what is wrong. */
LodgeBootDisk *lodge_boot_disk_parse (const char *text, GError **error);
void lodge_boot_disk_free (LodgeBootDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBootDisk, lodge_boot_disk_free)
