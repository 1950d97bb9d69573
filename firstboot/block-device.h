/* Block devices as sysfs shows them: what lies on what, by device number and never by guessing from
 * names.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A name here is the kernel's ("sdb", "sdb1", "dm-0"), as below /sys/class/block.  Source: the
 * kernel's Documentation/ABI/testing/sysfs-class-block and stable/sysfs-block.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* The attribute's text without the newline, or NULL when the device or the attribute is not there.
 * ATTRIBUTE may be a path: "dm/name".  Free with g_free. */
char *lodge_block_attribute (const char *name, const char *attribute);

/* The attribute as a number, or FALSE when it is not there or not one. */
gboolean lodge_block_number (const char *name, const char *attribute, guint64 *value);

/* The device's number, or 0 when there is no such device. */
dev_t lodge_block_devno (const char *name);

/* The name of the block device with this number, or NULL; free with g_free. */
char *lodge_block_name (dev_t devno);

/* "/dev/sdb1": the device node that the kernel made; free with g_free. */
char *lodge_block_node (const char *name);

/* The disk of a partition, NAME itself when it is no partition, NULL when there is no such device;
 * free with g_free. */
char *lodge_block_disk (const char *name);

/* Names of the partitions of DISK that the kernel knows, sorted; never NULL. */
GPtrArray *lodge_block_partitions (const char *disk);

/* Names of the devices that are made of NAME (dm, md, bcache ...), sorted; never NULL. */
GPtrArray *lodge_block_holders (const char *name);

/* Everything that stands on DISK and DISK itself: its partitions, what is made of these, the
 * partitions of that, and so on.  What stands on another comes before it; DISK is the last. */
GPtrArray *lodge_block_stack (const char *disk);

/* The disks that NAME (a dm or md device, a partition, a disk) is made of, sorted. */
GPtrArray *lodge_block_lower_disks (const char *name);

/* Whether the array of names has NAME. */
gboolean lodge_block_names_contain (const GPtrArray *names, const char *name);
