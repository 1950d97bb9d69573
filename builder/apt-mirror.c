/* The build machine's mirror.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-mirror.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "common/syntax.h"

enum
{
  AUTH_LIMIT = 1024 * 1024, /* bytes */
};

void
lodge_apt_mirror_free (LodgeAptMirror *mirror)
{
  if (mirror == NULL)
    return;
  g_free (mirror->main);
  g_free (mirror->security);
  g_free (mirror->login);
  g_free (mirror);
}

static gboolean
is_security (const char *suite)
{
  return g_str_has_suffix (suite, "-security");
}

const char *
lodge_apt_mirror_uri (const LodgeAptMirror *mirror, const char *suite)
{
  return is_security (suite) ? mirror->security : mirror->main;
}

/* A user or password as it is written in a URL, plain: so apt takes it in its sources.  SHOWN is
 * for the message: the URL without it. */
static char *
decode (const char *text, const char *shown, GError **error)
{
  g_autofree char *plain = g_uri_unescape_string (text, NULL);

  if (plain == NULL || !g_utf8_validate (plain, -1, NULL))
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     "the user or password for the mirror %s has a \"%%\" with no two hexadecimal "
                     "digits of a character behind it; write %%25 for \"%%\"",
                     shown);
  else if (strpbrk (plain, " \t\r\n\v\f") != NULL)
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     "the user or password for the mirror %s has a blank in it, for which "
                     "apt_auth.conf(5) has no way to write it",
                     shown);
  else
    return g_steal_pointer (&plain);
  return NULL;
}

/* A line for apt_auth.conf(5): WORDS is "USER:PASSWORD" or "USER" for the URI PLAIN. */
static char *
format_login (const char *plain, char *words, GError **error)
{
  char *colon = strchr (words, ':');
  g_autofree char *password = NULL;
  g_autofree char *user = NULL;

  if (colon != NULL)
    *colon = '\0';
  user = decode (words, plain, error);
  password = user != NULL ? decode (colon != NULL ? colon + 1 : "", plain, error) : NULL;
  if (password == NULL)
    return NULL;
  /* Without a word behind "password", apt would take the next line's. */
  return g_strdup_printf ("machine %s login %s%s%s\n", plain, user,
                          *password != '\0' ? " password " : "", password);
}

/* Takes "USER:PASSWORD@" out of URI: what is left is printed, goes into the manifest and into the
 * image.  *LOGIN becomes a line for apt_auth.conf(5), or NULL. */
static char *
split_login (const char *uri, char **login, GError **error)
{
  const char *host = strstr (uri, "://");
  const char *slash = host != NULL ? strchr (host + 3, '/') : NULL;
  const char *at = NULL;
  g_autofree char *scheme = NULL;
  g_autofree char *name = NULL;
  g_autofree char *plain = NULL;

  *login = NULL;
  for (const char *p = host != NULL ? host + 3 : ""; *p != '\0' && p != slash; p++)
    if (*p == '@')
      at = p;
  if (at == NULL)
    return g_strdup (uri);
  scheme = g_strndup (uri, (gsize)(host + 3 - uri));
  name = g_strndup (host + 3, (gsize)(at - host - 3));
  plain = g_strconcat (scheme, at + 1, NULL);
  *login = format_login (plain, name, error);
  return *login != NULL ? g_steal_pointer (&plain) : NULL;
}

static char *
without_slash (const char *uri)
{
  gsize length = strlen (uri);

  while (length > 0 && uri[length - 1] == '/')
    length--;
  return g_strndup (uri, length);
}

