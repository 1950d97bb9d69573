/* Distribution families: how a package set is resolved, fetched and made into a root file system.
 * One file each (family-NAME.c), one row in family.c's table. Copyright (C) 2026 The Lodge
 * developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/disk.h"
#include "builder/paths.h"
#include "builder/plan.h"
#include "builder/progress.h"

typedef struct
{
  char *name;
  char *version;
  char *architecture;
  char *sha256;           /* of the package file */
  guint64 size;           /* bytes, of the package file */
  guint64 installed_size; /* bytes, as the package says; 0 when it does not */
  char *uri;              /* where it is downloaded from; NULL when its repository has mirrors */
  char *repository;       /* el: the repository's id, "baseos"; else NULL */
  char *location;         /* el: the file's path below the repository; else NULL */
} LodgePackage;

void lodge_package_free (LodgePackage *package);

/* "bash-5.1-1.el9.x86_64.rpm" or "bash_5.1-1_amd64.deb": how FAMILY's messages name its file; free
 * with g_free. */
char *lodge_package_file_name (const LodgePackage *package, LodgeFamilyKind family);

/* One build in progress.  What is to become an image, and what goes into it last, is made below
 * `work`; systems' trees, compilers and all else that is temporary below `temporary`. */
typedef struct
{
  const LodgeBuildPlan *plan;
  LodgeProgress *progress;
  GCancellable *cancellable; /* of all work: triggered too when its result is of no use any more */
  GCancellable *interrupted; /* the user's wish alone, not owned: for what later builds have use of
                                when this one fails */
  char *work;      /* private temporary directory, beside the output; removed at the end whatever
                      happens; `temporary` when there is none */
  char *temporary; /* the same in the cache, whose file system has links, modes and owners */
  char *cache;     /* cache directory */
  char *source; /* Lodge's own source tree (share/lodge when installed): firstboot/, common/; while
                   building, the copy that build-inputs.h is about */
  char *helper; /* path of lodge-sandbox */
  LodgeDiskWriter *writer;   /* `make_root` launches its appliance, when that holds up nothing else
                                any more */
  GPtrArray *packages;       /* of LodgePackage: what the image consists of, sorted by name */
  GPtrArray *build_packages; /* of LodgePackage: what compiling needs */
  char *root_key; /* hexadecimal SHA-256 of everything that the root file system is made from, but
                     for its UUID: `fetch` sets it */
  gint64 epoch;   /* seconds since 1970, nothing in the image is younger: SOURCE_DATE_EPOCH, else a
                     date of the sources that is the same for everybody; `fetch` sets it */
  gboolean programs_only;  /* lodge-firstboot alone is wanted: `fetch` gets what compiling needs */
  char *firstboot_sha256;  /* of the package that options.firstboot names; NULL: it is compiled */
  gboolean makes_root;     /* the cache does not have it; `fetch` sets these two */
  gboolean makes_compiler; /* `build_packages` have to be unpacked */
  char *build_hash; /* hexadecimal SHA-256 of everything that goes into the image; NULL before
                       `fetch` */
} LodgeBuild;

/* A build of PLAN, which has to stay, as has PROGRESS; nothing is done yet.  It has a GCancellable
 * of its own, so that one of two things done at once can end the other. */
LodgeBuild *lodge_build_new (const LodgeBuildPlan *plan, const LodgePaths *paths,
                             LodgeProgress *progress);
void lodge_build_free (LodgeBuild *build);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBuild, lodge_build_free)

/* Where PACKAGE is in BUILD's cache, or would be; free with g_free. */
char *lodge_package_path (const LodgeBuild *build, const LodgePackage *package);
/* Makes ERROR, of a program that was given files of the cache, speak of BUILD's packages. */
void lodge_package_name_in_error (const LodgeBuild *build, GError *error);

typedef struct
{
  LodgeFamilyKind kind;
  const char *name;
  /* Asks the sources which packages and versions the sets are (signatures checked), fills
   * `packages` and `build_packages`, and downloads those that the cache does not have.  The only
   * function that uses the network. */
  gboolean (*fetch) (LodgeBuild *build, GError **error);
  /* Makes the populated root file system, without the network, from the cache alone, in the
   * sandbox: packages installed and configured, initramfs made, presets applied, no secrets; as an
   * ext4 file system in the file IMAGE at byte OFFSET, SIZE bytes long. */
  gboolean (*make_root) (LodgeBuild *build, const char *image, guint64 offset, guint64 size,
                         const char *uuid, GError **error);
  /* Compiles lodge-firstboot and lodge-proof-init against the release's own libraries and puts them
   * in DIRECTORY. */
  gboolean (*compile) (LodgeBuild *build, const char *directory, GError **error);
} LodgeFamily;

/* The family's row, or NULL when this version does not have it. */
const LodgeFamily *lodge_family_find (LodgeFamilyKind kind);
