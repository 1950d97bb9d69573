/* Translated words of the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The translations are gettext's .po files (firstboot/po/), compiled into the program: gettext(3)
 * itself translates nothing in the locales C and C.UTF-8, and images often have no other.
 *
 * Only what the screens say is translated, plan and checks and the errors of fields among it.  Ids,
 * answers.conf, reports and the lines on consoles are for programs too and stay as they are.
 */
#pragma once

#include "common/translate.h"

/* A language of the screens. */
typedef struct
{
  const char *id;   /* "zh_CN" */
  const char *name; /* in the language itself */
} LodgeLanguage;

/* All, English first; ends with an id of NULL. */
const LodgeLanguage *lodge_languages (void);

/* Uses the language ID from now on ("en" or one that is not known: English), for the whole
 * process. */
void lodge_language_use (const char *id);

/* The id of the language in use. */
const char *lodge_language_used (void);

/* The id of the language that the environment asks for (LC_ALL, LC_MESSAGES, LANG); English where
 * there is no translation. */
const char *lodge_language_of_environment (void);
