/* What the tests of answers.conf share.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"
#include "common/file.h"

/* The path of NAME in tests/fixtures/answers. */
static inline char *
fixture (const char *name)
{
  const char *top = g_getenv ("LODGE_TOP");

  return g_build_filename (top != NULL ? top : ".", "tests", "fixtures", "answers", name, NULL);
}

/* The names of the fixtures that begin with PREFIX. */
static inline GPtrArray *
list_fixtures (const char *prefix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = fixture ("");
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".conf"))
      g_ptr_array_add (names, g_strdup (name));
  g_assert_cmpuint (names->len, >, 0);
  return names;
}

static inline char *
read_fixture (const char *name, gsize *length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture (name);
  char *text = lodge_file_read (path, 1024 * 1024, length, &error);

  g_assert_no_error (error);
  return text;
}

/* TEXT in canonical form; it must be right. */
static inline char *
parse_and_format (const char *text, gsize length, const LodgeHostIdentity *host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAnswers) answers = lodge_answers_parse ("F", text, length, host, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (answers->source, ==, "F");
  return lodge_answers_format (answers, TRUE);
}
