/* QEMU's command line for `lodge boot`.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/boot-arguments.h"
#include "builder/image-format.h"
#include "common/error.h"
#include "common/size.h"

#include <string.h>
#include <unistd.h>

#define SERIAL "serial="

enum
{
  VIRTIO_SERIAL_LENGTH = 20,  /* VIRTIO_BLK_ID_BYTES; QEMU cuts longer ones in silence */
  MINIMUM_SIZE = 1024 * 1024, /* bytes: less is a forgotten suffix */
  SCSI_SERIAL_LENGTH = 36,    /* MAX_SERIAL_LEN of QEMU's hw/scsi/scsi-disk.c */
};

static void
add (GPtrArray *arguments, const char *option, const char *value)
{
  g_ptr_array_add (arguments, g_strdup (option));
  if (value != NULL)
    g_ptr_array_add (arguments, g_strdup (value));
}

static void add_format (GPtrArray *arguments, const char *option, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
add_format (GPtrArray *arguments, const char *option, const char *format, ...)
{
  g_autofree char *value = NULL;
  va_list list;

  va_start (list, format);
  value = g_strdup_vprintf (format, list);
  va_end (list);
  add (arguments, option, value);
}

/* TEXT as a value in QEMU's comma-separated options. */
static char *
escape (const char *text)
{
  GString *escaped = g_string_new (NULL);

  for (; *text != '\0'; text++)
    {
      g_string_append_c (escaped, *text);
      if (*text == ',')
        g_string_append_c (escaped, ',');
    }
  return g_string_free (escaped, FALSE);
}

static void
add_machine (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  gboolean smm = machine->firmware != NULL && machine->firmware->needs_smm;

  add (arguments, "-nodefaults", "-no-user-config");
  /* The 64-bit SMBIOS table: the 32-bit one ends at 64 KiB, and answers for a classroom are longer.
   */
  add_format (arguments, "-machine", "q35,smbios-entry-point-type=64%s", smm ? ",smm=on" : "");
  add (arguments, "-accel", machine->kvm ? "kvm" : "tcg,thread=multi");
  add (arguments, "-cpu", machine->kvm ? "host" : "max"); /* both with nested virtualization */
  /* One in emulation: with two, QEMU now and then runs an instruction that the kernel has just
   * patched ("Oops: int3"). */
  add_format (arguments, "-smp", "%u", machine->kvm ? machine->processors : 1);
  add_format (arguments, "-m", "%" G_GUINT64_FORMAT "M", machine->memory >> 20);
}

static void
add_firmware (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  const LodgeFirmware *firmware = machine->firmware;
  g_autofree char *code = NULL;

  if (firmware == NULL)
    return;
  code = escape (firmware->code);
  if (firmware->needs_smm)
    {
      add (arguments, "-global", "driver=cfi.pflash01,property=secure,value=on");
      add (arguments, "-global", "ICH9-LPC.disable_s3=1"); /* S3 would open the protection */
    }
  add_format (arguments, "-drive", "if=pflash,unit=0,format=%s,readonly=on,file=%s",
              firmware->code_format, code);
  add_format (arguments, "-drive", "if=pflash,unit=1,format=%s,file=/dev/fd/%d",
              firmware->variables_format, machine->variables_fd);
}

/* The drive ID: what is in IMAGE, on a throw-away overlay. */
static void
add_overlay (GPtrArray *arguments, const char *id, const char *format, const char *image)
{
  /* QEMU takes what stands before a colon for a protocol, unless a slash comes first. */
  g_autofree char *path = g_canonicalize_filename (image, NULL);
  g_autofree char *file = escape (path);

  add_format (arguments, "-drive", "if=none,id=%s,format=%s,snapshot=on,file=%s", id, format, file);
}

static void
add_image (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  add_overlay (arguments, "image", machine->image_format, machine->image);
  if (machine->usb)
    {
      add (arguments, "-device", "qemu-xhci");
      add (arguments, "-device", "usb-storage,drive=image,bootindex=0");
    }
  else
    add (arguments, "-device", "virtio-blk-pci,drive=image,bootindex=0");
}

static void
add_disks (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  gboolean scsi = FALSE;

  for (guint i = 0; machine->disks != NULL && i < machine->disks->len; i++)
    {
      const LodgeBootDisk *disk = g_ptr_array_index (machine->disks, i);
      g_autofree char *id = g_strdup_printf ("disk%u", i);
      g_autofree char *serial
          = disk->serial != NULL ? g_strconcat ("," SERIAL, disk->serial, NULL) : g_strdup ("");
      gboolean is_scsi = strlen (serial) > strlen ("," SERIAL) + VIRTIO_SERIAL_LENGTH;

      if (is_scsi && !scsi)
        add (arguments, "-device", "virtio-scsi-pci");
      scsi = scsi || is_scsi;
      if (disk->image != NULL)
        add_overlay (arguments, id, disk->format, disk->image);
      else
        add_format (arguments, "-drive", "if=none,id=%s,format=raw,discard=unmap,file=/dev/fd/%d",
                    id, disk->fd);
      add_format (arguments, "-device", "%s,drive=%s%s", is_scsi ? "scsi-hd" : "virtio-blk-pci", id,
                  serial);
    }
}

static void
add_network (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  add_format (arguments, "-netdev", "user,id=lan,hostfwd=tcp:127.0.0.1:%u-:22%s", machine->ssh_port,
              machine->restricted ? ",restrict=on" : "");
  add (arguments, "-device", "virtio-net-pci,netdev=lan");
}

/* The serial line and QEMU's monitor share the terminal.  signal=off: Ctrl-C is the guest's. */
static void
add_console (GPtrArray *arguments, const LodgeBootMachine *machine)
{
  add (arguments, "-vga", "std"); /* a screen, though nobody may see it: hosts have one */
  if (!machine->graphic)
    add (arguments, "-display", "none");
  add (arguments, "-chardev", "stdio,id=terminal,mux=on,signal=off");
  add (arguments, "-serial", "chardev:terminal");
  add (arguments, "-mon", "chardev=terminal,mode=readline");
}

GPtrArray *
lodge_boot_arguments (const LodgeBootMachine *machine)
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (g_free);

  add (arguments, machine->emulator, NULL);
  add_machine (arguments, machine);
  add_firmware (arguments, machine);
  add_image (arguments, machine);
  add_disks (arguments, machine);
  add_network (arguments, machine);
  add (arguments, "-device", "virtio-rng-pci");
  /* From a file and not as a value: everybody can read the arguments of a process. */
  if (machine->answers_fd >= 0)
    add_format (arguments, "-smbios", "type=11,path=/dev/fd/%d", machine->answers_fd);
  add_console (arguments, machine);
  g_ptr_array_add (arguments, NULL);
  return arguments;
}

