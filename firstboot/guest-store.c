/* What is saved of virtual machines on the VM storage, and where.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/guest-store.h"

#include <string.h>

#include "common/error.h"
#include "firstboot/layout.h"
#include "firstboot/libvirt-xml.h"

#define XML_LIMIT (16 * 1024 * 1024)
/* All definitions together: they are held in memory. */
#define ALL_LIMIT (256 * 1024 * 1024)
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
  g_free (saved->store);
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
      lodge_error_set (error, LODGE_ERROR_REFUSED,
                       "%s is not libvirt's definition of a %s: it has no name or no UUID", path,
                       kinds[kind].word);
      return NULL;
    }
  return g_steal_pointer (&saved);
}

/* The one in DIRECTORY of PARENT, whose name is its UUID.  *SAVED is NULL when it has no
 * definition: a save that the power cut short. */
static gboolean
read_one (LodgeSavedKind kind, const LodgeDirectory *parent, const char *uuid, gsize *left,
          LodgeSaved **saved, GError **error)
{
  g_autoptr (LodgeDirectory) directory = NULL;
  g_autoptr (LodgeSaved) one = NULL;
  g_autofree char *path = NULL;
  g_autofree char *xml = NULL;
  mode_t autostart;

  if (!lodge_directory_open_below (parent, uuid, 0, &directory, error))
    return FALSE;
  if (directory == NULL)
    return TRUE;
  if (!lodge_directory_read (directory, LODGE_SAVED_DEFINITION, MIN (*left, XML_LIMIT), &xml, NULL,
                             error)
      || !lodge_directory_look (directory, LODGE_SAVED_AUTOSTART, &autostart, error))
    return FALSE;
  if (xml == NULL)
    return TRUE;
  *left -= strlen (xml);
  path = g_build_filename (directory->shown, LODGE_SAVED_DEFINITION, NULL);
  one = lodge_saved_parse (kind, xml, path, error);
  if (one == NULL)
    return FALSE;
  if (!g_str_equal (one->uuid, uuid))
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "%s has the UUID %s, which is not its directory's", path, one->uuid);
  one->autostart = autostart != 0;
  *saved = g_steal_pointer (&one);
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const LodgeSaved *x = *(LodgeSaved *const *)a, *y = *(LodgeSaved *const *)b;

  return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp (x->name, y->name);
}

/* PROBLEMS may be NULL. */
static void
add_problem (GPtrArray *problems, const char *directory, const GError *error, gboolean lost,
             gboolean strange)
{
  LodgeSavedProblem *problem;

  if (problems == NULL)
    return;
  problem = g_new0 (LodgeSavedProblem, 1);
  problem->directory = g_strdup (directory);
  problem->reason = g_strdup (error->message);
  problem->lost = lost;
  problem->strange = strange;
  g_ptr_array_add (problems, problem);
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

/* "guests/UUID" of STORE; that it is not there is an error. */
static LodgeDirectory *
open_in_store (const char *store, const char *names, GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;
  g_autoptr (LodgeDirectory) directory = NULL;

  if (!lodge_directory_open (store, &top, error)
      || (top != NULL && !lodge_directory_open_below (top, names, 0, &directory, error)))
    return NULL;
  if (directory == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s/%s is not there any more",
                     top != NULL ? top->shown : store, names);
  return g_steal_pointer (&directory);
}

LodgeDirectory *
lodge_saved_open (const LodgeSaved *saved, GError **error)
{
  return open_in_store (saved->store, saved->directory, error);
}

gboolean
lodge_saved_mark (const char *store, const char *directory, const char *reason, GError **error)
{
  g_autofree char *text = g_strconcat (reason, "\n", NULL);
  g_autoptr (LodgeDirectory) opened = open_in_store (store, directory, error);

  return opened != NULL
         && lodge_directory_write (opened, LODGE_SAVED_NOT_DEFINED, text, -1, NULL, error);
}

typedef struct
{
  const char *store;
  GPtrArray *list;
  GPtrArray *problems;
  gsize left; /* bytes of definitions that may still be read */
} Reading;

static void
read_entry (Reading *reading, LodgeSavedKind kind, const LodgeDirectory *parent, const char *name)
{
  g_autofree char *directory = g_build_filename (kinds[kind].directory, name, NULL);
  g_autoptr (GError) error = NULL;
  LodgeSaved *saved = NULL;
  mode_t type = 0;

  if (!g_uuid_string_is_valid (name))
    return;
  if (!lodge_directory_look (parent, name, &type, &error)
      || !read_one (kind, parent, name, &reading->left, &saved, &error))
    {
      add_problem (reading->problems, directory, error,
                   !g_error_matches (error, LODGE_ERROR, LODGE_ERROR_REFUSED), type != S_IFDIR);
      return;
    }
  if (saved == NULL)
    return;
  saved->store = g_strdup (reading->store);
  saved->directory = g_steal_pointer (&directory);
  g_ptr_array_add (reading->list, saved);
}

static gboolean
read_kind (Reading *reading, LodgeSavedKind kind, const LodgeDirectory *top, GError **error)
{
  g_autoptr (LodgeDirectory) parent = NULL;
  g_auto (GStrv) names = NULL;

  if (!lodge_directory_open_below (top, kinds[kind].directory, 0, &parent, error))
    return FALSE;
  if (parent == NULL)
    return TRUE;
  names = lodge_directory_list (parent, error);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    read_entry (reading, kind, parent, names[i]);
  return names != NULL;
}

GPtrArray *
lodge_guest_store_read (const char *store, GPtrArray *problems)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_free);
  Reading reading = { store, list, problems, ALL_LIMIT };
  g_autoptr (LodgeDirectory) top = NULL;
  g_autoptr (GError) unopened = NULL;

  if (!lodge_directory_open (store, &top, &unopened))
    add_problem (problems, "", unopened, TRUE, TRUE);
  for (gsize i = 0; top != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;

      /* A damaged file system must not pass for an empty one. */
      if (!read_kind (&reading, kinds[i].kind, top, &error))
        add_problem (problems, kinds[i].directory, error, TRUE, TRUE);
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

gboolean
lodge_guest_store_owner (const char *store, char **owner, GError **error)
{
  g_autoptr (LodgeDirectory) top = NULL;

  *owner = NULL;
  if (!lodge_directory_open (store, &top, error))
    return FALSE;
  if (top != NULL
      && !lodge_directory_read (top, LODGE_GUEST_STORE_OWNER, TOKEN_LIMIT, owner, NULL, error))
    return FALSE;
  if (*owner != NULL)
    g_strstrip (*owner);
  return TRUE;
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
