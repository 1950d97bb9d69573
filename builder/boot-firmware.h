/* Finds QEMU's UEFI firmware, wherever a distribution puts it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Firmware packages describe what they bring in JSON files (QEMU, docs/interop/firmware.json), for
 * libvirt and for us; their file names and locations are nobody's interface.
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *code;        /* path of the program, read only */
  char *code_format; /* "raw", "qcow2" */
  char *variables;   /* path of the template of the variables; each machine needs a copy */
  char *variables_format;
  gboolean needs_smm; /* protects its variables by System Management Mode */
} LodgeFirmware;

/* The first UEFI firmware for x86-64 and the machine q35 in DIRECTORIES (a file in one of them
 * replaces those of the same name in later ones; then by name): with Secure Boot on and Microsoft's
 * keys enrolled when SECURE, without Secure Boot otherwise.  The error says which package to
 * install. */
LodgeFirmware *lodge_firmware_find (const char *const *directories, gboolean secure,
                                    GError **error);
/* Where this machine has its descriptions, the user's own first; free with g_strfreev. */
char **lodge_firmware_directories (void);

void lodge_firmware_free (LodgeFirmware *firmware);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeFirmware, lodge_firmware_free)
