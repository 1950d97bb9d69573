/* The removable path on the ESP follows the packages that bring shim and GRUB.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/boot-loaders.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "common/error.h"
#include "common/file.h"

#define ESP "/boot/efi/EFI"
#define REMOVABLE ESP "/BOOT"

/* A program, by its name on the removable path, and the files that a package may have brought it
 * as: the first that is there.  "*" is any directory with shimx64.efi in it; see disk-bootloader.c
 * of the builder.  GRUB comes before shim: an old shim starts a new GRUB, while a new shim may
 * refuse an old one. */
typedef struct
{
  const char *name;
  const char *sources[2];
} Program;

static const Program programs[] = {
  { "grubx64.efi", { ESP "/*/gcdx64.efi", "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" } },
  { "mmx64.efi", { ESP "/*/mmx64.efi", "/usr/lib/shim/mmx64.efi.signed" } },
  { "BOOTX64.EFI", { ESP "/*/shimx64.efi", "/usr/lib/shim/shimx64.efi.signed" } },
};

enum
{
  LIMIT = 32 * 1024 * 1024, /* bytes; GRUB has about 4 MiB */
};

/* The directory on the ESP that a distribution calls its own: the one with shim in it; NULL when
 * there is none. */
static char *
find_vendor (const char *root)
{
  g_autofree char *path = g_strconcat (root, ESP, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *shim = g_build_filename (path, name, "shimx64.efi", NULL);

      if (g_file_test (shim, G_FILE_TEST_IS_REGULAR))
        return g_strdup (name);
    }
  return NULL;
}

/* The file that PROGRAM is taken from, or NULL. */
static char *
find_source (const char *root, const char *vendor, const Program *program)
{
  for (gsize i = 0; i < G_N_ELEMENTS (program->sources); i++)
    {
      g_auto (GStrv) parts = g_strsplit (program->sources[i], "*", 2);
      g_autofree char *path = g_strconcat (
          root, parts[0], parts[1] != NULL && vendor != NULL ? vendor : "", parts[1], NULL);

      if ((parts[1] == NULL || vendor != NULL) && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
update (const char *root, const char *vendor, const Program *program, guint *changed,
        GError **error)
{
  g_autofree char *source = find_source (root, vendor, program);
  g_autofree char *target = g_strconcat (root, REMOVABLE "/", program->name, NULL);
  g_autofree char *new = NULL;
  g_autofree char *old = NULL;
  gsize new_size, old_size;

  if (source == NULL || !g_file_test (target, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  new = lodge_file_read (source, LIMIT, &new_size, error);
  old = new != NULL ? lodge_file_read (target, LIMIT, &old_size, error) : NULL;
  if (old == NULL)
    return FALSE;
  if (new_size == old_size && memcmp (new, old, new_size) == 0)
    return TRUE;
  if (new_size == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s is empty: %s stays as it is", source,
                            target);
  (*changed)++;
  return lodge_file_replace (target, new, (gssize)new_size, 0700, error);
}

static gboolean
remove_fallback (const char *root, guint *changed, GError **error)
{
  g_autofree char *path = g_strconcat (root, REMOVABLE "/fbx64.efi", NULL);

  if (g_unlink (path) == 0)
    {
      (*changed)++;
      return lodge_file_sync_directory (path, error);
    }
  return errno == ENOENT || lodge_error_set_errno (error, errno, "remove %s", path);
}

gboolean
lodge_boot_loaders_update (const char *root, guint *changed, GError **error)
{
  g_autofree char *stub = g_strconcat (root, REMOVABLE "/grub.cfg", NULL);
  g_autofree char *vendor = NULL;

  *changed = 0;
  /* Not an image of Lodge's, or an ESP that is somebody else's to look after. */
  if (!g_file_test (stub, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  vendor = find_vendor (root);
  if (!remove_fallback (root, changed, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (!update (root, vendor, &programs[i], changed, error))
      return FALSE;
  return TRUE;
}
