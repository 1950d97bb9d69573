/* What is no mistake in an answers.conf, but may not be meant.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whoever gives answers to a command is told here, and not by a host that stops at its setup.
 */
#pragma once

#include "builder/classroom.h"
#include "builder/progress.h"

/* Whether the image is known to let somebody in by itself. */
typedef enum
{
  LODGE_IMAGE_ACCESS_UNKNOWN,
  LODGE_IMAGE_ACCESS_GIVEN,
} LodgeImageAccess;

/* Of char *, a sentence each, for TEXT (LENGTH bytes), which PATH holds: a storage layout that this
 * version does not have, hosts that nobody can log in to, and hosts that clash.  HOST: only what
 * that host gets; NULL: all hosts of the file.  Mistakes are errors as of lodge_answers_parse(). */
GPtrArray *lodge_answers_notes (const char *path, const char *text, gsize length,
                                const LodgeHostIdentity *host, LodgeImageAccess access,
                                GError **error);

/* The same for a file that was read as CLASSROOM, whose clashes and doubts are told elsewhere. */
GPtrArray *lodge_classroom_notes (const LodgeClassroom *classroom, LodgeImageAccess access);

/* The notes for all hosts of TEXT, each as a lodge_progress_note(). */
gboolean lodge_answers_tell_notes (const char *path, const char *text, LodgeImageAccess access,
                                   LodgeProgress *progress, GError **error);

/* *ACCESS becomes whether TEXT, which PATH holds, gives any host a root password or an SSH key (a
 * password alone logs in at the console; ssh-password-login= gives none). */
gboolean lodge_answers_give_access (const char *path, const char *text, gboolean *access,
                                    GError **error);
