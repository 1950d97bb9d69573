/* What is in an image, read from the image itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The image is opened read-only, in libguestfs' appliance: nothing of it is mounted or run on this
 * machine.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include "builder/guestfs-handle.h"
#include "builder/progress.h"

typedef enum
{
  LODGE_INSPECT_FACTS,
  LODGE_INSPECT_FILES, /* and "files", which takes some seconds more */
} LodgeInspectDepth;

/* The facts, as `lodge inspect --json` prints them (lodge(1)).  An image that Lodge did not make
 * gives what it has.  PROGRESS (or NULL) gets one step.  Free with json_object_unref. */
JsonObject *lodge_inspect (const char *image, LodgeInspectDepth depth, LodgeProgress *progress,
                           GCancellable *cancellable, GError **error);

/* FACTS for people, the packages listed with PACKAGES and counted without; free with g_free. */
char *lodge_inspect_describe (JsonObject *facts, gboolean packages);

/* inspect-checksum.c: when a checksum file stands beside IMAGE (PATH.sha256, or PATH's .raw
 * replaced by .sha256) and names it, sets "checksum" in FACTS: "file", "sha256" (of the image) and
 * "matches".  One that does not name it gives a sentence in "warnings".  FALSE with ERROR set when
 * one of them cannot be read. */
gboolean lodge_inspect_checksum (JsonObject *facts, const char *image, GCancellable *cancellable,
                                 GError **error);

/* Adds SENTENCE, which is taken over, to FACTS' "warnings": what a person should know though it is
 * no failure. */
void lodge_inspect_warn (JsonObject *facts, char *sentence);

/* *TEXT becomes the content of PATH in the mounted image, or NULL when there is no such file. */
gboolean lodge_inspect_read_optional (guestfs_h *g, const char *path, char **text, GError **error);

/* inspect-access.c: sets "answers" in ACCESS from the first of PARTITIONS that is labelled LODGE
 * and has an answers.conf; null when none has.  Nothing may be mounted before, and nothing is
 * afterwards.  A partition or a file that cannot be read gives "error": it may hold secrets. */
gboolean lodge_inspect_read_answers (guestfs_h *g, JsonArray *partitions, JsonObject *access,
                                     GError **error);
/* Sets "root_password" and "root_ssh_keys" in ACCESS from the mounted root file system. */
gboolean lodge_inspect_read_root_access (guestfs_h *g, JsonObject *access, GError **error);

/* What an answers.conf of that TEXT (LENGTH bytes) tells about hosts and access, without a secret:
 * "hosts", "layouts", "other_hosts", "root_password" and "ssh_keys", or "error" alone. */
JsonObject *lodge_inspect_answers (const char *text, gsize length);
/* "locked", "set", or "empty" when root needs none, as SHADOW, the text of /etc/shadow, says. */
const char *lodge_inspect_root_password (const char *shadow);
/* How many keys stand in AUTHORIZED_KEYS, the text of such a file (sshd(8)). */
guint lodge_inspect_count_keys (const char *authorized_keys);

/* inspect-files.c: sets "files" in FACTS: for each file that makes hosts differ (settings, boot
 * loaders, kernels, what no package owns) its path and SHA-256; those of a FAT partition begin with
 * its name ("ESP/EFI/..."), and "bios" is the BIOS boot partition.  The root file system is mounted
 * if there is one (HAS_ROOT), and is not any more afterwards. */
gboolean lodge_inspect_files (guestfs_h *g, gboolean has_root, JsonObject *facts, GError **error);

/* inspect-packages.c: the packages that STATUS, the text of /var/lib/dpkg/status, says are
 * installed: "name", "version" and "architecture" of each, by name. */
JsonArray *lodge_inspect_dpkg_status (const char *status);
/* The same of what rpm(8) lists by lodge_inspect_read_rpm()'s format: "NAME VERSION ARCHITECTURE",
 * one a line. */
JsonArray *lodge_inspect_rpm_list (const char *list);

/* inspect-rpm.c: sets "packages" in FACTS from the rpm database of the mounted image, if it has
 * one.  This machine's rpm reads a copy of it; without rpm here, or when that finds nothing in it,
 * a sentence goes to "warnings". */
gboolean lodge_inspect_read_rpm (guestfs_h *g, JsonObject *facts, GCancellable *cancellable,
                                 GError **error);

/* The same for a database of rpm's kind BACKEND ("sqlite", "ndb", "bdb_ro") in DIRECTORY, a copy
 * that PROGRAM, this machine's rpm, may write to. */
gboolean lodge_inspect_rpm_database (const char *program, const char *directory,
                                     const char *backend, JsonObject *facts,
                                     GCancellable *cancellable, GError **error);
