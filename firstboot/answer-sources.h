/* Where answers come from: the first source in answer-sources.c's table that has any wins.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source only finds text.  Parsing (with the host's [match …] sections) comes after, the same for
 * all.
 */
#pragma once

#include "common/answers.h"
#include "firstboot/runner.h"

typedef struct
{
  const char *root; /* "" on a host; else a directory that holds its proc, run … (tests) */
  GCancellable *cancellable;
  const LodgeWatcher *watcher;
} LodgeSourceContext;

/* What a source found. */
typedef struct
{
  char *name; /* stands before ":LINE:" in messages */
  char *text;
  gsize length;
} LodgeAnswerText;

void lodge_answer_text_clear (LodgeAnswerText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LodgeAnswerText, lodge_answer_text_clear)

typedef enum
{
  LODGE_SOURCE_ERROR,   /* it should have answers, but they cannot be read: ERROR is set */
  LODGE_SOURCE_NOTHING, /* ask the next */
  LODGE_SOURCE_FOUND,
  LODGE_SOURCE_OFF, /* unattended setup is turned off: ask no other */
} LodgeSourceResult;

typedef struct
{
  const char *id;    /* "kernel-command-line" */
  const char *title; /* "the kernel command line (lodge.answers=)" */
  LodgeSourceResult (*read) (const LodgeSourceContext *context, LodgeAnswerText *text,
                             GError **error);
} LodgeAnswerSource;

/* Asks the sources in order. */
LodgeSourceResult lodge_answer_sources_read (const LodgeSourceContext *context,
                                             LodgeAnswerText *text, GError **error);

/* One file each, source-ID.c. */
LodgeSourceResult lodge_source_kernel_command_line (const LodgeSourceContext *context,
                                                    LodgeAnswerText *text, GError **error);
LodgeSourceResult lodge_source_credential (const LodgeSourceContext *context, LodgeAnswerText *text,
                                           GError **error);
LodgeSourceResult lodge_source_guestinfo (const LodgeSourceContext *context, LodgeAnswerText *text,
                                          GError **error);
LodgeSourceResult lodge_source_lodge_partition (const LodgeSourceContext *context,
                                                LodgeAnswerText *text, GError **error);

/* For the kernel command line's row: fetches URL (source-url.c), with the host's identity in the
 * query.  FINGERPRINT or NULL as in http.h. */
LodgeSourceResult lodge_source_url (const LodgeSourceContext *context, const char *url,
                                    const char *fingerprint, LodgeAnswerText *text, GError **error);

/* URL with mac= (for each port), serial= and uuid=, those that are known, added to its query; each
 * value percent-encoded but for unreserved characters (RFC 3986, 2.3).  Free with g_free. */
char *lodge_source_url_for_host (const char *url, const LodgeHostIdentity *identity);

/* Reads the file PATH of at most 1 MiB into TEXT. */
LodgeSourceResult lodge_source_file (const char *path, const char *name, LodgeAnswerText *text,
                                     GError **error);
