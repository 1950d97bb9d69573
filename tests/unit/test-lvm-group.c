/* Which volume group has parts that are kept.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/lvm-group.h"

/* What pvs printed, and the disk of each volume. */
typedef struct
{
  const char *line;
  const char *disk; /* NULL: missing */
} Volume;

static GPtrArray *
make (const Volume *list, gsize count)
{
  GPtrArray *volumes = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_lvm_volume_free);

  for (gsize i = 0; i < count; i++)
    {
      LodgeLvmVolume *volume = lodge_lvm_volume_parse (list[i].line);

      g_assert_nonnull (volume);
      g_strfreev (volume->disks);
      volume->disks = g_strsplit (list[i].disk != NULL ? list[i].disk : "", " ", -1);
      g_ptr_array_add (volumes, volume);
    }
  return volumes;
}

static const Volume spanning[] = {
  { "  RCT7Bl-pKWq|/dev/vdb1", "vdb" },
  { "  RCT7Bl-pKWq|/dev/vdc", "vdc" },
  { "  |/dev/vdd", "vdd" },
};

static const Volume with_missing[] = {
  { "  RCT7Bl-pKWq|/dev/vdb1", "vdb" },
  { "  RCT7Bl-pKWq|[unknown]", NULL },
};

static const char *
kept_by (const Volume *list, gsize count, const char *disk, const char *allowed, gboolean *known)
{
  g_autoptr (GPtrArray) volumes = make (list, count);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (allowed, " ", -1);
  const LodgeLvmVolume *kept;

  for (gsize i = 0; words[i] != NULL; i++)
    g_ptr_array_add (names, g_strdup (words[i]));
  kept = lodge_lvm_find_kept (volumes, disk, names, known);
  return kept != NULL ? g_intern_string (kept->device) : NULL;
}

static void
test_kept (void)
{
  gboolean known;

  g_assert_cmpstr (kept_by (spanning, 3, "vdb", "vdb", &known), ==, "/dev/vdc");
  g_assert_true (known);
  g_assert_cmpstr (kept_by (spanning, 3, "vdb", "vdb vdc", &known), ==, NULL);
  g_assert_true (known);
  /* In no group. */
  g_assert_cmpstr (kept_by (spanning, 3, "vdd", "vdd", &known), ==, NULL);
  g_assert_true (known);
  g_assert_cmpstr (kept_by (spanning, 3, "vde", "vde", &known), ==, NULL);
  g_assert_false (known);
  g_assert_cmpstr (kept_by (with_missing, 2, "vdb", "vdb", &known), ==, "[unknown]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_null (lodge_lvm_volume_parse (""));
  g_test_add_func ("/lvm-group/kept", test_kept);
  return g_test_run ();
}
