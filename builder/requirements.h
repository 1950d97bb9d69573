/* The programs that a build runs: one table for the check before a build and for `lodge doctor`.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "builder/template.h"

typedef struct
{
  const char *program;
  const char *purpose;        /* "makes the root file system" */
  const char *debian_package; /* what to install on Debian and its like */
  const char *el_package;     /* the same with dnf */
  LodgeFamilyKind family;     /* templates that need it; LODGE_FAMILY_UNSET: all */
  gboolean unprivileged;      /* only when not root */
  gboolean optional;          /* a build works without it */
  char *(*find) (void);       /* looks for it where PATH does not lead, or NULL */
} LodgeRequirement;

/* All rows. */
const LodgeRequirement *lodge_requirements (gsize *count);

/* Whether a build of FAMILY by the present user needs REQUIREMENT. */
gboolean lodge_requirement_applies (const LodgeRequirement *requirement, LodgeFamilyKind family);

/* The full path of REQUIREMENT's program, or NULL; free with g_free. */
char *lodge_requirement_find (const LodgeRequirement *requirement);

/* "apt-get install dosfstools" or "dnf install dosfstools", as this machine has it; free with
 * g_free. */
char *lodge_requirement_mend (const LodgeRequirement *requirement);

/* Refuses when a program that a build of FAMILY needs is missing, naming all of them and the
 * command that installs them. */
gboolean lodge_requirements_check (LodgeFamilyKind family, GError **error);
