/* Tables of translations, one file each (messages-LANGUAGE.c), made by firstboot/po/update.sh.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/translate.h"

extern const LodgeMessage lodge_messages_zh_CN[];
