/* The virtual machine of `lodge boot`, and QEMU's command line for it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/boot-firmware.h"

/* An added disk: blank, or with what is in an image, which is not written to.  Either is gone with
 * the machine. */
typedef struct
{
  char *image;        /* or NULL: blank */
  const char *format; /* of the image */
  guint64 size;       /* bytes, of a blank one */
  int fd;             /* a blank one's file, which has no name any more; -1 before it is made */
  char *serial;       /* or NULL */
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

/* QEMU's argument vector.  Pure.  What is written to an image goes to a temporary overlay that QEMU
 * deletes at once. */
GPtrArray *lodge_boot_arguments (const LodgeBootMachine *machine);

/* "SIZE[,serial=S]" or "FILE[,serial=S]" as --disk takes it.  What can be read as a size is one.  A
 * FILE is an image as lodge_image_format() takes it, whose errors it gives; all others are
 * LODGE_ERROR_USAGE. */
LodgeBootDisk *lodge_boot_disk_parse (const char *text, GError **error);
void lodge_boot_disk_free (LodgeBootDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBootDisk, lodge_boot_disk_free)
