/* label-image IMAGE OFFSET: labels the root file system at OFFSET of a raw image as lodge build
 * does, and prints how many files that were, the seconds that the look-ups took, for which a build
 * has other work beside, and those that it then waits.  For tests/bench-el.sh.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>

#include "builder/selinux-label.h"
#include "common/number.h"

static double
seconds_since (gint64 start)
{
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* Until the look-ups are done: *AHEAD then has them. */
static gboolean
look_up (const char *image, guint64 offset, const char *work, LodgeSelinuxAhead **ahead,
         GError **error)
{
  g_autoptr (LodgeSelinuxContexts) contexts = NULL;
  g_auto (ext2_filsys) filesystem = lodge_ext2_open_to_read (image, offset, error);

  if (filesystem == NULL)
    return FALSE;
  *ahead = lodge_selinux_ahead_start (image, offset, work, NULL, error);
  contexts = *ahead != NULL ? lodge_selinux_contexts_open (filesystem, work, error) : NULL;
  return contexts != NULL && lodge_selinux_ahead_wait (*ahead, contexts);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeSelinuxAhead) ahead = NULL;
  g_autofree char *work = argc == 3 ? g_path_get_dirname (argv[1]) : NULL;
  gint64 start = g_get_monotonic_time ();
  double looked_up;
  guint64 offset;
  guint64 count;

  if (argc != 3 || !lodge_number_parse (argv[2], 0, G_MAXINT64, &offset))
    return 2;
  if (look_up (argv[1], offset, work, &ahead, &error))
    {
      looked_up = seconds_since (start);
      start = g_get_monotonic_time ();
      if (lodge_selinux_label (argv[1], offset, work, ahead, &count, NULL, &error))
        {
          printf ("%" G_GUINT64_FORMAT "\t%.2f\t%.2f\n", count, looked_up, seconds_since (start));
          return 0;
        }
    }
  fprintf (stderr, "label-image: %s\n", error->message);
  return 1;
}
