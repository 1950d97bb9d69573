/* Data without a signature, on image files: what the plan and the step say of it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/disk-data.h"
#include "firstboot/disk-state.h"
#include "common/probe-signatures.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024LL * 1024)
#define GIB (1024 * MIB)

/* Written: LENGTH bytes of FILL at OFFSET; nothing when LENGTH is 0. */
static const struct
{
  const char *name;
  gint64 size, offset, length;
  int fill;
  gboolean empty;
} cases[] = {
  { "blank", 8 * GIB, 0, 0, 0, TRUE },
  { "small", 3 * MIB + 512, 0, 0, 0, TRUE },
  { "first-byte", 8 * GIB, 0, 1, 'x', FALSE },
  { "last-byte", 8 * GIB, 8 * GIB - 1, 1, 'x', FALSE },
  /* btrfs in a partition whose table was deleted */
  { "second-mib", 8 * GIB, MIB + 65536, 512, 'x', FALSE },
  /* `diskpart clean` on a disk whose first data is at 17 MiB */
  { "seventeen-mib", 8 * GIB, 17 * MIB, 4096, 'x', FALSE },
  { "late", 8 * GIB, 6 * GIB, 16 * MIB, 'x', FALSE },
  { "erased-flash", 64 * MIB, 0, 64 * MIB, 0xff, TRUE },
};

static void
write_at (int fd, gint64 offset, gint64 length, int fill)
{
  g_autofree char *data = g_malloc ((gsize)MAX (length, 1));

  memset (data, fill, (gsize)length);
  g_assert_cmpint (pwrite (fd, data, (gsize)length, offset), ==, length);
}

static void
test_case (gconstpointer number)
{
  gsize i = GPOINTER_TO_SIZE (number);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("lodge-disk-data-XXXXXX", &path, &error);
  g_autoptr (LodgeDiskState) state = NULL;
  g_autoptr (LodgeContent) content = NULL;
  gboolean empty = FALSE;

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, cases[i].size), ==, 0);
  write_at (fd, cases[i].offset, cases[i].length, cases[i].fill);
  g_assert_true (lodge_disk_data_probe (fd, (guint64)cases[i].size, &empty, &error));
  g_assert_no_error (error);
  g_assert_cmpint (empty, ==, cases[i].empty);

  state = lodge_disk_state_read (fd, (guint64)cases[i].size, 512, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state->kind, ==,
                   cases[i].empty ? LODGE_DISK_STATE_BLANK : LODGE_DISK_STATE_DATA);
  content = lodge_content_probe (path, "/dev/sdx", &error);
  g_assert_no_error (error);
  g_assert_cmpint (content->unknown_data, ==, !cases[i].empty);
  close (fd);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/disk-data/", cases[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  return g_test_run ();
}
