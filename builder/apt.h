/* A private apt: resolves and downloads a template's packages without touching the build machine's
 * own apt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of the machine's configuration it takes the mirror (unless --mirror names one), passwords for it,
 * proxies and how connections are made.  It trusts the keys that the template pins, and no other.
 * Everything runs as the caller.
 */
#pragma once

#include "builder/apt-output.h"
#include "builder/family.h"

typedef struct _LodgeApt LodgeApt;

/* Sets the private apt up below the cache, and locks it until it is freed. */
LodgeApt *lodge_apt_open (LodgeBuild *build, GError **error);
void lodge_apt_free (LodgeApt *apt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeApt, lodge_apt_free)

/* Gets the package lists and checks their signatures.  When the mirror cannot be reached, but its
 * lists were got before, are signed by a key that is trusted now and are still valid, says so in a
 * note and goes on with those. */
gboolean lodge_apt_update (LodgeApt *apt, GError **error);

/* What the Debian system with NAMES consists of, essential and required packages included and
 * recommended ones not: of LodgePackage, sorted by name. */
GPtrArray *lodge_apt_resolve (LodgeApt *apt, const char *const *names, GError **error);

/* In which order dpkg can install the same set. */
typedef struct
{
  GPtrArray *base;   /* of char*: the essential packages with what they need; they come first, and
                        together */
  GPtrArray *groups; /* of LodgeAptGroup: the others */
} LodgeAptOrder;

LodgeAptOrder *lodge_apt_order (LodgeApt *apt, const char *const *names, GError **error);
void lodge_apt_order_free (LodgeAptOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAptOrder, lodge_apt_order_free)

/* Downloads those of PACKAGES that the cache does not have, whole, and puts them there. */
gboolean lodge_apt_download (LodgeApt *apt, GPtrArray *packages, GError **error);

/* When the release, the template's first suite, was made or last brought up to date: for Debian's
 * stable release, a date every two months.  Those of the other suites change several times a day.
 */
gboolean lodge_apt_release_date (const LodgeApt *apt, gint64 *seconds, GError **error);

/* The image's own /etc/apt/sources.list.d/debian.sources; free with g_free. */
char *lodge_apt_image_sources (const LodgeApt *apt);
