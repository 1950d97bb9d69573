/* The tree of an RPM distribution's system while it is made.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"
#include "builder/sandbox-log.h"

/* Where what the private dnf saved is, below the build's `temporary`. */
#define LODGE_EL_SAVED "el"

typedef struct
{
  LodgeBuild *build; /* not owned */
  char *path;        /* the tree */
  char *saved;       /* dnf.conf, key and repositories of the installation */
  LodgeSandboxLog *log;
} LodgeElTree;

LodgeElTree *lodge_el_tree_new (LodgeBuild *build, GError **error);
/* Removes the tree from the disk as well. */
void lodge_el_tree_free (LodgeElTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeElTree, lodge_el_tree_free)

/* What packages' scripts see: as everywhere in the sandbox, and SOURCE_DATE_EPOCH for passwords'
 * dates, dracut and others.  Free with g_strfreev. */
char **lodge_el_tree_environment (const LodgeElTree *tree);
/* The sandbox of the tree itself, with VARIABLES as above, which it does not own. */
LodgeSandbox lodge_el_tree_sandbox (const LodgeElTree *tree, char **variables);
/* Runs ARGV in the tree, as root, without the network; its words go to the log. */
gboolean lodge_el_tree_run (LodgeElTree *tree, const char *const *argv, GError **error);
/* The same; returns what it printed (free with g_free), or NULL. */
char *lodge_el_tree_read (LodgeElTree *tree, const char *const *argv, GError **error);
/* The same for what is too long for a log. */
char *lodge_el_tree_read_quietly (LodgeElTree *tree, const char *const *argv, GError **error);

/* What the tree gets before its packages.  MACHINE_ID is the one that they see. */
gboolean lodge_el_prepare (LodgeElTree *tree, const char *uuid, const char *machine_id,
                           GError **error);
/* Adds all that lodge_el_prepare() writes, but for UUID and machine id. */
gboolean lodge_el_hash_early_files (GChecksum *checksum, const LodgeTemplate *template,
                                    GError **error);

/* Installs all packages; what dnf only warns of is an error. */
gboolean lodge_el_install (LodgeElTree *tree, GError **error);

/* After the packages: they are those that were meant, services, kernel and boot entries, no secrets
 * and nothing of the build left. */
gboolean lodge_el_finish (LodgeElTree *tree, const char *uuid, GError **error);
/* The first part of it (el-check.c): the packages in the tree are those of the build, and each that
 * the template names is there. */
gboolean lodge_el_check_packages (LodgeElTree *tree, GError **error);
/* Of each kernel in the tree: image, initramfs and a boot loader entry with the right command line.
 * At least one. */
gboolean lodge_el_check_kernels (LodgeElTree *tree, const char *uuid, GError **error);
/* The packages' own configuration has SELinux enforcing; what a template lays over it is its own.
 */
gboolean lodge_el_check_selinux (LodgeElTree *tree, GError **error);
