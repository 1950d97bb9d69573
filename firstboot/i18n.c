/* Translated words of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"

const char *
lodge_translate (const char *text)
{
  return text;
}
