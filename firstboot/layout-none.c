/* Layout "none": no disk is taken, VM storage is a directory of the boot disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/layout.h"
#include "firstboot/i18n.h"

static char *
describe (const LodgePlan *plan)
{
  (void)plan;
  return g_strdup_printf (_ ("Touch no disk: virtual machines are stored on the boot disk, in %s"),
                          LODGE_STORAGE_MOUNT_POINT);
}

static gboolean
apply (LodgeStepContext *context, GError **error)
{
  (void)error;
  json_object_set_string_member (context->measured, "layout",
                                 lodge_layout_kind_name (LODGE_LAYOUT_NONE));
  return TRUE;
}

const LodgeLayout lodge_layout_none = {
  .kind = LODGE_LAYOUT_NONE,
  .minimum_disks = 0,
  .maximum_disks = 0,
  .describe = describe,
  .apply = apply,
};
