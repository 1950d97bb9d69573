/* The host's name: /etc/hostname, the kernel's, and /etc/hosts where nothing else resolves it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setting.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Debian's convention for the host's own name (Debian Reference, 5.1.1). */
#define OWN_ADDRESS "127.0.1.1"
#define FILE_LIMIT (1024 * 1024)

/* nss-myhostname(8), which EL has and a small Debian has not, resolves the own name without a file.
 */
static gboolean
name_service_knows (const char *root)
{
  g_autofree char *path = lodge_host_path (root, "/etc/nsswitch.conf");
  g_autofree char *text = lodge_file_read (path, FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (g_strstrip (lines[i]), "hosts:")
        && strstr (lines[i], "myhostname") != NULL)
      return TRUE;
  return FALSE;
}

/* The line "127.0.1.1 NAME SHORT" in /etc/hosts: replaced where there is one, else appended. */
static gboolean
write_hosts (const char *root, const char *name, GError **error)
{
  g_autofree char *path = lodge_host_path (root, "/etc/hosts");
  g_autofree char *old = lodge_file_read (path, FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines
      = g_strsplit (old != NULL ? old : "127.0.0.1 localhost\n::1 localhost\n", "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  const char *dot = strchr (name, '.');
  g_autofree char *line
      = dot == NULL ? g_strdup_printf (OWN_ADDRESS " %s\n", name)
                    : g_strdup_printf (OWN_ADDRESS " %s %.*s\n", name, (int)(dot - name), name);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean own = g_str_has_prefix (lines[i], OWN_ADDRESS)
                     && g_ascii_isspace (lines[i][strlen (OWN_ADDRESS)]);

      if (!own && (lines[i][0] != '\0' || lines[i + 1] != NULL))
        g_string_append_printf (text, "%s\n", lines[i]);
    }
  g_string_append (text, line);
  return lodge_host_write (root, "/etc/hosts", text->str, NULL, error);
}

gboolean
lodge_setting_hostname_apply (const LodgeStepContext *context, GError **error)
{
  const char *name = context->plan->answers->hostname;
  g_autofree char *text = NULL;

  if (name == NULL)
    return TRUE;
  text = g_strconcat (name, "\n", NULL);
  if (!lodge_host_write (context->root, "/etc/hostname", text, NULL, error))
    return FALSE;
  if (!name_service_knows (context->root) && !write_hosts (context->root, name, error))
    return FALSE;
  if (context->root[0] == '\0' && sethostname (name, strlen (name)) == -1)
    return lodge_error_set_errno (error, errno, N_ ("set the kernel's host name to %s"), name);
  return TRUE;
}

void
lodge_setting_hostname_present (const char *root, LodgeAnswers *answers)
{
  g_autofree char *path = lodge_host_path (root, "/etc/hostname");
  g_autofree char *text = lodge_file_read (path, FILE_LIMIT, NULL, NULL);

  if (text == NULL || g_strstrip (text)[0] == '\0')
    return;
  g_free (answers->hostname);
  answers->hostname = g_steal_pointer (&text);
}
