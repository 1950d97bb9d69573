/* What the files of the overlay (overlay*.c) share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef enum
{
  LODGE_OVERLAY_FILE,
  LODGE_OVERLAY_LINK,
  LODGE_OVERLAY_DIRECTORY,
} LodgeOverlayKind;

typedef struct
{
  LodgeOverlayKind kind;
  char *path;   /* in the image, without a '/' at the beginning */
  char *source; /* where the content is on the build machine, and for messages; NULL: `content` */
  char *content;
  char *target; /* of a link */
  int mode;
} LodgeOverlayEntry;

void lodge_overlay_entry_free (LodgeOverlayEntry *entry);

/* The overlay being collected: PATH -> LodgeOverlayEntry. */
typedef GHashTable LodgeOverlay;

LodgeOverlay *lodge_overlay_new (void);
/* Each of these replaces what is under PATH. */
void lodge_overlay_add_file (LodgeOverlay *overlay, const char *path, const char *source,
                             gboolean executable);
void lodge_overlay_add_content (LodgeOverlay *overlay, const char *path, const char *content);
void lodge_overlay_add_link (LodgeOverlay *overlay, const char *path, const char *target);
void lodge_overlay_add_directory (LodgeOverlay *overlay, const char *path);
/* All entries, by path; the entries stay OVERLAY's. */
GPtrArray *lodge_overlay_sorted (LodgeOverlay *overlay);

/* overlay-tree.c: adds everything below DIRECTORY. */
gboolean lodge_overlay_add_tree (LodgeOverlay *overlay, const char *directory, GError **error);
/* No entry lies below one that is not a directory. */
gboolean lodge_overlay_check (LodgeOverlay *overlay, GError **error);

/* overlay-units.c: adds the units in DIRECTORY to /usr/lib/systemd/system. */
gboolean lodge_overlay_add_units (LodgeOverlay *overlay, const char *directory, GError **error);
/* Adds the links that enable the units in OVERLAY, but for those in DISABLED. */
gboolean lodge_overlay_enable_units (LodgeOverlay *overlay, const char *const *disabled,
                                     GError **error);

/* overlay-archive.c: writes OVERLAY as a pax archive; every entry gets TIME, seconds since 1970. */
gboolean lodge_overlay_write_archive (LodgeOverlay *overlay, gint64 time, const char *tar_path,
                                      GError **error);
