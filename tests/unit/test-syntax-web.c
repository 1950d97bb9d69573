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

static void
test_text (void)
{
  static const struct
  {
    const char *text;
    const char *without_logins;
  } cases[] = {
    { "", "" },
    { "joe@a.example: no URL", "joe@a.example: no URL" },
    { "Curl error (7): Couldn't connect to server for http://joe:p@w@a.example:80/b/c@d.xml "
      "[joe@b]",
      "Curl error (7): Couldn't connect to server for http://a.example:80/b/c@d.xml [joe@b]" },
    { "https://a.example and\nftp://joe@b.example\nmail joe@c.example, http://x:y@d.example",
      "https://a.example and\nftp://b.example\nmail joe@c.example, http://d.example" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = lodge_text_without_logins (cases[i].text);

      g_assert_cmpstr (found, ==, cases[i].without_logins);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/syntax-web/shown", test_shown);
  g_test_add_func ("/syntax-web/text", test_text);
  return g_test_run ();
}
