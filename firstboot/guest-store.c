/* What is saved of virtual machines on the VM storage, and where.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/guest-store.h"

#include <string.h>

#include "common/error.h"
#include "common/file.h"
#include "firstboot/layout.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/tree-copy.h"

#define XML_LIMIT (16 * 1024 * 1024)
#define TOKEN_LIMIT 128

static const LodgeSavedKindInfo kinds[] = {
  { LODGE_SAVED_POOL, "pools", "pool", "/etc/libvirt/storage", "storage pool" },
  { LODGE_SAVED_NETWORK, "networks", "network", "/etc/libvirt/qemu/networks", "network" },
  { LODGE_SAVED_GUEST, "guests", "domain", "/etc/libvirt/qemu", "virtual machine" },
};

const LodgeSavedKindInfo *
lodge_saved_kinds (gsize *count)
{
  *count = G_N_ELEMENTS (kinds);
  return kinds;
}

void
lodge_saved_free (LodgeSaved *saved)
{
  if (saved == NULL)
    return;
  g_free (saved->uuid);
  g_free (saved->name);
  g_free (saved->xml);
  g_free (saved->directory);
  g_free (saved);
}

/* A name becomes a part of paths. */
static gboolean
is_good_name (const char *name)
{
  return name != NULL && name[0] != '\0' && strchr (name, '/') == NULL && name[0] != '.'
         && g_utf8_validate (name, -1, NULL);
}

LodgeSaved *
lodge_saved_parse (LodgeSavedKind kind, const char *xml, const char *path, GError **error)
{
  g_autoptr (LodgeSaved) saved = g_new0 (LodgeSaved, 1);
  g_autofree char *name_path = g_strconcat (kinds[kind].element, "/name", NULL);
  g_autofree char *uuid_path = g_strconcat (kinds[kind].element, "/uuid", NULL);
  g_autofree char *uuid = lodge_libvirt_xml_get (xml, uuid_path, NULL);

  saved->kind = kind;
  saved->name = lodge_libvirt_xml_get (xml, name_path, NULL);
  saved->uuid = uuid != NULL ? g_ascii_strdown (g_strstrip (uuid), -1) : NULL;
  saved->xml = g_strdup (xml);
  if (!is_good_name (saved->name) || saved->uuid == NULL || !g_uuid_string_is_valid (saved->uuid))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s is not libvirt's definition of a %s: it has no name or no UUID", path,
                       kinds[kind].word);
      return NULL;
    }
  return g_steal_pointer (&saved);
}

/* The one in DIRECTORY, whose name is its UUID. */
static LodgeSaved *
read_one (LodgeSavedKind kind, const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, LODGE_SAVED_DEFINITION, NULL);
  g_autofree char *mark = g_build_filename (directory, LODGE_SAVED_AUTOSTART, NULL);
  g_autofree char *uuid = g_path_get_basename (directory);
  g_autofree char *xml = lodge_file_read (path, XML_LIMIT, NULL, error);
  g_autoptr (LodgeSaved) saved = xml != NULL ? lodge_saved_parse (kind, xml, path, error) : NULL;

  if (saved == NULL)
    return NULL;
  if (!g_str_equal (saved->uuid, uuid))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s has the UUID %s, which is not its directory's", path, saved->uuid);
      return NULL;
    }
  saved->autostart = g_file_test (mark, G_FILE_TEST_EXISTS);
  saved->directory = g_strdup (directory);
  return g_steal_pointer (&saved);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const LodgeSaved *x = *(LodgeSaved *const *)a, *y = *(LodgeSaved *const *)b;

  return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp (x->name, y->name);
}

static LodgeSavedProblem *
new_problem (const char *directory, const char *reason)
{
  LodgeSavedProblem *problem = g_new0 (LodgeSavedProblem, 1);

  problem->directory = g_strdup (directory);
  problem->reason = g_strdup (reason);
  return problem;
}

void
lodge_saved_problem_free (LodgeSavedProblem *problem)
{
  if (problem == NULL)
    return;
  g_free (problem->directory);
  g_free (problem->reason);
  g_free (problem);
}

gboolean
lodge_saved_mark (const char *directory, const char *reason, GError **error)
{
  g_autofree char *path = g_build_filename (directory, LODGE_SAVED_NOT_DEFINED, NULL);
  g_autofree char *text = g_strconcat (reason, "\n", NULL);

  return lodge_copy_text (text, path, NULL, error);
}

GPtrArray *
lodge_guest_store_read (const char *store, GPtrArray *problems)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_free);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_build_filename (store, kinds[i].directory, NULL);
      g_autoptr (GError) unopened = NULL;
      g_autoptr (GDir) directory = g_dir_open (path, 0, &unopened);
      const char *entry;

      /* A damaged file system must not pass for an empty one. */
      if (directory == NULL && !g_error_matches (unopened, G_FILE_ERROR, G_FILE_ERROR_NOENT)
          && problems != NULL)
        g_ptr_array_add (problems, new_problem (path, unopened->message));
      while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
        {
          g_autofree char *one = g_build_filename (path, entry, NULL);
          g_autofree char *definition = g_build_filename (one, LODGE_SAVED_DEFINITION, NULL);
          g_autoptr (GError) problem = NULL;
          LodgeSaved *saved;

          /* Without a definition: a save, or a removal, that the power cut short. */
          if (!g_uuid_string_is_valid (entry) || !g_file_test (definition, G_FILE_TEST_EXISTS))
            continue;
          saved = read_one (kinds[i].kind, one, &problem);
          if (saved != NULL)
            g_ptr_array_add (list, saved);
          else if (problems != NULL)
            g_ptr_array_add (problems, new_problem (one, problem->message));
        }
    }
  g_ptr_array_sort (list, compare);
  return list;
}

GStrv
lodge_saved_guest_names (const GPtrArray *saved)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < saved->len; i++)
    {
      const LodgeSaved *one = saved->pdata[i];

      if (one->kind == LODGE_SAVED_GUEST)
        g_ptr_array_add (names, g_strdup (one->name));
    }
  g_ptr_array_add (names, NULL);
  return (GStrv)g_ptr_array_free (names, FALSE);
}

char *
lodge_guest_store_owner (const char *store)
{
  g_autofree char *path = g_build_filename (store, "owner", NULL);
  char *token = lodge_file_read (path, TOKEN_LIMIT, NULL, NULL);

  return token != NULL ? g_strstrip (token) : NULL;
}

char *
lodge_saved_nvram_path (const LodgeSaved *guest)
{
  g_autofree char *text = lodge_libvirt_xml_get (guest->xml, "domain/os/nvram", NULL);
  char *path;

  if (text != NULL && g_strstrip (text)[0] == '/')
    return g_steal_pointer (&text);
  path = lodge_libvirt_xml_get (guest->xml, "domain/os/nvram/source", "file");
  /* Where libvirt puts it when the definition does not say. */
  return path != NULL ? path
                      : g_strdup_printf ("/var/lib/libvirt/qemu/nvram/%s_VARS.fd", guest->name);
}

char *
lodge_saved_tpm_path (const LodgeSaved *guest)
{
  return g_build_filename ("/var/lib/libvirt/swtpm", guest->uuid, NULL);
}

gboolean
lodge_saved_is_on_storage (const char *path)
{
  return g_str_has_prefix (path, LODGE_STORAGE_MOUNT_POINT "/");
}
