/* Sentences on standard error.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/say.h"

#include <stdio.h>

void
lodge_say_error (const char *message)
{
  fprintf (stderr, "lodge: %s\n", message);
}

void
lodge_say_note (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, LODGE_SAY_NOTE "%s\n", text);
}
