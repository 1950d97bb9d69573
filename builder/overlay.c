/* The overlay: what belongs in it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/overlay.h"

#include <string.h>

#include "builder/manifest.h"
#include "builder/overlay-private.h"

void
lodge_overlay_entry_free (LodgeOverlayEntry *entry)
{
  g_free (entry->path);
  g_free (entry->source);
  g_free (entry->content);
  g_free (entry->target);
  g_free (entry);
}

static void
entry_free (gpointer data)
{
  lodge_overlay_entry_free (data);
}

LodgeOverlay *
lodge_overlay_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
}

/* sshd does not read keys that others could have written (sshd(8), "FILES"), and they are nobody
 * else's business. */
static gboolean
is_private (const char *path)
{
  return strcmp (path, "root/.ssh") == 0 || g_str_has_prefix (path, "root/.ssh/");
}

static LodgeOverlayEntry *
add (LodgeOverlay *overlay, LodgeOverlayKind kind, const char *path, int mode)
{
  LodgeOverlayEntry *entry = g_new0 (LodgeOverlayEntry, 1);

  entry->kind = kind;
  entry->path = g_strdup (path);
  entry->mode = is_private (path) ? mode & 0700 : mode;
  g_hash_table_replace (overlay, entry->path, entry);
  /* tar would make the missing directory 0755. */
  if (g_str_has_prefix (path, "root/.ssh/") && !g_hash_table_contains (overlay, "root/.ssh"))
    lodge_overlay_add_directory (overlay, "root/.ssh");
  return entry;
}

void
lodge_overlay_add_file (LodgeOverlay *overlay, const char *path, const char *source,
                        gboolean executable)
{
  LodgeOverlayEntry *entry = add (overlay, LODGE_OVERLAY_FILE, path, executable ? 0755 : 0644);

  entry->source = g_strdup (source);
}

void
lodge_overlay_add_content (LodgeOverlay *overlay, const char *path, const char *content)
{
  LodgeOverlayEntry *entry = add (overlay, LODGE_OVERLAY_FILE, path, 0644);

  entry->content = g_strdup (content);
}

void
lodge_overlay_add_link (LodgeOverlay *overlay, const char *path, const char *target)
{
  LodgeOverlayEntry *entry = add (overlay, LODGE_OVERLAY_LINK, path, 0777);

  entry->target = g_strdup (target);
}

void
lodge_overlay_add_directory (LodgeOverlay *overlay, const char *path)
{
  add (overlay, LODGE_OVERLAY_DIRECTORY, path, 0755);
}

static int
compare_entries (const void *a, const void *b)
{
  const LodgeOverlayEntry *const *first = a;
  const LodgeOverlayEntry *const *second = b;

  return strcmp ((*first)->path, (*second)->path);
}

GPtrArray *
lodge_overlay_sorted (LodgeOverlay *overlay)
{
  GPtrArray *entries = g_ptr_array_new ();
  GHashTableIter iterator;
  gpointer entry;

  g_hash_table_iter_init (&iterator, overlay);
  while (g_hash_table_iter_next (&iterator, NULL, &entry))
    g_ptr_array_add (entries, entry);
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}

/* The template's [Services] for `systemctl preset`, which an administrator or a package may run at
 * any time. */
static void
add_preset (LodgeOverlay *overlay, const LodgeTemplate *template)
{
  g_autoptr (GString) text = g_string_new ("# Services of this host; see systemd.preset(5).\n");

  if (!lodge_template_disables (template, LODGE_FIRSTBOOT_UNIT))
    g_string_append (text, "enable " LODGE_FIRSTBOOT_UNIT "\n");
  for (char **unit = template->enable; *unit != NULL; unit++)
    g_string_append_printf (text, "enable %s\n", *unit);
  for (char **unit = template->disable; *unit != NULL; unit++)
    g_string_append_printf (text, "disable %s\n", *unit);
  lodge_overlay_add_content (overlay, "usr/lib/systemd/system-preset/10-lodge.preset", text->str);
}

static void
add_program (LodgeOverlay *overlay, const char *directory, const char *name, const char *path)
{
  g_autofree char *source = g_build_filename (directory, name, NULL);

  lodge_overlay_add_file (overlay, path, source, TRUE);
}

static void
add_own_files (LodgeOverlay *overlay, const LodgeBuild *build, const char *programs_directory)
{
  const LodgeTemplate *template = build->plan->template;
  g_autofree char *hostname = g_strconcat (template->hostname, "\n", NULL);
  g_autofree char *manifest = lodge_manifest_format (build, NULL);

  add_program (overlay, programs_directory, "lodge-firstboot", "usr/sbin/lodge-firstboot");
  add_program (overlay, programs_directory, "lodge-proof-init", "usr/lib/lodge/proof-init");
  lodge_overlay_add_content (overlay, "usr/lib/lodge/manifest.json", manifest);
  lodge_overlay_add_content (overlay, "etc/hostname", hostname);
  add_preset (overlay, template);
  if (build->plan->ssh_keys != NULL)
    lodge_overlay_add_content (overlay, "root/.ssh/authorized_keys", build->plan->ssh_keys);
}

gboolean
lodge_overlay_write (const LodgeBuild *build, const char *programs_directory, const char *tar_path,
                     GError **error)
{
  const LodgeTemplate *template = build->plan->template;
  g_autoptr (GHashTable) overlay = lodge_overlay_new ();
  g_autofree char *units = g_build_filename (build->source, "firstboot", "units", NULL);

  for (char **directory = template->files_directories; *directory != NULL; directory++)
    if (!lodge_overlay_add_tree (overlay, *directory, error))
      return FALSE;
  if (!lodge_overlay_add_units (overlay, units, error))
    return FALSE;
  add_own_files (overlay, build, programs_directory);
  return lodge_overlay_enable_units (overlay, (const char *const *)template->disable, error)
         && lodge_overlay_check (overlay, error)
         && lodge_overlay_write_archive (overlay, build->epoch, tar_path, error);
}
