/* Serial numbers of disks in a made-up tree of sysfs and udev.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/probe.h"
#include "common/disk-identity.h"
#include "tests/unit/made-up-facts.h"

#include <glib/gstdio.h>

static const struct
{
  const char *name;
  const char *udev;      /* the record */
  const char *attribute; /* device/serial, or NULL */
  const char *transport;
  const char *serial; /* what is found */
  gboolean agrees;
} cases[] = {
  { "same", "E:ID_SERIAL_SHORT=S5H9_NS0N\n", "S5H9 NS0N ", "nvme", "S5H9_NS0N", TRUE },
  { "stale", "E:ID_SERIAL_SHORT=OLDDISK\n", "NEWDISK", "nvme", "OLDDISK", FALSE },
  { "longer", "E:ID_SERIAL_SHORT=OLDDISK\n", "OLDDISK2", "nvme", "OLDDISK", FALSE },
  { "usb", "E:ID_SERIAL_SHORT=ENCLOSURE\n", "INSIDE", "usb", "ENCLOSURE", TRUE },
  { "not-told", "E:ID_SERIAL_SHORT=OLDDISK\n", NULL, "nvme", "OLDDISK", TRUE },
  { "placeholder", "E:ID_SERIAL_SHORT=0123456789ABCDEF\n", "REAL", "nvme", "REAL", TRUE },
  { "no-serial", "E:ID_SERIAL_SHORT=000000000000\n", NULL, "usb", NULL, TRUE },
};

static void
put (const char *root, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (file);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-disk-identity-XXXXXX", &error);
  LodgeProbe probe = { .sysroot = root };
  LodgeDisk disk = { .name = (char *)"nvme0n1" };
  const char *remove[] = { "rm", "-r", root, NULL };

  g_assert_no_error (error);
  put (root, "sys/class/block/nvme0n1/dev", "259:0\n");
  put (root, "run/udev/data/b259:0", cases[i].udev);
  if (cases[i].attribute != NULL)
    put (root, "sys/class/block/nvme0n1/device/serial", cases[i].attribute);
  lodge_disk_identify (&probe, &disk);
  g_assert_cmpstr (disk.serial, ==, cases[i].serial);
  g_free (disk.transport);
  disk.transport = g_strdup (cases[i].transport);
  g_assert_cmpint (lodge_disk_serial_agrees (&probe, &disk), ==, cases[i].agrees);

  g_free (disk.model);
  g_free (disk.serial);
  g_free (disk.wwn);
  g_free (disk.path);
  g_strfreev (disk.paths);
  g_free (disk.transport);
  g_assert_true (g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/disk-identity/", cases[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  return g_test_run ();
}
