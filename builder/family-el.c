/* CentOS and its like: what a build needs, fetched.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/family-el.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "builder/compile.h"
#include "builder/dnf.h"
#include "builder/el-tree.h"
#include "builder/root-cache.h"
#include "common/error.h"

static void
move_all (GPtrArray *to, GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_ptr_array_index (from, i));
  g_ptr_array_set_free_func (from, NULL);
}

static gboolean
resolve (LodgeBuild *build, LodgeDnf *dnf, GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autoptr (GPtrArray) packages = NULL;
  g_autoptr (GPtrArray) build_packages = NULL;

  if (!build->programs_only)
    {
      packages = lodge_dnf_resolve (dnf, (const char *const *)template->install, FALSE, error);
      if (packages == NULL)
        return FALSE;
      move_all (build->packages, packages);
    }
  if (build->plan->options->firstboot != NULL)
    return TRUE;
  build_packages
      = lodge_dnf_resolve (dnf, (const char *const *)template->build_depends, TRUE, error);
  if (build_packages == NULL)
    {
      g_prefix_error (error, "what compiling lodge-firstboot needs: ");
      return FALSE;
    }
  move_all (build->build_packages, build_packages);
  return TRUE;
}

/* What is cached needs no packages: they are neither downloaded nor checked. */
static gboolean
get_packages (LodgeBuild *build, LodgeDnf *dnf, GError **error)
{
  guint64 size = build->plan->partitions[LODGE_PARTITION_ROOT].size;
  g_autofree char *saved = g_build_filename (build->temporary, LODGE_EL_SAVED, NULL);
  g_autofree char *root = NULL;

  if (!lodge_compile_needs_packages (build, &build->makes_compiler, error))
    return FALSE;
  if (build->programs_only)
    return !build->makes_compiler || lodge_dnf_download (dnf, build->build_packages, error);
  build->root_key = lodge_el_root_key (build, size, error);
  if (build->root_key == NULL)
    return FALSE;
  root = lodge_root_cache_find (build, build->root_key);
  build->makes_root = root == NULL;
  if (build->makes_root
      && (!lodge_dnf_download (dnf, build->packages, error) || !lodge_dnf_save (dnf, saved, error)))
    return FALSE;
  return !build->makes_compiler || lodge_dnf_download (dnf, build->build_packages, error);
}

static gboolean
set_epoch (LodgeBuild *build, LodgeDnf *dnf, GError **error)
{
  build->epoch = build->plan->options->source_date_epoch;
  return build->epoch >= 0 || lodge_dnf_date (dnf, &build->epoch, error);
}

gboolean
lodge_el_fetch (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeDnf) dnf = lodge_dnf_open (build, error);

  return dnf != NULL && lodge_dnf_update (dnf, error) && set_epoch (build, dnf, error)
         && resolve (build, dnf, error) && get_packages (build, dnf, error);
}

/* --- unpacking, without running anything of a package --- */

enum
{
  BLOCK = 64 * 1024, /* bytes read at once */
};

static gboolean
unpack_entries (struct archive *archive, struct archive *disk, const char *directory,
                GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      const char *path = archive_entry_pathname (entry);
      const char *link = archive_entry_hardlink (entry);
      g_autofree char *target = g_build_filename (directory, path, NULL);
      g_autofree char *link_target = link != NULL ? g_build_filename (directory, link, NULL) : NULL;

      archive_entry_set_pathname (entry, target);
      if (link_target != NULL)
        archive_entry_set_hardlink (entry, link_target);
      /* Nobody's, and writable: it is removed some day. */
      archive_entry_set_perm (entry, archive_entry_perm (entry) | 0700);
      if (archive_read_extract2 (archive, entry, disk) < ARCHIVE_WARN)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", path,
                                archive_error_string (disk) != NULL
                                    ? archive_error_string (disk)
                                    : archive_error_string (archive));
    }
  return status == ARCHIVE_EOF
         || lodge_error_set (error, LODGE_ERROR_FAILED, "%s", archive_error_string (archive));
}

/* libarchive reads an RPM as a cpio archive behind a filter. */
static gboolean
unpack (LodgeBuild *build, const char *path, const char *directory, GError **error)
{
  struct archive *archive = archive_read_new ();
  struct archive *disk = archive_write_disk_new ();
  gboolean done;

  (void)build;
  archive_read_support_filter_all (archive);
  archive_read_support_format_cpio (archive);
  archive_read_support_format_empty (archive);
  archive_write_disk_set_options (disk, ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_UNLINK
                                            | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
  if (archive_read_open_filename (archive, path, BLOCK) != ARCHIVE_OK)
    done = lodge_error_set (error, LODGE_ERROR_FAILED, "%s", archive_error_string (archive));
  else
    done = unpack_entries (archive, disk, directory, error);
  archive_write_free (disk);
  archive_read_free (archive);
  return done;
}

gboolean
lodge_el_compile (LodgeBuild *build, const char *directory, GError **error)
{
  /* It has the links of the merged /usr, through which the others are unpacked. */
  static const char *const first[] = { "filesystem", NULL };

  return lodge_compile (build, first, unpack, directory, error);
}
