/* The programs that a build runs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/requirements.h"

#include <unistd.h>

#include "builder/paths.h"
#include "builder/qemu.h"
#include "common/error.h"

/* EL's is not in PATH and has another name. */
static char *
find_emulator (void)
{
  return lodge_qemu_find_emulator (NULL);
}

/* clang-format off */
static const LodgeRequirement requirements[] = {
  { "apt-get", "resolves and downloads packages", "apt", "apt", LODGE_FAMILY_DEBIAN, FALSE, FALSE },
  { "gpgv", "checks signatures of the archive", "gpgv", "gnupg2", LODGE_FAMILY_DEBIAN, FALSE, FALSE },
  { "gpg", "reads the archive's keys", "gpg", "gnupg2", LODGE_FAMILY_DEBIAN, FALSE, FALSE },
  { "dpkg-deb", "unpacks packages", "dpkg", "dpkg", LODGE_FAMILY_DEBIAN, FALSE, FALSE },
  { "dnf", "resolves, downloads and installs packages", "dnf", "dnf", LODGE_FAMILY_EL, FALSE, FALSE },
  { "rpmkeys", "checks signatures of packages", "rpm", "rpm", LODGE_FAMILY_EL, FALSE, FALSE },
  { "rpmbuild", "makes packages of lodge-firstboot (lodge package)", "rpm", "rpm-build", LODGE_FAMILY_EL, FALSE, TRUE },
  { "gpgv", "checks signatures of repositories", "gpgv", "gnupg2", LODGE_FAMILY_EL, FALSE, FALSE },
  { "gpg", "reads signing keys", "gpg", "gnupg2", LODGE_FAMILY_EL, FALSE, FALSE },
  { "curl", "gets signing keys that this machine does not have", "curl", "curl", LODGE_FAMILY_EL, FALSE, TRUE },
  { "newuidmap", "gives the sandbox its range of user ids", "uidmap", "shadow-utils", LODGE_FAMILY_UNSET, TRUE, FALSE },
  { "newgidmap", "gives the sandbox its range of group ids", "uidmap", "shadow-utils", LODGE_FAMILY_UNSET, TRUE, FALSE },
  { "mke2fs", "makes the root file system", "e2fsprogs", "e2fsprogs", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "debugfs", "completes the root file system", "e2fsprogs", "e2fsprogs", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "e2fsck", "checks the root file system", "e2fsprogs", "e2fsprogs", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "sfdisk", "writes the partition table", "fdisk", "util-linux", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "mkfs.fat", "makes the FAT file systems", "dosfstools", "dosfstools", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "mcopy", "puts answers on disks (lodge flash --answers)", "mtools", "mtools", LODGE_FAMILY_UNSET, FALSE, TRUE },
  { "zstd", "compresses images (lodge build --compress)", "zstd", "zstd", LODGE_FAMILY_UNSET, FALSE, TRUE },
  { "supermin", "makes libguestfs' appliance", "supermin", "supermin", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "qemu-img", "converts images", "qemu-utils", "qemu-img", LODGE_FAMILY_UNSET, FALSE, FALSE },
  { "qemu-system-x86_64", "runs libguestfs' appliance and lodge boot", "qemu-system-x86", "qemu-kvm", LODGE_FAMILY_UNSET, FALSE, FALSE, find_emulator },
};
/* clang-format on */

const LodgeRequirement *
lodge_requirements (gsize *count)
{
  *count = G_N_ELEMENTS (requirements);
  return requirements;
}

gboolean
lodge_requirement_applies (const LodgeRequirement *requirement, LodgeFamilyKind family)
{
  if (requirement->unprivileged && geteuid () == 0)
    return FALSE;
  return requirement->family == LODGE_FAMILY_UNSET || requirement->family == family;
}

char *
lodge_requirement_find (const LodgeRequirement *requirement)
{
  return requirement->find != NULL ? requirement->find ()
                                   : lodge_paths_program (requirement->program);
}

/* Whether one of PACKAGES, blanks between them, is neither in BaseOS nor in AppStream. */
static gboolean
needs_epel (const char *packages)
{
  static const char *const from_epel[] = { "apt", "dpkg", NULL };
  g_auto (GStrv) names = g_strsplit (packages, " ", -1);

  for (char **name = names; *name != NULL; name++)
    if (g_strv_contains (from_epel, *name))
      return TRUE;
  return FALSE;
}

static char *
install_command (const char *debian_packages, const char *el_packages)
{
  g_autofree char *dnf = g_find_program_in_path ("dnf");
  g_autofree char *apt = g_find_program_in_path ("apt-get");
  g_autofree char *dpkg = g_find_program_in_path ("dpkg-query");

  /* apt alone proves nothing: an EL machine has it to build Debian images. */
  if (dnf != NULL && (apt == NULL || dpkg == NULL))
    return g_strdup_printf ("%sdnf install %s",
                            needs_epel (el_packages) ? "dnf install epel-release && " : "",
                            el_packages);
  return g_strdup_printf ("apt-get install %s", debian_packages);
}

char *
lodge_requirement_mend (const LodgeRequirement *requirement)
{
  return install_command (requirement->debian_package, requirement->el_package);
}

static void
add_word (GString *words, const char *separator, const char *word)
{
  g_auto (GStrv) have = g_strsplit (words->str, separator, -1);

  if (g_strv_contains ((const char *const *)have, word))
    return;
  if (words->len > 0)
    g_string_append (words, separator);
  g_string_append (words, word);
}

gboolean
lodge_requirements_check (LodgeFamilyKind family, GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);
  g_autoptr (GString) debian = g_string_new (NULL);
  g_autoptr (GString) el = g_string_new (NULL);
  g_autofree char *command = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (requirements); i++)
    {
      const LodgeRequirement *row = &requirements[i];
      g_autofree char *path = NULL;

      if (row->optional || !lodge_requirement_applies (row, family))
        continue;
      path = lodge_requirement_find (row);
      if (path != NULL)
        continue;
      add_word (missing, ", ", row->program);
      add_word (debian, " ", row->debian_package);
      add_word (el, " ", row->el_package);
    }
  if (missing->len == 0)
    return TRUE;
  command = install_command (debian->str, el->str);
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "programs that a build needs are not installed: %s; install them with: %s", missing->str,
      command);
}
