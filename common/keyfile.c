/* The strict key-file reader.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/keyfile.h"
#include "common/error.h"
#include "common/file.h"

#include <string.h>

enum
{
  SIZE_LIMIT = 1024 * 1024, /* bytes; a key file is written by hand */
};

static void
entry_free (gpointer data)
{
  LodgeKeyfileEntry *entry = data;

  g_free (entry->key);
  g_free (entry->value);
  g_free (entry);
}

static void
section_free (gpointer data)
{
  LodgeKeyfileSection *section = data;

  g_free (section->name);
  g_ptr_array_unref (section->entries);
  g_free (section);
}

void
lodge_keyfile_free (LodgeKeyfile *keyfile)
{
  if (keyfile == NULL)
    return;
  g_free (keyfile->path);
  g_ptr_array_unref (keyfile->sections);
  g_free (keyfile);
}

gboolean
lodge_keyfile_error (GError **error, const LodgeKeyfile *keyfile, guint line, const char *format,
                     ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return lodge_error_set (error, LODGE_ERROR_USAGE, "%s:%u: %s", keyfile->path, line, message);
}

/* The 1-based line in which byte OFFSET of TEXT stands. */
static guint
line_at (const char *text, gsize offset)
{
  guint line = 1;

  for (gsize i = 0; i < offset; i++)
    if (text[i] == '\n')
      line++;
  return line;
}

/* Refuses what no line may hold.  Control characters are refused because values end up on consoles,
 * in configuration files and in messages, where an escape sequence or a lone CR would do harm. */
static gboolean
check_characters (const LodgeKeyfile *keyfile, const char *text, gsize length, GError **error)
{
  const char *end;

  if (length >= 2 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0))
    return lodge_keyfile_error (error, keyfile, 1,
                                "the text is UTF-16; save the file as UTF-8 instead");
  end = memchr (text, '\0', length);
  if (end != NULL)
    return lodge_keyfile_error (error, keyfile, line_at (text, (gsize)(end - text)),
                                "a NUL byte stands here; the file must be plain text in UTF-8");
  if (!g_utf8_validate (text, (gssize)length, &end))
    return lodge_keyfile_error (error, keyfile, line_at (text, (gsize)(end - text)),
                                "the text is not valid UTF-8; save the file as UTF-8");
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);
      gboolean line_end
          = character == '\n' || (character == '\r' && p + 1 < text + length && p[1] == '\n');

      if (g_unichar_iscntrl (character) && character != '\t' && !line_end)
        return lodge_keyfile_error (error, keyfile, line_at (text, (gsize)(p - text)),
                                    "the control character U+%04X stands here; remove it",
                                    character);
    }
  return TRUE;
}

/* Whether STRIPPED, a line without blanks around it, goes on in the next one: an odd number of
 * backslashes at its end, as systemd counts them. */
static gboolean
is_continued (const char *stripped)
{
  gsize length = strlen (stripped);
  gsize backslashes = 0;

  while (backslashes < length && stripped[length - 1 - backslashes] == '\\')
    backslashes++;
  return backslashes % 2 == 1;
}

typedef struct
{
  LodgeKeyfile *keyfile;
  LodgeKeyfileSection *section; /* the one that pairs go to, or NULL */
  GHashTable *sections;         /* name to LodgeKeyfileSection, none owned */
  GHashTable *keys;             /* of the section: key to LodgeKeyfileEntry, none owned */
} Parser;

static gboolean
add_section (Parser *parser, const char *text, guint line, GError **error)
{
  gsize length = strlen (text);
  g_autofree char *quoted = lodge_error_quote (text);
  g_autofree char *name = NULL;
  const LodgeKeyfileSection *earlier;

  if (text[length - 1] != ']')
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "the section line %s must end with \"]\"", quoted);
  name = g_strstrip (g_strndup (text + 1, length - 2));
  if (*name == '\0')
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "the section has no name between its brackets");
  earlier = g_hash_table_lookup (parser->sections, name);
  if (earlier != NULL)
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "the section %s is already in line %u; put its keys there", quoted,
                                earlier->line);
  parser->section = g_new0 (LodgeKeyfileSection, 1);
  parser->section->name = g_steal_pointer (&name);
  parser->section->line = line;
  parser->section->entries = g_ptr_array_new_with_free_func (entry_free);
  g_ptr_array_add (parser->keyfile->sections, parser->section);
  g_hash_table_insert (parser->sections, parser->section->name, parser->section);
  g_hash_table_remove_all (parser->keys);
  return TRUE;
}

