/* Who else works on a disk: proc(5), "/proc/pid/fd", "/proc/pid/fdinfo", and for those whom only
 * root may look at, "/proc/pid/cmdline" and "/proc/locks". Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-users.h"

#include <errno.h>
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
is_one_of (const char *path, const char *numbers)
{
  g_autofree char *number = NULL;
  struct stat status;

  if (stat (path, &status) != 0 || !S_ISBLK (status.st_mode))
    return FALSE;
  number = g_strdup_printf (" %u:%u ", major (status.st_rdev), minor (status.st_rdev));
  return strstr (numbers, number) != NULL;
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

      if (is_one_of (file, numbers) && is_for_writing (process, descriptor))
        return TRUE;
    }
  return FALSE;
}

/* --- of other users --- */

/* Programs that give a machine the disk that their command line names. */
static const char *const hypervisors[] = { "qemu", "kvm", "cloud-hypervisor", "crosvm" };

static gboolean
is_hypervisor (const char *program)
{
  g_autofree char *name = g_path_get_basename (program);

  for (gsize i = 0; i < G_N_ELEMENTS (hypervisors); i++)
    if (g_str_has_prefix (name, hypervisors[i]))
      return TRUE;
  return FALSE;
}

/* "file=/dev/sdb,if=virtio" and "{"filename":"/dev/sdb"}" name it alike; "/dev/fd/7" is another
 * file for each process. */
static gboolean
names_it (const char *argument, const char *numbers)
{
  for (const char *place = strstr (argument, "/dev/"); place != NULL;
       place = strstr (place + 1, "/dev/"))
    {
      g_autofree char *path = g_strndup (place, strcspn (place, ",\"' "));

      if (!g_str_has_prefix (path, "/dev/fd/") && is_one_of (path, numbers))
        return TRUE;
    }
  return FALSE;
}

/* The arguments of PROCESS, or NULL: a thread of the kernel has none. */
static GStrv
read_arguments (const char *process)
{
  g_autofree char *path = g_build_filename ("/proc", process, "cmdline", NULL);
  g_autofree char *text = NULL;
  gsize length;
  GPtrArray *arguments;

  if (!g_file_get_contents (path, &text, &length, NULL) || length == 0)
    return NULL;
  arguments = g_ptr_array_new ();
  for (gsize i = 0; i < length; i += strlen (text + i) + 1)
    g_ptr_array_add (arguments, g_strdup (text + i));
  g_ptr_array_add (arguments, NULL);
  return (GStrv)g_ptr_array_free (arguments, FALSE);
}

/* A thread of the kernel has no disk of its own. */
static gboolean
is_hidden (const char *process, const char *const *arguments)
{
  g_autofree char *path = g_build_filename ("/proc", process, "fd", NULL);

  return arguments != NULL && access (path, R_OK) != 0 && errno == EACCES;
}

/* PROCESS, which may not be looked at, is a hypervisor that was told of it. */
static gboolean
is_given (const char *process, const char *numbers)
{
  g_auto (GStrv) arguments = read_arguments (process);

  if (!is_hidden (process, (const char *const *)arguments) || arguments[0] == NULL
      || !is_hypervisor (arguments[0]))
    return FALSE;
  for (char **argument = arguments + 1; *argument != NULL; argument++)
    if (names_it (*argument, numbers))
      return TRUE;
  return FALSE;
}

/* "00:06:391 ": the file DEVICE as /proc/locks has it. */
static char *
locked_file (const char *device)
{
  struct stat status;

  if (stat (device, &status) != 0)
    return NULL;
  return g_strdup_printf (" %02x:%02x:%" G_GUINT64_FORMAT " ", major (status.st_dev),
                          minor (status.st_dev), (guint64)status.st_ino);
}

/* Whether DISK or a partition has a lock of ranges, as QEMU's; that of flock(2) is udev's, and
 * ours.
 */
static gboolean
is_locked (const LodgeDisk *disk)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autofree char *text = lodge_probe_read (&probe, "/proc/locks");
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (files, locked_file (disk->device));
  for (char **partition = disk->partitions; *partition != NULL; partition++)
    {
      g_autofree char *device = g_strconcat ("/dev/", *partition, NULL);

      g_ptr_array_add (files, locked_file (device));
    }
  for (char **line = lines; *line != NULL; line++)
    for (guint i = 0; strstr (*line, " FLOCK ") == NULL && i < files->len; i++)
      if (g_ptr_array_index (files, i) != NULL
          && strstr (*line, g_ptr_array_index (files, i)) != NULL)
        return TRUE;
  return FALSE;
}

gboolean
lodge_flash_users_are_hidden (void)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *process;

  /* Mounted with hidepid=, it does not even list them. */
  if (processes == NULL || !g_file_test ("/proc/1", G_FILE_TEST_EXISTS))
    return TRUE;
  while ((process = g_dir_read_name (processes)) != NULL)
    {
      g_auto (GStrv) arguments = g_ascii_isdigit (process[0]) ? read_arguments (process) : NULL;

      if (is_hidden (process, (const char *const *)arguments))
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
    if (g_ascii_isdigit (process[0]) && !g_str_equal (process, own)
        && (works_on (process, numbers) || is_given (process, numbers)))
      {
        g_autofree char *name = lodge_probe_read (&probe, "/proc/%s/comm", process);

        return g_strdup_printf ("%s (process %s)", name != NULL ? name : "a program", process);
      }
  return is_locked (disk) ? g_strdup ("a program that keeps a lock on it") : NULL;
}
