/* answers.conf read: sections, [match …], and what comes out for one host.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/answers-table.h"
#include "common/error.h"

#include <string.h>

LodgeAnswers *
lodge_answers_new (void)
{
  LodgeAnswers *answers = g_new0 (LodgeAnswers, 1);

  answers->ssh_keys = g_new0 (char *, 1);
  answers->disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_selector_free);
  answers->erase = g_new0 (char *, 1);
  answers->ports = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_selector_free);
  answers->bridge = g_strdup ("br0");
  answers->dns = g_new0 (char *, 1);
  answers->search = g_new0 (char *, 1);
  answers->ntp = g_new0 (char *, 1);
  answers->nat = TRUE;
  answers->proof = TRUE;
  return answers;
}

void
lodge_answers_free (LodgeAnswers *answers)
{
  if (answers == NULL)
    return;
  g_free (answers->source);
  g_free (answers->hostname);
  g_free (answers->timezone);
  g_free (answers->keyboard);
  g_free (answers->language);
  g_free (answers->root_password_hash);
  g_strfreev (answers->ssh_keys);
  g_ptr_array_unref (answers->disks);
  g_strfreev (answers->erase);
  g_ptr_array_unref (answers->ports);
  g_free (answers->bridge);
  g_free (answers->bond);
  g_free (answers->address);
  g_free (answers->gateway);
  g_free (answers->address6);
  g_free (answers->gateway6);
  g_strfreev (answers->dns);
  g_strfreev (answers->search);
  g_strfreev (answers->ntp);
  g_free (answers->webhook);
  g_free (answers->webhook_fingerprint);
  g_free (answers);
}

void
lodge_host_identity_free (LodgeHostIdentity *identity)
{
  if (identity == NULL)
    return;
  g_strfreev (identity->macs);
  g_free (identity->serial);
  g_free (identity->uuid);
  g_free (identity);
}

/* --- reading --- */

typedef struct
{
  const LodgeKeyfile *keyfile;
  const LodgeAnswerKey *rows;
  gsize n_rows;
  LodgeAnswers *answers;
  guint *lines;       /* by row: where the value in `answers` was given, or 0 */
  gboolean *open;     /* by row: a [match …] section sets it */
  gboolean *emptied;  /* by row: a [match …] section that fits took the value away */
  GPtrArray *matches; /* of LodgeAnswerMatch, those of the file so far */
  GHashTable *named;  /* of them, as set of LodgeAnswerMatch, none owned */
  guint applied;      /* number of [match …] sections that fit the host */
} Reader;

/* "hostname, timezone …": the keys of SECTION; empty when there is no such section. */
static char *
list_keys (const Reader *reader, const char *section)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < reader->n_rows; i++)
    if (strcmp (reader->rows[i].section, section) == 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", reader->rows[i].key);
  return g_strdup (names->str);
}

static char *
list_sections (const Reader *reader)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < reader->n_rows; i++)
    if (i == 0 || strcmp (reader->rows[i].section, reader->rows[i - 1].section) != 0)
      g_string_append_printf (names, "%s, ", reader->rows[i].section);
  g_string_append (names, "match");
  return g_strdup (names->str);
}

static gboolean
unknown_section (const Reader *reader, guint line, const char *name, GError **error)
{
  g_autofree char *quoted = lodge_error_quote (name);
  g_autofree char *known = list_sections (reader);

  return lodge_keyfile_error (error, reader->keyfile, line,
                              "the section %s is unknown; expected one of %s", quoted, known);
}

static gboolean
unknown_key (const Reader *reader, guint line, const char *section, const char *key, GError **error)
{
  g_autofree char *quoted = lodge_error_quote (key);
  g_autofree char *known = list_keys (reader, section);

  if (*known == '\0')
    return unknown_section (reader, line, section, error);
  for (gsize i = 0; i < reader->n_rows; i++)
    if (strcmp (reader->rows[i].key, key) == 0)
      return lodge_keyfile_error (error, reader->keyfile, line,
                                  "the key %s is unknown in [%s]; it belongs to [%s]", quoted,
                                  section, reader->rows[i].section);
  return lodge_keyfile_error (error, reader->keyfile, line,
                              "the key %s is unknown in [%s]; expected one of %s", quoted, section,
                              known);
}

