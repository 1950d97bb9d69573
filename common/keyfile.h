/* Key files, read strictly: a reader of templates and answers must be told file and line.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GKeyFile merges duplicate sections and keys in silence and forgets line numbers, and the contract
 * refuses the former and needs the latter.  The syntax is systemd.syntax(7)'s: [SECTION] lines,
 * KEY=VALUE lines, comments that begin with '#' or ';' as the first non-blank character, a trailing
 * backslash that joins the next line with a space.  UTF-8 only, an initial byte order mark and CR
 * LF line ends (answers are edited on Windows) are accepted.
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *key;
  char *value; /* surrounding blanks removed; may be empty */
  guint line;  /* 1 is the first */
} LodgeKeyfileEntry;

typedef struct
{
  char *name; /* what stands between the brackets, blanks around it removed */
  guint line;
  GPtrArray *entries; /* of LodgeKeyfileEntry, in the file's order */
} LodgeKeyfileSection;

typedef struct
{
  char *path;          /* for messages */
  GPtrArray *sections; /* of LodgeKeyfileSection, in the file's order */
} LodgeKeyfile;

/* Parses TEXT (LENGTH bytes); PATH is only used in messages.  Refused, with "PATH:LINE: …" in
 * LODGE_ERROR_USAGE: text that is not UTF-8 or holds a control character other than tab (NUL among
 * them), a line that is neither section, pair nor comment, a pair before the first section, an
 * empty or repeated section name, an empty key, a key repeated in its section, a trailing backslash
 * in the last line. */
LodgeKeyfile *lodge_keyfile_parse (const char *path, const char *text, gsize length,
                                   GError **error);

/* Reads PATH (at most 1 MiB) and parses it. */
LodgeKeyfile *lodge_keyfile_load (const char *path, GError **error);

void lodge_keyfile_free (LodgeKeyfile *keyfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeKeyfile, lodge_keyfile_free)

/* The section called NAME, or NULL. */
const LodgeKeyfileSection *lodge_keyfile_section (const LodgeKeyfile *keyfile, const char *name);

/* Sets ERROR to "PATH:LINE: MESSAGE" in LODGE_ERROR_USAGE.  Always returns FALSE. */
gboolean lodge_keyfile_error (GError **error, const LodgeKeyfile *keyfile, guint line,
                              const char *format, ...) G_GNUC_PRINTF (4, 5);
