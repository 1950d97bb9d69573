/* VMDK as VMware's products import it (streamOptimized: compressed, for reading in order), made by
 * qemu-img.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: VMware, Virtual Disk Format 5.0, "Hosted Sparse Extent Header" and "The Descriptor File".
 * qemu-img puts a random content id and the name of the file into the descriptor, which is text
 * inside the file: both are replaced, so that the same image gives the same bytes.
 */
#include "builder/format.h"
#include "builder/qemu-convert.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum
{
  SECTOR_SIZE = 512,
  DESCRIPTOR_OFFSET_AT = 28, /* bytes into the header: 64 bits, in sectors, little-endian */
  DESCRIPTOR_SIZE_AT = 36,
  DESCRIPTOR_SECTORS_LIMIT = 2048, /* qemu-img makes 20 */
  CONTENT_ID_DIGITS = 8,
};

/* The name of an extent that is in the descriptor's own file is not looked at. */
#define EXTENT_NAME "disk.vmdk"

static guint64
little_endian (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* ffffffff is "has no parent". */
static char *
content_id (const char *build_hash)
{
  g_autofree char *id = g_strndup (build_hash, CONTENT_ID_DIGITS);

  return strcmp (id, "ffffffff") == 0 ? g_strdup ("fffffffe") : g_steal_pointer (&id);
}

/* DESCRIPTOR with ID and the extent's name put in; NULL when it is not as expected. */
static char *
settle (const char *descriptor, const char *id)
{
  g_auto (GStrv) lines = g_strsplit (descriptor, "\n", -1);
  guint replaced = 0;

  for (char **line = lines; *line != NULL; line++)
    {
      char *name = strstr (*line, " SPARSE \"");
      char *fresh = NULL;

      if (g_str_has_prefix (*line, "CID="))
        fresh = g_strconcat ("CID=", id, NULL);
      else if (g_str_has_prefix (*line, "RW ") && name != NULL)
        fresh = g_strdup_printf ("%.*s SPARSE \"" EXTENT_NAME "\"", (int)(name - *line), *line);
      if (fresh == NULL)
        continue;
      g_free (*line);
      *line = fresh;
      replaced++;
    }
  return replaced == 2 ? g_strjoinv ("\n", lines) : NULL;
}

static gboolean
settle_descriptor (int fd, const char *build_hash, GError **error)
{
  guint8 header[SECTOR_SIZE];
  g_autofree char *descriptor = NULL;
  g_autofree char *settled = NULL;
  g_autofree char *id = content_id (build_hash);
  guint64 offset;
  guint64 sectors;
  gsize size;

  if (pread (fd, header, sizeof header, 0) != sizeof header || memcmp (header, "KDMV", 4) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "qemu-img made no VMDK");
  offset = little_endian (header + DESCRIPTOR_OFFSET_AT);
  sectors = little_endian (header + DESCRIPTOR_SIZE_AT);
  if (offset == 0 || sectors == 0 || offset > DESCRIPTOR_SECTORS_LIMIT
      || sectors > DESCRIPTOR_SECTORS_LIMIT)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "qemu-img made a VMDK without a descriptor");
  size = sectors * SECTOR_SIZE;
  descriptor = g_malloc0 (size + 1);
  if (pread (fd, descriptor, size, (off_t)(offset * SECTOR_SIZE)) != (ssize_t)size)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "qemu-img made a VMDK that is cut short");
  settled = settle (descriptor, id);
  if (settled == NULL || strlen (settled) >= size)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "qemu-img made a VMDK with a descriptor that is not understood");
  memset (descriptor, 0, size);
  memcpy (descriptor, settled, strlen (settled));
  if (pwrite (fd, descriptor, size, (off_t)(offset * SECTOR_SIZE)) != (ssize_t)size)
    return lodge_error_set_errno (error, errno, "write the VMDK's descriptor");
  return TRUE;
}

gboolean
lodge_format_vmdk_write (const LodgeFormatSource *source, const char *path, LodgeProgress *progress,
                         GCancellable *cancellable, GError **error)
{
  gboolean settled;
  int fd;

  /* The controller is the virtual machine's to choose; a VMDK knows of no paravirtual one, and
   * VMware's own for it say lsilogic. */
  if (!lodge_qemu_convert (source->raw, path, "vmdk",
                           "subformat=streamOptimized,adapter_type=lsilogic"
                           ",hwversion=" LODGE_VMWARE_HARDWARE,
                           progress, cancellable, error))
    return FALSE;
  fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    {
      lodge_error_set_errno (error, errno, "open %s", path);
      unlink (path);
      return FALSE;
    }
  settled = settle_descriptor (fd, source->build_hash, error);
  if (close (fd) != 0 && settled)
    settled = lodge_error_set_errno (error, errno, "write %s", path);
  if (!settled)
    unlink (path);
  return settled;
}
