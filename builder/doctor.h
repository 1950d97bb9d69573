/* What `lodge doctor` looks at.  Each check is one function that adds its findings; it never fails
 * itself: what cannot be found out is a finding.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include "builder/paths.h"
#include "builder/template.h"

typedef enum
{
  LODGE_FINDING_PASS,
  LODGE_FINDING_WARNING, /* a build works, slower or not everywhere */
  LODGE_FINDING_FAIL,    /* a build cannot work */
} LodgeFindingLevel;

typedef struct
{
  const char *id; /* stable: "kvm", "tool" … */
  LodgeFindingLevel level;
  char *sentence;
  char *mend; /* NULL when it passed */
} LodgeFinding;

typedef struct
{
  const LodgePaths *paths;
  const LodgeTemplate *template;
  const char *mirror; /* --mirror, or NULL */
  const char *cache;  /* absolute */
  const char *output; /* image that would be written */
  GCancellable *cancellable;
  GPtrArray *findings; /* of LodgeFinding */
} LodgeDoctor;

/* Adds a finding; MEND is NULL for LODGE_FINDING_PASS.  Both strings are taken over. */
void lodge_doctor_add (LodgeDoctor *doctor, const char *id, LodgeFindingLevel level, char *sentence,
                       char *mend);

void lodge_doctor_kvm (LodgeDoctor *doctor);          /* doctor-machine.c */
void lodge_doctor_processor (LodgeDoctor *doctor);    /* doctor-machine.c */
void lodge_doctor_memory (LodgeDoctor *doctor);       /* doctor-machine.c */
void lodge_doctor_sandbox (LodgeDoctor *doctor);      /* doctor-software.c */
void lodge_doctor_programs (LodgeDoctor *doctor);     /* doctor-software.c */
void lodge_doctor_kernel (LodgeDoctor *doctor);       /* doctor-software.c */
void lodge_doctor_keys (LodgeDoctor *doctor);         /* doctor-archive.c */
void lodge_doctor_mirror (LodgeDoctor *doctor);       /* doctor-archive.c */
void lodge_doctor_repositories (LodgeDoctor *doctor); /* doctor-rpm.c */
void lodge_doctor_space (LodgeDoctor *doctor);        /* doctor-machine.c */
