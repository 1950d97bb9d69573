/* label-image IMAGE OFFSET: labels the root file system at OFFSET of a raw image, as lodge build
 * does, and says how many files that were.  For tests/bench-el.sh, which takes the time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>

#include "builder/selinux-label.h"
#include "common/number.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *work = argc == 3 ? g_path_get_dirname (argv[1]) : NULL;
  guint64 offset;
  guint64 count;

  if (argc != 3 || !lodge_number_parse (argv[2], 0, G_MAXINT64, &offset))
    return 2;
  if (!lodge_selinux_label (argv[1], offset, work, &count, NULL, &error))
    {
      fprintf (stderr, "label-image: %s\n", error->message);
      return 1;
    }
  printf ("%" G_GUINT64_FORMAT " files\n", count);
  return 0;
}
