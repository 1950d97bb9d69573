/* Kernel parameters in GRUB's language.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* COMMAND_LINE in GRUB's language, which is a shell's: a word with a character that means something
 * there ("memmap=4G$1G", "pci=resource_alignment=20@0:1.2;…") is quoted.  A word cannot hold quotes
 * or backslashes itself (template-keys.c): GRUB gives those to the kernel escaped. */
char *lodge_grub_quote_words (const char *command_line);
