/* Sentences in the language of whoever reads them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands between _( and ) is looked up in the table of the language in use (firstboot/po/); a
 * program that never chooses one, as lodge(1), speaks English.
 */
#pragma once

#include <glib.h>

/* One sentence of a language. */
typedef struct
{
  const char *text; /* in English, as it stands in the sources */
  const char *translation;
} LodgeMessage;

/* The text in the language in use; TEXT itself when there is no translation. */
const char *lodge_translate (const char *text) G_GNUC_FORMAT (1);

/* Uses TABLE, which ends with a text of NULL, from now on, for the whole process; NULL: English. */
void lodge_translate_with (const LodgeMessage *table);
/* The table in use, or NULL. */
const LodgeMessage *lodge_translate_table (void);

#define _(text) lodge_translate (text)
/* Marks a text in a table, which _() translates when it is shown. */
#define N_(text) text
