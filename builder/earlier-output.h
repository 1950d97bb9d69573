/* What a build may replace: only files like those that builds make.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* Refuses to replace the file PATH (LODGE_ERROR_REFUSED) when it is there, is not empty, and is not
 * by its content a disk image in one of the formats that Lodge writes: whoever mistypes -o loses
 * nothing.  What is not there, or is no regular file, is accepted: others look at that. */
gboolean lodge_earlier_image_check (const char *path, GError **error);
/* The same for what stands beside the images: PATH's suffix says what it has to be (output.h). */
gboolean lodge_earlier_companion_check (const char *path, GError **error);
