/* Which disk is the planned one.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/planned-disk.h"
#include "firstboot/i18n.h"
#include "common/error.h"
#include "common/size.h"

#include <string.h>

#define UNKNOWN_DATA "data"

char *
lodge_planned_disk_describe (const LodgePlanDisk *planned)
{
  g_autofree char *size = lodge_size_format (planned->size);

  if (planned->serial != NULL)
    return g_strdup_printf (_ ("%s (%s, serial %s)"), planned->name, size, planned->serial);
  if (planned->wwn != NULL)
    return g_strdup_printf ("%s (%s, wwn %s)", planned->name, size, planned->wwn);
  if (planned->path != NULL)
    return g_strdup_printf (_ ("%s (%s, path %s)"), planned->name, size, planned->path);
  return g_strdup_printf ("%s (%s)", planned->name, size);
}

/* Whether the strongest names that the plan has are DISK's. */
static gboolean
is_named (const LodgeDisk *disk, const LodgePlanDisk *planned)
{
  if (planned->serial != NULL || planned->wwn != NULL)
    return (planned->serial == NULL || g_strcmp0 (planned->serial, disk->serial) == 0)
           && (planned->wwn == NULL || g_strcmp0 (planned->wwn, disk->wwn) == 0);
  if (planned->path != NULL)
    return g_strv_contains ((const char *const *)disk->paths, planned->path);
  return g_strcmp0 (planned->name, disk->name) == 0;
}

static gboolean
check_unchanged (const LodgeDisk *disk, const LodgePlanDisk *planned, GError **error)
{
  g_autofree char *description = lodge_planned_disk_describe (planned);

  if (disk->size != planned->size)
    {
      g_autofree char *size = lodge_size_format (disk->size);

      return lodge_error_set (error, LODGE_ERROR_REFUSED,
                              "%s is not the disk it was when setup was planned: %s has %s now "
                              "(%" G_GUINT64_FORMAT " bytes, not %" G_GUINT64_FORMAT
                              "); plan again",
                              description, disk->name, size, disk->size, planned->size);
    }
  /* A disk that was known by its place or name alone and now has a serial number is another one. */
  if (planned->serial == NULL && planned->wwn == NULL
      && (disk->serial != NULL || disk->wwn != NULL))
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s is not the disk it was when setup was planned: it had no serial "
            "number then and has %s now; plan again"),
        description, disk->serial != NULL ? disk->serial : disk->wwn);
  if (planned->serial == NULL && planned->wwn == NULL && planned->path == NULL
      && disk->path != NULL)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        N_ ("%s is not the disk it was when setup was planned: it had no path then "
            "and has %s now; plan again"),
        description, disk->path);
  return TRUE;
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GStrv
lodge_planned_disk_content (const LodgeDisk *disk)
{
  GPtrArray *content = g_ptr_array_new ();

  for (guint i = 0; i < disk->signatures->len; i++)
    {
      const LodgeSignature *signature = disk->signatures->pdata[i];

      /* The protective MBR goes with its GPT, and stays for a moment when that is wiped. */
      if (!g_str_equal (signature->type, "PMBR"))
        g_ptr_array_add (content, g_strjoin (" ", signature->type, signature->uuid, NULL));
    }
  if (disk->unknown_data)
    g_ptr_array_add (content, g_strdup (UNKNOWN_DATA));
  g_ptr_array_sort (content, compare_words);
  g_ptr_array_add (content, NULL);
  return (GStrv)g_ptr_array_free (content, FALSE);
}

gboolean
lodge_planned_disk_check_content (const LodgeDisk *disk, const LodgePlanDisk *planned,
                                  GError **error)
{
  g_auto (GStrv) content = lodge_planned_disk_content (disk);

  for (gsize i = 0; content[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *)planned->content, content[i])
        /* What is left of a file system whose signature was wiped is data without one. */
        && (!g_str_equal (content[i], UNKNOWN_DATA) || planned->content[0] == NULL))
      {
        g_autofree char *description = lodge_planned_disk_describe (planned);

        return lodge_error_set (
            error, LODGE_ERROR_REFUSED,
            N_ ("%s is not the disk it was when setup was planned: %s holds \"%s\" "
                "now; plan again"),
            description, disk->name, content[i]);
      }
  return TRUE;
}

/* Whether DISK is at the planned place, where the plan has one. */
static gboolean
is_in_place (const LodgeDisk *disk, const LodgePlanDisk *planned)
{
  return planned->path != NULL && g_strv_contains ((const char *const *)disk->paths, planned->path);
}

const LodgeDisk *
lodge_planned_disk_find (const GPtrArray *disks, const LodgePlanDisk *planned, GError **error)
{
  const LodgeDisk *found = NULL;

  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = disks->pdata[i];

      if (!is_named (disk, planned))
        continue;
      /* Enclosures of one model carry one serial number. */
      if (found != NULL && is_in_place (found, planned) != is_in_place (disk, planned))
        {
          if (is_in_place (disk, planned))
            found = disk;
          continue;
        }
      if (found != NULL)
        {
          g_autofree char *description = lodge_planned_disk_describe (planned);

          lodge_error_set (
              error, LODGE_ERROR_REFUSED,
              N_ ("%s and %s both answer to the planned disk %s, so neither is touched; "
                  "remove one of them"),
              found->name, disk->name, description);
          return NULL;
        }
      found = disk;
    }
  if (found == NULL)
    {
      g_autofree char *description = lodge_planned_disk_describe (planned);

      lodge_error_set (error, LODGE_ERROR_FAILED,
                       N_ ("the planned disk %s is not there; connect it and try again"),
                       description);
      return NULL;
    }
  return check_unchanged (found, planned, error) ? found : NULL;
}
