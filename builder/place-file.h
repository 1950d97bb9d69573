/* Putting a new file in an old one's place, so that it can be undone, and no moment loses both.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct _LodgePlacedFile LodgePlacedFile;

/* PART, on the same file system, is to become PATH. */
LodgePlacedFile *lodge_placed_file_new (const char *path, const char *part);
void lodge_placed_file_free (LodgePlacedFile *file);

const char *lodge_placed_file_path (const LodgePlacedFile *file);
const char *lodge_placed_file_part (const LodgePlacedFile *file);

/* Makes PATH the new file.  The old one, if there was one, is kept: at PART where the file system
 * can exchange two names, else beside PATH under a name that only this knows. */
gboolean lodge_placed_file_place (LodgePlacedFile *file, GError **error);
/* Undoes it, were it done by half or not at all; what cannot be undone is added to ERROR, which is
 * set. */
void lodge_placed_file_restore (LodgePlacedFile *file, GError **error);
/* All is in place: removes the old file, unless it is PART. */
gboolean lodge_placed_file_forget (LodgePlacedFile *file, GError **error);

/* What a program that was killed has kept beside PATH: becomes PATH again when that is missing, and
 * is removed when it is not. */
gboolean lodge_placed_file_recover (const char *path, GError **error);
