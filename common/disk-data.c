/* Whether a disk without any signature holds data all the same.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/disk-data.h"
#include "common/sectors.h"

#include <fcntl.h>
#include <string.h>

#define MIB G_GUINT64_CONSTANT (1048576)
#define HEAD (4 * MIB)
#define TAIL MIB
#define DENSE (512 * MIB) /* up to here there is a sample in each MiB */

enum
{
  SAMPLE = 4096, /* bytes */
  SPARSE = 1000, /* samples of the rest */
};

static gboolean
read_place (int fd, guint64 offset, guint64 length, gboolean *empty, GError **error)
{
  g_autoptr (GBytes) bytes = lodge_sectors_read (fd, offset, (gsize)length, error);
  const guint8 *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, NULL);
  /* Each byte equals the one before it, and the first is one of the two. */
  if (length > 0
      && ((data[0] != 0x00 && data[0] != 0xff) || memcmp (data, data + 1, (gsize)length - 1) != 0))
    *empty = FALSE;
  return TRUE;
}

/* The places of the samples, in their order on the disk (of guint64). */
static GArray *
list_samples (guint64 size)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 end = size > TAIL ? size - TAIL : 0; /* the tail is read whole */
  guint64 step;

  for (guint64 offset = HEAD; offset < DENSE && offset + SAMPLE <= end; offset += MIB)
    g_array_append_val (samples, offset);
  /* As sectors may have 4096 bytes, all begin at a multiple of that. */
  step = end > DENSE ? MAX ((end - DENSE) / SPARSE / SAMPLE * SAMPLE, SAMPLE) : 0;
  for (guint64 offset = DENSE; step > 0 && offset + SAMPLE <= end; offset += step)
    g_array_append_val (samples, offset);
  return samples;
}

gboolean
lodge_disk_data_probe (int fd, guint64 size, gboolean *empty, GError **error)
{
  g_autoptr (GArray) samples = list_samples (size);
  guint64 head = MIN (size, HEAD);
  guint64 tail = MIN (size, TAIL);

  *empty = TRUE;
  if (!read_place (fd, 0, head, empty, error) || !read_place (fd, size - tail, tail, empty, error))
    return FALSE;
  /* Asked for together, a turning disk reads them in one sweep. */
  for (guint i = 0; *empty && i < samples->len; i++)
    (void)posix_fadvise (fd, (off_t)g_array_index (samples, guint64, i), SAMPLE,
                         POSIX_FADV_WILLNEED);
  for (guint i = 0; *empty && i < samples->len; i++)
    if (!read_place (fd, g_array_index (samples, guint64, i), SAMPLE, empty, error))
      return FALSE;
  return TRUE;
}
