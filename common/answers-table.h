/* The table of all keys of answers.conf, for the parser, the printer and the tests of the manual.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A new key is a member of LodgeAnswers, a row in answers-table.c and a paragraph in
 * answers.conf(5); keys that can contradict each other get a rule in answers-rules.c.
 */
#pragma once

#include "common/answers.h"
#include "common/keyfile.h"
#include "common/syntax.h"

typedef enum
{
  LODGE_ANSWER_TEXT,      /* char * */
  LODGE_ANSWER_LIST,      /* GStrv, written with ";" */
  LODGE_ANSWER_SELECTORS, /* GPtrArray of LodgeSelector, written with ";", or "auto" */
  LODGE_ANSWER_BOOLEAN,   /* gboolean */
  LODGE_ANSWER_NUMBER,    /* guint */
  LODGE_ANSWER_CHOICE,    /* one of the enumerations, whose values are indices of `choices` */
} LodgeAnswerType;

typedef struct
{
  const char *section;
  const char *key;
  LodgeAnswerType type;
  gsize offset;               /* of the member of LodgeAnswers */
  const char *expected;       /* in words, for errors: "expected …" */
  const char *typed;          /* the same where the wizard takes more than the file; or NULL */
  LodgeSyntax *syntax;        /* TEXT, and each item of a LIST */
  const char *const *choices; /* CHOICE: names, NULL-terminated */
  guint selectors;            /* SELECTORS: bits 1 << LodgeSelectorKind that may be used */
  guint minimum;              /* NUMBER */
  guint maximum;
  gboolean secret; /* left out of what is printed without secrets */
} LodgeAnswerKey;

/* All rows, those of a section together, in the order of answers.conf(5). */
const LodgeAnswerKey *lodge_answer_keys (gsize *count);

/* The row, or NULL. */
const LodgeAnswerKey *lodge_answer_key_find (const char *section, const char *key);

/* Puts VALUE into the row's member of ANSWERS.  Errors are sentences without file and line. */
gboolean lodge_answer_key_parse (const LodgeAnswerKey *row, const char *value,
                                 LodgeAnswers *answers, GError **error);
/* The same, with errors that call it NAME and say what is EXPECTED, which is translated. */
gboolean lodge_answer_key_parse_as (const LodgeAnswerKey *row, const char *name,
                                    const char *expected, const char *value, LodgeAnswers *answers,
                                    GError **error);

/* The member's value as written in answers.conf; "" for what is not given.  Free with g_free. */
char *lodge_answer_key_format (const LodgeAnswerKey *row, const LodgeAnswers *answers);

/* Frees the member and puts the default in its place. */
void lodge_answer_key_reset (const LodgeAnswerKey *row, LodgeAnswers *answers);

/* Makes the row's member of TO what it is in FROM. */
void lodge_answer_key_copy (const LodgeAnswerKey *row, const LodgeAnswers *from, LodgeAnswers *to);

/* Makes the keys of SECTION in TO what they are in FROM. */
void lodge_answers_copy_section (const LodgeAnswers *from, LodgeAnswers *to, const char *section);

/* What one [match …] section of a file names, checked and in canonical spelling. */
typedef struct
{
  char *by; /* "mac", "serial" or "uuid" */
  char *value;
  guint line; /* of the section */
  const LodgeKeyfileSection *section;
} LodgeAnswerMatch;

/* Whether NAME is that of a [match …] section, well-formed or not. */
gboolean lodge_answer_is_match (const char *name);
/* What SECTION, which is one, names; an error tells its line in KEYFILE. */
LodgeAnswerMatch *lodge_answer_match_parse (const LodgeKeyfile *keyfile,
                                            const LodgeKeyfileSection *section, GError **error);
/* Whether it is HOST; NULL: no host is known, and none fits. */
gboolean lodge_answer_match_fits (const LodgeAnswerMatch *match, const LodgeHostIdentity *host);
/* Two that name the same host are equal: functions of a GHashTable of LodgeAnswerMatch. */
guint lodge_answer_match_hash (gconstpointer match);
gboolean lodge_answer_match_equal (gconstpointer one, gconstpointer other);
void lodge_answer_match_free (gpointer match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAnswerMatch, lodge_answer_match_free)

/* A file's answers for one host, with where they came from. */
typedef struct
{
  LodgeAnswers *answers;
  guint *lines;       /* by row of lodge_answer_keys(): where the value was given, or 0 */
  gboolean *open;     /* by row: some [match …] section sets it */
  gboolean *emptied;  /* by row: a [match …] section that fits took the value away */
  GPtrArray *matches; /* of LodgeAnswerMatch: all of the file, in its order */
  GPtrArray *common;  /* of LodgeKeyfileSection, the keyfile's: those that are no [match …] */
  guint applied;      /* how many of them fit the host */
} LodgeAnswersReading;

/* Reads KEYFILE for HOST (or NULL) as lodge_answers_parse() does; keys that contradict each other
 * are not looked for.  The result points into KEYFILE.  Free with lodge_answers_reading_free(). */
LodgeAnswersReading *lodge_answers_reading_new (const LodgeKeyfile *keyfile,
                                                const LodgeHostIdentity *host, GError **error);

/* The same for the host that MATCH, one of ALL's, and nothing else names, without a look at the
 * other hosts' sections: of thousands each is read in the time of one.  ALL was read from KEYFILE.
 * `matches` is empty, and `open` has the host's own keys only. */
LodgeAnswersReading *lodge_answers_reading_one (const LodgeKeyfile *keyfile,
                                                const LodgeAnswersReading *all,
                                                const LodgeAnswerMatch *match, GError **error);
void lodge_answers_reading_free (LodgeAnswersReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAnswersReading, lodge_answers_reading_free)

/* Where each key of ANSWERS was given: `lines` by row of lodge_answer_keys(), 0 when it was not. */
typedef struct
{
  const LodgeKeyfile *keyfile;
  guint *lines;
  const gboolean *emptied; /* by row: asked to be the default by a [match …] section that fits */
  /* Rows that a [match …] section sets, when no host is known: a contradiction that such a key
   * takes part in may be gone on the host, so it is not reported.  NULL: report all. */
  const gboolean *open;
} LodgeAnswerOrigin;

/* Refuses keys that contradict each other, naming the line of one. */
gboolean lodge_answer_rules_check (const LodgeAnswers *answers, const LodgeAnswerOrigin *origin,
                                   GError **error);

/* The same for answers that stand in no file: the row that the first contradiction is about, with
 * *MESSAGE (free with g_free) saying it; NULL when there is none. */
const LodgeAnswerKey *lodge_answer_rules_find (const LodgeAnswers *answers, char **message);

/* Puts something else than the default into the keys of ANSWERS that were not given. */
typedef void LodgeAnswersComplete (LodgeAnswers *answers, const LodgeAnswerOrigin *origin,
                                   gconstpointer data);

/* lodge_answers_parse() with such a function, called before contradictions are looked for. */
LodgeAnswers *lodge_answers_parse_over (const char *path, const char *text, gsize length,
                                        const LodgeHostIdentity *host,
                                        LodgeAnswersComplete *complete, gconstpointer data,
                                        GError **error);
