/* What a guest has on the host beside its definition, put back.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/restore-files.h"

#include <errno.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/file.h"
#include "firstboot/selinux.h"
#include "firstboot/tree-copy.h"

#define NVRAM_LIMIT (64 * 1024 * 1024)
#define STATE_DIRECTORY "/var/lib/libvirt/"

/* The definition says where its variables are; nothing is written outside libvirt's own room. */
static gboolean
check_place (const LodgeSaved *guest, const LodgeDirectory *saved, const char *path, GError **error)
{
  g_autofree char *plain = g_canonicalize_filename (path, "/");
  g_autofree char *tpm = lodge_saved_tpm_path (guest);
  mode_t tpm_type = 0;

  if (g_str_equal (plain, path) && g_str_has_prefix (path, STATE_DIRECTORY))
    return TRUE;
  if (!lodge_directory_look (saved, LODGE_SAVED_TPM, &tpm_type, error))
    return FALSE;
  if (tpm_type == 0)
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "its UEFI variables belong at %s, which is not below " STATE_DIRECTORY
                            ": put its file " LODGE_SAVED_NVRAM " there and define it by hand",
                            path);
  return lodge_error_set (error, LODGE_ERROR_REFUSED,
                          "its UEFI variables belong at %s, which is not below " STATE_DIRECTORY
                          ": put its file " LODGE_SAVED_NVRAM
                          " there and define it by hand; what its TPM keeps (" LODGE_SAVED_TPM
                          ") is at %s already",
                          path, tpm);
}

static gboolean
relabel (const char *root, const char *path, GError **error)
{
  return root[0] != '\0' || lodge_selinux_relabel (path, NULL, error);
}

static gboolean
restore_nvram (const char *root, const LodgeSaved *guest, GError **error)
{
  g_autoptr (LodgeDirectory) saved = lodge_saved_open (guest, error);
  g_autofree char *path = lodge_saved_nvram_path (guest);
  g_autofree char *target = g_strconcat (root, path, NULL);
  g_autofree char *data = NULL;
  gsize length = 0;

  if (saved == NULL
      || !lodge_directory_read (saved, LODGE_SAVED_NVRAM, NVRAM_LIMIT, &data, &length, error))
    return FALSE;
  if (data == NULL || lodge_saved_is_on_storage (path) || g_file_test (target, G_FILE_TEST_EXISTS))
    return TRUE;
  return check_place (guest, saved, path, error)
         && lodge_file_replace (target, data, (gssize)length, 0600, error)
         && relabel (root, target, error);
}

static gboolean
restore_tpm (const char *root, const LodgeSaved *guest, GError **error)
{
  g_autoptr (LodgeDirectory) saved = lodge_saved_open (guest, error);
  g_autofree char *path = lodge_saved_tpm_path (guest);
  g_autofree char *target = g_strconcat (root, path, NULL);
  g_autofree char *parent = g_path_get_dirname (target);
  g_autoptr (LodgeDirectory) from = NULL;
  g_autoptr (LodgeDirectory) room = NULL;
  g_autoptr (LodgeDirectory) to = NULL;

  if (saved == NULL || !lodge_directory_open_below (saved, LODGE_SAVED_TPM, 0, &from, error))
    return FALSE;
  if (from == NULL)
    return TRUE;
  if (g_mkdir_with_parents (parent, 0711) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", parent);
  if (!lodge_directory_open (parent, &room, error)
      || !lodge_directory_open_below (room, guest->uuid, 0711, &to, error)
      || !lodge_copy_tree (from, to, NULL, NULL, NULL, error))
    return FALSE;
  /* As libvirt makes it (qemuTPMEmulatorCreateStorage()).  One that is there it leaves as it is,
   * and swtpm, which is not root, could not come through. */
  if (chmod (target, 0711) != 0)
    return lodge_error_set_errno (error, errno, "set the permissions of %s", target);
  return relabel (root, target, error);
}

gboolean
lodge_restore_files (const char *root, const LodgeSaved *guest, GError **error)
{
  /* The TPM first: variables that have no place here are no reason to lose its state. */
  return restore_tpm (root, guest, error) && restore_nvram (root, guest, error);
}
