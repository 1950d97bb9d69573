/* make-flash-map IMAGE: prints the flash map of a raw image, as lodge build writes it beside one.
 * For tests/fast/flash.t, which makes small images of its own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <stdio.h>

#include "builder/flash-map.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFlashSource) source = NULL;
  g_autoptr (LodgeFlashMap) map = NULL;
  g_autofree char *text = NULL;

  if (argc != 2)
    return 2;
  source = lodge_flash_source_new (open (argv[1], O_RDONLY | O_CLOEXEC), argv[1], &error);
  map = source != NULL ? lodge_flash_map_make (source, TRUE, NULL, NULL, NULL, &error) : NULL;
  if (map == NULL || !lodge_flash_map_hash (map, source, TRUE, NULL, NULL, NULL, &error))
    {
      fprintf (stderr, "make-flash-map: %s\n", error->message);
      return 1;
    }
  text = lodge_flash_map_format (map);
  fputs (text, stdout);
  return 0;
}
