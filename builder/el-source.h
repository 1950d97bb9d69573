/* Where the packages of an RPM distribution come from: its mirrors, one mirror, directories, DVDs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/family.h"

typedef struct
{
  char *id;         /* "baseos"; "baseos-2" when a second source has it too */
  char *name;       /* as the template and directories have it: "BaseOS" */
  char *url;        /* of the repository; of its list of mirrors when `key` says so */
  char *shown;      /* the URL for messages: without a login */
  const char *key;  /* what dnf calls the URL: "baseurl", "metalink" or "mirrorlist" */
  char *directory;  /* where the repository is on this machine, or NULL */
  char *iso;        /* the image that `prefix` lies in; `directory` then has its metadata only */
  char *prefix;     /* "BaseOS/" */
  gboolean compile; /* only for what compiling needs */
  gboolean whole;   /* its list is not signed, but the checksum of the image that it is in */
} LodgeElRepository;

typedef struct
{
  GPtrArray *repositories;    /* of LodgeElRepository, in order */
  GPtrArray *key_directories; /* of char*: where signing keys may lie */
  GPtrArray *key_urls;        /* of char*: where mirrors that were named may have them */
} LodgeElSources;

/* Finds the template's repositories in the sources that PLAN's options name.  ISO images' metadata
 * is copied below DIRECTORY, once for each image.  Refused: a source that holds none of the
 * repositories, a repository that no source has; the sentence then says what a DVD lacks. */
LodgeElSources *lodge_el_sources_find (const LodgeBuildPlan *plan, const char *directory,
                                       GCancellable *cancellable, GError **error);
void lodge_el_sources_free (LodgeElSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeElSources, lodge_el_sources_free)

/* dnf.conf(5)'s section for REPOSITORY, whose packages and metadata the key file KEY has
 * signed; but for the metadata of one that is `whole`. */
char *lodge_el_repository_format (const LodgeElRepository *repository, const char *key);
