/* `check`: can this machine virtualize?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "firstboot/check-report.h"

#include <unistd.h>

int
lodge_command_check (const LodgeOptions *options, GError **error)
{
  static const int statuses[] = {
    [LODGE_CHECK_PASS] = 0,
    [LODGE_CHECK_WARNING] = LODGE_EXIT_WARNINGS,
    [LODGE_CHECK_FAIL] = 1,
  };
  const LodgeProbe probe = { .sysroot = options->root };
  g_autoptr (GPtrArray) checks = lodge_probe_virtualization (&probe);
  g_autofree char *text = NULL;

  (void)error;
  if (options->json)
    {
      g_autoptr (JsonNode) node = lodge_checks_to_json (checks);
      g_autofree char *json = json_to_string (node, TRUE);
      text = g_strconcat (json, "\n", NULL);
    }
  else
    text = lodge_checks_format (checks, LODGE_CHECKS_COLUMNS, isatty (STDOUT_FILENO));
  g_print ("%s", text);
  return statuses[lodge_checks_level (checks)];
}
