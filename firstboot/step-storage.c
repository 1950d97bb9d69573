/* The step "storage": the layout's work.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/layout.h"
#include "firstboot/i18n.h"

gboolean
lodge_step_storage (LodgeStepContext *context, GError **error)
{
  const LodgePlan *plan = context->plan;
  const LodgeLayout *layout = lodge_layout_find (plan->answers->layout);

  if (layout == NULL)
    {
      g_autofree char *names = lodge_layout_names ();

      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              N_ ("this version does not have layout=%s; it has: %s"),
                              lodge_layout_kind_name (plan->answers->layout), names);
    }
  /* The plan sees to it; but what follows writes. */
  if (plan->disks->len < layout->minimum_disks || plan->disks->len > layout->maximum_disks)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            N_ ("layout=%s takes %u to %u disks, and the plan has %u"),
                            lodge_layout_kind_name (layout->kind), layout->minimum_disks,
                            layout->maximum_disks, plan->disks->len);
  return layout->apply (context, error);
}
