/* Sizes as people write them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/size.h"
#include "common/error.h"
#include "common/number.h"

#include <string.h>

static const char suffixes[] = "KMGT";

/* The power of 1024 that SUFFIX ("", "g", "GiB") stands for, or -1. */
static int
suffix_power (const char *suffix)
{
  const char *letter;

  if (*suffix == '\0')
    return 0;
  letter = strchr (suffixes, g_ascii_toupper (*suffix));
  if (letter == NULL || (suffix[1] != '\0' && g_ascii_strcasecmp (suffix + 1, "iB") != 0))
    return -1;
  return (int)(letter - suffixes) + 1;
}

gboolean
lodge_size_parse (const char *text, guint64 *bytes, GError **error)
{
  const char *suffix = text + strspn (text, "0123456789");
  g_autofree char *digits = g_strndup (text, (gsize)(suffix - text));
  guint64 number;
  int power = suffix_power (suffix);

  if (*digits == '\0' || power < 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "\"%s\" is not a size: write a whole number with K, M, G or T behind "
                            "it, as in \"8G\"",
                            text);
  if (!lodge_number_parse (digits, 0, G_MAXUINT64 >> (10 * power), &number))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "\"%s\" is too large for a size: the largest that can be written is "
                            "16777215T",
                            text);
  if (number == 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "\"%s\" is not a size: it must be more than zero, as in \"8G\"", text);
  *bytes = number << (10 * power);
  return TRUE;
}

char *
lodge_size_format (guint64 bytes)
{
  double value = (double)bytes;
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  int power = 0;

  /* From 1023.5 on, rounding would print 1024 of the smaller unit. */
  while (value >= 1023.5 && power < (int)strlen (suffixes))
    {
      value /= 1024;
      power++;
    }
  if (power == 0)
    return g_strdup_printf ("%u bytes", (guint)bytes);
  /* The C library's printf would write the locale's decimal point. */
  g_ascii_formatd (digits, sizeof digits, value < 99.95 ? "%.1f" : "%.0f", value);
  return g_strdup_printf ("%s %ciB", digits, suffixes[power - 1]);
}
