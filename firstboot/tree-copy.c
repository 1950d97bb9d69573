/* Directories kept the same as others.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/tree-copy.h"

#include "common/error.h"

/* The state of a TPM takes some kilobytes, in one directory. */
#define TREE_LIMIT (64 * 1024 * 1024)
#define MOST_LEVELS 8

typedef struct
{
  LodgeRemoved *removed;
  const char *place;
  guint *changed;
  gsize left; /* bytes that may still be read */
  guint level;
} Copy;

static gboolean copy_directory (Copy *copy, const LodgeDirectory *source,
                                const LodgeDirectory *target, GError **error);

static gboolean
copy_file (Copy *copy, const LodgeDirectory *source, const LodgeDirectory *target, const char *name,
           GError **error)
{
  g_autofree char *data = NULL;
  gsize length = 0;

  if (!lodge_directory_read (source, name, copy->left, &data, &length, error))
    return FALSE;
  copy->left -= length;
  /* NULL: it was removed since the directory was read. */
  return data == NULL
         || lodge_directory_write (target, name, data, (gssize)length, copy->changed, error);
}

static gboolean
copy_inner (Copy *copy, const LodgeDirectory *source, const LodgeDirectory *target,
            const char *name, GError **error)
{
  g_autoptr (LodgeDirectory) from = NULL;
  g_autoptr (LodgeDirectory) to = NULL;
  gboolean good;

  if (copy->level == MOST_LEVELS)
    return lodge_error_set (error, LODGE_ERROR_REFUSED, "%s has more than %d levels of directories",
                            source->shown, MOST_LEVELS);
  if (!lodge_directory_open_below (source, name, 0, &from, error))
    return FALSE;
  if (from == NULL)
    return TRUE;
  if (!lodge_directory_open_below (target, name, 0700, &to, error))
    return FALSE;
  copy->level++;
  good = copy_directory (copy, from, to, error);
  copy->level--;
  return good;
}

/* What TARGET has and SOURCE has not. */
static gboolean
remove_others (Copy *copy, const LodgeDirectory *source, const LodgeDirectory *target,
               GError **error)
{
  g_auto (GStrv) names = lodge_directory_list (target, error);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      mode_t type;

      if (!lodge_directory_look (source, names[i], &type, error)
          || (type == 0
              && !lodge_removed_take (copy->removed, target, names[i], copy->place, copy->changed,
                                      error)))
        return FALSE;
    }
  return names != NULL;
}

static gboolean
copy_directory (Copy *copy, const LodgeDirectory *source, const LodgeDirectory *target,
                GError **error)
{
  g_auto (GStrv) names = lodge_directory_list (source, error);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      mode_t type;

      if (!lodge_directory_look (source, names[i], &type, error)
          || (type == S_IFDIR && !copy_inner (copy, source, target, names[i], error))
          || (type == S_IFREG && !copy_file (copy, source, target, names[i], error)))
        return FALSE;
    }
  if (names == NULL)
    return FALSE;
  /* An empty one says nothing about what was in it. */
  return copy->removed == NULL || names[0] == NULL || remove_others (copy, source, target, error);
}

gboolean
lodge_copy_tree (const LodgeDirectory *source, const LodgeDirectory *target, LodgeRemoved *removed,
                 const char *place, guint *changed, GError **error)
{
  Copy copy = { removed, place, changed, TREE_LIMIT, 0 };

  return copy_directory (&copy, source, target, error);
}
