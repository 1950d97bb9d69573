/* The planned disk is found again by what it is, and not found when in doubt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/planned-disk.h"

#include <string.h>

#define GIB (G_GUINT64_CONSTANT (1) << 30)

static LodgeDisk *
make_disk (const char *name, const char *serial, const char *wwn, const char *path, guint64 size)
{
  LodgeDisk *disk = g_new0 (LodgeDisk, 1);
  const char *paths[] = { path, NULL };

  disk->name = g_strdup (name);
  disk->device = g_strconcat ("/dev/", name, NULL);
  disk->serial = g_strdup (serial);
  disk->wwn = g_strdup (wwn);
  disk->path = g_strdup (path);
  disk->paths = g_strdupv ((GStrv)paths);
  disk->size = size;
  return disk;
}

/* What another machine's probe would have: sda to sde. */
static GPtrArray *
make_disks (void)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_disk_free);

  g_ptr_array_add (disks, make_disk ("sda", "A", "wwn-a", "path-a", 8 * GIB));
  g_ptr_array_add (disks, make_disk ("sdb", "TWIN", NULL, "path-b", 8 * GIB));
  g_ptr_array_add (disks, make_disk ("sdc", "TWIN", NULL, "path-c", 8 * GIB));
  g_ptr_array_add (disks, make_disk ("sdd", NULL, NULL, "path-d", 8 * GIB));
  g_ptr_array_add (disks, make_disk ("sde", NULL, NULL, NULL, 8 * GIB));
  return disks;
}

typedef struct
{
  const char *name;
  const char *planned_name;
  const char *serial;
  const char *wwn;
  const char *path;
  guint64 size;
  const char *found;  /* NULL: not found */
  const char *reason; /* a part of the message */
} Row;

static const Row rows[] = {
  { "serial", "vdz", "A", NULL, "elsewhere", 8 * GIB, "sda", NULL },
  { "serial and wwn", "vdz", "A", "wwn-a", NULL, 8 * GIB, "sda", NULL },
  { "wwn", "vdz", NULL, "wwn-a", NULL, 8 * GIB, "sda", NULL },
  { "serial of one, wwn of another", "sda", "A", "wwn-x", NULL, 8 * GIB, NULL, "is not there" },
  { "gone", "sda", "GONE", NULL, "path-a", 8 * GIB, NULL, "serial GONE) is not there" },
  { "twins", "sdb", "TWIN", NULL, "path-b", 8 * GIB, NULL, "sdb and sdc both answer" },
  { "other size", "sda", "A", NULL, NULL, 8 * GIB + 512, NULL, "has 8.0 GiB now" },
  { "path", "vdz", NULL, NULL, "path-d", 8 * GIB, "sdd", NULL },
  { "path, other size", "sdd", NULL, NULL, "path-d", 4 * GIB, NULL, "plan again" },
  { "path, now with a serial", "sda", NULL, NULL, "path-a", 8 * GIB, NULL,
    "no serial number then and has A now" },
  { "name", "sde", NULL, NULL, NULL, 8 * GIB, "sde", NULL },
  { "name, now with a path", "sdd", NULL, NULL, NULL, 8 * GIB, NULL,
    "no path then and has path-d now" },
  { "name, now with a serial", "sda", NULL, NULL, NULL, 8 * GIB, NULL, "no serial number then" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GPtrArray) disks = make_disks ();
  g_autoptr (GError) error = NULL;
  const LodgePlanDisk planned = {
    .name = (char *)row->planned_name,
    .serial = (char *)row->serial,
    .wwn = (char *)row->wwn,
    .path = (char *)row->path,
    .size = row->size,
  };
  const LodgeDisk *found = lodge_planned_disk_find (disks, &planned, &error);

  if (row->found != NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (found->name, ==, row->found);
      return;
    }
  g_assert_null (found);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, row->reason));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/planned-disk/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  return g_test_run ();
}
