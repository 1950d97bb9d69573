/* Reading the disks behind a screen.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-reading.h"

#include "common/probe-files.h"
#include "firstboot/confirmed-disks.h"
#include "firstboot/i18n.h"
#include "firstboot/look-for-guests.h"

typedef struct
{
  char *sysroot;
  char *known;
  GPtrArray *disks;
  char *names;
  GError *error;
} Reading;

char *
lodge_disk_reading_names (const LodgeProbe *probe)
{
  g_autoptr (GPtrArray) names = lodge_probe_list (probe, "/sys/block");
  GString *text = g_string_new (lodge_language_used ());

  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (LodgeDisk) disk = lodge_probe_disk_identity (probe, names->pdata[i]);
      g_autofree char *identity = lodge_confirmed_disk_identity (disk);

      g_string_append_printf (text, "\n%s %s", disk->name, identity);
    }
  return g_string_free (text, FALSE);
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->sysroot);
  g_free (reading->known);
  g_clear_pointer (&reading->disks, g_ptr_array_unref);
  g_free (reading->names);
  g_clear_error (&reading->error);
  g_free (reading);
}

static void
read_disks (gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  const LodgeProbe probe = { .sysroot = reading->sysroot };
  /* First: one that comes meanwhile is a change. */
  g_autofree char *names = lodge_disk_reading_names (&probe);

  if (g_strcmp0 (names, reading->known) == 0 || g_cancellable_is_cancelled (cancellable))
    return;
  reading->disks = lodge_probe_disks_and_guests (&probe, &reading->error);
  reading->names = g_steal_pointer (&names);
}

LodgeBackground *
lodge_disk_reading_start (const LodgeProbe *probe, const char *known)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->sysroot = g_strdup (probe->sysroot);
  reading->known = g_strdup (known);
  return lodge_background_start (read_disks, reading, reading_free);
}

gboolean
lodge_disk_reading_take (LodgeBackground *background, GPtrArray **disks, char **names,
                         GError **error)
{
  Reading *reading = lodge_background_data (background);

  if (reading->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reading->error));
      return FALSE;
    }
  *disks = g_steal_pointer (&reading->disks);
  *names = g_steal_pointer (&reading->names);
  return TRUE;
}
