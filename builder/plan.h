/* The plan of a build: template and options in, what will be done out.  Pure: touches nothing.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"

/* The partitions, in the disk's order (contract, "The image"). */
typedef enum
{
  LODGE_PARTITION_BIOS,
  LODGE_PARTITION_ESP,
  LODGE_PARTITION_LODGE,
  LODGE_PARTITION_ROOT,
  LODGE_N_PARTITIONS,
} LodgePartitionRole;

typedef struct
{
  const char *name;       /* GPT partition name */
  const char *type_guid;  /* GPT partition type */
  guint64 start;          /* bytes from the start of the image; a multiple of 1 MiB */
  guint64 size;           /* bytes */
  const char *filesystem; /* "vfat", "ext4" or NULL */
  const char *label;
} LodgePartition;

/* What the command line of `lodge build` asked for. */
typedef struct
{
  char *template;
  char *output;      /* path of the image, without regard to formats: "images/kvm-host.raw" */
  GStrv formats;     /* "raw", "qcow2" */
  gboolean compress; /* --compress=zst: "raw.zst" where `formats` say "raw" */
  GStrv sources;     /* --source */
  char *mirror;      /* --mirror, or NULL: the build machine's apt configuration */
  char *answers;     /* path or NULL */
  char *firstboot;   /* --firstboot: path of a ready-built package, or NULL: it is compiled */
  GStrv ssh_key_files;
  char *root_password_hash;
  guint64 size;      /* bytes, 0: the template's */
  char *cache;       /* directory, or NULL: $XDG_CACHE_HOME/lodge */
  gboolean no_cache; /* neither read nor keep cached trees; downloads are kept */
  gboolean dry_run;
  gboolean json;
  gint64 source_date_epoch; /* SOURCE_DATE_EPOCH, seconds; -1 when it is not set */
} LodgeBuildOptions;

void lodge_build_options_free (LodgeBuildOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBuildOptions, lodge_build_options_free)

typedef struct
{
  const LodgeTemplate *template;    /* not owned */
  const LodgeBuildOptions *options; /* not owned */
  guint64 size;                     /* bytes */
  LodgePartition partitions[LODGE_N_PARTITIONS];
  GPtrArray *outputs; /* of LodgeOutput */
  char *base;         /* `output` without its format's suffix: NAME of NAME.manifest.json */
  char *ssh_keys;     /* content for /root/.ssh/authorized_keys, or NULL */
  char *answers;      /* content for answers.conf on the LODGE partition, or NULL */
} LodgeBuildPlan;

typedef struct
{
  const char *format;
  char *path;
} LodgeOutput;

/* Makes the plan.  Refused in LODGE_ERROR_USAGE: an unknown format, a size too small, an image that
 * nobody could log in to or set up.  SSH_KEYS is the joined content of the key files, ANSWERS the
 * text of the answers file (NULL: not given), both read and checked by the caller. */
LodgeBuildPlan *lodge_build_plan_make (const LodgeTemplate *template,
                                       const LodgeBuildOptions *options, const char *ssh_keys,
                                       const char *answers, GError **error);
/* What VMware's users miss in an image for them that has no open-vm-tools, as a sentence, or NULL
 * when it has, or is for others. */
const char *lodge_build_plan_vmware_note (const LodgeBuildPlan *plan);
/* The plan as text, for --dry-run and golden files. */
char *lodge_build_plan_describe (const LodgeBuildPlan *plan);
void lodge_build_plan_free (LodgeBuildPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBuildPlan, lodge_build_plan_free)

/* UUIDv5 of ROLE ("disk", "partition-root", "filesystem-root" …) under BUILD_HASH (hexadecimal
 * SHA-256 of everything that went into the build); lower case, free with g_free. */
char *lodge_build_uuid (const char *build_hash, const char *role);
