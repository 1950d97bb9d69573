/* The boot menu of distributions whose kernels come with boot loader entries.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kernel-install(8) writes one file for each kernel into /boot/loader/entries (the Boot Loader
 * Specification, type 1) and removes it with the kernel.  The menu reads that directory each time
 * the machine starts: Enterprise Linux's GRUB by its command blscfg, any other by a loop over the
 * names of the files, which hold the kernels' versions.  Nothing has to write grub.cfg again.
 *
 * blscfg makes a script of an entry's options, so that words are quoted there as in a script; it
 * puts variables' values in before that, quoted or not, so that no word can hold a "$" (plan.c).
 */
#include "builder/bls-name.h"
#include "builder/disk-private.h"
#include "builder/grub-words.h"
#include "common/error.h"

#include <string.h>

#define ENTRIES "/boot/loader/entries"

/* Seconds, as in disk-menu.c. */
#define MENU_TIMEOUT 3

/* The entries by GRUB's own command, which sorts them, newest first.  Its menu entries call
 * load_video, as grub2-mkconfig's header defines it. */
static const char entries_by_command[] = "set blsdir=" ENTRIES "\n"
                                         "set boot=$root\n"
                                         "function load_video {\n"
                                         "  insmod all_video\n"
                                         "}\n"
                                         "blscfg\n";

/* The same for a GRUB without the command.  The names come in the order of the alphabet; which is
 * the newest kernel is what 20-grub.install writes to grubenv.  That default goes by the title:
 * such a GRUB takes an id that begins with a digit for a number (get_entry_number() in
 * grub-core/normal/menu.c), which Enterprise Linux's does not. */
static const char entries_by_loop[]
    = "insmod regexp\n"
      "for entry in " ENTRIES "/*.conf; do\n"
      "  if regexp --set=1:id --set=2:version '/([0-9a-f]+)-([^/]*)[.]conf$' \"$entry\"; then\n"
      "    if [ \"$default\" = \"$id-$version\" ]; then\n"
      "      set default=\"$osname ($version)\"\n"
      "    fi\n"
      "    menuentry \"$osname ($version)\" --id \"$id-$version\" \"$version\" {\n"
      "      echo \"Loading Linux $2 ...\"\n"
      "      linux /boot/vmlinuz-$2 $kernelopts\n"
      "      initrd /boot/initramfs-$2.img\n"
      "    }\n"
      "  fi\n"
      "done\n";

char *
lodge_disk_bls_menu (const LodgeBuildPlan *plan, const char *root_uuid, gboolean has_blscfg)
{
  const LodgeTemplate *template = plan->template;
  g_autofree char *options
      = g_strdup_printf ("root=UUID=%s %s", root_uuid, template->kernel_command_line);
  g_autofree char *quoted_options = g_shell_quote (options);
  g_autofree char *quoted_name = g_shell_quote (template->os_name);

  return g_strdup_printf (
      "# Written by lodge build.  The entries are the files in " ENTRIES ", which\n"
      "# kernel-install(8) writes and grubby(8) changes; nothing needs to write this file again.\n"
      "if [ -s $prefix/grubenv ]; then\n"
      "  load_env\n"
      "fi\n"
      "set default=0\n"
      "if [ \"$next_entry\" ]; then\n" /* grub2-reboot(8) */
      "  set default=\"$next_entry\"\n"
      "  set next_entry=\n"
      "  save_env next_entry\n"
      "elif [ \"$saved_entry\" ]; then\n" /* 20-grub.install: the newest kernel */
      "  set default=\"$saved_entry\"\n"
      "fi\n"
      "if serial --unit=0 --speed=115200; then\n"
      "  terminal_input console serial\n"
      "  terminal_output console serial\n"
      "fi\n"
      "set timeout=%d\n"
      "set kernelopts=%s\n"
      "set osname=%s\n"
      "%s",
      MENU_TIMEOUT, quoted_options, quoted_name, has_blscfg ? entries_by_command : entries_by_loop);
}

char *
lodge_disk_bls_settings (const LodgeBuildPlan *plan)
{
  /* Twice, as in disk-menu.c. */
  g_autofree char *quoted = lodge_grub_quote_words (plan->template->kernel_command_line);
  g_autofree char *command_line = g_shell_quote (quoted);

  return g_strdup_printf ("# Settings of grub2-mkconfig(8), which is not needed here: see\n"
                          "# /boot/grub2/grub.cfg, and grubby(8) to change kernels' parameters.\n"
                          "GRUB_ENABLE_BLSCFG=true\n"
                          "GRUB_DEFAULT=saved\n"
                          "GRUB_TIMEOUT=%d\n"
                          "GRUB_TERMINAL='console serial'\n"
                          "GRUB_SERIAL_COMMAND='serial --unit=0 --speed=115200'\n"
                          "GRUB_DISABLE_RECOVERY=true\n"
                          "GRUB_DISABLE_OS_PROBER=true\n"
                          "GRUB_CMDLINE_LINUX=%s\n",
                          MENU_TIMEOUT, command_line);
}

