/* What is on a disk, through libblkid.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/probe-signatures.h"
#include "common/blkid-open.h"
#include "common/disk-data.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

char *
lodge_partition_device (const char *device, int number)
{
  gsize length = strlen (device);
  gboolean digit = length > 0 && g_ascii_isdigit (device[length - 1]);

  return g_strdup_printf ("%s%s%d", device, digit ? "p" : "", number);
}

/* The value that the last found signature has under NAME, or NULL. */
static char *
lookup (LodgeBlkidProbe *blkid, const char *name)
{
  const char *value;

  if (blkid_probe_lookup_value (blkid, name, &value, NULL) != 0 || value[0] == '\0')
    return NULL;
  return g_strdup (value);
}

/* As people may read it: a file system's name is anybody's, and goes to terminals. */
static char *
lookup_text (LodgeBlkidProbe *blkid, const char *name)
{
  g_autofree char *value = lookup (blkid, name);
  char *text = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  for (char *place = text; place != NULL && *place != '\0'; place = g_utf8_next_char (place))
    if (!g_unichar_isprint (g_utf8_get_char (place)))
      memset (place, '?', (gsize)(g_utf8_next_char (place) - place));
  return text;
}

static LodgeSignature *
take_signature (LodgeBlkidProbe *blkid, const char *device)
{
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  signature->device = g_strdup (device);
  signature->type = lookup (blkid, "TYPE");
  if (signature->type != NULL)
    {
      signature->usage = lookup (blkid, "USAGE");
      signature->label = lookup_text (blkid, "LABEL");
      signature->uuid = lookup (blkid, "UUID");
    }
  else
    {
      signature->type = lookup (blkid, "PTTYPE");
      signature->usage = g_strdup ("partition table");
      signature->uuid = lookup (blkid, "PTUUID");
    }
  /* Something was found, and what it is called does not matter to its owner. */
  if (signature->type == NULL)
    signature->type = g_strdup ("unknown");
  if (signature->usage == NULL)
    signature->usage = g_strdup ("other");
  return signature;
}

static gboolean
set_read_error (GError **error, const char *device)
{
  return lodge_error_set_errno (error, errno != 0 ? errno : EIO, "read %s", device);
}

/* What libblkid counts in; image files have sectors of 512 bytes. */
static guint
read_sector_size (int fd)
{
  int size = 0;

  return ioctl (fd, BLKSSZGET, &size) == 0 && size > 0 ? (guint)size : 512;
}

/* Adds every signature in SIZE bytes at OFFSET, in the partition that its table calls NAME (or
 * NULL). */
static gboolean
probe_area (int fd, blkid_loff_t offset, blkid_loff_t size, const char *device, const char *name,
            GPtrArray *signatures, GError **error)
{
  g_autoptr (LodgeBlkidProbe) blkid
      = lodge_blkid_open (fd, (guint64)offset, (guint64)size, read_sector_size (fd), TRUE, error);
  int result;

  if (blkid == NULL)
    {
      g_prefix_error (error, "%s: ", device);
      return FALSE;
    }
  errno = 0;
  while ((result = blkid_do_probe (blkid)) == 0)
    {
      LodgeSignature *signature = take_signature (blkid, device);

      signature->partition_name = g_strdup (name);
      g_ptr_array_add (signatures, signature);
      errno = 0;
    }
  return result > 0 ? TRUE : set_read_error (error, device);
}

/* The areas of the partitions on the disk's table, each probed like a disk. */
static gboolean
probe_partitions (int fd, blkid_loff_t size, const char *device, GPtrArray *signatures,
                  GError **error)
{
  g_autoptr (LodgeBlkidProbe) blkid = blkid_new_probe ();
  blkid_partlist list;
  int count;

  errno = 0;
  if (blkid == NULL || blkid_probe_set_device (blkid, fd, 0, size) != 0)
    return set_read_error (error, device);
  blkid_probe_enable_partitions (blkid, TRUE);
  blkid_probe_set_partitions_flags (blkid, BLKID_PARTS_FORCE_GPT);
  list = blkid_probe_get_partitions (blkid);
  /* No table, or none that libblkid can list. */
  if (list == NULL)
    return TRUE;
  count = blkid_partlist_numof_partitions (list);
  for (int i = 0; i < count; i++)
    {
      blkid_partition partition = blkid_partlist_get_partition (list, i);
      /* Both in units of 512 bytes. */
      blkid_loff_t start = blkid_partition_get_start (partition) * 512;
      blkid_loff_t length = blkid_partition_get_size (partition) * 512;
      g_autofree char *name
          = lodge_partition_device (device, blkid_partition_get_partno (partition));

      /* The extended partition only holds the table of the logical ones, which are listed too.  A
       * table may name what lies behind the end of a smaller disk that it was copied to. */
      if (blkid_partition_is_extended (partition) || start >= size || length <= 0)
        continue;
      if (!probe_area (fd, start, MIN (length, size - start), name,
                       blkid_partition_get_name (partition), signatures, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
probe_descriptor (int fd, const char *device, LodgeContent *content, GError **error)
{
  off_t size = lseek (fd, 0, SEEK_END);
  gboolean empty = TRUE;

  if (size < 0)
    return set_read_error (error, device);
  /* The data first: reading it is also the test of whether the disk can be read at all, as
   * libblkid takes some unreadable places for places without a signature. */
  if (!lodge_disk_data_probe (fd, (guint64)size, &empty, error))
    {
      g_prefix_error (error, "%s: ", device);
      return FALSE;
    }
  if (!probe_area (fd, 0, size, device, NULL, content->signatures, error)
      || !probe_partitions (fd, size, device, content->signatures, error))
    return FALSE;
  content->unknown_data = content->signatures->len == 0 && !empty;
  return TRUE;
}

LodgeContent *
lodge_content_probe (const char *path, const char *device, GError **error)
{
  g_autoptr (LodgeContent) content = g_new0 (LodgeContent, 1);
  gboolean good;
  /* O_NONBLOCK: a drive without medium is not waited for. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  content->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_signature_free);
  if (fd < 0)
    {
      set_read_error (error, device);
      return NULL;
    }
  good = probe_descriptor (fd, device, content, error);
  close (fd);
  return good ? g_steal_pointer (&content) : NULL;
}

void
lodge_signature_free (LodgeSignature *signature)
{
  if (signature == NULL)
    return;
  g_free (signature->device);
  g_free (signature->type);
  g_free (signature->usage);
  g_free (signature->label);
  g_free (signature->uuid);
  g_free (signature->partition_name);
  g_free (signature);
}

void
lodge_content_free (LodgeContent *content)
{
  if (content == NULL)
    return;
  g_ptr_array_unref (content->signatures);
  g_free (content);
}
