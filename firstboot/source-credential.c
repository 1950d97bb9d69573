/* The systemd credential lodge.answers (systemd.exec(5), "CREDENTIALS"): in virtual machines it
 * comes in by SMBIOS type 11 or QEMU's fw_cfg. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/answer-sources.h"

#define CREDENTIAL "lodge.answers"

LodgeSourceResult
lodge_source_credential (const LodgeSourceContext *context, LodgeAnswerText *text, GError **error)
{
  /* A unit's own directory first (LoadCredential= in a drop-in), then what the system was given. */
  const char *const directories[] = { context->root[0] ? NULL : g_getenv ("CREDENTIALS_DIRECTORY"),
                                      "/run/credentials/@system" };

  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = NULL;

      if (directories[i] == NULL)
        continue;
      path = g_strconcat (context->root, directories[i], "/" CREDENTIAL, NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return lodge_source_file (path, "credential " CREDENTIAL, text, error);
    }
  return LODGE_SOURCE_NOTHING;
}
