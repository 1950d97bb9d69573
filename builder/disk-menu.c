/* The boot menu: GRUB's configuration files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The menu of a new image is written here, one plain entry for each kernel.  update-grub would do
 * the same in the appliance in 8.6 s of emulation.  On the host it takes over: Debian's kernel
 * packages run /etc/kernel/postinst.d/zz-update-grub, which makes the whole menu anew from
 * /etc/default/grub*, the new kernel first and the old ones below it.  So
 * /etc/default/grub.d/lodge.cfg says the same as the menu here, and an administrator changes the
 * settings where any Debian documentation tells.
 */
#include "builder/disk-private.h"
#include "builder/grub-words.h"
#include "common/error.h"

#include <string.h>

/* Seconds: enough to press a key on a slow serial line, and no wait worth telling for a host. */
#define MENU_TIMEOUT 3
/* As the kernel's console=ttyS0,115200. */
#define SERIAL_COMMAND "serial --unit=0 --speed=115200"

char *
lodge_disk_menu_stub (const char *root_uuid, const char *grub_directory)
{
  return g_strdup_printf ("search --no-floppy --fs-uuid --set=root %s\n"
                          "set prefix=($root)%s\n"
                          "configfile $prefix/grub.cfg\n",
                          root_uuid, grub_directory);
}

char *
lodge_disk_menu (const LodgeBuildPlan *plan, const char *root_uuid, const char *const *versions,
                 const char *kernel_prefix, const char *initramfs_prefix,
                 const char *initramfs_suffix)
{
  const LodgeTemplate *template = plan->template;
  g_autofree char *command_line = lodge_grub_quote_words (template->kernel_command_line);
  GString *menu = g_string_new (NULL);

  /* A firmware without a serial port makes the first of these three fail and the other two
   * harmless: GRUB then stays with the terminal it has. */
  g_string_append_printf (
      menu,
      "# Written by lodge build; update-grub(8) replaces it, with the settings in\n"
      "# /etc/default/grub.d/lodge.cfg, whenever a kernel comes or goes.\n"
      "if [ -s $prefix/grubenv ]; then\n"
      "  load_env\n"
      "fi\n"
      "set default=0\n"
      "if [ \"$next_entry\" ]; then\n" /* grub-reboot(8) */
      "  set default=\"$next_entry\"\n"
      "  set next_entry=\n"
      "  save_env next_entry\n"
      "fi\n"
      "if %s; then\n"
      "  terminal_input console serial\n"
      "  terminal_output console serial\n"
      "fi\n"
      "set timeout=%d\n",
      SERIAL_COMMAND, MENU_TIMEOUT);
  for (gsize i = 0; versions[i] != NULL; i++)
    {
      g_autofree char *title
          = g_strdup_printf ("%s, with Linux %s", template->os_name, versions[i]);
      g_autofree char *quoted_title = g_shell_quote (title);
      g_autofree char *id = g_strconcat ("linux-", versions[i], NULL);
      g_autofree char *quoted_id = g_shell_quote (id);

      g_string_append_printf (menu,
                              "\nmenuentry %s --id %s {\n"
                              "  search --no-floppy --fs-uuid --set=root %s\n"
                              "  echo 'Loading Linux %s ...'\n"
                              "  linux %s%s root=UUID=%s %s\n"
                              "  initrd %s%s%s\n"
                              "}\n",
                              quoted_title, quoted_id, root_uuid, versions[i], kernel_prefix,
                              versions[i], root_uuid, command_line, initramfs_prefix, versions[i],
                              initramfs_suffix);
    }
  return g_string_free (menu, FALSE);
}

/* COMMAND_LINE without the word "ro", which grub-mkconfig adds by itself. */
static char *
without_ro (const char *command_line)
{
  g_auto (GStrv) words = g_strsplit (command_line, " ", -1);
  GString *text = g_string_new (NULL);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0' && strcmp (*word, "ro") != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", *word);
  return g_string_free (text, FALSE);
}

char *
lodge_disk_menu_settings (const LodgeBuildPlan *plan)
{
  g_autofree char *words = without_ro (plan->template->kernel_command_line);
  g_autofree char *name = g_shell_quote (plan->template->os_name);
  /* Twice: update-grub(8) is a shell, and writes what it reads there into GRUB's menu as it is. */
  g_autofree char *quoted = lodge_grub_quote_words (words);
  g_autofree char *command_line = g_shell_quote (quoted);

  return g_strdup_printf (
      "# Settings of this host for update-grub(8), which runs whenever a kernel comes or goes.\n"
      "GRUB_DISTRIBUTOR=%s\n"
      "GRUB_CMDLINE_LINUX=%s\n"
      "GRUB_CMDLINE_LINUX_DEFAULT=\n"
      "GRUB_TIMEOUT=%d\n"
      "# After a power cut too: nobody stands at the console.\n"
      "GRUB_RECORDFAIL_TIMEOUT=%d\n"
      "GRUB_TERMINAL='console serial'\n"
      "GRUB_SERIAL_COMMAND='" SERIAL_COMMAND "'\n"
      "GRUB_DISABLE_SUBMENU=y\n"
      "GRUB_DISABLE_RECOVERY=true\n"
      "# The systems on the disks of virtual machines are not this host's to boot.\n"
      "GRUB_DISABLE_OS_PROBER=true\n",
      name, command_line, MENU_TIMEOUT, MENU_TIMEOUT);
}

/* Whether WORDS (of a "linux" line) hold WORD. */
static gboolean
has_word (char **words, const char *word)
{
  return g_strv_contains ((const char *const *)words, word);
}

/* LINE, a "linux" line of the menu, has root= and each word of the template's command line. */
static gboolean
check_entry (const char *line, const LodgeBuildPlan *plan, const char *root_uuid, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  g_autofree char *command_line = lodge_grub_quote_words (plan->template->kernel_command_line);
  g_auto (GStrv) wanted = g_strsplit (command_line, " ", -1);
  g_autofree char *root = g_strconcat ("root=UUID=", root_uuid, NULL);

  if (!has_word (words, root))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the boot menu's entry \"%s\" lacks %s: it would boot from elsewhere",
                            line, root);
  for (char **word = wanted; *word != NULL; word++)
    if (**word != '\0' && !has_word (words, *word))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "the boot menu's entry \"%s\" lacks \"%s\", which the template's "
                              "KernelCommandLine= gives",
                              line, *word);
  return TRUE;
}

/* One of LINES starts the kernel PATH. */
static gboolean
has_kernel (char **lines, const char *path)
{
  for (; *lines != NULL; lines++)
    {
      g_auto (GStrv) words = g_strsplit_set (*lines, " \t", 3);

      if (g_strv_length (words) > 1 && strcmp (words[0], "linux") == 0
          && strcmp (words[1], path) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
lodge_disk_menu_check (const char *menu, const LodgeBuildPlan *plan, const char *root_uuid,
                       const char *const *versions, const char *kernel_prefix, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (menu, "\n", -1);
  gsize entries = 0;

  for (char **line = lines; *line != NULL; line++)
    {
      g_strstrip (*line);
      if (!g_str_has_prefix (*line, "linux ") && !g_str_has_prefix (*line, "linux\t"))
        continue;
      if (!check_entry (*line, plan, root_uuid, error))
        return FALSE;
      entries++;
    }
  if (entries == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the boot menu has no entry");
  for (; *versions != NULL; versions++)
    {
      g_autofree char *path = g_strconcat (kernel_prefix, *versions, NULL);

      if (!has_kernel (lines, path))
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the image has the kernel %s, but no entry for it in the boot menu",
                                path);
    }
  return TRUE;
}
