/* The system's log, kept on the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/system-log.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/selinux.h"

#include <errno.h>
#include <glib/gstdio.h>

#define LOG_DIRECTORY "/var/log/journal"
#define MOUNT_UNIT "var-log-journal.mount" /* systemd-escape --path of LOG_DIRECTORY */

const char *
lodge_system_log_mount_text (void)
{
  return "# Written by lodge-firstboot: the system's log is kept on the storage of virtual "
         "machines.\n"
         "[Unit]\n"
         "Description=System log on the storage of virtual machines\n"
         "Documentation=man:lodge-firstboot(8)\n"
         "RequiresMountsFor=" LODGE_SYSTEM_LOG_DIRECTORY "\n"
         "\n"
         "[Mount]\n"
         "What=" LODGE_SYSTEM_LOG_DIRECTORY "\n"
         "Where=" LOG_DIRECTORY "\n"
         "Type=none\n"
         "Options=bind,nofail\n"
         "\n"
         "[Install]\n"
         "WantedBy=multi-user.target\n";
}

const char *
lodge_system_log_configuration_text (void)
{
  return "# Written by lodge-firstboot: the log is kept on the storage of virtual machines.\n"
         "[Journal]\n"
         "Storage=persistent\n"
         "SystemMaxUse=1G\n";
}

gboolean
lodge_system_log_keep (const char *root, GCancellable *cancellable, GError **error)
{
  const char *const commands[][4] = {
    { "systemctl", "daemon-reload", NULL },
    { "systemctl", "enable", MOUNT_UNIT, NULL },
    { "systemctl", "start", MOUNT_UNIT, NULL },
    /* Its sockets are systemd's: nothing that is logged meanwhile is lost. */
    { "systemctl", "restart", "systemd-journald.service", NULL },
    { "journalctl", "--flush", NULL },
  };
  g_autofree char *unit
      = g_build_filename (*root != '\0' ? root : "/", "etc/systemd/system", MOUNT_UNIT, NULL);
  g_autofree char *configuration = g_build_filename (
      *root != '\0' ? root : "/", "etc/systemd/journald.conf.d/60-lodge-storage.conf", NULL);

  if (g_mkdir_with_parents (LODGE_SYSTEM_LOG_DIRECTORY, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s",
                                  LODGE_SYSTEM_LOG_DIRECTORY);
  if (!lodge_file_replace (unit, lodge_system_log_mount_text (), -1, 0644, error)
      || !lodge_file_replace (configuration, lodge_system_log_configuration_text (), -1, 0644,
                              error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *output = lodge_run (commands[i], NULL, cancellable, error);

      if (output == NULL)
        {
          g_prefix_error (error, "keep the system's log on the VM storage: ");
          return FALSE;
        }
      /* Labelled where it will be seen, before journald opens it. */
      if (g_strcmp0 (commands[i][1], "start") == 0
          && !lodge_selinux_relabel (LOG_DIRECTORY, cancellable, error))
        return FALSE;
    }
  return TRUE;
}
