/* Which disks the running system stands on.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not by name (sdb may be sda after the next boot) and not by label (a second stick may carry the
 * same ones), but from what is mounted down to the disks: through partitions, device-mapper, md,
 * bcache, loop files and all the members of a btrfs.
 */
#include "common/boot-disk.h"
#include "common/translate.h"
#include "common/block-tree.h"
#include "common/mount-handle.h"
#include "common/probe-files.h"
#include "common/error.h"

#include <string.h>
#include <sys/sysmacros.h>

typedef struct
{
  const LodgeProbe *probe;
  LodgeMountTable *mounts;
  GHashTable *uses;    /* the result */
  GHashTable *visited; /* devices seen during one walk */
} Walk;

static void walk_down (Walk *walk, const char *name, const char *sentence);

/* Mount points without which the system does not start. */
static const char *const boot_targets[] = { "/", "/usr", "/boot", "/boot/efi", "/efi", NULL };

/* A loop device stands on the file system that its file is in, or on the device that it was given.
 */
static void
walk_loop_file (Walk *walk, const char *name, const char *sentence)
{
  g_autofree char *file
      = lodge_probe_read (walk->probe, "/sys/class/block/%s/loop/backing_file", name);
  g_autofree char *device = file == NULL ? NULL : lodge_block_name_of_path (walk->probe, file);
  g_autofree char *directory = file == NULL ? NULL : g_path_get_dirname (file);

  if (device != NULL)
    {
      walk_down (walk, device, sentence);
      return;
    }
  while (directory != NULL)
    {
      struct libmnt_fs *fs = mnt_table_find_target (walk->mounts, directory, MNT_ITER_BACKWARD);
      g_autofree char *below
          = fs == NULL ? NULL : lodge_block_name (walk->probe, mnt_fs_get_devno (fs));
      g_autofree char *parent = NULL;

      if (fs != NULL)
        {
          if (below != NULL)
            walk_down (walk, below, sentence);
          return;
        }
      parent = g_path_get_dirname (directory);
      if (g_str_equal (parent, directory))
        return;
      g_free (directory);
      directory = g_steal_pointer (&parent);
    }
}

static void
walk_down (Walk *walk, const char *name, const char *sentence)
{
  g_autoptr (GPtrArray) below = NULL;

  if (!g_hash_table_add (walk->visited, g_strdup (name)))
    return;
  below = lodge_block_below (walk->probe, name);
  for (guint i = 0; i < below->len; i++)
    walk_down (walk, g_ptr_array_index (below, i), sentence);
  walk_loop_file (walk, name, sentence);
  if (below->len == 0 && !g_hash_table_contains (walk->uses, name))
    g_hash_table_insert (walk->uses, g_strdup (name), g_strdup (sentence));
}

static void
walk_from (Walk *walk, const char *name, const char *sentence)
{
  if (name == NULL)
    return;
  g_hash_table_remove_all (walk->visited);
  walk_down (walk, name, sentence);
}

/* btrfs gives its mounts a device number of no device; its members stand in sysfs. */
static void
walk_btrfs (Walk *walk, const char *member, const char *sentence)
{
  g_autoptr (GPtrArray) systems = lodge_probe_list (walk->probe, "/sys/fs/btrfs");

  for (guint i = 0; i < systems->len; i++)
    {
      const char *system = g_ptr_array_index (systems, i);
      g_autoptr (GPtrArray) members
          = lodge_probe_list (walk->probe, "/sys/fs/btrfs/%s/devices", system);

      if (!g_ptr_array_find_with_equal_func (members, member, g_str_equal, NULL))
        continue;
      for (guint j = 0; j < members->len; j++)
        walk_from (walk, g_ptr_array_index (members, j), sentence);
    }
}

static void
walk_mount (Walk *walk, struct libmnt_fs *fs, const char *sentence)
{
  g_autofree char *name = lodge_block_name (walk->probe, mnt_fs_get_devno (fs));
  const char *source = mnt_fs_get_source (fs);
  g_auto (GStrv) sources = NULL;

  if (name != NULL)
    {
      walk_from (walk, name, sentence);
      return;
    }
  /* bcachefs names all its members: "/dev/sda:/dev/sdb". */
  sources = g_strsplit (source == NULL ? "" : source, ":", -1);
  for (gsize i = 0; sources[i] != NULL; i++)
    {
      g_autofree char *member = lodge_block_name_of_path (walk->probe, sources[i]);

      walk_from (walk, member, sentence);
      if (member != NULL && g_strcmp0 (mnt_fs_get_fstype (fs), "btrfs") == 0)
        walk_btrfs (walk, member, sentence);
    }
}

