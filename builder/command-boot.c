/* lodge boot: runs an image in a virtual machine that leaves nothing behind.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * QEMU takes this process over: the terminal, signals and exit status are its own then, and all
 * files that it shall not leave behind have no name (boot-files.h, and QEMU's own snapshot=on).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "builder/answers-notes.h"
#include "builder/boot-arguments.h"
#include "builder/boot-files.h"
#include "builder/command.h"
#include "builder/image-format.h"
#include "builder/kvm.h"
#include "builder/qemu.h"
#include "builder/say.h"
#include "common/error.h"
#include "common/file.h"
#include "common/size.h"

enum
{
  ANSWERS_LIMIT = 1024 * 1024, /* bytes, as lodge_keyfile_load() */
  PROCESSORS = 4,              /* at most */
  MEMORY_MINIMUM_MIB = 512,    /* a Debian kernel with its initramfs does not start in less */
};
#define MEMORY_DEFAULT (G_GUINT64_CONSTANT (4) << 30)

/* What GOption fills in. */
typedef struct
{
  char *firmware;
  GStrv disks;
  gboolean usb;
  char *answers;
  gboolean graphic;
  char *memory;
  gboolean restricted;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->firmware);
  g_strfreev (words->disks);
  g_free (words->answers);
  g_free (words->memory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse_words (Words *words, int *argc, char **argv, gboolean *help_shown, GError **error)
{
  const GOptionEntry entries[] = {
    { "firmware", 0, 0, G_OPTION_ARG_STRING, &words->firmware,
      "bios (the default), uefi, or secure: UEFI with Secure Boot on", "bios|uefi|secure" },
    { "disk", 0, 0, G_OPTION_ARG_STRING_ARRAY, &words->disks,
      "Add a blank disk, or one with what is in FILE, which is not changed (can be given several "
      "times)",
      "SIZE|FILE[,serial=S]" },
    { "usb", 0, 0, G_OPTION_ARG_NONE, &words->usb, "The image is a USB stick", NULL },
    { "answers", 0, 0, G_OPTION_ARG_FILENAME, &words->answers,
      "Give the host these answers: it sets itself up", "FILE" },
    { "graphic", 0, 0, G_OPTION_ARG_NONE, &words->graphic, "Show the screen in a window", NULL },
    { "memory", 0, 0, G_OPTION_ARG_STRING, &words->memory, "Memory (default: 4G)", "SIZE" },
    { "restrict", 0, 0, G_OPTION_ARG_NONE, &words->restricted,
      "Let the machine reach nothing outside", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "boot",
    .operands = "IMAGE",
    .summary
    = "Boots IMAGE in a virtual machine. The image is not changed: what the machine writes "
      "is gone when it ends.",
    .entries = entries,
    .minimum = 1,
    .maximum = 1,
  };

  return lodge_command_parse (&syntax, argc, argv, help_shown, error);
}

static void
disk_free (gpointer data)
{
  lodge_boot_disk_free (data);
}

static GPtrArray *
parse_disks (const Words *words, GError **error)
{
  g_autoptr (GPtrArray) disks = g_ptr_array_new_with_free_func (disk_free);

  for (char **text = words->disks; text != NULL && *text != NULL; text++)
    {
      LodgeBootDisk *disk = lodge_boot_disk_parse (*text, error);

      if (disk == NULL)
        return NULL;
      g_ptr_array_add (disks, disk);
    }
  return g_steal_pointer (&disks);
}

static gboolean
parse_memory (const Words *words, guint64 *memory, GError **error)
{
  *memory = MEMORY_DEFAULT;
  if (words->memory == NULL)
    return TRUE;
  if (!lodge_size_parse (words->memory, memory, error))
    {
      g_prefix_error (error, "--memory: ");
      return FALSE;
    }
  if (*memory >> 20 < MEMORY_MINIMUM_MIB)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--memory: %s is too little for a host; give %dM at least",
                            words->memory, MEMORY_MINIMUM_MIB);
  return TRUE;
}

/* *FIRMWARE becomes NULL for BIOS. */
static gboolean
find_firmware (const char *name, LodgeFirmware **firmware, GError **error)
{
  g_auto (GStrv) directories = NULL;
  gboolean secure = g_strcmp0 (name, "secure") == 0;

  *firmware = NULL;
  if (name == NULL || strcmp (name, "bios") == 0)
    return TRUE;
  if (!secure && strcmp (name, "uefi") != 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--firmware: there is no firmware \"%s\"; expected bios, uefi or "
                            "secure",
                            name);
  directories = lodge_firmware_directories ();
  *firmware = lodge_firmware_find ((const char *const *)directories, secure, error);
  return *firmware != NULL;
}

/* *FD becomes -1 when there are no answers. */
static gboolean
load_answers (const char *path, int *fd, GError **error)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autofree char *text = NULL;
  gsize length;

  *fd = -1;
  if (path == NULL)
    return TRUE;
  if (!lodge_command_check_file ("--answers", path, "the path of an answers.conf", error))
    return FALSE;
  text = lodge_file_read (path, ANSWERS_LIMIT, &length, error);
  notes = text == NULL
              ? NULL
              : lodge_answers_notes (path, text, length, NULL, LODGE_IMAGE_ACCESS_UNKNOWN, error);
  if (notes == NULL)
    return FALSE;
  for (guint i = 0; i < notes->len; i++)
    lodge_say_note ("%s", (const char *)g_ptr_array_index (notes, i));
  *fd = lodge_boot_file_answers (text, length, error);
  return *fd >= 0;
}

