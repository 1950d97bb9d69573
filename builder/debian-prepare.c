/* What a Debian tree gets before its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"
#include "builder/hash-inputs.h"
#include "builder/root-files.h"
#include "builder/root-processor.h"
#include "builder/tree.h"

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
  add_file (files, "etc/fstab", lodge_root_fstab (uuid), 0644);
  /* Before the kernel: its scripts otherwise copy the build machine's /proc/cmdline. */
  add_file (files, "etc/kernel/cmdline", lodge_root_command_line (template, uuid), 0644);
  add_file (files, "etc/dracut.conf.d/10-lodge.conf", lodge_root_dracut_config (template), 0644);
  add_file (files, "usr/lib/systemd/system-preset/10-lodge.preset", lodge_root_preset (template),
            0644);
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
  return lodge_root_write_processor (tree->build, tree->path, error)
         && lodge_root_copy_early_files (tree->path, tree->build->plan->template, error);
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
  return lodge_root_hash_early_files (checksum, template, error);
}
