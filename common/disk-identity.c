/* What a disk is called, from udev's database and sysfs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * udev first, because its serial number is the one that lsblk(8) shows and people type; sysfs where
 * udev does not run or knows none.
 */
#include "common/disk-identity.h"
#include "common/placeholder.h"
#include "common/probe-files.h"

#include <string.h>

/* Without control characters (a disk says what it likes) and with single blanks; NULL when empty.
 * Takes TEXT. */
static char *
tidy (char *text)
{
  g_autofree char *owned = text;
  g_auto (GStrv) words = NULL;
  g_autofree char *valid = NULL;
  GString *result = g_string_new (NULL);

  if (text != NULL)
    {
      valid = g_utf8_make_valid (text, -1);
      for (char *c = valid; *c != '\0'; c++)
        if (g_ascii_iscntrl (*c))
          *c = ' ';
      words = g_strsplit (valid, " ", -1);
      for (gsize i = 0; words[i] != NULL; i++)
        if (words[i][0] != '\0')
          g_string_append_printf (result, "%s%s", result->len > 0 ? " " : "", words[i]);
    }
  return g_string_free (result, result->len == 0);
}

/* The lines of udev's record of the disk: "E:ID_SERIAL_SHORT=S1", "S:disk/by-path/…". */
static GStrv
read_udev (const LodgeProbe *probe, const char *name)
{
  g_autofree char *number = lodge_probe_read (probe, "/sys/class/block/%s/dev", name);
  g_autofree char *text
      = number == NULL ? NULL : lodge_probe_read (probe, "/run/udev/data/b%s", number);

  return g_strsplit (text == NULL ? "" : text, "\n", -1);
}

static char *
udev_property (GStrv record, const char *name)
{
  g_autofree char *prefix = g_strdup_printf ("E:%s=", name);

  for (gsize i = 0; record[i] != NULL; i++)
    if (g_str_has_prefix (record[i], prefix))
      return tidy (g_strdup (record[i] + strlen (prefix)));
  return NULL;
}

/* The first of the udev properties that is there. */
static char *
first_property (GStrv record, const char *const *names)
{
  char *value = NULL;

  for (; value == NULL && *names != NULL; names++)
    value = udev_property (record, *names);
  return value;
}

/* The first of the attributes of /sys/class/block/NAME that is there. */
static char *
first_attribute (const LodgeProbe *probe, const char *name, const char *const *attributes)
{
  char *value = NULL;

  for (; value == NULL && *attributes != NULL; attributes++)
    value = tidy (lodge_probe_read (probe, "/sys/class/block/%s/%s", name, *attributes));
  return value;
}

/* SCSI's page of vital product data 0x80, "unit serial number": four bytes of header, the last two
 * of them the length (SPC-5, 7.7.19). */
static char *
read_vpd_serial (const LodgeProbe *probe, const char *name)
{
  g_autoptr (GBytes) page
      = lodge_probe_read_bytes (probe, "/sys/class/block/%s/device/vpd_pg80", name);
  const unsigned char *data;
  gsize size, length;

  if (page == NULL)
    return NULL;
  data = g_bytes_get_data (page, &size);
  if (size < 4 || data[1] != 0x80)
    return NULL;
  length = MIN ((gsize)data[2] << 8 | data[3], size - 4);
  return tidy (g_strndup ((const char *)data + 4, length));
}

/* Takes SERIAL, and gives NULL for one that all enclosures of a model carry. */
static char *
real_serial (char *serial)
{
  if (serial != NULL && lodge_is_placeholder (serial))
    g_clear_pointer (&serial, g_free);
  return serial;
}

/* virtio-blk; NVMe and MMC */
static const char *const serial_attributes[] = { "serial", "device/serial", NULL };

static char *
find_serial (const LodgeProbe *probe, const char *name, GStrv udev)
{
  static const char *const properties[]
      = { "SCSI_IDENT_SERIAL", "ID_SCSI_SERIAL", "ID_SERIAL_SHORT", NULL };
  char *serial = real_serial (first_property (udev, properties));

  if (serial == NULL)
    serial = real_serial (first_attribute (probe, name, serial_attributes));
  return serial != NULL ? serial : real_serial (read_vpd_serial (probe, name));
}

/* As udev names links: "0x5000c500a1b2c3d4" for SCSI and ATA, "eui.0025385b71b0ed2f" for NVMe. */
static char *
find_wwn (const LodgeProbe *probe, const char *name, GStrv udev)
{
  static const char *const properties[] = { "ID_WWN_WITH_EXTENSION", "ID_WWN", NULL };
  static const char *const attributes[] = { "wwid", "device/wwid", NULL };
  g_autofree char *wwn = first_property (udev, properties);

  if (wwn != NULL)
    return g_steal_pointer (&wwn);
  wwn = first_attribute (probe, name, attributes);
  if (wwn != NULL && g_str_has_prefix (wwn, "naa."))
    return g_strconcat ("0x", wwn + strlen ("naa."), NULL);
  /* "t10.…" holds model and serial number, and is no name of the world's. */
  if (wwn != NULL && (g_str_has_prefix (wwn, "eui.") || g_str_has_prefix (wwn, "uuid.")))
    return g_steal_pointer (&wwn);
  return NULL;
}

