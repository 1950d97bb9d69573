/* The private apt of a build: what apt.c and its neighbours share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/apt-mirror.h"
#include "builder/apt.h"

struct _LodgeApt
{
  LodgeBuild *build; /* not owned */
  LodgeAptMirror *mirror;
  char *directory;      /* CACHE/apt/KEY */
  char *config;         /* apt.conf below the work directory: it may hold passwords of proxies */
  char *logins;         /* the same, with passwords for mirrors */
  char *keyring;        /* the pinned keys, and no other */
  char *helper;         /* path of apt-helper(1) */
  char *missing_keys;   /* pinned fingerprints that no keyring here has, or NULL */
  gboolean ignores_age; /* this machine's apt does not look at Valid-Until */
  int lock;             /* descriptor */
};

/* Runs ARGV (apt-get or apt-helper) with the private configuration.  *OUTPUT (g_free) becomes all
 * that it printed, standard output and error as they came.  *STATUS is its exit status.  LINE (may
 * be NULL) gets each line as it comes.  FALSE with ERROR set when it could not be run or was
 * cancelled. */
gboolean lodge_apt_run (const LodgeApt *apt, const char *const *argv,
                        void (*line) (const char *text, gpointer data), gpointer data,
                        char **output, int *status, GError **error);

/* apt-setup.c: writes TEXT to the file NAME below APT's directory. */
gboolean lodge_apt_write_file (const LodgeApt *apt, const char *name, const char *text,
                               GError **error);
/* Writes apt.conf, sources and passwords, by the configuration of this machine's own apt. */
gboolean lodge_apt_write_configuration (LodgeApt *apt, GError **error);
