/* The checksum file beside an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/checksums.h"
#include "builder/hash.h"
#include "builder/inspect.h"
#include "common/error.h"
#include "common/file.h"

#include <string.h>

enum
{
  LIMIT = 64 * 1024, /* bytes of a checksum file: a few lines */
};

void
lodge_inspect_warn (JsonObject *facts, char *sentence)
{
  JsonArray *warnings = json_object_has_member (facts, "warnings")
                            ? json_object_get_array_member (facts, "warnings")
                            : NULL;

  if (warnings == NULL)
    {
      warnings = json_array_new ();
      json_object_set_array_member (facts, "warnings", warnings);
    }
  json_array_add_string_element (warnings, sentence);
  g_free (sentence);
}

gboolean
lodge_inspect_checksum (JsonObject *facts, const char *image, GCancellable *cancellable,
                        GError **error)
{
  g_auto (GStrv) paths = lodge_checksums_files (image);
  g_autofree char *name = g_path_get_basename (image);

  for (char **path = paths; *path != NULL; path++)
    {
      g_autofree char *text = NULL;
      g_autofree char *wanted = NULL;
      g_autofree char *found = NULL;
      JsonObject *checksum;

      if (!g_file_test (*path, G_FILE_TEST_EXISTS))
        continue;
      text = lodge_file_read (*path, LIMIT, NULL, error);
      if (text == NULL)
        return FALSE;
      wanted = lodge_checksums_find (text, name);
      if (wanted == NULL)
        {
          lodge_inspect_warn (facts,
                              g_strdup_printf ("%s has no line for %s: nothing tells whether the "
                                               "image is what was built",
                                               *path, name));
          continue;
        }
      found = lodge_hash_file (image, NULL, NULL, cancellable, error);
      if (found == NULL)
        return FALSE;
      checksum = json_object_new ();
      json_object_set_string_member (checksum, "file", *path);
      json_object_set_boolean_member (checksum, "matches", strcmp (wanted, found) == 0);
      json_object_set_string_member (checksum, "sha256", found);
      json_object_set_object_member (facts, "checksum", checksum);
      if (json_object_has_member (facts, "warnings"))
        json_object_remove_member (facts, "warnings"); /* the other file has it */
      return TRUE;
    }
  return TRUE;
}