static LodgeAptMirror *
mirror_from (const char *main_uri, const char *security_uri, GError **error)
{
  g_autoptr (LodgeAptMirror) mirror = g_new0 (LodgeAptMirror, 1);
  g_autofree char *main_login = NULL;
  g_autofree char *security_login = NULL;
  g_autofree char *main_plain = without_slash (main_uri);
  g_autofree char *security_plain = security_uri != NULL
                                        ? without_slash (security_uri)
                                        : g_strconcat (main_plain, "-security", NULL);

  mirror->main = split_login (main_plain, &main_login, error);
  if (mirror->main == NULL)
    return NULL;
  mirror->security = split_login (security_plain, &security_login, error);
  if (mirror->security == NULL)
    return NULL;
  if (main_login != NULL || security_login != NULL)
    mirror->login = g_strconcat (main_login != NULL ? main_login : "",
                                 security_login != NULL ? security_login : "", NULL);
  return g_steal_pointer (&mirror);
}

LodgeAptMirror *
lodge_apt_mirror_new (const char *uri, GError **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  g_autofree char *shown = NULL;

  if (scheme != NULL && strpbrk (uri, " \t\r\n") == NULL)
    return mirror_from (uri, NULL, error);
  shown = lodge_url_without_login (uri);
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "--mirror %s: the URL of a Debian mirror is expected, as http://HOST/debian or "
                   "file:///DIRECTORY",
                   shown);
  return NULL;
}

gboolean
lodge_apt_mirror_write_logins (const LodgeAptMirror *mirror, const char *path, GError **error)
{
  g_autofree char *machine = lodge_file_read ("/etc/apt/auth.conf", AUTH_LIMIT, NULL, NULL);
  g_autofree char *text = g_strconcat (mirror->login != NULL ? mirror->login : "",
                                       machine != NULL ? machine : "", NULL);

  return lodge_file_replace (path, text, -1, 0600, error);
}

enum
{
  URI,
  RELEASE,
  COMPONENT,
  ORIGIN,
  LABEL,
  N_FIELDS,
};

/* apt leaves a variable as it is when it has no value for it. */
static gboolean
is_known (const char *value)
{
  return *value != '\0' && *value != '$';
}

static gboolean
is_debian (char **fields)
{
  g_autofree char *uri = without_slash (fields[URI]);

  if (strcmp (fields[COMPONENT], "main") != 0 || g_str_has_prefix (uri, "cdrom:"))
    return FALSE;
  if (is_known (fields[ORIGIN]))
    return strcmp (fields[ORIGIN], "Debian") == 0
           && (strcmp (fields[LABEL], "Debian") == 0
               || strcmp (fields[LABEL], "Debian-Security") == 0);
  return g_str_has_suffix (uri, is_security (fields[RELEASE]) ? "/debian-security" : "/debian");
}

LodgeAptMirror *
lodge_apt_mirror_parse (const char *targets, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (targets, "\n", -1);
  g_autofree char *main_uri = NULL;
  g_autofree char *security_uri = NULL;

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, "|", N_FIELDS);
      char **slot;

      if (g_strv_length (fields) != N_FIELDS || !is_debian (fields))
        continue;
      slot = is_security (fields[RELEASE]) ? &security_uri : &main_uri;
      if (*slot == NULL)
        *slot = g_strdup (fields[URI]);
    }
  if (main_uri != NULL)
    return mirror_from (main_uri, security_uri, error);
  lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "this machine's apt is not set up for a Debian mirror (sources.list(5)); name one "
      "with --mirror URL");
  return NULL;
}

LodgeAptMirror *
lodge_apt_mirror_find (GError **error)
{
  /* The second form also lists what was never downloaded, but knows no origins. */
  const char *const downloaded[]
      = { "apt-get", "indextargets", "--format", LODGE_APT_MIRROR_FORMAT, NULL };
  const char *const configured[] = { "apt-get",  "indextargets",          "--no-release-info",
                                     "--format", LODGE_APT_MIRROR_FORMAT, NULL };
  g_autofree char *targets = lodge_run (downloaded, NULL, NULL, error);
  LodgeAptMirror *mirror;

  if (targets == NULL)
    return NULL;
  mirror = lodge_apt_mirror_parse (targets, NULL);
  if (mirror != NULL)
    return mirror;
  g_free (targets);
  targets = lodge_run (configured, NULL, NULL, error);
  return targets != NULL ? lodge_apt_mirror_parse (targets, error) : NULL;
}
