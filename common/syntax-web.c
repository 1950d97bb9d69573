/* Where and how a finished host reports.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/syntax.h"

#include <string.h>

char *
lodge_syntax_https_url (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED | G_URI_FLAGS_HAS_PASSWORD, NULL);
  g_autofree char *quoted = NULL;
  const char *message;

  if (uri != NULL && g_strcmp0 (g_uri_get_scheme (uri), "http") == 0)
    message = "is refused: over http:// anyone on the way can read and change what is sent; use "
              "https://, and a fingerprint when the certificate is the server's own";
  else if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), "https") != 0
           || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
           || strpbrk (text, " \"<>\\^`{|}") != NULL || g_uri_get_port (uri) == 0
           || g_uri_get_port (uri) > G_MAXUINT16)
    message = "is not an https:// URL";
  else if (g_uri_get_userinfo (uri) != NULL)
    message = "is refused: a user name or password in a URL ends up in logs";
  else if (g_uri_get_fragment (uri) != NULL)
    message = "is refused: the part behind \"#\" is never sent to a server";
  else
    return g_strdup (text);
  /* What stands before "@" may be a password: it is not repeated. */
  quoted = lodge_error_quote (strchr (text, '@') != NULL ? "https://…@…" : text);
  lodge_error_set (error, LODGE_ERROR_USAGE, "%s %s", quoted, message);
  return NULL;
}

/* Behind the login at HOST, which ends before any of END; HOST when there is none. */
static const char *
skip_login (const char *host, const char *end)
{
  const char *login_end = host;

  for (const char *p = host; *p != '\0' && strchr (end, *p) == NULL; p++)
    if (*p == '@')
      login_end = p + 1;
  return login_end;
}

char *
lodge_url_without_login (const char *url)
{
  const char *host = strstr (url, "://");

  if (host == NULL)
    return g_strdup (url);
  host += strlen ("://");
  return g_strdup_printf ("%.*s%s", (int)(host - url), url, skip_login (host, "/?#"));
}

char *
lodge_text_without_logins (const char *text)
{
  GString *result = g_string_new (NULL);
  const char *mark;

  while ((mark = strstr (text, "://")) != NULL)
    {
      const char *host = mark + strlen ("://");

      g_string_append_len (result, text, host - text);
      text = skip_login (host, "/?# \t\r\n");
    }
  g_string_append (result, text);
  return g_string_free (result, FALSE);
}

char *
lodge_url_to_show (const char *url)
{
  g_autofree char *plain = lodge_url_without_login (url);
  const char *query = strchr (plain, '?');

  return query == NULL ? g_steal_pointer (&plain)
                       : g_strdup_printf ("%.*s?\u2026", (int)(query - plain), plain);
}

char *
lodge_syntax_fingerprint (const char *text, GError **error)
{
  g_autofree char *quoted = NULL;
  g_auto (GStrv) bytes = NULL;

  if (g_regex_match_simple ("^([0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31})$", text,
                            G_REGEX_DOLLAR_ENDONLY, 0))
    {
      g_autofree char *joined = NULL;

      bytes = g_strsplit (text, ":", -1);
      joined = g_strjoinv ("", bytes);
      return g_ascii_strdown (joined, -1);
    }
  quoted = lodge_error_quote (text);
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "%s is not the SHA-256 fingerprint of a certificate: `openssl x509 -noout "
                   "-fingerprint -sha256` prints it",
                   quoted);
  return NULL;
}
