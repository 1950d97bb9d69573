/* What dnf.c and its neighbours share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/dnf.h"

struct _LodgeDnf
{
  LodgeBuild *build; /* not owned */
  LodgeElSources *sources;
  char *directory; /* CACHE/dnf/KEY */
  char *key;       /* the signing key's file, armored, and for gpgv */
  char *keyring;
  int lock;         /* descriptor */
  gboolean offline; /* no server answers: what is there is used */
};

/* As the first of lodge_dnf_run()'s arguments: only the image's own repositories are looked at. */
#define LODGE_DNF_INSTALL "for the image"

/* Runs `dnf OPTION… ARGUMENTS` with the private configuration.  *OUTPUT (g_free) becomes all that
 * it printed, but for logins in URLs.  TRUE when it ended with status 0, FALSE with *ERROR unset
 * when with another. */
gboolean lodge_dnf_run (LodgeDnf *dnf, const char *const *arguments,
                        void (*line) (const char *text, gpointer data), gpointer data,
                        char **output, GError **error);

/* Where dnf keeps the metadata of the repository ID, or NULL; free with g_free. */
char *lodge_dnf_metadata (const LodgeDnf *dnf, const char *id);
