/* What is saved of guests and is not defined any more.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/removed-guests.h"

LodgeRemoved *
lodge_removed_new (const LodgeDirectory *store, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (LodgeRemoved) removed = g_new0 (LodgeRemoved, 1);

  removed->name = g_date_time_format (now, "removed/%Y-%m-%dT%H-%M-%SZ");
  removed->beside = lodge_directory_open_parent (store, error);
  return removed->beside != NULL ? g_steal_pointer (&removed) : NULL;
}

gboolean
lodge_removed_take (LodgeRemoved *removed, const LodgeDirectory *directory, const char *name,
                    const char *place, guint *changed, GError **error)
{
  g_autofree char *names = g_build_filename (removed->name, place, NULL);
  g_autoptr (LodgeDirectory) target = NULL;

  if (!lodge_directory_open_below (removed->beside, names, 0700, &target, error)
      || !lodge_directory_move (directory, name, target, error))
    return FALSE;
  if (changed != NULL)
    (*changed)++;
  return TRUE;
}

void
lodge_removed_free (LodgeRemoved *removed)
{
  if (removed == NULL)
    return;
  lodge_directory_free (removed->beside);
  g_free (removed->name);
  g_free (removed);
}
