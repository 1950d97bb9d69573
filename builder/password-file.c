/* A root password's hash that stands in a file.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/password-file.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "builder/command.h"
#include "common/error.h"
#include "common/file.h"
#include "common/syntax.h"

enum
{
  FILE_LIMIT = 4096, /* bytes; a hash has about a hundred */
};
#define OPTION "--root-password-hash-file"

/* Waits for whoever writes it, or for CANCELLABLE. */
static char *
read_standard_input (gsize *length, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autofree char *text = g_malloc0 (FILE_LIMIT + 2);

  if (!g_input_stream_read_all (stream, text, FILE_LIMIT + 1, length, cancellable, error))
    {
      g_prefix_error (error, "standard input: ");
      return NULL;
    }
  if (*length <= FILE_LIMIT)
    return g_steal_pointer (&text);
  lodge_error_set (error, LODGE_ERROR_USAGE,
                   "standard input is longer than %d bytes, so it is no password's hash",
                   FILE_LIMIT);
  return NULL;
}

static char *
read_text (const char *path, gsize *length, GCancellable *cancellable, GError **error)
{
  char *text;

  if (strcmp (path, "-") == 0)
    text = read_standard_input (length, cancellable, error);
  else if (!lodge_command_check_file (OPTION, path, "the path of a file that holds the hash",
                                      error))
    return NULL;
  else
    text = lodge_file_read (path, FILE_LIMIT, length, error);
  if (text == NULL)
    g_prefix_error (error, OPTION ": ");
  return text;
}

char *
lodge_password_file_read (const char *path, GCancellable *cancellable, GError **error)
{
  const char *name = strcmp (path, "-") == 0 ? "standard input" : path;
  gsize length = 0;
  g_autofree char *text = read_text (path, &length, cancellable, error);
  g_autoptr (GError) reason = NULL;
  const char *problem = NULL;
  char *hash;

  if (text == NULL)
    return NULL;
  g_strstrip (text);
  if (*text == '\0' && length == 0)
    problem = "is empty";
  else if (*text == '\0')
    problem = "holds blanks only";
  else if (strchr (text, '\n') != NULL)
    problem = "holds more than one line";
  if (problem != NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       OPTION ": %s %s; expected one line, the hash as openssl passwd -6 makes it",
                       name, problem);
      return NULL;
    }
  hash = lodge_syntax_password_hash (text, &reason);
  if (hash == NULL)
    lodge_error_set (error, LODGE_ERROR_USAGE, OPTION ": %s: %s", name, reason->message);
  return hash;
}
