/* The text of the private apt's configuration.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/apt-mirror.h"
#include "builder/template.h"

/* apt.conf(5) for an apt that has its files below DIRECTORY, but for the passwords for mirrors,
 * which are in the file LOGINS (apt_auth.conf(5)).  MACHINE is the output of `apt-config dump` on
 * the build machine, of which the settings for connections are taken over: the text may hold
 * passwords of proxies. */
char *lodge_apt_config_format (const char *directory, const char *logins, const char *machine);

/* The path of apt-helper(1), which is not in PATH, by MACHINE: beside the directory of apt's
 * methods, which each distribution has in its own place; free with g_free. */
char *lodge_apt_config_helper (const char *machine);

/* Whether MACHINE switches the check for outdated lists off, which then holds for builds too: a
 * mirror of past states can have no others. */
gboolean lodge_apt_config_ignores_age (const char *machine);

/* sources.list(5) of the private apt. */
char *lodge_apt_config_sources (const LodgeAptMirror *mirror, const LodgeTemplate *template);

/* sources.list(5) of the image, in the form that Debian 13 uses; a mirror that is a directory of
 * the build machine is nothing to the host, which is told to name one. */
char *lodge_apt_config_image_sources (const LodgeAptMirror *mirror, const LodgeTemplate *template);
