/* Files of a root file system that its packages look at while they are installed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/root-files.h"
#include "builder/grub-words.h"

#include "builder/hash-inputs.h"
#include "builder/tree.h"

/* Only these of a template's files are there when packages are configured and the initramfs is
 * made; a change in them makes the root anew.  All the others are laid over the finished root. */
static const char *const early_paths[] = {
  "etc/default/",
  "etc/dnf/",
  "etc/dpkg/",
  "etc/dracut.conf.d/",
  "etc/kernel/",
  "etc/lvm/",
  "etc/mdadm/",
  "etc/modprobe.d/",
  "etc/modules-load.d/",
  "etc/sysconfig/",
  "etc/udev/",
  "usr/lib/dracut/",
  "usr/lib/modprobe.d/",
  "usr/lib/systemd/system-preset/",
  NULL,
};

char *
lodge_root_fstab (const char *uuid)
{
  /* noatime: a stick wears out by writing. */
  return g_strdup_printf ("# See fstab(5).\n"
                          "UUID=%s / ext4 noatime,errors=remount-ro 0 1\n",
                          uuid);
}

char *
lodge_root_command_line (const LodgeTemplate *template, const char *uuid)
{
  /* Enterprise Linux's 20-grub.install copies the words into boot loader entries as they are, and
   * GRUB reads those as a script. */
  g_autofree char *words = template->family == LODGE_FAMILY_EL
                               ? lodge_grub_quote_words (template->kernel_command_line)
                               : g_strdup (template->kernel_command_line);

  return g_strdup_printf ("root=UUID=%s %s\n", uuid, words);
}

char *
lodge_root_dracut_config (const LodgeTemplate *template)
{
  g_autofree char *drivers = g_strjoinv (" ", template->initramfs_drivers);

  /* zstd -1 with all processors: 4 s, where gzip -9, the default, takes 37 s.  The stick is read at
   * least as fast as zstd unpacks. */
  return g_strdup_printf (
      "# The host may move to another machine: drivers for all of them.\n"
      "hostonly=\"no\"\n"
      "hostonly_cmdline=\"no\"\n"
      "add_drivers+=\" %s \"\n"
      "compress=\"zstd -1 -T0 -q\"\n"
      "reproducible=\"yes\"\n"
      /* Root is a plain partition.  What assembles arrays, activates volume groups, resumes from
       * swap or logs in to storage networks would do so with somebody's added disks, and the
       * initramfs knows nothing of this host's lvmlocal.conf and mdadm.conf.  hwdb: descriptions
       * of keyboards and mice, 14 MB that nothing reads before root is mounted. */
      "omit_dracutmodules+=\" dm dmraid lvm mdraid multipath crypt btrfs nvdimm lunmask resume"
      " iscsi fcoe fcoe-uefi nbd nfs cifs nvmf network network-legacy network-manager"
      " virtfs virtiofs overlay-root hwdb \"\n"
      /* Storage networks' adapters, whose firmware alone is 10 MB, and file systems that root is
       * not on. */
      "omit_drivers+=\" lpfc qla2xxx qla4xxx bfa csiostor efct qed qedf qedi bnx2fc bnx2i cxgb3i"
      " cxgb4 cxgb4i be2iscsi bcachefs btrfs ceph cifs f2fs gfs2 nfs ocfs2 \"\n",
      drivers);
}

char *
lodge_root_preset (const LodgeTemplate *template)
{
  GString *text = g_string_new ("# Services of this host; see systemd.preset(5).\n");

  for (char **unit = template->enable; *unit != NULL; unit++)
    g_string_append_printf (text, "enable %s\n", *unit);
  for (char **unit = template->disable; *unit != NULL; unit++)
    g_string_append_printf (text, "disable %s\n", *unit);
  return g_string_free (text, FALSE);
}

gboolean
lodge_root_copy_early_files (const char *tree, const LodgeTemplate *template, GError **error)
{
  for (char **directory = template->files_directories; *directory != NULL; directory++)
    if (!lodge_tree_copy (tree, *directory, early_paths, error))
      return FALSE;
  return TRUE;
}

gboolean
lodge_root_hash_early_files (GChecksum *checksum, const LodgeTemplate *template, GError **error)
{
  for (char **directory = template->files_directories; *directory != NULL; directory++)
    if (!lodge_hash_add_part (checksum, *directory, early_paths, error))
      return FALSE;
  return TRUE;
}
