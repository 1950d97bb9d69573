/* The checksum file beside an image that is written to disks.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-checksum.h"

#include <string.h>

#include "builder/checksums.h"
#include "builder/hash.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  LIMIT = 64 * 1024, /* bytes of a checksum file: a few lines */
};

/* The checksum that is wanted, and in *FOUND the file that says it; NULL with ERROR unset when
 * there is none. */
static char *
find_wanted (const char *image, char **found, GError **error)
{
  g_auto (GStrv) paths = lodge_checksums_files (image);
  g_autofree char *name = g_path_get_basename (image);

  for (char **path = paths; *path != NULL; path++)
    {
      g_autofree char *text = NULL;
      char *wanted;

      if (!g_file_test (*path, G_FILE_TEST_EXISTS))
        continue;
      text = lodge_file_read (*path, LIMIT, NULL, error);
      if (text == NULL)
        return NULL;
      wanted = lodge_checksums_find (text, name);
      if (wanted == NULL)
        continue;
      *found = g_strdup (*path);
      return wanted;
    }
  return NULL;
}

static void
show_read (guint64 bytes, guint64 total, gpointer data)
{
  lodge_progress_bytes (data, bytes, total);
}

gboolean
lodge_flash_checksum (const char *image, LodgeProgress *progress, GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *file = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *got = NULL;
  GError *failure = NULL;

  wanted = find_wanted (image, &file, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (wanted == NULL)
    return TRUE;
  lodge_progress_step (progress, "checksum", "Compare the image with its checksum");
  got = lodge_hash_file (image, show_read, progress, cancellable, error);
  if (got == NULL)
    return FALSE;
  return strcmp (wanted, got) == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "%s is not what %s says: it was changed, damaged or cut off; copy or "
                             "download it again",
                             image, file);
}
