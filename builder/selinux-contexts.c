/* The file_contexts of the policy that an image has.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/selinux-contexts.h"

#include <errno.h>
#include <selinux/label.h>
#include <selinux/selinux.h>
#include <string.h>

#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

#define CONFIG "/etc/selinux/config"

enum
{
  CONFIG_LIMIT = 1024 * 1024,        /* bytes */
  CONTEXTS_LIMIT = 64 * 1024 * 1024, /* bytes */
};

struct _LodgeSelinuxContexts
{
  struct selabel_handle *handle;
  char *words; /* checksum of all texts */
};

/* The value of KEY in TEXT, lines "KEY=VALUE"; NULL when it is not there.  Free with g_free. */
static char *
config_value (const char *text, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *prefix = g_strconcat (key, "=", NULL);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (g_strstrip (*line), prefix))
      return g_strdup (*line + strlen (prefix));
  return NULL;
}

/* Copies the texts of file_contexts to DIRECTORY, and adds them to WORDS.  Not its compiled form:
 * that is for the libpcre of the release. */
static gboolean
copy_contexts (ext2_filsys filesystem, const char *type, const char *directory, GChecksum *words,
               GError **error)
{
  static const char *const suffixes[] = { "", ".homedirs", ".local", ".subs", ".subs_dist" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/etc/selinux/%s/contexts/files/file_contexts%s", type, suffixes[i]);
      g_autofree char *target = g_strdup_printf ("%s/file_contexts%s", directory, suffixes[i]);
      g_autoptr (GError) failure = NULL;
      g_autofree char *text = lodge_ext2_read (filesystem, path, CONTEXTS_LIMIT, &failure);

      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (text == NULL && *suffixes[i] == '\0')
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the image has no %s, so that no file can be labelled; its policy "
                                "is the package selinux-policy-%s",
                                path, type);
      if (text == NULL)
        continue;
      if (!lodge_file_replace (target, text, -1, 0600, error))
        return FALSE;
      g_checksum_update (words, (const guchar *)path, (gssize)strlen (path) + 1);
      g_checksum_update (words, (const guchar *)text, (gssize)strlen (text) + 1);
    }
  return TRUE;
}

static gboolean
read_contexts (LodgeSelinuxContexts *contexts, ext2_filsys filesystem, const char *directory,
               GError **error)
{
  g_autofree char *config = lodge_ext2_read (filesystem, CONFIG, CONFIG_LIMIT, error);
  g_autofree char *type = config != NULL ? config_value (config, "SELINUXTYPE") : NULL;
  g_autofree char *path = g_build_filename (directory, "file_contexts", NULL);
  g_autoptr (GChecksum) words = g_checksum_new (G_CHECKSUM_SHA256);
  const struct selinux_opt options[]
      = { { SELABEL_OPT_PATH, path }, { SELABEL_OPT_VALIDATE, NULL } };

  if (type == NULL && error != NULL && *error != NULL)
    return FALSE;
  if (type == NULL || strchr (type, '/') != NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            CONFIG " in the image does not say SELINUXTYPE=: is the package "
                                   "selinux-policy-targeted in the template?");
  if (!copy_contexts (filesystem, type, directory, words, error))
    return FALSE;
  contexts->words = g_strdup (g_checksum_get_string (words));
  contexts->handle = selabel_open (SELABEL_CTX_FILE, options, G_N_ELEMENTS (options));
  return contexts->handle != NULL
         || lodge_error_set_errno (error, errno, "read the image's file_contexts");
}

LodgeSelinuxContexts *
lodge_selinux_contexts_open (ext2_filsys filesystem, const char *work, GError **error)
{
  g_autoptr (LodgeSelinuxContexts) contexts = g_new0 (LodgeSelinuxContexts, 1);
  g_autofree char *directory = g_build_filename (work, "selinux-XXXXXX", NULL);
  gboolean done;

  if (g_mkdtemp (directory) == NULL)
    {
      lodge_error_set_errno (error, errno, "make a directory in %s", work);
      return NULL;
    }
  /* libselinux has read all of it when it is open. */
  done = read_contexts (contexts, filesystem, directory, error);
  lodge_remove_tree (directory, NULL);
  return done ? g_steal_pointer (&contexts) : NULL;
}

void
lodge_selinux_contexts_free (LodgeSelinuxContexts *contexts)
{
  if (contexts == NULL)
    return;
  if (contexts->handle != NULL)
    selabel_close (contexts->handle);
  g_free (contexts->words);
  g_free (contexts);
}

gboolean
lodge_selinux_contexts_equal (const LodgeSelinuxContexts *one, const LodgeSelinuxContexts *other)
{
  return g_str_equal (one->words, other->words);
}

gboolean
lodge_selinux_contexts_look_up (const LodgeSelinuxContexts *contexts, const char *path,
                                guint16 mode, char **label, GError **error)
{
  char *found = NULL;

  *label = NULL;
  if (selabel_lookup_raw (contexts->handle, &found, path, mode) == 0)
    {
      *label = g_strdup (found);
      freecon (found);
      return TRUE;
    }
  return errno == ENOENT
         || lodge_error_set_errno (error, errno, "look up the SELinux label of %s", path);
}
