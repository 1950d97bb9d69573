/* Which mirror the build machine's own apt uses for Debian.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *main;     /* "http://mirror.example/debian", no slash at the end, no user or password */
  char *security; /* the same for the suites that end in "-security" */
  char
      *login; /* lines for apt_auth.conf(5) with what the URIs held of user and password, or NULL */
} LodgeAptMirror;

void lodge_apt_mirror_free (LodgeAptMirror *mirror);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAptMirror, lodge_apt_mirror_free)

/* The mirror at URI (`--mirror`); its security archive is beside it: URI with "-security" appended,
 * as on Debian's own mirrors.  Refused in LODGE_ERROR_USAGE: a URI that is none, or has a login
 * that apt cannot be given. */
LodgeAptMirror *lodge_apt_mirror_new (const char *uri, GError **error);

/* Picks the mirror out of the output of `apt-get indextargets` with LODGE_APT_MIRROR_FORMAT: the
 * first archive that says it is Debian, or, when none says anything as nothing was ever downloaded,
 * whose path ends in "/debian".  NULL with ERROR set when there is none. */
LodgeAptMirror *lodge_apt_mirror_parse (const char *targets, GError **error);

/* Repo-URI, release, component, origin, label, one index a line. */
#define LODGE_APT_MIRROR_FORMAT "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)"

/* Asks apt. */
LodgeAptMirror *lodge_apt_mirror_find (GError **error);

/* Writes PATH, for apt's Dir::Etc::netrc: the mirror's login and those of the machine's own
 * /etc/apt/auth.conf, as far as the caller may read that. */
gboolean lodge_apt_mirror_write_logins (const LodgeAptMirror *mirror, const char *path,
                                        GError **error);

/* The URI for a suite of that mirror. */
const char *lodge_apt_mirror_uri (const LodgeAptMirror *mirror, const char *suite);
