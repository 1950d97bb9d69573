/* Time servers, for the client that the image has: chrony or systemd-timesyncd.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setting.h"

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#include <string.h>

#define FILE_LIMIT (1024 * 1024)
#define DEBIAN_SOURCES "/etc/chrony/sources.d/lodge.sources"
#define EL_SOURCES "/etc/chrony.d/lodge.sources"
#define TIMESYNCD_FILE "/etc/systemd/timesyncd.conf.d/lodge.conf"

/* One row a client; the first whose unit is installed is used. */
typedef struct
{
  const char *unit;
  const char *file; /* that has the servers */
  gboolean (*write) (const char *root, const char *const *servers, gboolean *changed,
                     GError **error);
} Client;

static char *
chrony_sources (const char *const *servers)
{
  g_autoptr (GString) text = g_string_new ("# From answers.conf, by lodge-firstboot.\n");

  for (guint i = 0; servers[i] != NULL; i++)
    g_string_append_printf (text, "server %s iburst\n", servers[i]);
  return g_strdup (text->str);
}

/* Debian's chrony reads *.sources of this directory (chrony.conf(5), "sourcedir"). */
static gboolean
write_chrony_debian (const char *root, const char *const *servers, gboolean *changed,
                     GError **error)
{
  g_autofree char *text = chrony_sources (servers);

  return lodge_host_write (root, DEBIAN_SOURCES, text, changed, error);
}

/* EL's chrony.conf reads no directory of ours: it is told to, once. */
static gboolean
write_chrony_el (const char *root, const char *const *servers, gboolean *changed, GError **error)
{
  static const char line[] = "sourcedir /etc/chrony.d";
  g_autofree char *path = lodge_host_path (root, "/etc/chrony.conf");
  g_autofree char *text = chrony_sources (servers);
  g_autofree char *old = lodge_file_read (path, FILE_LIMIT, NULL, error);
  g_autofree char *configuration = NULL;
  gboolean sources_changed, configuration_changed = FALSE;

  if (old == NULL || !lodge_host_write (root, EL_SOURCES, text, &sources_changed, error))
    return FALSE;
  if (strstr (old, line) == NULL)
    {
      configuration = g_strconcat (old, g_str_has_suffix (old, "\n") ? "" : "\n", line, "\n", NULL);
      if (!lodge_host_write (root, "/etc/chrony.conf", configuration, &configuration_changed,
                             error))
        return FALSE;
    }
  *changed = sources_changed || configuration_changed;
  return TRUE;
}

static gboolean
write_timesyncd (const char *root, const char *const *servers, gboolean *changed, GError **error)
{
  g_autofree char *list = g_strjoinv (" ", (GStrv)servers);
  g_autofree char *text
      = g_strdup_printf ("# From answers.conf, by lodge-firstboot.\n[Time]\nNTP=%s\n", list);

  return lodge_host_write (root, TIMESYNCD_FILE, text, changed, error);
}

static const Client clients[] = {
  { "chrony.service", DEBIAN_SOURCES, write_chrony_debian },
  { "chronyd.service", EL_SOURCES, write_chrony_el },
  { "systemd-timesyncd.service", TIMESYNCD_FILE, write_timesyncd },
};

static const Client *
find_client (const char *root)
{
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *path = g_strconcat ("/usr/lib/systemd/system/", clients[i].unit, NULL);

      if (lodge_host_has (root, path))
        return &clients[i];
    }
  return NULL;
}

gboolean
lodge_setting_ntp_check (const LodgeStepContext *context, GError **error)
{
  if (context->plan->answers->ntp[0] == NULL || find_client (context->root) != NULL)
    return TRUE;
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      N_ ("ntp= was given, but this image has neither chrony nor systemd-timesyncd: "
          "add one to the template"));
}

gboolean
lodge_setting_ntp_apply (const LodgeStepContext *context, GError **error)
{
  const char *const *servers = (const char *const *)context->plan->answers->ntp;
  const Client *client = find_client (context->root);
  gboolean changed = FALSE;
  g_autofree char *output = NULL;

  if (servers[0] == NULL || client == NULL)
    return TRUE;
  if (!client->write (context->root, servers, &changed, error))
    return FALSE;
  if (!changed || context->root[0] != '\0')
    return TRUE;
  /* "try-": a client that is not running reads the file when it starts. */
  {
    const char *const argv[] = { "systemctl", "try-restart", client->unit, NULL };

    output = lodge_run (argv, NULL, context->cancellable, error);
  }
  return output != NULL;
}

/* The servers of chrony's lines "server NAME …" and of timesyncd's line "NTP=NAME NAME". */
void
lodge_setting_ntp_present (const char *root, LodgeAnswers *answers)
{
  const Client *client = find_client (root);
  g_autofree char *path = client != NULL ? lodge_host_path (root, client->file) : NULL;
  g_autofree char *text = path != NULL ? lodge_file_read (path, FILE_LIMIT, NULL, NULL) : NULL;
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GPtrArray *servers = g_ptr_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean chrony = g_str_has_prefix (lines[i], "server ");
      g_auto (GStrv) words = g_strsplit_set (lines[i], " =", -1);

      if (!chrony && !g_str_has_prefix (lines[i], "NTP="))
        continue;
      for (guint j = 1; words[j] != NULL && (!chrony || j == 1); j++)
        if (words[j][0] != '\0')
          g_ptr_array_add (servers, g_strdup (words[j]));
    }
  g_ptr_array_add (servers, NULL);
  g_strfreev (answers->ntp);
  answers->ntp = (GStrv)g_ptr_array_free (servers, FALSE);
}
