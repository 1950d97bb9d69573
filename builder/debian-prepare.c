/* What a Debian tree gets before its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"
#include "builder/tree.h"

/* Only these of a template's files are there when packages are configured and the initramfs is
 * made; a change in them makes the root anew.  All the others are laid over the finished root. */
static const char *const early_paths[] = {
  "etc/default/", "etc/dpkg/",       "etc/dracut.conf.d/",  "etc/kernel/",
  "etc/lvm/",     "etc/mdadm/",      "etc/modprobe.d/",     "etc/modules-load.d/",
  "etc/udev/",    "usr/lib/dracut/", "usr/lib/modprobe.d/", "usr/lib/systemd/system-preset/",
  NULL,
};

const char *const *
lodge_debian_early_paths (void)
{
  return early_paths;
}

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
  return g_strdup_printf ("# The host may move to another machine: drivers for all of them.\n"
                          "hostonly=\"no\"\n"
                          "hostonly_cmdline=\"no\"\n"
                          "add_drivers+=\" %s \"\n"
                          "compress=\"zstd -1 -T0 -q\"\n",
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

gboolean
lodge_debian_prepare (LodgeDebianTree *tree, const char *uuid, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autofree char *fstab = lodge_debian_fstab (uuid);
  g_autofree char *command_line = lodge_debian_command_line (template, uuid);
  g_autofree char *dracut = dracut_config (template);
  g_autofree char *units = preset (template);
  const struct
  {
    const char *path;
    const char *text;
    int mode;
  } files[] = {
    { "var/lib/dpkg/status", "", 0644 },
    { "var/lib/dpkg/available", "", 0644 },
    { "var/lib/dpkg/arch", "amd64\n", 0644 },
    { "etc/dpkg/dpkg.cfg.d/lodge", dpkg_config, 0644 },
    { "etc/fstab", fstab, 0644 },
    /* Before the kernel: its scripts otherwise copy the build machine's /proc/cmdline. */
    { "etc/kernel/cmdline", command_line, 0644 },
    { "etc/dracut.conf.d/10-lodge.conf", dracut, 0644 },
    { "usr/lib/systemd/system-preset/10-lodge.preset", units, 0644 },
    { "usr/sbin/policy-rc.d", policy, 0755 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!lodge_tree_write (tree->path, files[i].path, files[i].text, files[i].mode, error))
      return FALSE;
  return copy_early_files (tree, error);
}
