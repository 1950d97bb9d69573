/* URLs as they may be shown.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/syntax.h"

static void
test_shown (void)
{
  static const struct
  {
    const char *url;
    const char *without_login;
    const char *shown;
  } cases[] = {
    { "https://a.example/b", "https://a.example/b", "https://a.example/b" },
    { "https://joe:pw@a.example/b", "https://a.example/b", "https://a.example/b" },
    { "https://joe:p@w@a.example", "https://a.example", "https://a.example" },
    { "https://joe@a.example?k=v@w", "https://a.example?k=v@w", "https://a.example?\u2026" },
    { "https://a.example/b@c/?k=v", "https://a.example/b@c/?k=v", "https://a.example/b@c/?\u2026" },
    { "/srv/joe@home/dvd.iso", "/srv/joe@home/dvd.iso", "/srv/joe@home/dvd.iso" },
    { "", "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *without_login = lodge_url_without_login (cases[i].url);
      g_autofree char *shown = lodge_url_to_show (cases[i].url);

      g_assert_cmpstr (without_login, ==, cases[i].without_login);
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/syntax-web/shown", test_shown);
  return g_test_run ();
}
