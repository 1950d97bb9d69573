/* Tables of translations, one file each (messages-LANGUAGE.c), made by firstboot/po/update.sh.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <stddef.h>

typedef struct
{
  const char *text;        /* as it stands in the source; NULL ends the table */
  const char *translation; /* UTF-8 */
} LodgeMessage;

extern const LodgeMessage lodge_messages_zh_CN[];