/* The commonest slip: the second part of a list in a line of its own. */
static gboolean
refuse_word (const Parser *parser, const char *quoted, guint line, GError **error)
{
  const GPtrArray *entries = parser->section != NULL ? parser->section->entries : NULL;
  const LodgeKeyfileEntry *last
      = entries != NULL && entries->len > 0 ? g_ptr_array_index (entries, entries->len - 1) : NULL;
  g_autofree char *key = last != NULL ? lodge_error_quote (last->key) : NULL;

  if (last == NULL)
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "%s is neither [SECTION] nor KEY=VALUE nor a comment that begins "
                                "with \"#\"",
                                quoted);
  return lodge_keyfile_error (error, parser->keyfile, line,
                              "%s is neither [SECTION] nor KEY=VALUE nor a comment that begins "
                              "with \"#\"; if it belongs to %s in line %u, put it there, with "
                              "\";\" before it",
                              quoted, key, last->line);
}

static gboolean
add_entry (Parser *parser, const char *text, guint line, GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *key = g_strstrip (g_strndup (text, strcspn (text, "=")));
  g_autofree char *quoted = lodge_error_quote (key);
  const LodgeKeyfileEntry *earlier;
  LodgeKeyfileEntry *entry;

  if (equals == NULL)
    return refuse_word (parser, quoted, line, error);
  if (*key == '\0')
    return lodge_keyfile_error (error, parser->keyfile, line, "no key stands before \"=\"");
  if (parser->section == NULL)
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "%s stands before the first [SECTION]", quoted);
  earlier = g_hash_table_lookup (parser->keys, key);
  if (earlier != NULL)
    return lodge_keyfile_error (error, parser->keyfile, line,
                                "%s is already set in line %u; remove one of the two, or put both "
                                "values into one line if it is a list",
                                quoted, earlier->line);
  entry = g_new0 (LodgeKeyfileEntry, 1);
  entry->key = g_steal_pointer (&key);
  entry->value = g_strstrip (g_strdup (equals + 1));
  entry->line = line;
  g_ptr_array_add (parser->section->entries, entry);
  g_hash_table_insert (parser->keys, entry->key, entry);
  return TRUE;
}

/* One line of the syntax: what is left after joining. */
static gboolean
add_line (Parser *parser, const char *text, guint line, GError **error)
{
  if (*text == '\0')
    return TRUE;
  if (*text == '[')
    return add_section (parser, text, line, error);
  return add_entry (parser, text, line, error);
}

static gboolean
parse_lines (Parser *parser, char **lines, GError **error)
{
  g_autoptr (GString) joined = NULL; /* what continued lines have given so far */
  guint first = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *text = g_strstrip (lines[i]);
      gboolean continued;

      /* As in systemd, a comment between the lines of a value does not end it. */
      if (*text == '#' || *text == ';')
        continue;
      continued = is_continued (text);
      if (continued)
        text[strlen (text) - 1] = '\0';
      if (joined == NULL)
        {
          joined = g_string_new (text);
          first = i + 1;
        }
      else
        g_string_append (joined, text);
      if (continued)
        g_string_append_c (joined, ' ');
      else
        {
          if (!add_line (parser, g_strstrip (joined->str), first, error))
            return FALSE;
          g_string_free (g_steal_pointer (&joined), TRUE);
        }
    }
  if (joined != NULL)
    return lodge_keyfile_error (error, parser->keyfile, first,
                                "the backslash at the line's end announces another line, but the "
                                "file ends");
  return TRUE;
}

LodgeKeyfile *
lodge_keyfile_parse (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = g_new0 (LodgeKeyfile, 1);
  g_autoptr (GHashTable) sections = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *copy = NULL;
  g_auto (GStrv) lines = NULL;
  Parser parser = { .keyfile = keyfile, .sections = sections, .keys = keys };

  keyfile->path = g_strdup (path);
  keyfile->sections = g_ptr_array_new_with_free_func (section_free);
  if (length == 0) /* TEXT may be NULL then */
    text = "";
  if (!check_characters (keyfile, text, length, error))
    return NULL;
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }
  /* The last line's end begins no further line. */
  copy = g_strndup (text, length > 0 && text[length - 1] == '\n' ? length - 1 : length);
  lines = g_strsplit_set (copy, "\n", -1);
  if (!parse_lines (&parser, lines, error))
    return NULL;
  return g_steal_pointer (&keyfile);
}

LodgeKeyfile *
lodge_keyfile_load (const char *path, GError **error)
{
  gsize length;
  g_autofree char *text = lodge_file_read (path, SIZE_LIMIT, &length, error);

  return text == NULL ? NULL : lodge_keyfile_parse (path, text, length, error);
}

const LodgeKeyfileSection *
lodge_keyfile_section (const LodgeKeyfile *keyfile, const char *name)
{
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      if (strcmp (section->name, name) == 0)
        return section;
    }
  return NULL;
}
