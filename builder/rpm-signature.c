/* Package signatures, checked by rpmkeys(8) with the one key that counts.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/rpm-signature.h"

#include <string.h>

#include "builder/remove.h"
#include "common/error.h"
#include "common/run.h"

enum
{
  BATCH = 200, /* files in one call, to stay below the kernel's limit for arguments */
};

static char *
run_rpmkeys (const char *database, const char *option, const char *const *files, int *status,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "rpmkeys");
  g_ptr_array_add (argv, (gpointer) "--dbpath");
  g_ptr_array_add (argv, (gpointer)database);
  /* Digests alone are not enough, whatever the machine's rpm is content with. */
  g_ptr_array_add (argv, (gpointer) "--define");
  g_ptr_array_add (argv, (gpointer) "_pkgverify_level all");
  g_ptr_array_add (argv, (gpointer)option);
  for (; *files != NULL; files++)
    g_ptr_array_add (argv, (gpointer)*files);
  g_ptr_array_add (argv, NULL);
  return lodge_run_status ((const char *const *)argv->pdata, NULL, status, cancellable, error);
}

/* The file of the first line "FILE: … NOT OK", or NULL. */
static char *
find_bad (const char *output)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *colon = strstr (*line, ": ");

      if (colon != NULL && strstr (colon, "NOT OK") != NULL)
        return g_strndup (*line, (gsize)(colon - *line));
    }
  return NULL;
}

/* Says what is wrong with FILE. */
static gboolean
explain (const char *file, const char *database, GCancellable *cancellable, GError **error)
{
  const char *const files[] = { file, NULL };
  g_autofree char *name = g_path_get_basename (file);
  int status;
  g_autofree char *details = run_rpmkeys (database, "-Kv", files, &status, cancellable, error);
  const char *fault = "is damaged or was tampered with: its signature does not fit";

  if (details == NULL)
    return FALSE;
  if (strstr (details, "NOKEY") != NULL)
    fault = "is signed with a key that the template does not trust";
  else if (strstr (details, "key ID") == NULL && strstr (details, "BAD") == NULL)
    fault = "is not signed";
  return lodge_error_set (error, LODGE_ERROR_FAILED, "the package %s %s", name, fault);
}

static gboolean
check_batch (const char *const *files, const char *database, GCancellable *cancellable,
             GError **error)
{
  int status;
  g_autofree char *output = run_rpmkeys (database, "-K", files, &status, cancellable, error);
  g_autofree char *bad = NULL;

  if (output == NULL)
    return FALSE;
  if (status == 0)
    return TRUE;
  bad = find_bad (output);
  if (bad != NULL)
    return explain (bad, database, cancellable, error);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "rpmkeys cannot check the packages: %s",
                          output);
}

gboolean
lodge_rpm_signature_check (const GPtrArray *files, const char *key, const char *database,
                           GCancellable *cancellable, GError **error)
{
  const char *const keys[] = { key, NULL };
  g_autofree char *output = NULL;
  int status;

  /* Anew: no key of before. */
  if (!lodge_remove_tree (database, error))
    return FALSE;
  g_mkdir_with_parents (database, 0700);
  output = run_rpmkeys (database, "--import", keys, &status, cancellable, error);
  if (output == NULL)
    return FALSE;
  if (status != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "rpmkeys does not take the key in %s", key);
  for (guint first = 0; first < files->len; first += BATCH)
    {
      guint count = MIN (BATCH, files->len - first);
      g_autofree const char **batch = g_new0 (const char *, count + 1);

      memcpy (batch, files->pdata + first, count * sizeof *batch);
      if (!check_batch (batch, database, cancellable, error))
        return FALSE;
    }
  return TRUE;
}