/* A system that comes from a disk which is not found must not end in every disk being thought free.
 * (A root from the network or from memory has no source under /dev.) */
static gboolean
check_root_found (const Walk *walk, GError **error)
{
  struct libmnt_fs *root = mnt_table_find_target (walk->mounts, "/", MNT_ITER_BACKWARD);
  const char *source = root == NULL ? NULL : mnt_fs_get_source (root);

  if (root == NULL)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "cannot tell which disk the running system is on: no file system is "
                            "mounted at / according to /proc/self/mountinfo");
  if (source != NULL && g_str_has_prefix (source, "/dev/") && g_hash_table_size (walk->uses) == 0)
    return lodge_error_set (
        error, LODGE_ERROR_REFUSED,
        "cannot tell which disk the running system is on: / is mounted from %s, "
        "which is not in /sys/class/block",
        source);
  return TRUE;
}

static gboolean
parse_table (const LodgeProbe *probe, const char *file, gboolean swaps, LodgeMountTable *table,
             GError **error)
{
  g_autofree char *path = lodge_probe_path (probe, "%s", file);
  int result = swaps ? mnt_table_parse_swaps (table, path) : mnt_table_parse_file (table, path);

  if (result == 0)
    return TRUE;
  return lodge_error_set_errno (error, result < 0 ? -result : EINVAL,
                                "read %s to learn which disks are in use", path);
}

static gboolean
walk_mounts (Walk *walk, GError **error)
{
  g_autoptr (LodgeMountIterator) iterator = mnt_new_iter (MNT_ITER_FORWARD);
  struct libmnt_fs *fs;

  for (gsize i = 0; boot_targets[i] != NULL; i++)
    {
      /* Backwards: the last mount on a target is the one that is seen. */
      fs = mnt_table_find_target (walk->mounts, boot_targets[i], MNT_ITER_BACKWARD);
      if (fs != NULL)
        {
          g_autofree char *sentence
              = i == 0
                    ? g_strdup (_ ("this is the boot disk: the running system is on it"))
                    : g_strdup_printf (_ ("this is a boot disk: %s of the running system is on it"),
                                       boot_targets[i]);

          walk_mount (walk, fs, sentence);
        }
      if (i == 0 && !check_root_found (walk, error))
        return FALSE;
    }
  while (mnt_table_next_fs (walk->mounts, iterator, &fs) == 0)
    {
      g_autofree char *sentence
          = g_strdup_printf (_ ("it is in use: mounted at %s"), mnt_fs_get_target (fs));

      walk_mount (walk, fs, sentence);
    }
  return TRUE;
}

static void
walk_swaps (Walk *walk, LodgeMountTable *swaps)
{
  g_autoptr (LodgeMountIterator) iterator = mnt_new_iter (MNT_ITER_FORWARD);
  struct libmnt_fs *fs;

  while (mnt_table_next_fs (swaps, iterator, &fs) == 0)
    {
      /* A swap file has a path elsewhere; its file system is mounted and walked already. */
      g_autofree char *name = lodge_block_name_of_path (walk->probe, mnt_fs_get_source (fs));

      walk_from (walk, name, _ ("it is in use: the running system swaps to it"));
    }
}

GHashTable *
lodge_disks_in_use (const LodgeProbe *probe, GError **error)
{
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (LodgeMountTable) mounts = mnt_new_table ();
  g_autoptr (LodgeMountTable) swaps = mnt_new_table ();
  Walk walk = { .probe = probe, .mounts = mounts, .uses = uses, .visited = visited };

  if (!parse_table (probe, "/proc/self/mountinfo", FALSE, mounts, error)
      || !walk_mounts (&walk, error))
    return NULL;
  /* A kernel without swap support has no such file. */
  if (lodge_probe_exists (probe, "/proc/swaps"))
    {
      if (!parse_table (probe, "/proc/swaps", TRUE, swaps, error))
        return NULL;
      walk_swaps (&walk, swaps);
    }
  return g_steal_pointer (&uses);
}
