/* The manifest: what an image consists of, as JSON, and the checksum file beside it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Members are sorted by name and there is no time in it but SOURCE_DATE_EPOCH, so that the same
 * build gives the same bytes.
 */
#pragma once

#include "builder/family.h"

/* One finished output. */
typedef struct
{
  const char *format; /* "raw" */
  char *name;         /* file name without directory */
  char *sha256;       /* lower-case hexadecimal */
  guint64 size;       /* bytes, as a reader sees them (holes count) */
} LodgeManifestOutput;

void lodge_manifest_output_free (LodgeManifestOutput *output);

/* Adds to OUTPUTS (of LodgeManifestOutput) those that EARLIER, the text of the manifest that stands
 * in DIRECTORY, has of the same BUILD_HASH, as far as they are there still with their size: a build
 * of another format does not disown them. */
void lodge_manifest_add_earlier (GPtrArray *outputs, const char *earlier, const char *build_hash,
                                 const char *directory);

/* The manifest as text that ends with a newline; free with g_free.  OUTPUTS (of
 * LodgeManifestOutput) is NULL for the copy inside the image, which cannot hold its own hash. */
char *lodge_manifest_format (const LodgeBuild *build, const GPtrArray *outputs);

/* The plan alone as JSON, for `lodge build --dry-run --json`; free with g_free. */
char *lodge_manifest_format_plan (const LodgeBuildPlan *plan);

/* The lines that sha256sum(1) --check reads; free with g_free. */
char *lodge_manifest_checksums (const GPtrArray *outputs);

/* The version of the kernel among PACKAGES ("6.12.48+deb13-amd64" for Debian's linux-image-…,
 * "5.14.0-734.el9.x86_64" for kernel-core), or NULL. */
char *lodge_manifest_kernel (const LodgeBuild *build);
