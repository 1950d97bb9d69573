/* Where each part of a form stands in its window: pure, so that "fits 80x24" can be tested.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/ui.h"

typedef struct
{
  guint top;    /* row in the window */
  guint height; /* rows */
  guint label;  /* columns kept for the label, 0: none */
  guint width;  /* columns of what stands behind the label */
} LodgeFieldPlace;

/* Rows and columns count from 0 inside the window's border. */
typedef struct
{
  guint width; /* of the window */
  guint height;
  char *text; /* the form's, wrapped; or NULL */
  guint text_rows;
  LodgeFieldPlace *fields; /* as many as the form has */
  guint detail_top;        /* what is told of the row under the cursor */
  guint detail_rows;       /* 0: nothing */
  guint note_top;
  guint note_rows; /* 0: there is no room kept for a note */
  guint buttons_top;
} LodgeGeometry;

/* Lays FORM out on a screen of COLUMNS and ROWS, of which the first and last row are not the
 * window's. */
void lodge_geometry_make (LodgeGeometry *geometry, const LodgeForm *form, guint columns,
                          guint rows);
void lodge_geometry_clear (LodgeGeometry *geometry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LodgeGeometry, lodge_geometry_clear)

/* How many rows the note takes in a window of WIDTH. */
guint lodge_geometry_note_lines (const LodgeForm *form, guint width);
