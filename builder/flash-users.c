/* Who else works on a disk: proc(5), "/proc/pid/fd" and "/proc/pid/fdinfo".
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-users.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/probe-files.h"

/* "8:16 8:17 ": the numbers of the disk and of its partitions, each with a blank behind it. */
static char *
list_numbers (const LodgeDisk *disk)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autofree char *whole = lodge_probe_read (&probe, "/sys/block/%s/dev", disk->name);
  GString *numbers = g_string_new (" ");

  if (whole != NULL)
    g_string_append_printf (numbers, "%s ", whole);
  for (char **partition = disk->partitions; *partition != NULL; partition++)
    {
      g_autofree char *number
          = lodge_probe_read (&probe, "/sys/block/%s/%s/dev", disk->name, *partition);

      if (number != NULL)
        g_string_append_printf (numbers, "%s ", number);
    }
  return g_string_free (numbers, FALSE);
}

static gboolean
is_for_writing (const char *process, const char *descriptor)
{
  g_autofree char *path = g_build_filename ("/proc", process, "fdinfo", descriptor, NULL);
  g_autofree char *text = NULL;
  const char *flags;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (flags = strstr (text, "flags:")) == NULL)
    return FALSE;
  return (g_ascii_strtoull (flags + strlen ("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
}

/* A process that ends meanwhile has no descriptors any more. */
static gboolean
works_on (const char *process, const char *numbers)
{
  g_autofree char *path = g_build_filename ("/proc", process, "fd", NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *descriptor;

  while (directory != NULL && (descriptor = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, descriptor, NULL);
      g_autofree char *number = NULL;
      struct stat status;

      if (stat (file, &status) != 0 || !S_ISBLK (status.st_mode))
        continue;
      number = g_strdup_printf (" %u:%u ", major (status.st_rdev), minor (status.st_rdev));
      if (strstr (numbers, number) != NULL && is_for_writing (process, descriptor))
        return TRUE;
    }
  return FALSE;
}

char *
lodge_flash_find_user (const LodgeDisk *disk)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autofree char *numbers = list_numbers (disk);
  g_autofree char *own = g_strdup_printf ("%d", (int)getpid ());
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *process;

  while (processes != NULL && (process = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (process[0]) && !g_str_equal (process, own) && works_on (process, numbers))
      {
        g_autofree char *name = lodge_probe_read (&probe, "/proc/%s/comm", process);

        return g_strdup_printf ("%s (process %s)", name != NULL ? name : "a program", process);
      }
  return NULL;
}
