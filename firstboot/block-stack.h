/* Everything that stands on a disk of the running machine, and what that stands on: the kernel's
 * view in sysfs (block-tree.h), in the order in which it can be taken down. Copyright (C) 2026 The
 * Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <sys/types.h>
#include "firstboot/probe.h"

/* The running machine, for the functions of block-tree.h. */
extern const LodgeProbe lodge_running_machine;

/* The device's attribute, "size" or "dm/name", or NULL; free with g_free. */
char *lodge_block_attribute (const char *name, const char *attribute);

/* The attribute as a number; FALSE when it is not there or not one. */
gboolean lodge_block_attribute_number (const char *name, const char *attribute, guint64 *value);

/* The device's number, or 0 when there is no such device. */
dev_t lodge_block_devno (const char *name);

/* "/dev/sdb1": the device node that the kernel made; free with g_free. */
char *lodge_block_node (const char *name);

/* Names (of char*) of DISK and all that stands on it: its partitions, what is made of these, the
 * partitions of that, and so on.  What stands on another comes before it; DISK is the last. */
GPtrArray *lodge_block_stack (const char *disk);

/* The disks that NAME (a dm or md device, a partition, a disk) is made of. */
GPtrArray *lodge_block_lower_disks (const char *name);

/* Whether the array of names has NAME. */
gboolean lodge_block_names_contain (const GPtrArray *names, const char *name);
