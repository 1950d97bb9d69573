/* What a Debian tree gets before its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"
#include "builder/hash-inputs.h"
#include "builder/tree.h"

/* Only these of a template's files are there when packages are configured and the initramfs is
 * made; a change in them makes the root anew.  All the others are laid over the finished root. */
static const char *const early_paths[] = {
  "etc/default/", "etc/dpkg/",       "etc/dracut.conf.d/",  "etc/kernel/",
  "etc/lvm/",     "etc/mdadm/",      "etc/modprobe.d/",     "etc/modules-load.d/",
  "etc/udev/",    "usr/lib/dracut/", "usr/lib/modprobe.d/", "usr/lib/systemd/system-preset/",
  NULL,
};

char *
lodge_debian_fstab (const char *uuid)
{
  /* noatime: a stick wears out by writing. */
  return g_strdup_printf ("# See fstab(5).\n"
                          "UUID=%s / ext4 noatime,errors=remount-ro 0 1\n",
                          uuid);
}

char *
lodge_debian_command_line (const LodgeTemplate *template, const char *uuid)
{
  return g_strdup_printf ("root=UUID=%s %s\n", uuid, template->kernel_command_line);
}

/* Stays in the image: what is installed later is treated alike. */
static const char dpkg_config[] = "# A host on a stick: no manual pages and translations, and of "
                                  "the documentation the licences.\n"
                                  "path-exclude=/usr/share/man/*\n"
                                  "path-exclude=/usr/share/locale/*\n"
                                  "path-include=/usr/share/locale/locale.alias\n"
                                  "path-exclude=/usr/share/doc/*\n"
                                  "path-include=/usr/share/doc/*/copyright\n"
                                  "path-exclude=/usr/share/info/*\n";

/* See /usr/share/doc/init-system-helpers/README.policy-rc.d.gz: nothing is started. */
static const char policy[] = "#!/bin/sh\nexit 101\n";

static char *
dracut_config (const LodgeTemplate *template)
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

static char *
preset (const LodgeTemplate *template)
{
  GString *text = g_string_new ("# Services of this host; see systemd.preset(5).\n");

  for (char **unit = template->enable; *unit != NULL; unit++)
    g_string_append_printf (text, "enable %s\n", *unit);
  for (char **unit = template->disable; *unit != NULL; unit++)
    g_string_append_printf (text, "disable %s\n", *unit);
  return g_string_free (text, FALSE);
}

static gboolean
copy_early_files (const LodgeDebianTree *tree, GError **error)
{
  char **directory = tree->build->plan->template->files_directories;

  for (; *directory != NULL; directory++)
    if (!lodge_tree_copy (tree->path, *directory, early_paths, error))
      return FALSE;
  return TRUE;
}

typedef struct
{
  const char *path;
  char *text;
  int mode;
} EarlyFile;

static void
early_file_free (gpointer data)
{
  EarlyFile *file = data;

  g_free (file->text);
  g_free (file);
}

static void
add_file (GPtrArray *files, const char *path, char *text, int mode)
{
  EarlyFile *file = g_new (EarlyFile, 1);

  file->path = path;
  file->text = text;
  file->mode = mode;
  g_ptr_array_add (files, file);
}

/* What is written, of EarlyFile. */
static GPtrArray *
list_files (const LodgeTemplate *template, const char *uuid)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (early_file_free);

  add_file (files, "var/lib/dpkg/status", g_strdup (""), 0644);
  add_file (files, "var/lib/dpkg/available", g_strdup (""), 0644);
  add_file (files, "var/lib/dpkg/arch", g_strdup ("amd64\n"), 0644);
  add_file (files, "etc/dpkg/dpkg.cfg.d/lodge", g_strdup (dpkg_config), 0644);
  add_file (files, "etc/fstab", lodge_debian_fstab (uuid), 0644);
  /* Before the kernel: its scripts otherwise copy the build machine's /proc/cmdline. */
  add_file (files, "etc/kernel/cmdline", lodge_debian_command_line (template, uuid), 0644);
  add_file (files, "etc/dracut.conf.d/10-lodge.conf", dracut_config (template), 0644);
  add_file (files, "usr/lib/systemd/system-preset/10-lodge.preset", preset (template), 0644);
  add_file (files, "usr/sbin/policy-rc.d", g_strdup (policy), 0755);
  return files;
}

gboolean
lodge_debian_prepare (LodgeDebianTree *tree, const char *uuid, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (tree->build->plan->template, uuid);

  for (guint i = 0; i < files->len; i++)
    {
      const EarlyFile *file = g_ptr_array_index (files, i);

      if (!lodge_tree_write (tree->path, file->path, file->text, file->mode, error))
        return FALSE;
    }
  return copy_early_files (tree, error);
}

gboolean
lodge_debian_hash_early_files (GChecksum *checksum, const LodgeTemplate *template, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (template, "");

  for (guint i = 0; i < files->len; i++)
    {
      const EarlyFile *file = g_ptr_array_index (files, i);

      lodge_hash_add_text (checksum, "path", file->path);
      lodge_hash_add_text (checksum, "text", file->text);
    }
  for (char **directory = template->files_directories; *directory != NULL; directory++)
    if (!lodge_hash_add_part (checksum, *directory, early_paths, error))
      return FALSE;
  return TRUE;
}