/* Puts ENTRY's value into ANSWERS; LINES, when not NULL, learns where it came from. */
static gboolean
read_value (const Reader *reader, const LodgeAnswerKey *row, const LodgeKeyfileEntry *entry,
            LodgeAnswers *answers, guint *lines, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (!lodge_answer_key_parse (row, entry->value, answers, &reason))
    return lodge_keyfile_error (error, reader->keyfile, entry->line, "%s", reason->message);
  if (lines != NULL)
    lines[row - reader->rows] = entry->line;
  return TRUE;
}

static gboolean
read_section (Reader *reader, const LodgeKeyfileSection *section, GError **error)
{
  g_autofree char *known = list_keys (reader, section->name);

  if (*known == '\0')
    return unknown_section (reader, section->line, section->name, error);
  for (guint i = 0; i < section->entries->len; i++)
    {
      const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, i);
      const LodgeAnswerKey *row = lodge_answer_key_find (section->name, entry->key);

      if (row == NULL)
        return unknown_key (reader, entry->line, section->name, entry->key, error);
      if (*entry->value == '\0')
        return lodge_keyfile_error (error, reader->keyfile, entry->line,
                                    "%s has no value; remove the line, or give %s", entry->key,
                                    row->expected);
      if (!read_value (reader, row, entry, reader->answers, reader->lines, error))
        return FALSE;
    }
  return TRUE;
}

