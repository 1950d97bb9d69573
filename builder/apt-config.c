/* The private apt's configuration.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-config.h"

#include <string.h>

/* What is about connections, and nothing that is about trust. */
static const char *const connection_settings[] = {
  "Acquire::http::",     "Acquire::https::",    "Acquire::Retries ",  "Acquire::Queue-Mode ",
  "Acquire::ForceIPv4 ", "Acquire::ForceIPv6 ", "Acquire::Connect::",
};

static const char *const age_settings[] = { "Acquire::Check-Valid-Until ", "Acquire::Check-Date ",
                                            "Acquire::Min-ValidTime ", "Acquire::Max-ValidTime " };

static gboolean
has_prefix (const char *line, const char *const *prefixes, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (g_str_has_prefix (line, prefixes[i]))
      return TRUE;
  return FALSE;
}

char *
lodge_apt_config_helper (const char *machine)
{
  static const char setting[] = "Dir::Bin::methods \"";
  const char *value = strstr (machine, setting);
  g_autofree char *methods = value != NULL ? g_strndup (value + strlen (setting),
                                                        strcspn (value + strlen (setting), "\"\n"))
                                           : g_strdup ("/usr/lib/apt/methods");
  g_autofree char *directory = NULL;

  while (g_str_has_suffix (methods, "/"))
    methods[strlen (methods) - 1] = '\0';
  directory = g_path_get_dirname (methods);
  return g_build_filename (directory, "apt-helper", NULL);
}

gboolean
lodge_apt_config_ignores_age (const char *machine)
{
  g_auto (GStrv) lines = g_strsplit (machine, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, age_settings[0]) && strstr (*line, "\"false\"") != NULL)
      return TRUE;
  return FALSE;
}

static void
add_machine_settings (GString *text, const char *machine)
{
  g_auto (GStrv) lines = g_strsplit (machine, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (has_prefix (*line, connection_settings, G_N_ELEMENTS (connection_settings))
        || has_prefix (*line, age_settings, G_N_ELEMENTS (age_settings)))
      g_string_append_printf (text, "%s\n", *line);
}

char *
lodge_apt_config_format (const char *directory, const char *logins, const char *machine)
{
  GString *text = g_string_new (NULL);

  g_string_append (text, "Acquire::Retries \"3\";\n"
                         "Acquire::http::Timeout \"30\";\n"
                         "Acquire::https::Timeout \"30\";\n");
  add_machine_settings (text, machine);
  g_string_append_printf (text,
                          "Dir::State \"%s/state\";\n"
                          "Dir::State::lists \"%s/lists\";\n"
                          "Dir::State::status \"%s/status\";\n"
                          "Dir::Cache \"%s/cache\";\n"
                          "Dir::Log \"%s/log\";\n"
                          "Dir::Etc \"%s/etc\";\n"
                          "Dir::Etc::sourcelist \"%s/etc/sources.list\";\n"
                          "Dir::Etc::trustedparts \"%s/keys\";\n"
                          "Dir::Etc::netrc \"%s\";\n",
                          directory, directory, directory, directory, directory, directory,
                          directory, directory, logins);
  g_string_append (text,
                   /* This file is read first: it keeps the machine's own from being read. */
                   "Dir::Etc::main \"/dev/null\";\n"
                   "Dir::Etc::parts \"/dev/null\";\n"
                   "Dir::Etc::sourceparts \"/dev/null\";\n"
                   "Dir::Etc::preferences \"/dev/null\";\n"
                   "Dir::Etc::preferencesparts \"/dev/null\";\n"
                   "Dir::Etc::trusted \"/dev/null\";\n"
                   "Dir::Etc::netrcparts \"/etc/apt/auth.conf.d\";\n"
                   "APT::Architecture \"amd64\";\n"
                   "APT::Architectures { \"amd64\"; };\n"
                   "APT::Install-Recommends \"false\";\n"
                   "APT::Install-Suggests \"false\";\n"
                   "APT::Get::Assume-Yes \"true\";\n"
                   "APT::Sandbox::User \"root\";\n" /* that is: as the caller */
                   "APT::Cmd::Disable-Script-Warning \"true\";\n"
                   "Acquire::Languages \"none\";\n"
                   "Acquire::GzipIndexes \"false\";\n"
                   "Acquire::ForceHash \"SHA256\";\n"
                   "Acquire::AllowInsecureRepositories \"false\";\n"
                   "Acquire::AllowWeakRepositories \"false\";\n"
                   "Acquire::AllowDowngradeToInsecureRepositories \"false\";\n"
                   "quiet \"1\";\n");
  return g_string_free (text, FALSE);
}

/* apt makes links to what a file: mirror has, and the cache must have it itself. */
static char *
copied_uri (const char *uri)
{
  return g_str_has_prefix (uri, "file:") ? g_strconcat ("copy:", uri + strlen ("file:"), NULL)
                                         : g_strdup (uri);
}

char *
lodge_apt_config_sources (const LodgeAptMirror *mirror, const LodgeTemplate *template)
{
  GString *text = g_string_new (NULL);
  g_autofree char *components = g_strjoinv (" ", template->components);

  for (char **suite = template->suites; *suite != NULL; suite++)
    {
      g_autofree char *uri = copied_uri (lodge_apt_mirror_uri (mirror, *suite));

      g_string_append_printf (text, "deb %s %s %s\n", uri, *suite, components);
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_directory (const char *uri)
{
  return g_str_has_prefix (uri, "file:") || g_str_has_prefix (uri, "copy:");
}

static void
add_image_source (GString *text, const LodgeAptMirror *mirror, const LodgeTemplate *template,
                  const char *uri)
{
  g_autofree char *components = g_strjoinv (" ", template->components);
  g_autoptr (GString) suites = g_string_new (NULL);

  for (char **suite = template->suites; *suite != NULL; suite++)
    if (strcmp (lodge_apt_mirror_uri (mirror, *suite), uri) == 0)
      g_string_append_printf (suites, " %s", *suite);
  if (suites->len == 0)
    return;
  if (text->len > 0)
    g_string_append_c (text, '\n');
  if (is_directory (uri))
    g_string_append (text,
                     "# This host was made from a directory of the machine that built it: name a "
                     "mirror here, see sources.list(5).\n"
                     "Enabled: no\n");
  g_string_append_printf (text,
                          "Types: deb\n"
                          "URIs: %s\n"
                          "Suites:%s\n"
                          "Components: %s\n"
                          "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
                          uri, suites->str, components);
}

char *
lodge_apt_config_image_sources (const LodgeAptMirror *mirror, const LodgeTemplate *template)
{
  GString *text = g_string_new (NULL);

  add_image_source (text, mirror, template, mirror->main);
  if (strcmp (mirror->main, mirror->security) != 0)
    add_image_source (text, mirror, template, mirror->security);
  return g_string_free (text, FALSE);
}