static char *
find_model (const LodgeProbe *probe, const char *name, GStrv udev)
{
  static const char *const attributes[] = { "device/model", "device/name", NULL };
  g_autofree char *model = first_attribute (probe, name, attributes);
  g_autofree char *vendor
      = tidy (lodge_probe_read (probe, "/sys/class/block/%s/device/vendor", name));

  if (model == NULL)
    return udev_property (udev, "ID_MODEL");
  /* libata puts "ATA" where SCSI has the vendor, and PCI's vendors (virtio) are numbers. */
  if (vendor == NULL || g_str_equal (vendor, "ATA") || g_str_has_prefix (vendor, "0x")
      || g_str_has_prefix (model, vendor))
    return g_steal_pointer (&model);
  return g_strdup_printf ("%s %s", vendor, model);
}

/* The links under /dev/disk/by-path that lead to the disk, shortest first: newer systemd adds
 * longer variants of the same place (usbv3-…, …-ata-1.0) beside the ones that people wrote down. */
static GStrv
find_paths (const LodgeProbe *probe, const char *name)
{
  g_autoptr (GPtrArray) links = lodge_probe_list (probe, "/dev/disk/by-path");
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < links->len; i++)
    {
      const char *link = g_ptr_array_index (links, i);
      g_autofree char *target = lodge_probe_link_name (probe, "/dev/disk/by-path/%s", link);
      guint place = 0;

      if (g_strcmp0 (target, name) != 0)
        continue;
      while (place < found->len && strlen (g_ptr_array_index (found, place)) <= strlen (link))
        place++;
      g_ptr_array_insert (found, (gint)place, g_strdup (link));
    }
  g_ptr_array_add (found, NULL);
  return (GStrv)g_ptr_array_free (found, FALSE);
}

/* What the disk's path in sysfs goes through, the outermost bus first: a USB stick is a SCSI disk
 * on USB, an NVMe disk may be on a fabric. */
static const struct
{
  const char *part;
  const char *transport;
} transports[] = {
  { "/usb", "usb" },         { "/mmc_host", "mmc" },   { "/nvme", "nvme" },
  { "/ata", "sata" },        { "/session", "iscsi" },  { "/rport-", "fc" },
  { "/end_device-", "sas" }, { "/VMBUS:", "hyper-v" }, { "/vmbus", "hyper-v" },
  { "/fw", "firewire" },     { "/target", "scsi" },    { "/virtio", "virtio" },
  { "/vbd-", "xen" },        { "/ndbus", "nvdimm" },
};

static const char *
find_transport (const LodgeProbe *probe, const char *name)
{
  g_autofree char *path = lodge_probe_resolve (probe, "/sys/class/block/%s", name);

  for (gsize i = 0; path != NULL && i < G_N_ELEMENTS (transports); i++)
    if (strstr (path, transports[i].part) != NULL)
      return transports[i].transport;
  return "other";
}

void
lodge_disk_identify (const LodgeProbe *probe, LodgeDisk *disk)
{
  g_auto (GStrv) udev = read_udev (probe, disk->name);

  disk->model = find_model (probe, disk->name, udev);
  disk->serial = find_serial (probe, disk->name, udev);
  disk->wwn = find_wwn (probe, disk->name, udev);
  disk->paths = find_paths (probe, disk->name);
  disk->path = g_strdup (disk->paths[0]);
  disk->transport = g_strdup (find_transport (probe, disk->name));
}

/* Whether both have the same letters and digits: udev puts "_" for other characters. */
static gboolean
same_letters (const char *a, const char *b)
{
  for (;; a++, b++)
    {
      while (*a != '\0' && !g_ascii_isalnum (*a))
        a++;
      while (*b != '\0' && !g_ascii_isalnum (*b))
        b++;
      if (g_ascii_tolower (*a) != g_ascii_tolower (*b))
        return FALSE;
      if (*a == '\0')
        return TRUE;
    }
}

gboolean
lodge_disk_serial_agrees (const LodgeProbe *probe, const LodgeDisk *disk)
{
  static const char *const page_properties[] = { "SCSI_IDENT_SERIAL", "ID_SCSI_SERIAL", NULL };
  g_auto (GStrv) udev = read_udev (probe, disk->name);
  g_autofree char *from_page = first_property (udev, page_properties);
  g_autofree char *serial = real_serial (first_attribute (probe, disk->name, serial_attributes));

  if (disk->serial == NULL || g_strcmp0 (disk->transport, "usb") == 0)
    return TRUE;
  /* Of a SCSI disk, ID_SERIAL_SHORT may be its world-wide name (scsi_id(8)); of an ATA disk it is
   * what page 0x80 has. */
  if (serial == NULL && (from_page != NULL || g_strcmp0 (disk->transport, "sata") == 0))
    serial = real_serial (read_vpd_serial (probe, disk->name));
  return serial == NULL || same_letters (serial, disk->serial);
}
