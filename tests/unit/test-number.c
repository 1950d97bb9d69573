/* Whole numbers as text.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/number.h"

#include <dlfcn.h>
#include <errno.h>
#include <locale.h>

/* In libc's place: what GLib's lock around it does to errno when two threads meet there. */
locale_t
newlocale (int category, const char *name, locale_t base)
{
  locale_t (*real) (int, const char *, locale_t)
      = (locale_t (*) (int, const char *, locale_t))dlsym (RTLD_NEXT, "newlocale");
  locale_t locale = real (category, name, base);

  errno = EAGAIN;
  return locale;
}

/* Before anything else in the process has made GLib's C locale. */
static gboolean first_accepted;

static void
test_first (void)
{
  g_assert_true (first_accepted);
}

static void
test_accepted (void)
{
  static const struct
  {
    const char *text;
    guint64 number;
  } cases[] = {
    { "0", 0 },
    { "007", 7 },
    { "4294967296", G_GUINT64_CONSTANT (4294967296) },
    { "18446744073709551615", G_MAXUINT64 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 number = 1;

      g_assert_true (lodge_number_parse (cases[i].text, 0, G_MAXUINT64, &number));
      g_assert_cmpuint (number, ==, cases[i].number);
    }
}

static void
test_refused (void)
{
  static const char *const cases[]
      = { "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1\n", "१", "18446744073709551616" };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 number = 42;

      g_assert_false (lodge_number_parse (cases[i], 0, G_MAXUINT64, &number));
      g_assert_cmpuint (number, ==, 42);
    }
}

static void
test_bounds (void)
{
  guint64 number = 42;

  g_assert_true (lodge_number_parse ("1", 1, 4094, &number));
  g_assert_true (lodge_number_parse ("4094", 1, 4094, &number));
  g_assert_false (lodge_number_parse ("0", 1, 4094, &number));
  g_assert_false (lodge_number_parse ("4095", 1, 4094, &number));
  g_assert_cmpuint (number, ==, 4094);
}

int
main (int argc, char **argv)
{
  guint64 number;

  first_accepted = lodge_number_parse ("20", 20, 20, &number);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/first-in-the-process", test_first);
  g_test_add_func ("/number/accepted", test_accepted);
  g_test_add_func ("/number/refused", test_refused);
  g_test_add_func ("/number/bounds", test_bounds);
  return g_test_run ();
}
