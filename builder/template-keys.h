/* The keys of template.conf: one table, which is the parser and what template.conf(5) describes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"
#include "common/keyfile.h"

/* The section and key that name other files; template.c follows them. */
#define LODGE_TEMPLATE_SECTION "Template"
#define LODGE_TEMPLATE_INCLUDE "Include"

/* Makes every list of TEMPLATE an empty one. */
void lodge_template_keys_initialize (LodgeTemplate *template);

/* Refuses sections and keys that the table does not have, naming those it has. */
gboolean lodge_template_keys_check (const LodgeKeyfile *keyfile, GError **error);

/* Puts every value of KEYFILE into TEMPLATE: one value replaces what is there, a list joins it
 * (words already there are not repeated), an empty list value empties it.  A unit that KEYFILE
 * enables is no longer among the disabled ones, and the other way round; one that it has in both
 * lists is an error. */
gboolean lodge_template_keys_apply (const LodgeKeyfile *keyfile, LodgeTemplate *template,
                                    GError **error);

/* Whether everything that TEMPLATE's family needs has been given; KEYFILE is for the message. */
gboolean lodge_template_keys_complete (const LodgeKeyfile *keyfile, const LodgeTemplate *template,
                                       GError **error);

/* Frees what the table's rows point at. */
void lodge_template_keys_clear (LodgeTemplate *template);
