/* The definitions of virtual machines, networks and pools that are saved on the VM storage, so that
 * a new boot stick finds them: what is where.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   .lodge/saved/                root's alone (0700): definitions hold consoles' passwords
 *     owner                      token of the host that saves here
 *     guests/UUID/               one directory for each
 *       definition.xml           as libvirt itself keeps it
 *       autostart                there when it starts with the host
 *       nvram                    the UEFI variables
 *       tpm/…                    what swtpm keeps
 *       not-defined              there when a new host could not define it; holds the reason
 *     networks/UUID/…, pools/UUID/…
 *
 * Only the host whose token stands in "owner" saves here.  A host that has just mounted the storage
 * has no guest yet; if it saved, it would put them all away.
 *
 * A STORE is a path of the host that is known to lead where it should (/proc/self/fd/N of the open
 * store); everything below it is opened as store-directory.h has it.  What is not defined any more
 * is moved away, never removed (removed-guests.h).
 */
#pragma once

#include "firstboot/store-directory.h"

/* Below the root of the VM storage. */
#define LODGE_GUEST_STORE ".lodge/saved"

/* On the host: its token. */
#define LODGE_GUEST_STORE_TOKEN "/var/lib/lodge/storage-owner"

#define LODGE_GUEST_STORE_OWNER "owner"
#define LODGE_SAVED_DEFINITION "definition.xml"
#define LODGE_SAVED_AUTOSTART "autostart"
#define LODGE_SAVED_NVRAM "nvram"
#define LODGE_SAVED_TPM "tpm"
#define LODGE_SAVED_NOT_DEFINED "not-defined"

/* In the order in which they are defined again. */
typedef enum
{
  LODGE_SAVED_POOL,
  LODGE_SAVED_NETWORK,
  LODGE_SAVED_GUEST,
} LodgeSavedKind;

typedef struct
{
  LodgeSavedKind kind;
  const char *directory; /* of the store: "guests" */
  const char *element;   /* root of the XML: "domain" */
  const char *libvirt;   /* where libvirt keeps them: "/etc/libvirt/qemu" */
  const char *word;      /* for messages: "virtual machine" */
} LodgeSavedKindInfo;

/* The kinds, COUNT of them, in the order of LodgeSavedKind. */
const LodgeSavedKindInfo *lodge_saved_kinds (gsize *count);

/* One definition. */
typedef struct
{
  LodgeSavedKind kind;
  char *uuid; /* lower case */
  char *name;
  char *xml;
  gboolean autostart;
  char *store;     /* the store that it is in, or NULL */
  char *directory; /* its directory there: "guests/UUID"; or NULL */
} LodgeSaved;

/* What XML, which came from PATH, defines, when it is a definition of KIND with a name and a UUID;
 * else NULL with ERROR set.  Not in a store yet. */
LodgeSaved *lodge_saved_parse (LodgeSavedKind kind, const char *xml, const char *path,
                               GError **error);

/* What is saved and cannot be read. */
typedef struct
{
  char *directory; /* in the store: "guests/UUID", "guests" or "" */
  char *reason;
  gboolean lost;    /* the disk could not be read: nobody knows what else is there */
  gboolean strange; /* what is there is no directory: it is left alone */
} LodgeSavedProblem;

/* All that is saved in the STORE, as LodgeSaved, by kind and name.  Entries that cannot be read are
 * left out, and told in PROBLEMS (of LodgeSavedProblem, with lodge_saved_problem_free(); or NULL).
 * A store that is not there is empty; with a problem that is "lost" there may be more than what is
 * told. */
GPtrArray *lodge_guest_store_read (const char *store, GPtrArray *problems);

/* Names of the virtual machines among SAVED; free with g_strfreev. */
GStrv lodge_saved_guest_names (const GPtrArray *saved);

/* Marks what is in DIRECTORY ("guests/UUID") of STORE as not defined for that REASON: it stays in
 * the store although libvirt has no such definition. */
gboolean lodge_saved_mark (const char *store, const char *directory, const char *reason,
                           GError **error);

/* The token in STORE's "owner"; *OWNER is NULL when nobody has saved there yet, and only then. */
gboolean lodge_guest_store_owner (const char *store, char **owner, GError **error);

/* The directory of SAVED, which is in a store. */
LodgeDirectory *lodge_saved_open (const LodgeSaved *saved, GError **error);

/* Where libvirt keeps the UEFI variables of the guest, if it has any; free with g_free, as what
 * follows. */
char *lodge_saved_nvram_path (const LodgeSaved *guest);

/* Where swtpm keeps its state for the guest, if it has any. */
char *lodge_saved_tpm_path (const LodgeSaved *guest);

/* A path below LODGE_STORAGE_MOUNT_POINT is on the disk anyway: it is not saved. */
gboolean lodge_saved_is_on_storage (const char *path);

void lodge_saved_problem_free (LodgeSavedProblem *problem);
void lodge_saved_free (LodgeSaved *saved);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeSaved, lodge_saved_free)