void
lodge_boot_disk_free (LodgeBootDisk *disk)
{
  if (disk == NULL)
    return;
  g_free (disk->image);
  g_free (disk->serial);
  g_free (disk);
}

static gboolean
check_serial (const char *serial, GError **error)
{
  gsize length = strlen (serial);

  if (length == 0 || length > SCSI_SERIAL_LENGTH)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--disk: the serial number \"%s\" has %zu characters; expected 1 to %d",
                            serial, length, SCSI_SERIAL_LENGTH);
  for (const char *p = serial; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_.:+", *p) == NULL)
      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "--disk: the serial number \"%s\" has a character that is none of "
                              "letters, digits and - _ . : +",
                              serial);
  return TRUE;
}

static gboolean
parse_size (const char *text, LodgeBootDisk *disk, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  if (disk->size < MINIMUM_SIZE)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--disk: \"%s\" is too small for a disk; write for instance 20G",
                            words[0]);
  for (char **word = &words[1]; *word != NULL; word++)
    {
      if (!g_str_has_prefix (*word, SERIAL) || disk->serial != NULL)
        return lodge_error_set (error, LODGE_ERROR_USAGE,
                                "--disk %s: \"%s\" is not understood; expected SIZE or "
                                "SIZE,serial=S",
                                text, *word);
      disk->serial = g_strdup (*word + strlen (SERIAL));
      if (!check_serial (disk->serial, error))
        return FALSE;
    }
  return TRUE;
}

/* A path may hold commas: only what stands behind the last ",serial=" is none of it. */
static gboolean
parse_file (const char *text, LodgeBootDisk *disk, GError **error)
{
  const char *serial = g_strrstr (text, "," SERIAL);

  disk->image = serial != NULL ? g_strndup (text, (gsize)(serial - text)) : g_strdup (text);
  if (access (disk->image, F_OK) != 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--disk: \"%s\" is neither a size nor a file that is there; write for "
                            "instance 20G, or the path of a disk image",
                            disk->image);
  disk->serial = serial != NULL ? g_strdup (serial + strlen ("," SERIAL)) : NULL;
  if (disk->serial != NULL && !check_serial (disk->serial, error))
    return FALSE;
  disk->format = lodge_image_format (disk->image, error);
  if (disk->format == NULL)
    g_prefix_error (error, "--disk: ");
  return disk->format != NULL;
}

LodgeBootDisk *
lodge_boot_disk_parse (const char *text, GError **error)
{
  g_autofree char *first = g_strndup (text, strcspn (text, ","));
  g_autoptr (LodgeBootDisk) disk = g_new0 (LodgeBootDisk, 1);
  gboolean parsed;

  disk->fd = -1;
  parsed = lodge_size_parse (first, &disk->size, NULL) ? parse_size (text, disk, error)
                                                       : parse_file (text, disk, error);
  return parsed ? g_steal_pointer (&disk) : NULL;
}
