/* make-format FORMAT TEMPLATE IMAGE OUTPUT: writes a raw image in one of the output formats, as
 * lodge build does. For tests/fast/ova.t, which makes a small image of its own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <signal.h>
#include <stdio.h>

#include "builder/format.h"
#include "builder/hash.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeTemplate) template = NULL;
  g_autofree char *hash = NULL;
  const LodgeFormat *format = argc == 5 ? lodge_format_find (argv[1]) : NULL;
  LodgeFormatSource source = { 0 };

  if (format == NULL)
    return 2;
  signal (SIGPIPE, SIG_IGN);
  template = lodge_template_load (NULL, argv[2], &error);
  hash = template != NULL ? lodge_hash_file (argv[3], NULL, NULL, NULL, &error) : NULL;
  source.raw = argv[3];
  source.build_hash = hash;
  source.template = template;
  if (hash == NULL || !format->write (&source, argv[4], NULL, NULL, &error))
    {
      fprintf (stderr, "make-format: %s\n", error->message);
      return 1;
    }
  return 0;
}
