/* No command: the wizard on a terminal, elsewhere how to give answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "firstboot/apply.h"

#include <unistd.h>

const char lodge_how_to_answer[]
    = "This machine becomes a KVM host when it is given a file answers.conf:\n"
      "- put it on the partition LODGE of the boot stick, which opens on any computer\n"
      "  (what is not in it has a default, but for a way to log in; README.txt there\n"
      "  says more), and restart;\n"
      "- or log in here as root, with the password or the SSH key given when the image\n"
      "  was built, and run: lodge-firstboot apply --answers answers.conf\n"
      "- or name it to the kernel, lodge.answers=https://HOST/answers.conf or =/PATH;\n"
      "- or give it to a virtual machine as the systemd credential lodge.answers.\n";

int
lodge_command_start (const LodgeOptions *options, GError **error)
{
  g_autofree char *complete
      = g_strconcat (options->root, LODGE_STATE_DIRECTORY "/" LODGE_COMPLETE_FILE, NULL);
  g_autofree char *changing
      = g_strconcat (options->root, LODGE_STATE_DIRECTORY "/" LODGE_CHANGING_FILE, NULL);

  if (!options->reconfigure
      && (g_file_test (complete, G_FILE_TEST_EXISTS) || g_file_test (changing, G_FILE_TEST_EXISTS)))
    return lodge_command_status (options, error);
  if (options->script != NULL || (isatty (STDIN_FILENO) && isatty (STDOUT_FILENO)))
    return lodge_command_wizard (options, error);
  if (options->reconfigure)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "--reconfigure asks on a terminal; without one give the answers: "
                       "lodge-firstboot apply --reconfigure --answers FILE");
      return 2;
    }
  g_print ("%s", lodge_how_to_answer);
  return 0;
}