/* The entries of a [match …] section, into the answers when APPLY, else only checked. */
static gboolean
read_match_entries (Reader *reader, const LodgeKeyfileSection *section, gboolean apply,
                    GError **error)
{
  g_autoptr (LodgeAnswers) scratch = apply ? NULL : lodge_answers_new ();

  for (guint i = 0; i < section->entries->len; i++)
    {
      const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, i);
      g_auto (GStrv) parts = g_strsplit (entry->key, ".", 2);
      const LodgeAnswerKey *row;

      if (g_strv_length (parts) != 2)
        {
          g_autofree char *quoted = lodge_error_quote (entry->key);

          return lodge_keyfile_error (error, reader->keyfile, entry->line,
                                      "%s does not name its section; in [match …] keys are "
                                      "written as host.hostname",
                                      quoted);
        }
      row = lodge_answer_key_find (parts[0], parts[1]);
      if (row == NULL)
        return unknown_key (reader, entry->line, parts[0], parts[1], error);
      reader->open[row - reader->rows] = TRUE;
      /* Without a value: what the sections above gave does not hold on this host. */
      if (*entry->value == '\0' && apply)
        {
          lodge_answer_key_reset (row, reader->answers);
          reader->lines[row - reader->rows] = 0;
          reader->emptied[row - reader->rows] = TRUE;
        }
      else if (*entry->value != '\0'
               && !read_value (reader, row, entry, apply ? reader->answers : scratch,
                               apply ? reader->lines : NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_match (Reader *reader, const LodgeKeyfileSection *section, const LodgeHostIdentity *host,
            GError **error)
{
  g_autoptr (LodgeAnswerMatch) match = lodge_answer_match_parse (reader->keyfile, section, error);
  gboolean fits;

  if (match == NULL)
    return FALSE;
  fits = lodge_answer_match_fits (match, host);
  if (!g_hash_table_add (reader->named, match))
    return lodge_keyfile_error (error, reader->keyfile, section->line,
                                "an earlier section names the host %s=%s already; put its keys "
                                "there",
                                match->by, match->value);
  if (fits)
    reader->applied++;
  g_ptr_array_add (reader->matches, g_steal_pointer (&match));
  return read_match_entries (reader, section, fits, error);
}

/* [match …] replaces wherever it stands, so the others are read first. */
static gboolean
read_common (Reader *reader, GPtrArray *common, GError **error)
{
  for (guint i = 0; i < common->len; i++)
    if (!read_section (reader, g_ptr_array_index (common, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
read_matches (Reader *reader, const LodgeHostIdentity *host, GError **error)
{
  const GPtrArray *sections = reader->keyfile->sections;

  for (guint i = 0; i < sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (sections, i);

      if (lodge_answer_is_match (section->name) && !read_match (reader, section, host, error))
        return FALSE;
    }
  return TRUE;
}

void
lodge_answers_reading_free (LodgeAnswersReading *reading)
{
  if (reading == NULL)
    return;
  lodge_answers_free (reading->answers);
  g_free (reading->lines);
  g_free (reading->open);
  g_free (reading->emptied);
  g_ptr_array_unref (reading->matches);
  g_ptr_array_unref (reading->common);
  g_free (reading);
}

static LodgeAnswersReading *
make_reading (const LodgeKeyfile *keyfile, Reader *reader)
{
  LodgeAnswersReading *reading = g_new0 (LodgeAnswersReading, 1);

  reader->keyfile = keyfile;
  reader->rows = lodge_answer_keys (&reader->n_rows);
  reader->answers = reading->answers = lodge_answers_new ();
  reader->lines = reading->lines = g_new0 (guint, reader->n_rows);
  reader->open = reading->open = g_new0 (gboolean, reader->n_rows);
  reader->emptied = reading->emptied = g_new0 (gboolean, reader->n_rows);
  reader->matches = reading->matches = g_ptr_array_new_with_free_func (lodge_answer_match_free);
  reading->answers->source = g_strdup (keyfile->path);
  return reading;
}

LodgeAnswersReading *
lodge_answers_reading_new (const LodgeKeyfile *keyfile, const LodgeHostIdentity *host,
                           GError **error)
{
  g_autoptr (GHashTable) named
      = g_hash_table_new (lodge_answer_match_hash, lodge_answer_match_equal);
  Reader reader = { .named = named };
  g_autoptr (LodgeAnswersReading) reading = make_reading (keyfile, &reader);

  reading->common = g_ptr_array_new ();
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      if (!lodge_answer_is_match (section->name))
        g_ptr_array_add (reading->common, section);
    }
  if (!read_common (&reader, reading->common, error) || !read_matches (&reader, host, error))
    return NULL;
  reading->applied = reader.applied;
  return g_steal_pointer (&reading);
}

LodgeAnswersReading *
lodge_answers_reading_one (const LodgeKeyfile *keyfile, const LodgeAnswersReading *all,
                           const LodgeAnswerMatch *match, GError **error)
{
  Reader reader = { 0 };
  g_autoptr (LodgeAnswersReading) reading = make_reading (keyfile, &reader);

  reading->common = g_ptr_array_ref (all->common);
  if (!read_common (&reader, reading->common, error)
      || !read_match_entries (&reader, match->section, TRUE, error))
    return NULL;
  reading->applied = 1;
  return g_steal_pointer (&reading);
}

/* What fills in the keys that were not given. */
typedef struct
{
  LodgeAnswersComplete *complete;
  gconstpointer data;
} Completion;

/* COMPLETION may be NULL. */
static LodgeAnswers *
read_keyfile (const LodgeKeyfile *keyfile, const LodgeHostIdentity *host,
              const Completion *completion, GError **error)
{
  g_autoptr (LodgeAnswersReading) reading = lodge_answers_reading_new (keyfile, host, error);
  LodgeAnswerOrigin origin = { .keyfile = keyfile };

  if (reading == NULL)
    return NULL;
  origin.lines = reading->lines;
  origin.emptied = reading->emptied;
  origin.open = host == NULL ? reading->open : NULL;
  if (completion != NULL)
    completion->complete (reading->answers, &origin, completion->data);
  return lodge_answer_rules_check (reading->answers, &origin, error)
             ? g_steal_pointer (&reading->answers)
             : NULL;
}

LodgeAnswers *
lodge_answers_parse (const char *path, const char *text, gsize length,
                     const LodgeHostIdentity *host, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_parse (path, text, length, error);

  return keyfile == NULL ? NULL : read_keyfile (keyfile, host, NULL, error);
}

LodgeAnswers *
lodge_answers_parse_over (const char *path, const char *text, gsize length,
                          const LodgeHostIdentity *host, LodgeAnswersComplete *complete,
                          gconstpointer data, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_parse (path, text, length, error);
  const Completion completion = { .complete = complete, .data = data };

  return keyfile == NULL ? NULL : read_keyfile (keyfile, host, &completion, error);
}

LodgeAnswers *
lodge_answers_load (const char *path, const LodgeHostIdentity *host, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_load (path, error);

  return keyfile == NULL ? NULL : read_keyfile (keyfile, host, NULL, error);
}

guint
lodge_answers_count_matches (const char *path, const LodgeHostIdentity *host, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_load (path, error);
  g_autoptr (LodgeAnswersReading) reading = NULL;

  if (keyfile == NULL)
    return 0;
  reading = lodge_answers_reading_new (keyfile, host, error);
  return reading == NULL ? 0 : reading->applied;
}
