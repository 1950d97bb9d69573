/* The system's log, kept on the VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/system-log.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/layout.h"
#include "firstboot/mount-unit.h"
#include "firstboot/selinux.h"
#include "firstboot/store-directory.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define LINK "/var/log/journal"
#define UNIT "lodge-log.service"

const char *
lodge_system_log_unit_text (void)
{
  /* SIGUSR1 is journald's order to flush, for when /var comes late (systemd-journald(8));
   * journalctl
   * --flush works once a boot only, and systemd-journal-flush.service has had it. */
  return "# Written by lodge-firstboot: the system's log is kept on the storage of virtual "
         "machines.\n"
         "[Unit]\n"
         "Description=Keep the system log on the storage of virtual machines\n"
         "Documentation=man:lodge-firstboot(8)\n"
         "BindsTo=" LODGE_MOUNT_UNIT "\n"
         "After=" LODGE_MOUNT_UNIT " systemd-journald.service systemd-journal-flush.service\n"
         "\n"
         "[Service]\n"
         "Type=oneshot\n"
         "RemainAfterExit=yes\n"
         "ExecStart=systemctl kill --signal=SIGUSR1 systemd-journald.service\n"
         "ExecStop=journalctl --relinquish-var\n"
         "\n"
         "[Install]\n"
         "WantedBy=" LODGE_MOUNT_UNIT "\n";
}

const char *
lodge_system_log_configuration_text (void)
{
  return "# Written by lodge-firstboot: the log is kept on the storage of virtual machines when it "
         "is there.\n"
         "[Journal]\n"
         "Storage=auto\n"
         "SystemMaxUse=1G\n";
}

/* /var/log/journal as the link. */
static gboolean
make_link (GError **error)
{
  g_autofree char *target = g_file_read_link (LINK, NULL);

  if (g_strcmp0 (target, LODGE_SYSTEM_LOG_DIRECTORY) == 0)
    return TRUE;
  /* Empty, as the packages make it, or with a log, which is kept beside. */
  if (g_file_test (LINK, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK) && g_rmdir (LINK) != 0
      && g_rename (LINK, LINK ".before") != 0)
    return lodge_error_set_errno (error, errno, "move %s aside", LINK);
  if (symlink (LODGE_SYSTEM_LOG_DIRECTORY, LINK) != 0)
    return lodge_error_set_errno (error, errno, "make the link %s", LINK);
  return lodge_file_sync_directory (LINK, error);
}

/* Adopted storage may have anything there; a link would have the log, and its label, somewhere
 * else. */
static gboolean
make_directory (GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;
  g_autoptr (LodgeDirectory) lodge = NULL;
  g_autoptr (LodgeDirectory) journal = NULL;

  if (!lodge_directory_open (LODGE_STORAGE_MOUNT_POINT, &top, error))
    return FALSE;
  if (top == NULL)
    return lodge_error_set_errno (error, ENOENT, "open %s", LODGE_STORAGE_MOUNT_POINT);
  return lodge_directory_open_below (top, ".lodge", 0755, &lodge, error)
         && lodge_directory_open_below (lodge, "journal", 0755, &journal, error);
}

static gboolean
write_files (GCancellable *cancellable, GError **error)
{
  return make_directory (error)
         && lodge_selinux_copy_label ("/var/log", LODGE_SYSTEM_LOG_DIRECTORY, cancellable, error)
         && lodge_file_replace ("/etc/systemd/system/" UNIT, lodge_system_log_unit_text (), -1,
                                0644, error)
         && lodge_file_replace ("/etc/systemd/journald.conf.d/60-lodge-storage.conf",
                                lodge_system_log_configuration_text (), -1, 0644, error)
         && make_link (error);
}

gboolean
lodge_system_log_keep (GCancellable *cancellable, GError **error)
{
  const char *const commands[][5] = {
    { "systemctl", "--no-reload", "enable", UNIT, NULL },
    { "systemctl", "daemon-reload", NULL },
    /* For the drop-in.  Its sockets are systemd's: nothing that is logged meanwhile is lost. */
    { "systemctl", "restart", "systemd-journald.service", NULL },
    { "systemctl", "restart", UNIT, NULL },
  };
  gboolean good = write_files (cancellable, error);

  for (gsize i = 0; good && i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *output = lodge_run (commands[i], NULL, cancellable, error);

      good = output != NULL;
    }
  if (!good)
    g_prefix_error (error, "keep the system's log on the VM storage: ");
  return good;
}
