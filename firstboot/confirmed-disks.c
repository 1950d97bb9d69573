/* The disks that a person confirmed at the screens.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/confirmed-disks.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/i18n.h"

#include <string.h>

#define FILE_LIMIT 65536 /* bytes: a line is under 500, and a plan takes a few disks */

static const char *
text_or_nothing (const char *text)
{
  return text != NULL ? text : "";
}

char *
lodge_confirmed_disk_identity (const LodgeDisk *disk)
{
  char *identity
      = g_strdup_printf ("%s;%" G_GUINT64_FORMAT ";%" G_GUINT64_FORMAT ";%s;%s;%s", disk->name,
                         disk->generation, disk->size, text_or_nothing (disk->serial),
                         text_or_nothing (disk->wwn), text_or_nothing (disk->path));

  /* A disk may say anything of itself. */
  return g_strdelimit (identity, "\t\n", '?');
}

char *
lodge_confirmed_disks_format (const GPtrArray *disks)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *identity = lodge_confirmed_disk_identity (disks->pdata[i]);
      g_autofree char *name = lodge_disk_describe (disks->pdata[i]);

      g_string_append_printf (text, "%s\t%s\n", identity, g_strdelimit (name, "\n", '?'));
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_among (const GPtrArray *disks, const char *identity)
{
  for (guint i = 0; i < disks->len; i++)
    {
      g_autofree char *other = lodge_confirmed_disk_identity (disks->pdata[i]);

      if (g_str_equal (identity, other))
        return TRUE;
    }
  return FALSE;
}

char *
lodge_confirmed_disks_find_lost (const char *text, const GPtrArray *disks)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", 2);

      if (parts[0] != NULL && !is_among (disks, parts[0]))
        return g_strdup (parts[1] != NULL ? parts[1] : parts[0]);
    }
  return NULL;
}

gboolean
lodge_confirmed_disks_check (const char *file, const GPtrArray *disks, GError **error)
{
  g_autofree char *text = lodge_file_read (file, FILE_LIMIT, NULL, error);
  g_autofree char *lost = NULL;

  if (text == NULL)
    return FALSE;
  lost = lodge_confirmed_disks_find_lost (text, disks);
  return lost == NULL
         || lodge_error_set (error, LODGE_ERROR_REFUSED,
                             N_ ("%s, which was chosen, is no longer there, or was connected anew: "
                                 "choose a disk again"),
                             lost);
}
