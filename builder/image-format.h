/* What kind of file a disk image is.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* "raw", "qcow2" or "vmdk", by what the file PATH begins with, whatever it is called.  NULL with
 * ERROR set when it cannot be read, is not a regular file, or is an image in a format that Lodge
 * does not read (LODGE_ERROR_USAGE) or that names another file, which a guest would read through it
 * (LODGE_ERROR_REFUSED). */
const char *lodge_image_format (const char *path, GError **error);
