/* Debian's package lists.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list of Debian's main archive has 57 MB and 69000 paragraphs; it is mapped, and only what is
 * looked for is copied.
 */
#include "builder/apt-index.h"

#include <string.h>

#include "builder/family.h"
#include "common/number.h"

/* One paragraph, not terminated. */
typedef struct
{
  const char *text;
  gsize length;
} Paragraph;

/* The value of the field called NAME ("\nPriority: "), copied; NULL when there is none. */
static char *
get_field (const Paragraph *paragraph, const char *name)
{
  const char *found = memmem (paragraph->text, paragraph->length, name, strlen (name));
  const char *value;
  const char *end;

  if (found == NULL)
    return NULL;
  value = found + strlen (name);
  end = memchr (value, '\n', (gsize)(paragraph->text + paragraph->length - value));
  return g_strndup (value,
                    (gsize)((end != NULL ? end : paragraph->text + paragraph->length) - value));
}

typedef void (*ParagraphFunction) (const Paragraph *paragraph, gpointer data);

static void
read_paragraphs (const char *text, gsize length, ParagraphFunction function, gpointer data)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *next = memmem (text, (gsize)(end - text), "\n\n", 2);
      Paragraph paragraph = { .text = text, .length = (gsize)((next != NULL ? next : end) - text) };

      function (&paragraph, data);
      text = next != NULL ? next + 2 : end;
    }
}

static gboolean
read_files (const char *const *files, ParagraphFunction function, gpointer data, GError **error)
{
  for (; *files != NULL; files++)
    {
      GMappedFile *file = g_mapped_file_new (*files, FALSE, error);

      if (file == NULL)
        return FALSE;
      if (g_mapped_file_get_length (file) > 0)
        read_paragraphs (g_mapped_file_get_contents (file), g_mapped_file_get_length (file),
                         function, data);
      g_mapped_file_unref (file);
    }
  return TRUE;
}

static void
add_required (const Paragraph *paragraph, gpointer data)
{
  static const char priority[] = "\nPriority: required";
  static const char package[] = "Package: ";
  GPtrArray *names = data;
  char *name;

  if (memmem (paragraph->text, paragraph->length, priority, strlen (priority)) == NULL
      || paragraph->length < strlen (package)
      || memcmp (paragraph->text, package, strlen (package)) != 0)
    return;
  name = get_field (paragraph, package);
  if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_free (name);
  else
    g_ptr_array_add (names, name);
}

GPtrArray *
lodge_apt_index_required (const char *const *files, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (!read_files (files, add_required, names, error))
    return NULL;
  return g_steal_pointer (&names);
}

static void
add_size (const Paragraph *paragraph, gpointer data)
{
  GHashTable *packages = data;
  g_autofree char *sha256 = get_field (paragraph, "\nSHA256: ");
  LodgePackage *package = sha256 != NULL ? g_hash_table_lookup (packages, sha256) : NULL;
  g_autofree char *size = package != NULL ? get_field (paragraph, "\nInstalled-Size: ") : NULL;
  guint64 kibibytes;

  if (size != NULL && lodge_number_parse (size, 0, G_MAXUINT32, &kibibytes))
    package->installed_size = kibibytes * 1024;
}

gboolean
lodge_apt_index_add_sizes (const char *const *files, GPtrArray *packages, GError **error)
{
  g_autoptr (GHashTable) by_hash = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);

      g_hash_table_insert (by_hash, package->sha256, package);
    }
  return read_files (files, add_size, by_hash, error);
}
