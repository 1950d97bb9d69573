/* Reading the disks behind a screen.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/disk-reading.h"

#include "common/probe-files.h"
#include "firstboot/confirmed-disks.h"
#include "firstboot/i18n.h"
#include "firstboot/latch.h"
#include "firstboot/look-for-guests.h"

/* Shared by who waits and the thread: either may be the last. */
struct _LodgeDiskReading
{
  gatomicrefcount references;
  char *sysroot;
  char *known;
  LodgeLatch done;
  GPtrArray *disks;
  char *names;
  GError *error;
};

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

void
lodge_disk_reading_drop (LodgeDiskReading *reading)
{
  if (!g_atomic_ref_count_dec (&reading->references))
    return;
  g_free (reading->sysroot);
  g_free (reading->known);
  lodge_latch_clear (&reading->done);
  g_clear_pointer (&reading->disks, g_ptr_array_unref);
  g_free (reading->names);
  g_clear_error (&reading->error);
  g_free (reading);
}

static gpointer
read_disks (gpointer data)
{
  LodgeDiskReading *reading = data;
  const LodgeProbe probe = { .sysroot = reading->sysroot };
  /* First: one that comes meanwhile is a change. */
  g_autofree char *names = lodge_disk_reading_names (&probe);

  if (g_strcmp0 (names, reading->known) != 0)
    {
      reading->disks = lodge_probe_disks_and_guests (&probe, &reading->error);
      reading->names = g_steal_pointer (&names);
    }
  lodge_latch_set (&reading->done);
  lodge_disk_reading_drop (reading);
  return NULL;
}

LodgeDiskReading *
lodge_disk_reading_start (const LodgeProbe *probe, const char *known)
{
  LodgeDiskReading *reading = g_new0 (LodgeDiskReading, 1);

  g_atomic_ref_count_init (&reading->references);
  g_atomic_ref_count_inc (&reading->references);
  reading->sysroot = g_strdup (probe->sysroot);
  reading->known = g_strdup (known);
  lodge_latch_init (&reading->done);
  g_thread_unref (g_thread_new ("disks", read_disks, reading));
  return reading;
}

gboolean
lodge_disk_reading_is_done (LodgeDiskReading *reading, guint milliseconds)
{
  return lodge_latch_is_set_within (&reading->done, milliseconds);
}

gboolean
lodge_disk_reading_take (LodgeDiskReading *reading, GPtrArray **disks, char **names, GError **error)
{
  if (reading->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reading->error));
      return FALSE;
    }
  *disks = g_steal_pointer (&reading->disks);
  *names = g_steal_pointer (&reading->names);
  return TRUE;
}
