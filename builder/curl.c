/* Files from the network.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/curl.h"

#include "common/run.h"

/* For `curl --config`: everybody can read the arguments of a process, and the URL may have a
 * password in it. */
static char *
configure (const char *url)
{
  GString *text = g_string_new ("url = \"");

  for (const char *p = url; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (text, '\\');
      if (!g_ascii_iscntrl (*p)) /* a URL has none, and a line's end would begin another option */
        g_string_append_c (text, *p);
    }
  g_string_append (text, "\"\n");
  return g_string_free (text, FALSE);
}

gboolean
lodge_curl_get (const char *url, const char *path, guint seconds, GCancellable *cancellable,
                GError **error)
{
  g_autofree char *configuration = configure (url);
  g_autofree char *patience = g_strdup_printf ("%u", seconds);
  const char *const argv[] = { "curl",
                               "--silent",
                               "--show-error",
                               "--fail",
                               "--location",
                               "--proto",
                               "=http,https,file",
                               "--max-filesize",
                               "1000000",
                               "--max-time",
                               patience,
                               "--output",
                               path,
                               "--config",
                               "-",
                               NULL };
  g_autofree char *output = lodge_run (argv, configuration, cancellable, error);

  return output != NULL;
}
