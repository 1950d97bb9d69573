/* The private apt's own files: configuration, sources, passwords.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <unistd.h>

#include "builder/apt-config.h"
#include "builder/apt-private.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

gboolean
lodge_apt_write_file (const LodgeApt *apt, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (apt->directory, name, NULL);

  return lodge_file_replace (path, text, -1, 0600, error);
}

static gboolean
remove_passwords_in (const char *directory, GError **error)
{
  static const char *const names[] = { "apt.conf", "etc/auth.conf" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (directory, names[i], NULL);

      if (unlink (path) != 0 && errno != ENOENT && errno != ENOTDIR)
        return lodge_error_set_errno (error, errno, "remove %s, which may hold passwords", path);
    }
  return TRUE;
}

/* The first Lodge kept them with the lists, in a cache that may be shared or backed up. */
static gboolean
remove_kept_passwords (const LodgeApt *apt, GError **error)
{
  g_autofree char *top = g_path_get_dirname (apt->directory);
  g_autoptr (GDir) handle = g_dir_open (top, 0, NULL);
  const char *name;

  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *directory = g_build_filename (top, name, NULL);

      if (!remove_passwords_in (directory, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lodge_apt_write_configuration (LodgeApt *apt, GError **error)
{
  const LodgeTemplate *template = apt->build->plan->template;
  g_autofree char *machine = lodge_run_list (error, "apt-config", "dump", NULL);
  g_autofree char *config = NULL;
  g_autofree char *sources = lodge_apt_config_sources (apt->mirror, template);

  if (machine == NULL || !remove_kept_passwords (apt, error))
    return FALSE;
  apt->helper = lodge_apt_config_helper (machine);
  apt->ignores_age = lodge_apt_config_ignores_age (machine);
  if (apt->ignores_age)
    lodge_progress_note (apt->build->progress,
                         "this machine's apt does not check how old package lists are "
                         "(Acquire::Check-Valid-Until), and neither does this build");
  config = lodge_apt_config_format (apt->directory, apt->logins, machine);
  return lodge_file_replace (apt->config, config, -1, 0600, error)
         && lodge_apt_write_file (apt, "etc/sources.list", sources, error)
         && lodge_apt_write_file (apt, "status", "", error)
         && lodge_apt_mirror_write_logins (apt->mirror, apt->logins, error);
}
