/* Text in columns of a terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The columns that TEXT takes: Chinese characters take two, combining ones none. */
guint lodge_text_columns (const char *text);

/* TEXT in lines of at most WIDTH columns, broken at blanks (and between Chinese characters, but not
 * before what closes or behind what opens, as a comma or a bracket); what
 * has no blank for that long is cut.  A line that begins with blanks keeps them, and so do those
 * that it is broken into.  Free with g_strfreev. */
GStrv lodge_text_wrap (const char *text, guint width);
/* The same as one text with "\n"; free with g_free. */
char *lodge_text_fill (const char *text, guint width);

/* TEXT cut or padded to exactly WIDTH columns; what is cut ends with "..".  Free with g_free. */
char *lodge_text_pad (const char *text, guint width);
