/* Package lists that are there already.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-lists.h"

#include <string.h>
#include <unistd.h>

#include "builder/apt-date.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

enum
{
  RELEASE_LIMIT = 16 * 1024 * 1024, /* bytes */
};

gboolean
lodge_apt_lists_valid_until (const char *release, gint64 *until)
{
  static const char field[] = "Valid-Until:";
  g_auto (GStrv) lines = g_strsplit (release, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_ascii_strncasecmp (*line, field, strlen (field)) == 0)
      return lodge_apt_date_parse (g_strstrip (*line + strlen (field)), until);
  *until = G_MAXINT64;
  return TRUE;
}

/* Whether STATUS, the lines of gpgv's --status-fd, tells of a good signature and of no bad one.
 * Its exit status cannot say: an archive signs with several keys, and the template may trust one
 * of them.  GOODSIG is not said of expired or revoked keys (doc/DETAILS in GnuPG's sources). */
static gboolean
is_good (const char *status)
{
  g_auto (GStrv) lines = g_strsplit (status, "\n", -1);
  gboolean good = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      if (g_str_has_prefix (*line, "[GNUPG:] BADSIG "))
        return FALSE;
      good = good || g_str_has_prefix (*line, "[GNUPG:] GOODSIG ");
    }
  return good;
}

/* The text that is signed in PATH; NULL with ERROR set when no trusted key signed it. */
static char *
read_signed (const char *path, const char *keyring, const char *scratch, GCancellable *cancellable,
             GError **error)
{
  g_autofree char *signature = g_strconcat (path, ".gpg", NULL);
  g_autofree char *text = g_build_filename (scratch, "signed-text", NULL);
  gboolean clear_signed = g_str_has_suffix (path, "InRelease");
  const char *clear_argv[]
      = { "gpgv",  "--homedir", scratch, "--status-fd", "1", "--weak-digest", "SHA1", "--keyring",
          keyring, "--output",  text,    path,          NULL };
  const char *detached_argv[]
      = { "gpgv", "--homedir", scratch, "--status-fd", "1",  "--weak-digest",
          "SHA1", "--keyring", keyring, signature,     path, NULL };
  const char *const *argv = clear_signed ? clear_argv : detached_argv;
  g_autofree char *status = NULL;
  char *content;
  int result;

  unlink (text);
  status = lodge_run_status (argv, NULL, &result, cancellable, error);
  if (status == NULL)
    return NULL;
  if (!is_good (status))
    {
      unlink (text);
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s is not signed by a key that the template trusts", path);
      return NULL;
    }
  content = lodge_file_read (clear_signed ? text : path, RELEASE_LIMIT, NULL, error);
  unlink (text);
  return content;
}

static gboolean
check_file (const char *path, const char *keyring, gint64 now, const char *scratch,
            GCancellable *cancellable, GError **error)
{
  g_autofree char *text = read_signed (path, keyring, scratch, cancellable, error);
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *date_text = NULL;
  gint64 until;

  if (text == NULL)
    return FALSE;
  if (now < 0)
    return TRUE;
  if (!lodge_apt_lists_valid_until (text, &until))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s does not say in a known form how long it is valid", path);
  if (now <= until)
    return TRUE;
  date = g_date_time_new_from_unix_local (until);
  date_text = g_date_time_format (date, "%F %R");
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s was valid until %s", path, date_text);
}

gboolean
lodge_apt_lists_check (const char *lists, guint count, const char *keyring, gint64 now,
                       const char *scratch, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) directory = g_dir_open (lists, 0, &failure);
  const char *name;
  guint found = 0;

  if (directory == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", failure->message);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (lists, name, NULL);

      if (!g_str_has_suffix (name, "_InRelease") && !g_str_has_suffix (name, "_Release"))
        continue;
      if (!check_file (path, keyring, now, scratch, cancellable, error))
        return FALSE;
      found++;
    }
  if (found < count)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s has not the lists of every suite",
                            lists);
  return TRUE;
}
