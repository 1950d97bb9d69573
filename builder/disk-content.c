/* What an image gets apart from packages, overlay and boot loader: mounts, root's password, the
 * LODGE file system. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#include "builder/disk-private.h"
#include "common/error.h"

#include <string.h>

char *
lodge_disk_fstab (const LodgeDisk *disk)
{
  g_autofree char *esp = lodge_disk_fat_uuid (disk->esp_volume_id);

  /* noatime: a stick wears out by writing.  The ESP is mounted only while somebody looks: it is
   * never dirty when the stick is pulled out, and a host that was moved to another disk boots
   * without it. */
  return g_strdup_printf (
      "# See fstab(5).\n"
      "UUID=%s / ext4 noatime,errors=remount-ro 0 1\n"
      "UUID=%s " LODGE_DISK_ESP_MOUNT
      " vfat umask=0077,noatime,nofail,x-systemd.automount,x-systemd.idle-timeout=1min 0 2\n",
      disk->root_uuid, esp);
}

char *
lodge_disk_set_shadow (const char *shadow, const char *hash, GError **error)
{
  GString *result = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (shadow, "\n", -1);
  gboolean found = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      const char *rest = g_str_has_prefix (*line, "root:") ? strchr (*line + 5, ':') : NULL;

      if (rest != NULL)
        g_string_append_printf (result, "root:%s%s", hash, rest);
      else
        g_string_append (result, *line);
      if (line[1] != NULL)
        g_string_append_c (result, '\n');
      found = found || rest != NULL;
    }
  if (found)
    return g_string_free (result, FALSE);
  g_string_free (result, TRUE);
  lodge_error_set (error, LODGE_ERROR_FAILED, "/etc/shadow in the image has no line for root");
  return NULL;
}

/* Through the appliance's channel, so that the hash is in no process's arguments. */
static gboolean
set_root_password (guestfs_h *g, const char *hash, GError **error)
{
  gsize size;
  g_autofree char *shadow = guestfs_read_file (g, "/etc/shadow", &size);
  g_autofree char *changed = NULL;

  if (shadow == NULL)
    return lodge_guestfs_error (g, error, "read /etc/shadow in the image");
  changed = lodge_disk_set_shadow (shadow, hash, error);
  if (changed == NULL)
    return FALSE;
  if (guestfs_write (g, "/etc/shadow", changed, strlen (changed)) != 0) /* keeps the mode */
    return lodge_guestfs_error (g, error, "write /etc/shadow in the image");
  return TRUE;
}

/* For people who open the volume on another computer; CR LF for the oldest editor among them. */
static const char readme[]
    = "LODGE\r\n"
      "=====\r\n"
      "\r\n"
      "This volume belongs to a KVM host. Put a file named answers.conf on it and\r\n"
      "start the machine from this disk: the host sets itself up with nobody at the\r\n"
      "keyboard. An empty answers.conf takes the one blank disk, the one network port\r\n"
      "with a cable, and DHCP; unless the image was built with a password or an SSH key,\r\n"
      "give one in [access], or nobody can log in. Anything that is not clear stops the\r\n"
      "setup before a disk is written to, and the host says on its screen why.\r\n"
      "\r\n"
      "Example:\r\n"
      "\r\n"
      "  [host]\r\n"
      "  hostname=kvm1\r\n"
      "\r\n"
      "  [access]\r\n"
      "  ssh-keys=ssh-ed25519 AAAA... you@desk\r\n"
      "\r\n"
      "  [storage]\r\n"
      "  disks=serial:S4EWNX0R123456\r\n"
      "\r\n"
      "Every key: the manual page answers.conf(5). To check a file before use:\r\n"
      "lodge answers check answers.conf\r\n";

static gboolean
write_lodge (guestfs_h *g, const char *answers, GError **error)
{
  static const char readme_path[] = LODGE_DISK_LODGE_MOUNT "/README.txt";
  static const char answers_path[] = LODGE_DISK_LODGE_MOUNT "/answers.conf";

  if (guestfs_write (g, readme_path, readme, strlen (readme)) != 0
      || (answers != NULL && guestfs_write (g, answers_path, answers, strlen (answers)) != 0))
    return lodge_guestfs_error (g, error, "write to the LODGE partition of the image");
  return TRUE;
}

gboolean
lodge_disk_write_content (const LodgeDisk *disk, const char *answers, GError **error)
{
  g_autofree char *fstab = lodge_disk_fstab (disk);
  const char *hash = disk->plan->options->root_password_hash;

  if (guestfs_write (disk->g, "/etc/fstab", fstab, strlen (fstab)) != 0)
    return lodge_guestfs_error (disk->g, error, "write /etc/fstab in the image");
  return (hash == NULL || set_root_password (disk->g, hash, error))
         && write_lodge (disk->g, answers, error);
}
