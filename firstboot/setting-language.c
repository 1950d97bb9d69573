/* The language: LANG in /etc/locale.conf.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setting.h"

#include "common/error.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#include <locale.h>

gboolean
lodge_setting_language_check (const LodgeStepContext *context, GError **error)
{
  const char *language = context->plan->answers->language;
  locale_t locale;

  /* The C library of the running system is the judge; elsewhere there is none to ask. */
  if (language == NULL || context->root[0] != '\0')
    return TRUE;
  locale = newlocale (LC_ALL_MASK, language, (locale_t)0);
  if (locale == (locale_t)0)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("language=%s is not installed in this image: see `locale -a`, or add its "
            "language pack to the template"),
        language);
  freelocale (locale);
  return TRUE;
}

gboolean
lodge_setting_language_apply (const LodgeStepContext *context, GError **error)
{
  const char *language = context->plan->answers->language;
  const char *const pairs[] = { "LANG", language, NULL };
  g_autofree char *path = NULL;

  if (language == NULL)
    return TRUE;
  if (!lodge_host_assign (context->root, "/etc/locale.conf", pairs, error))
    return FALSE;
  /* Debian's PAM configuration reads this one, which Debian 13 has made a link to the other. */
  path = lodge_host_path (context->root, "/etc/default/locale");
  if (!lodge_host_has (context->root, "/etc/debian_version")
      || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    return TRUE;
  return lodge_host_assign (context->root, "/etc/default/locale", pairs, error);
}

void
lodge_setting_language_present (const char *root, LodgeAnswers *answers)
{
  char *language = lodge_host_assigned (root, "/etc/locale.conf", "LANG");

  if (language == NULL)
    language = lodge_host_assigned (root, "/etc/default/locale", "LANG");
  if (language == NULL)
    return;
  g_free (answers->language);
  answers->language = language;
}