/* A port on the loopback interface that nobody uses: the kernel names one, and gives it to nobody
 * else so soon again. */
static gboolean
find_port (guint *port, GError **error)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_addr = { .s_addr = htonl (INADDR_LOOPBACK) } };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int saved;

  if (fd >= 0 && bind (fd, (struct sockaddr *)&address, sizeof address) == 0
      && getsockname (fd, (struct sockaddr *)&address, &length) == 0)
    {
      close (fd);
      *port = ntohs (address.sin_port);
      return TRUE;
    }
  saved = errno;
  if (fd >= 0)
    close (fd);
  return lodge_error_set_errno (error, saved, "find a free port for SSH on 127.0.0.1");
}

/* The firmware and GRUB wipe the screen: what was told moves out of it, to where the terminal's
 * user can scroll back to. */
static void
keep_in_scrollback (void)
{
  struct winsize size;

  if (!isatty (STDOUT_FILENO) || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return;
  puts ("The machine wipes this screen now: scroll back to read this again.");
  for (guint i = 0; i < size.ws_row; i++)
    putchar ('\n');
}

static void
tell (const LodgeBootMachine *machine, const char *reason)
{
  printf ("Booting %s as %s with %s on a throw-away overlay: the image itself is not changed.\n",
          machine->image, machine->usb ? "a USB stick" : "a disk",
          machine->firmware == NULL      ? "BIOS"
          : machine->firmware->needs_smm ? "UEFI and Secure Boot"
                                         : "UEFI");
  if (reason != NULL)
    lodge_say_note ("KVM is not used (%s): emulation is slower", reason);
  printf ("SSH: ssh -p %u -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
          "root@127.0.0.1\n",
          machine->ssh_port);
  /* QEMU's keys are read from standard input alone, and only there Ctrl-C is the guest's. */
  if (isatty (STDIN_FILENO))
    puts ("This terminal is the serial console: Ctrl-a x ends the machine, Ctrl-a c changes to "
          "QEMU's monitor and back.");
  else
    printf ("Standard input is no terminal, so no key of it ends the machine: Ctrl-C does, or kill "
            "%d.\n",
            (int)getpid ());
  keep_in_scrollback ();
}

/* Does not return when it works. */
static gboolean
become (const GPtrArray *arguments, GError **error)
{
  if (fflush (stdout) != 0)
    return lodge_error_set_errno (error, errno, "write standard output");
  signal (SIGPIPE, SIG_DFL); /* main() ignores it, and that would be inherited */
  execv (g_ptr_array_index (arguments, 0), (char **)arguments->pdata);
  return lodge_error_set_errno (error, errno, "run %s",
                                (const char *)g_ptr_array_index (arguments, 0));
}

static gboolean
make_files (LodgeBootMachine *machine, GError **error)
{
  machine->variables_fd = -1;
  if (machine->firmware != NULL)
    machine->variables_fd = lodge_boot_file_copy (machine->firmware->variables, error);
  if (machine->firmware != NULL && machine->variables_fd < 0)
    return FALSE;
  for (guint i = 0; i < machine->disks->len; i++)
    {
      LodgeBootDisk *disk = g_ptr_array_index (machine->disks, i);

      if (disk->image != NULL)
        continue;
      disk->fd = lodge_boot_file_blank (disk->size, error);
      if (disk->fd < 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
boot (const Words *words, const char *image, GError **error)
{
  g_autoptr (GPtrArray) disks = parse_disks (words, error);
  g_autoptr (LodgeFirmware) firmware = NULL;
  g_autoptr (GPtrArray) arguments = NULL;
  g_autofree char *emulator = NULL;
  g_autofree char *reason = NULL;
  LodgeBootMachine machine = { .image = image, .disks = disks };

  if (disks == NULL || !parse_memory (words, &machine.memory, error)
      || !lodge_command_check_file (NULL, image, "the path of an image", error)
      || (machine.image_format = lodge_image_format (image, error)) == NULL
      || !load_answers (words->answers, &machine.answers_fd, error)
      || !find_firmware (words->firmware, &firmware, error)
      || (emulator = lodge_qemu_find_emulator (error)) == NULL
      || !find_port (&machine.ssh_port, error))
    return FALSE;
  machine.emulator = emulator;
  machine.firmware = firmware;
  machine.usb = words->usb;
  machine.graphic = words->graphic;
  machine.restricted = words->restricted;
  machine.processors = MIN (g_get_num_processors (), PROCESSORS);
  machine.kvm = lodge_kvm_usable (&reason);
  if (!make_files (&machine, error))
    return FALSE;
  tell (&machine, reason);
  arguments = lodge_boot_arguments (&machine);
  return become (arguments, error);
}

gboolean
lodge_command_boot (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_auto (Words) words = { 0 };
  gboolean help_shown = FALSE;

  if (!parse_words (&words, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return boot (&words, argv[1], error);
}
