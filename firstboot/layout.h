/* Storage layouts: one file each (layout-NAME.c), one row in layout.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/step.h"

/* Where VM storage is mounted whatever the layout. */
#define LODGE_STORAGE_MOUNT_POINT "/var/lib/libvirt/images"

typedef struct
{
  LodgeLayoutKind kind;
  guint minimum_disks;
  guint maximum_disks;
  /* One sentence for the plan: "Create one GPT partition with an XFS file system on …".  Free with
   * g_free. */
  char *(*describe) (const LodgePlan *plan);
  gboolean (*apply) (LodgeStepContext *context, GError **error);
} LodgeLayout;

/* The layout's row, or NULL when this version does not have it. */
const LodgeLayout *lodge_layout_find (LodgeLayoutKind kind);

/* Names of the layouts in the table, "xfs, none"; free with g_free. */
char *lodge_layout_names (void);

/* The rows. */
extern const LodgeLayout lodge_layout_xfs;   /* layout-xfs.c */
extern const LodgeLayout lodge_layout_adopt; /* layout-adopt.c */
extern const LodgeLayout lodge_layout_none;  /* layout-none.c */
