/* Trees of /proc, /sys, /dev and /run for the probes: captured ones, and small ones made by a test.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/disks.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* The folders of tests/fixtures/hardware. */
static const char *const captured_machines[]
    = { "intel-locked", "vm-firecracker", "vm-qemu-no-svm", "vm-qemu-svm", "vm-vmware" };

static inline char *
captured_machine (const char *name)
{
  const char *top = g_getenv ("LODGE_TOP");

  return g_build_filename (top != NULL ? top : ".", "tests", "fixtures", "hardware", name, NULL);
}

static inline char *
tree_new (void)
{
  g_autoptr (GError) error = NULL;
  char *root = g_dir_make_tmp ("lodge-tree-XXXXXX", &error);

  g_assert_no_error (error);
  return root;
}

static inline void
tree_parent (const char *file)
{
  g_autofree char *directory = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
}

static inline void
tree_file (const char *root, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (root, path, NULL);
  g_autoptr (GError) error = NULL;

  tree_parent (file);
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
}

static inline void
tree_link (const char *root, const char *path, const char *target)
{
  g_autofree char *file = g_build_filename (root, path, NULL);

  tree_parent (file);
  g_assert_cmpint (symlink (target, file), ==, 0);
}

/* The block device NAME ("sdb", "sdb1") with its place in sysfs.  PARENT is the disk of a
 * partition, NULL otherwise; BUS is where a disk is ("pci0000:00/ata1/host0"), NULL for a virtual
 * one. */
static inline void
tree_block (const char *root, const char *name, const char *number, const char *parent,
            const char *bus)
{
  g_autofree char *device
      = g_strdup_printf ("%s/block/%s%s%s", bus == NULL ? "virtual" : bus,
                         parent == NULL ? "" : parent, parent == NULL ? "" : "/", name);
  g_autofree char *dev = g_strdup_printf ("sys/devices/%s/dev", device);
  g_autofree char *partition = g_strdup_printf ("sys/devices/%s/partition", device);
  g_autofree char *by_class = g_strdup_printf ("sys/class/block/%s", name);
  g_autofree char *by_name = g_strdup_printf ("sys/block/%s", name);
  g_autofree char *by_number = g_strdup_printf ("sys/dev/block/%s", number);
  g_autofree char *from_class = g_strdup_printf ("../../devices/%s", device);
  g_autofree char *from_block = g_strdup_printf ("../devices/%s", device);

  tree_file (root, dev, number);
  tree_link (root, by_class, from_class);
  tree_link (root, by_number, from_class);
  if (parent != NULL)
    tree_file (root, partition, "1");
  else
    tree_link (root, by_name, from_block);
}

/* UPPER (dm-0, md0) is built on LOWER. */
static inline void
tree_stack (const char *root, const char *upper, const char *lower)
{
  g_autofree char *slave = g_strdup_printf ("sys/class/block/%s/slaves/%s", upper, lower);
  g_autofree char *holder = g_strdup_printf ("sys/class/block/%s/holders/%s", lower, upper);

  tree_file (root, slave, "");
  tree_file (root, holder, "");
}

static inline void
tree_remove (const char *root)
{
  const char *arguments[] = { "rm", "-r", root, NULL };
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                &error);
  g_assert_no_error (error);
}
