/* A Debian system's tree while it is made.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/apt-output.h"
#include "builder/apt.h"
#include "builder/ext4.h"
#include "builder/family.h"
#include "builder/sandbox-log.h"

typedef struct
{
  LodgeBuild *build;    /* not owned */
  char *path;           /* the tree */
  char *packages;       /* directory of links NAME_VERSION_ARCH.deb into the cache as seen inside */
  char *initramfs;      /* directory of what dracut makes, beside the tree */
  char **kernels;       /* whose initramfs was made; NULL before */
  char *shims;          /* directory of programs that stand in for others while packages install */
  LodgeSandboxLog *log; /* all that ran inside has said */
  GHashTable *by_name;  /* of LodgePackage, not owned */
} LodgeDebianTree;

LodgeDebianTree *lodge_debian_tree_new (LodgeBuild *build, GError **error);
/* Removes the tree from the disk, when nobody reads it any more: it is large. */
void lodge_debian_tree_remove_files (LodgeDebianTree *tree);
/* Does that as well, if it was not done. */
void lodge_debian_tree_free (LodgeDebianTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeDebianTree, lodge_debian_tree_free)

typedef enum
{
  LODGE_DEBIAN_INSTALLING, /* the shims are in PATH: dracut and depmod run once, in good time */
  LODGE_DEBIAN_INSTALLED,
  LODGE_DEBIAN_FINISHED, /* the tree is being copied: nothing may change in it; `initramfs` is
                            /run/lodge/initramfs */
} LodgeDebianStage;

/* Runs ARGV in the tree, as root, without the network; its words go to the log.  On failure ERROR
 * has the first line that speaks of an error, and says where the log is. */
gboolean lodge_debian_tree_run (LodgeDebianTree *tree, LodgeDebianStage stage,
                                const char *const *argv, GError **error);

/* Unpacks and configures all packages in ORDER.  Modules' dependencies are computed beside it. */
gboolean lodge_debian_install (LodgeDebianTree *tree, const LodgeAptOrder *order, const char *uuid,
                               GError **error);

/* What the tree gets before dpkg runs in it: its own settings, and template files that packages or
 * the initramfs look at. */
gboolean lodge_debian_prepare (LodgeDebianTree *tree, const char *uuid, GError **error);
/* Adds all that lodge_debian_prepare() writes, but for the UUID. */
gboolean lodge_debian_hash_early_files (GChecksum *checksum, const LodgeTemplate *template,
                                        GError **error);
/* After the packages: services, no secrets and nothing of the build left, checks. */
gboolean lodge_debian_finish (LodgeDebianTree *tree, const char *sources, GError **error);

/* Makes the initramfs of each kernel, and checks it, without a change in the finished tree. */
gboolean lodge_debian_make_initramfs (LodgeDebianTree *tree, GError **error);
/* Puts them into the file system EXT4, which has the rest of the tree already. */
gboolean lodge_debian_add_initramfs (LodgeDebianTree *tree, const LodgeExt4 *ext4, GError **error);

/* Where the order of packages and the image's sources are kept between `fetch` and `make_root`: in
 * files below WORK.  ORDER is NULL, and comes back empty, when the root is in the cache. */
gboolean lodge_debian_plan_save (const char *work, const LodgeAptOrder *order, const char *sources,
                                 GError **error);
gboolean lodge_debian_plan_load (const char *work, LodgeAptOrder **order, char **sources,
                                 GError **error);

/* Hexadecimal SHA-256 of everything that the root file system is made from, but for its UUID. */
char *lodge_debian_root_key (const LodgeBuild *build, guint64 size, const char *sources,
                             GError **error);
