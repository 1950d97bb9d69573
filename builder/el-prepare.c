/* What the tree of an RPM distribution gets before its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-tree.h"
#include "builder/hash-inputs.h"
#include "builder/root-files.h"
#include "builder/root-processor.h"
#include "builder/tree.h"

/* Beside what the template's own configuration of dracut says. */
static const char rescue_config[]
    = "# A rescue image would be made on the stick for every new machine.\n"
      "dracut_rescue_image=\"no\"\n";

typedef struct
{
  const char *path;
  char *text;
} EarlyFile;

static void
early_file_free (gpointer data)
{
  EarlyFile *file = data;

  g_free (file->text);
  g_free (file);
}

static void
add_file (GPtrArray *files, const char *path, char *text)
{
  EarlyFile *file = g_new (EarlyFile, 1);

  file->path = path;
  file->text = text;
  g_ptr_array_add (files, file);
}

static GPtrArray *
list_files (const LodgeTemplate *template, const char *uuid, const char *machine_id)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (early_file_free);

  add_file (files, "etc/fstab", lodge_root_fstab (uuid));
  /* Before the kernel: kernel-install(8) otherwise copies the build machine's /proc/cmdline. */
  add_file (files, "etc/kernel/cmdline", lodge_root_command_line (template, uuid));
  add_file (files, "etc/dracut.conf.d/10-lodge.conf", lodge_root_dracut_config (template));
  add_file (files, "etc/dracut.conf.d/11-lodge-rescue.conf", g_strdup (rescue_config));
  add_file (files, "usr/lib/systemd/system-preset/10-lodge.preset", lodge_root_preset (template));
  /* Boot loader entries are named after it: the same build must give the same names.  The image's
   * own comes with the first boot. */
  add_file (files, "etc/machine-id", g_strconcat (machine_id, "\n", NULL));
  return files;
}

gboolean
lodge_el_prepare (LodgeElTree *tree, const char *uuid, const char *machine_id, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autoptr (GPtrArray) files = list_files (template, uuid, machine_id);

  for (guint i = 0; i < files->len; i++)
    {
      const EarlyFile *file = g_ptr_array_index (files, i);

      if (!lodge_tree_write (tree->path, file->path, file->text, 0644, error))
        return FALSE;
    }
  return lodge_root_write_processor (tree->build, tree->path, error)
         && lodge_root_copy_early_files (tree->path, template, error);
}

gboolean
lodge_el_hash_early_files (GChecksum *checksum, const LodgeTemplate *template, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (template, "", "");

  for (guint i = 0; i < files->len; i++)
    {
      const EarlyFile *file = g_ptr_array_index (files, i);

      lodge_hash_add_text (checksum, "path", file->path);
      lodge_hash_add_text (checksum, "text", file->text);
    }
  return lodge_root_hash_early_files (checksum, template, error);
}
