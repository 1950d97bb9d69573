/* What kind of file a disk image is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/image-format.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  SECTOR_SIZE = 512,
  MBR_MARK_OFFSET = 510,
  VMDK_CAPACITY_OFFSET = 12,
  VMDK_DESCRIPTOR_END = 21 * SECTOR_SIZE, /* as far as QEMU reads it */
  QCOW2_VERSION_OFFSET = 4,
  QCOW2_BACKING_OFFSET = 8,
  QCOW2_FEATURES_OFFSET = 72, /* from version 3 on: incompatible features */
  QCOW2_DATA_FILE = 4,        /* one of these */
};

#define CONVERT "convert it with qemu-img convert"

/* QEMU's documentation, docs/interop/qcow2.txt; VMware's Virtual Disk Format 5.0; VirtualBox and
 * Hyper-V likewise; RFC 8878; xz file format 1.2; POSIX, pax, "ustar Interchange Format".  A FORMAT
 * of NULL is one that we do not read, and MEND is what to do about it. */
static const struct
{
  const char *magic;
  gsize length;
  gsize offset;
  const char *format;
  const char *name;
  const char *mend;
} signatures[] = {
  { "QFI\xfb", 4, 0, "qcow2", "a qcow2 image", CONVERT },
  { "KDMV", 4, 0, "vmdk", "a VMDK image of several files", CONVERT },
  { "# Disk DescriptorFile", 21, 0, NULL, "a VMDK image of several files", CONVERT },
  { "vhdxfile", 8, 0, NULL, "a VHDX image", CONVERT },
  { "\x7f\x10\xda\xbe", 4, 64, NULL, "a VDI image", CONVERT },
  { "\x28\xb5\x2f\xfd", 4, 0, NULL, "compressed", "unpack it first: zstd -d" },
  { "\xfd"
    "7zXZ",
    6, 0, NULL, "compressed", "unpack it first: xz -dk" },
  { "ustar", 5, 257, NULL, "an archive (OVA)", "take the disk image out of it: tar -xf" },
};

/* A VMDK without a capacity is a descriptor that names other files, whichever its maker likes
 * (Virtual Disk Format 5.0). */
static gboolean
names_other_files (const char *start)
{
  static const char nothing[8];

  return memcmp (start, "KDMV", 4) == 0
         && memcmp (start + VMDK_CAPACITY_OFFSET, nothing, sizeof nothing) == 0;
}

static guint64
read_big (const char *start, gsize offset)
{
  guint64 value;

  memcpy (&value, start + offset, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* Whether the guest would read another file through this one: anyone who makes an image could name
 * any file or disk of this machine there.  A qcow2 names a backing or a data file in its header, a
 * VMDK its parent in the descriptor after it. */
static gboolean
is_part (const char *start, gsize length)
{
  if (memcmp (start, "KDMV", 4) == 0)
    return memmem (start, length, "parentFileNameHint", strlen ("parentFileNameHint")) != NULL;
  if (memcmp (start, "QFI\xfb", 4) != 0)
    return FALSE;
  return read_big (start, QCOW2_BACKING_OFFSET) != 0
         || (read_big (start, QCOW2_VERSION_OFFSET) >> 32 >= 3
             && (read_big (start, QCOW2_FEATURES_OFFSET) & QCOW2_DATA_FILE) != 0);
}

static const char *
recognize (const char *path, const char *start, gsize length, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (signatures); i++)
    {
      if (signatures[i].offset + signatures[i].length > length
          || memcmp (start + signatures[i].offset, signatures[i].magic, signatures[i].length) != 0)
        continue;
      if (signatures[i].format == NULL || names_other_files (start))
        {
          lodge_error_set (error, LODGE_ERROR_USAGE,
                           "%s is %s; only raw, qcow2 and VMDK images of one file can be read (%s)",
                           path, signatures[i].name, signatures[i].mend);
          return NULL;
        }
      if (is_part (start, length))
        {
          lodge_error_set (error, LODGE_ERROR_REFUSED,
                           "%s is only a part of an image, the rest is in other files; if they are "
                           "meant, make one of them with qemu-img convert",
                           path);
          return NULL;
        }
      return signatures[i].format;
    }
  /* BIOS and UEFI alike want this mark in the first sector (UEFI specification, "Protective MBR").
   */
  if (memcmp (start + MBR_MARK_OFFSET, "\x55\xaa", 2) == 0)
    return "raw";
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "%s is not a disk image: it has no partition table, and is not in qcow2 or VMDK "
                   "format",
                   path);
  return NULL;
}

const char *
lodge_image_format (const char *path, GError **error)
{
  /* O_NONBLOCK: a pipe would keep us waiting. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char start[VMDK_DESCRIPTOR_END];
  struct stat status;
  ssize_t count;
  int saved;

  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", path);
      return NULL;
    }
  count = TEMP_FAILURE_RETRY (read (fd, start, sizeof start));
  saved = errno;
  if (fstat (fd, &status) == 0 && !S_ISREG (status.st_mode))
    {
      close (fd);
      lodge_error_set (error, LODGE_ERROR_USAGE, "%s is not a file; give the path of an image",
                       path);
      return NULL;
    }
  close (fd);
  if (count < 0)
    {
      lodge_error_set_errno (error, saved, "read %s", path);
      return NULL;
    }
  if (count < SECTOR_SIZE)
    {
      lodge_error_set (
          error, LODGE_ERROR_USAGE,
          "%s is too short to be a disk image; give the path of one, as lodge build makes it",
          path);
      return NULL;
    }
  return recognize (path, start, (gsize)count, error);
}
