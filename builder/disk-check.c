/* What must be true of every image before it is given out.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "builder/paths.h"
#include "common/error.h"
#include "common/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum
{
  SECTOR_SIZE = 512,
};

/* No file matches PATTERN; WHAT says what such a file would be. */
static gboolean
check_none (guestfs_h *g, const char *pattern, const char *what, GError **error)
{
  g_auto (GStrv) paths = guestfs_glob_expand (g, pattern);

  if (paths == NULL)
    return lodge_guestfs_error (g, error, "look for %s in the image", pattern);
  if (paths[0] != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the image holds %s (%s), which every host would share", what,
                            paths[0]);
  return TRUE;
}

static gboolean
check_some (guestfs_h *g, const char *pattern, const char *what, GError **error)
{
  g_auto (GStrv) paths = guestfs_glob_expand (g, pattern);

  if (paths == NULL)
    return lodge_guestfs_error (g, error, "look for %s in the image", pattern);
  if (paths[0] == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the image lacks %s (%s)", what, pattern);
  return TRUE;
}

/* systemd makes a new machine id on first boot when the file is there and empty, or says
 * "uninitialized" (machine-id(5)). */
static gboolean
check_machine_id (guestfs_h *g, GError **error)
{
  gsize size;
  g_autofree char *id = guestfs_read_file (g, "/etc/machine-id", &size);

  if (id == NULL)
    return lodge_guestfs_error (g, error, "read /etc/machine-id in the image");
  if (size != 0 && strcmp (id, "uninitialized\n") != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "/etc/machine-id in the image is not empty: every host would share it");
  return TRUE;
}

/* root's password is WANTED, or none (NULL): a field that no password matches, which is not an
 * empty field. */
static gboolean
check_root_password (guestfs_h *g, const char *wanted, GError **error)
{
  gsize size;
  g_autofree char *shadow = guestfs_read_file (g, "/etc/shadow", &size);
  g_auto (GStrv) lines = NULL;

  if (shadow == NULL)
    return lodge_guestfs_error (g, error, "read /etc/shadow in the image");
  lines = g_strsplit (shadow, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", 3);

      if (g_strv_length (fields) < 3 || strcmp (fields[0], "root") != 0)
        continue;
      if (wanted != NULL ? strcmp (fields[1], wanted) == 0
                         : fields[1][0] == '*' || fields[1][0] == '!')
        return TRUE;
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              wanted != NULL
                                  ? "root's password in the image is not the one that was given"
                                  : "root has a password in the image, and none was asked for");
    }
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "/etc/shadow in the image has no line for root");
}

/* The setup program is started, unless the template says that it is not. */
static gboolean
check_firstboot (const LodgeDisk *disk, GError **error)
{
  static const char pattern[] = "/etc/systemd/system/*.wants/" LODGE_FIRSTBOOT_UNIT;
  g_auto (GStrv) paths = NULL;

  if (!check_some (disk->g, "/usr/sbin/lodge-firstboot", "the setup program", error)
      || !check_some (disk->g, "/usr/lib/systemd/system/" LODGE_FIRSTBOOT_UNIT,
                      "the setup program's unit", error))
    return FALSE;
  if (!lodge_template_disables (disk->plan->template, LODGE_FIRSTBOOT_UNIT))
    return check_some (disk->g, pattern, "the link that starts the setup program", error);
  paths = guestfs_glob_expand (disk->g, pattern);
  if (paths == NULL)
    return lodge_guestfs_error (disk->g, error, "look for the setup program's link in the image");
  if (paths[0] != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the image starts the setup program (%s), which the template disables",
                            paths[0]);
  return TRUE;
}

gboolean
lodge_disk_check (const LodgeDisk *disk, GError **error)
{
  guestfs_h *g = disk->g;

  return lodge_disk_check_bootloader (disk, error) && check_firstboot (disk, error)
         && check_none (g, "/etc/ssh/ssh_host_*", "SSH host keys", error)
         && check_none (g, "/var/lib/systemd/random-seed", "a random seed", error)
         && check_none (g, "/etc/lvm/devices/system.devices", "an LVM devices file", error)
         && check_machine_id (g, error)
         && check_root_password (g, disk->plan->options->root_password_hash, error);
}

