/* The contents of files in an image, as checksums.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"
#include "common/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where what makes hosts differ is: settings, boot loader and kernels, and what no package owns.
 * What packages own below /usr is told by their versions. */
static const char *const directories[] = { "/boot", "/etc", "/root", "/srv", "/usr/local" };
static const char *const own_files[] = { "/usr/sbin/lodge-firstboot", "/usr/lib/lodge/proof-init" };

/* Adds the files that SUMS (lines of sha256sum(1), paths that begin with "./") names, PREFIX before
 * their paths.  A name with a newline is escaped there, and stays so. */
static void
add_sums (JsonObject *files, const char *prefix, const char *sums)
{
  g_auto (GStrv) lines = g_strsplit (sums, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *text = **line == '\\' ? *line + 1 : *line;
      const char *name = strlen (text) > 68 ? text + 64 : NULL;

      if (name != NULL && g_str_has_prefix (name, "  ./"))
        {
          g_autofree char *digest = g_strndup (text, 64);
          g_autofree char *path = g_strconcat (prefix, name + 3, NULL);

          json_object_set_string_member (files, path, digest);
        }
    }
}

/* The content of the open file FD. */
static char *
read_all (int fd, GError **error)
{
  off_t length = lseek (fd, 0, SEEK_END);
  g_autofree char *text = length >= 0 ? g_malloc ((gsize)length + 1) : NULL;

  if (text == NULL || TEMP_FAILURE_RETRY (pread (fd, text, (gsize)length, 0)) != length)
    {
      lodge_error_set_errno (error, errno, "read the files' checksums");
      return NULL;
    }
  text[length] = '\0';
  return g_steal_pointer (&text);
}

/* All files below DIRECTORY, as mounted; shown with PREFIX in its place. */
static gboolean
add_directory (guestfs_h *g, JsonObject *files, const char *directory, const char *prefix,
               GError **error)
{
  int fd = memfd_create ("lodge-checksums", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *text = NULL;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "make room for the files' checksums");
  if (guestfs_checksums_out (g, "sha256", directory, path) == 0)
    text = read_all (fd, error);
  else
    lodge_guestfs_error (g, error, "read %s in the image", directory);
  close (fd);
  if (text == NULL)
    return FALSE;
  add_sums (files, prefix, text);
  return TRUE;
}

static gboolean
add_root (guestfs_h *g, JsonObject *files, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      int there = guestfs_is_dir (g, directories[i]);

      if (there < 0)
        return lodge_guestfs_error (g, error, "look for %s in the image", directories[i]);
      if (there == 1 && !add_directory (g, files, directories[i], directories[i], error))
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (own_files); i++)
    if (guestfs_is_file (g, own_files[i]) == 1)
      {
        g_autofree char *digest = guestfs_checksum (g, "sha256", own_files[i]);

        if (digest == NULL)
          return lodge_guestfs_error (g, error, "read %s in the image", own_files[i]);
        json_object_set_string_member (files, own_files[i], digest);
      }
  return TRUE;
}

/* The FAT partitions, called by their names: "ESP/EFI/BOOT/grub.cfg"; and what a BIOS starts, which
 * is in no file. */
static gboolean
add_partition (guestfs_h *g, JsonObject *files, JsonObject *partition, GError **error)
{
  g_autofree char *device
      = g_strdup_printf ("/dev/sda%d", (int)json_object_get_int_member (partition, "number"));
  const char *name = json_object_get_null_member (partition, "name")
                         ? NULL
                         : json_object_get_string_member (partition, "name");
  const char *filesystem = json_object_get_null_member (partition, "filesystem")
                               ? NULL
                               : json_object_get_string_member (partition, "filesystem");

  if (g_strcmp0 (name, "bios") == 0)
    {
      g_autofree char *digest = guestfs_checksum_device (g, "sha256", device);

      if (digest == NULL)
        return lodge_guestfs_error (g, error, "read the BIOS boot partition");
      json_object_set_string_member (files, "bios", digest);
    }
  if (name == NULL || g_strcmp0 (filesystem, "vfat") != 0)
    return TRUE;
  if (guestfs_umount_all (g) != 0 || guestfs_mount_ro (g, device, "/") != 0)
    return lodge_guestfs_error (g, error, "mount the partition %s of the image", name);
  return add_directory (g, files, "/", name, error);
}

gboolean
lodge_inspect_files (guestfs_h *g, gboolean has_root, JsonObject *facts, GError **error)
{
  JsonArray *partitions = json_object_get_array_member (facts, "partitions");
  g_autoptr (JsonObject) files = json_object_new ();

  if (has_root && !add_root (g, files, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (partitions); i++)
    if (!add_partition (g, files, json_array_get_object_element (partitions, i), error))
      return FALSE;
  json_object_set_object_member (facts, "files", g_steal_pointer (&files));
  return TRUE;
}
