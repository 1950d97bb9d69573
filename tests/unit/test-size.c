/* Sizes, read and written.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/size.h"

#include <locale.h>
#include <string.h>

#define KIB ((guint64)1024)

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes;
  } cases[] = {
    { "1", 1 },
    { "4096", 4096 },
    { "1K", KIB },
    { "512M", 512 * KIB * KIB },
    { "8G", 8 * KIB * KIB * KIB },
    { "8g", 8 * KIB * KIB * KIB },
    { "8GiB", 8 * KIB * KIB * KIB },
    { "2TiB", 2 * KIB * KIB * KIB * KIB },
    { "007M", 7 * KIB * KIB },
    { "18446744073709551615", G_MAXUINT64 },
    { "16777215T", G_MAXUINT64 - (KIB * KIB * KIB * KIB - 1) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 0;

      g_assert_true (lodge_size_parse (cases[i].text, &bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (bytes, ==, cases[i].bytes);
    }
}

static void
test_refuse (void)
{
  static const char *const texts[] = { "",
                                       "G",
                                       "-1G",
                                       "+1G",
                                       " 1G",
                                       "1 G",
                                       "1.5G",
                                       "0",
                                       "0G",
                                       "1X",
                                       "1KB",
                                       "1Gi",
                                       "1GB",
                                       "1GiBs",
                                       "0x10",
                                       "1e3",
                                       "16777216T",
                                       "18446744073709551616",
                                       "99999999999999999999999G" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", texts[i]);
      guint64 bytes = 42;

      g_assert_false (lodge_size_parse (texts[i], &bytes, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_nonnull (strstr (error->message, quoted));
      g_assert_cmpuint (bytes, ==, 42);
    }
}

static void
test_format (void)
{
  static const struct
  {
    guint64 bytes;
    const char *text;
  } cases[] = {
    { 0, "0 bytes" },
    { 1023, "1023 bytes" },
    { KIB, "1.0 KiB" },
    { 1536, "1.5 KiB" },
    { 102348, "99.9 KiB" },
    { 102349, "100 KiB" },
    { KIB * KIB - 1, "1.0 MiB" },
    { 1000 * KIB, "1000 KiB" },
    { 8 * KIB * KIB * KIB, "8.0 GiB" },
    { 500107862016, "466 GiB" },
    { 2 * KIB * KIB * KIB * KIB, "2.0 TiB" },
    { G_MAXUINT64, "16777216 TiB" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = lodge_size_format (cases[i].bytes);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/size/parse", test_parse);
  g_test_add_func ("/size/refuse", test_refuse);
  g_test_add_func ("/size/format", test_format);
  return g_test_run ();
}