char *
lodge_disk_find_lost_write (const char *messages)
{
  /* "I/O error, dev sda, sector 2064 op 0x1:(WRITE)", "Buffer I/O error on dev sda4, logical block
   * 0, lost async page write", "EXT4-fs (sda4): This should not happen!! Data will be lost"
   * (block/blk-core.c, fs/buffer.c, fs/ext4/inode.c). */
  g_autoptr (GRegex) lost = g_regex_new (
      "^(?=.*(I/O error|lost (async|sync) page write|Data will be lost)).*\\bsd[a-z].*$",
      G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (lost, messages, 0, &match) ? g_strstrip (g_match_info_fetch (match, 0))
                                                   : NULL;
}

gboolean
lodge_disk_check_written (const LodgeDisk *disk, GError **error)
{
  g_autofree char *messages = guestfs_dmesg (disk->g);
  g_autofree char *valid = NULL;
  g_autofree char *line = NULL;

  if (messages == NULL)
    return lodge_guestfs_error (disk->g, error, "ask the appliance's kernel for write errors");
  valid = g_utf8_make_valid (messages, -1);
  line = lodge_disk_find_lost_write (valid);
  return line == NULL
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "not all of the image could be written (the appliance's kernel says "
                             "\"%s\"): is the disk that it is on failing, or a quota used up?",
                             line);
}

/* SIZE bytes of the file FD at OFFSET. */
static gboolean
read_at (int fd, const char *image, guint64 offset, void *buffer, gsize size, GError **error)
{
  ssize_t count = TEMP_FAILURE_RETRY (pread (fd, buffer, size, (off_t)offset));

  if (count < 0)
    return lodge_error_set_errno (error, errno, "read %s", image);
  if ((gsize)count < size)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s is too short", image);
  return TRUE;
}

/* GRUB is where a BIOS looks for it: its name is in the first sector's code
 * (grub-core/boot/i386/pc/boot.S), and the partition that this code loads is not blank. */
static gboolean
check_boot_sectors (const LodgeDisk *disk, int fd, const char *image, GError **error)
{
  guint8 first[SECTOR_SIZE];
  guint8 core[SECTOR_SIZE];
  static const guint8 blank[SECTOR_SIZE];

  if (!read_at (fd, image, 0, first, sizeof first, error)
      || !read_at (fd, image, disk->plan->partitions[LODGE_PARTITION_BIOS].start, core, sizeof core,
                   error))
    return FALSE;
  if (memmem (first, sizeof first, "GRUB", 4) == NULL || memcmp (core, blank, sizeof core) == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "GRUB is not in the boot sectors of %s: it would not start from BIOS",
                            image);
  return TRUE;
}

gboolean
lodge_disk_check_boot_sectors (const LodgeDisk *disk, const char *image, GError **error)
{
  int fd = open (image, O_RDONLY | O_CLOEXEC);
  gboolean good;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", image);
  good = check_boot_sectors (disk, fd, image, error);
  close (fd);
  return good;
}

/* The first of e2fsck's lines that tells of something wrong. */
static char *
first_finding (const char *output)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && !g_str_has_prefix (*line, "Pass "))
      return g_strdup (*line);
  return g_strdup ("e2fsck does not say what it found");
}

gboolean
lodge_disk_check_filesystem (const LodgeDisk *disk, const char *image, GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *program = lodge_paths_program ("e2fsck");
  g_autofree char *file = g_strdup_printf ("%s?offset=%" G_GUINT64_FORMAT, image,
                                           disk->plan->partitions[LODGE_PARTITION_ROOT].start);
  const char *argv[] = { program, "-fn", file, NULL };
  g_autofree char *output = NULL;
  g_autofree char *finding = NULL;
  int status;

  if (program == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "e2fsck is not installed; install the package e2fsprogs");
  output = lodge_run_status (argv, NULL, &status, cancellable, error);
  if (output == NULL)
    {
      g_prefix_error (error, "check the root file system of %s: ", image);
      return FALSE;
    }
  if (status == 0)
    return TRUE;
  finding = first_finding (output);
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the root file system of %s is not in order: %s", image, finding);
}