char *
lodge_disk_bls_set_options (const char *entry, const char *options)
{
  g_auto (GStrv) lines = g_strsplit (entry, "\n", -1);
  GString *result = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      gboolean old = g_str_has_prefix (*line, "options ") || g_str_has_prefix (*line, "options\t");

      if (!old && (**line != '\0' || line[1] != NULL))
        g_string_append_printf (result, "%s\n", *line);
    }
  g_string_append_printf (result, "options %s\n", options);
  return g_string_free (result, FALSE);
}

/* The template's command line as an entry has it: GRUB's blscfg makes a script of it. */
static char *
entry_options (const LodgeTemplate *template, const char *root_uuid)
{
  g_autofree char *quoted = lodge_grub_quote_words (template->kernel_command_line);

  return g_strdup_printf ("root=UUID=%s %s", root_uuid, quoted);
}

/* The entries' paths; NULL with ERROR set when there is none. */
static GStrv
list_entries (const LodgeDisk *disk, GError **error)
{
  g_auto (GStrv) paths = guestfs_glob_expand (disk->g, ENTRIES "/*.conf");

  if (paths == NULL)
    {
      lodge_guestfs_error (disk->g, error, "look for boot loader entries in the image");
      return NULL;
    }
  if (paths[0] == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "the image has no boot loader entry in " ENTRIES);
      return NULL;
    }
  return g_steal_pointer (&paths);
}

static gboolean
write_entry (const LodgeDisk *disk, const char *path, GError **error)
{
  g_autofree char *options = entry_options (disk->plan->template, disk->root_uuid);
  gsize size;
  g_autofree char *text = guestfs_read_file (disk->g, path, &size);
  g_autofree char *changed = text != NULL ? lodge_disk_bls_set_options (text, options) : NULL;

  if (changed == NULL || guestfs_write (disk->g, path, changed, strlen (changed)) != 0)
    return lodge_guestfs_error (disk->g, error, "change %s in the image", path);
  return TRUE;
}

gboolean
lodge_disk_bls_write (const LodgeDisk *disk, GError **error)
{
  g_auto (GStrv) paths = list_entries (disk, error);

  if (paths == NULL)
    return FALSE;
  for (char **path = paths; *path != NULL; path++)
    if (!write_entry (disk, *path, error))
      return FALSE;
  return TRUE;
}

gboolean
lodge_disk_bls_check_entry (const char *path, const char *entry, const LodgeBuildPlan *plan,
                            const char *root_uuid, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (entry, "\n", -1);
  g_autofree char *options = entry_options (plan->template, root_uuid);
  g_autofree char *wanted = g_strconcat ("options ", options, NULL);

  for (char **line = lines; *line != NULL; line++)
    if (strcmp (*line, wanted) == 0)
      return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "the boot loader entry %s lacks the line \"%s\": it would start the "
                          "kernel otherwise than the template says",
                          path, wanted);
}

gboolean
lodge_disk_bls_check_versions (const char *const *paths, const char *const *versions,
                               GError **error)
{
  for (; *versions != NULL; versions++)
    {
      gboolean found = FALSE;

      for (const char *const *path = paths; *path != NULL; path++)
        {
          g_autofree char *name = g_path_get_basename (*path);

          found = found || lodge_bls_is_entry_of (name, *versions);
        }
      if (!found)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the image has the kernel %s, but no boot loader entry for it "
                                "in " ENTRIES,
                                *versions);
    }
  return TRUE;
}

gboolean
lodge_disk_bls_check (const LodgeDisk *disk, const char *const *versions, GError **error)
{
  g_auto (GStrv) paths = list_entries (disk, error);

  if (paths == NULL || !lodge_disk_bls_check_versions ((const char *const *)paths, versions, error))
    return FALSE;
  for (char **path = paths; *path != NULL; path++)
    {
      gsize size;
      g_autofree char *text = guestfs_read_file (disk->g, *path, &size);

      if (text == NULL)
        return lodge_guestfs_error (disk->g, error, "read %s in the image", *path);
      if (!lodge_disk_bls_check_entry (*path, text, disk->plan, disk->root_uuid, error))
        return FALSE;
    }
  return TRUE;
}
