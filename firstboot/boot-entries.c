/* Boot loader entries carry the host's machine id.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/boot-entries.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"

#define ENTRIES "/boot/loader/entries"
#define ENVIRONMENT "/boot/grub2/grubenv"
#define MACHINE_ID "/etc/machine-id"

enum
{
  ID_LENGTH = 32,     /* machine-id(5) */
  SMALL_FILE = 65536, /* bytes */
};

/* Whether TEXT begins with a machine id. */
static gboolean
starts_with_id (const char *text)
{
  return strspn (text, "0123456789abcdef") == ID_LENGTH;
}

/* The host's; NULL with ERROR set. */
static char *
read_machine_id (const char *root, GError **error)
{
  g_autofree char *path = g_strconcat (root, MACHINE_ID, NULL);
  g_autofree char *text = lodge_file_read (path, SMALL_FILE, NULL, error);

  if (text == NULL)
    return NULL;
  g_strstrip (text);
  if (strlen (text) != ID_LENGTH || !starts_with_id (text))
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s has no machine id; systemd-machine-id-setup(1) makes one", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* NAME, "ID-VERSION.conf", with another id than ID. */
static gboolean
is_foreign (const char *name, const char *id)
{
  return starts_with_id (name) && name[ID_LENGTH] == '-' && g_str_has_suffix (name, ".conf")
         && strncmp (name, id, ID_LENGTH) != 0;
}

/* The names in DIRECTORY to rename, sorted; NULL with ERROR set.  No directory is no name. */
static GPtrArray *
list_foreign (const char *directory, const char *id, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) handle = g_dir_open (directory, 0, &failure);
  const char *name;

  if (handle == NULL)
    {
      if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&names);
      lodge_error_set (error, LODGE_ERROR_FAILED, "look for boot loader entries: %s",
                       failure->message);
      return NULL;
    }
  while ((name = g_dir_read_name (handle)) != NULL)
    if (is_foreign (name, id))
      g_ptr_array_add (names, g_strdup (name));
  return g_steal_pointer (&names);
}

static char *
own_name (const char *name, const char *id)
{
  return g_strconcat (id, name + ID_LENGTH, NULL);
}

/* The values in TEXT, grub2's environment block, that name the entry NAME.  An id has one length:
 * the block keeps its size, which GRUB needs to write to it. */
static gboolean
replace_saved (char *text, const char *name, const char *id)
{
  static const char *const variables[] = { "\nsaved_entry=", "\nnext_entry=" };
  g_autofree char *entry = g_strndup (name, strlen (name) - strlen (".conf"));
  gboolean replaced = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      char *value = strstr (text, variables[i]);

      if (value == NULL)
        continue;
      value += strlen (variables[i]);
      if (strncmp (value, entry, strlen (entry)) != 0 || value[strlen (entry)] != '\n')
        continue;
      memcpy (value, id, ID_LENGTH);
      replaced = TRUE;
    }
  return replaced;
}

/* After the entry has its new name: until then GRUB's default is one that is not there, and it
 * takes the first. */
static gboolean
change_environment (const char *root, const char *name, const char *id, GError **error)
{
  g_autofree char *path = g_strconcat (root, ENVIRONMENT, NULL);
  g_autofree char *text = NULL;

  if (access (path, F_OK) != 0)
    return TRUE;
  text = lodge_file_read (path, SMALL_FILE, NULL, error);
  return text != NULL
         && (!replace_saved (text, name, id) || lodge_file_replace (path, text, -1, 0600, error));
}

static gboolean
rename_entry (const char *root, const char *directory, const char *name, const char *id,
              guint *renamed, GError **error)
{
  g_autofree char *other = own_name (name, id);
  g_autofree char *from = g_build_filename (directory, name, NULL);
  g_autofree char *to = g_build_filename (directory, other, NULL);

  if (access (to, F_OK) == 0)
    return TRUE;
  if (g_rename (from, to) != 0)
    return lodge_error_set_errno (error, errno, "rename the boot loader entry %s", from);
  (*renamed)++;
  return change_environment (root, name, id, error) && lodge_file_sync_directory (to, error);
}

gboolean
lodge_boot_entries_adopt (const char *root, guint *renamed, GError **error)
{
  g_autofree char *directory = g_strconcat (root, ENTRIES, NULL);
  g_autofree char *id = NULL;
  g_autoptr (GPtrArray) names = NULL;

  *renamed = 0;
  if (!g_file_test (directory, G_FILE_TEST_IS_DIR))
    return TRUE;
  id = read_machine_id (root, error);
  names = id != NULL ? list_foreign (directory, id, error) : NULL;
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!rename_entry (root, directory, g_ptr_array_index (names, i), id, renamed, error))
      return FALSE;
  return names != NULL;
}
