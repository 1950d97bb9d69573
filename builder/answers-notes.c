/* What is no mistake in an answers.conf, but may not be meant.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "builder/answers-notes.h"
#include "common/keymaps.h"

/* Where tzdata's are, as tzfile(5) has it; a machine without them cannot tell. */
#define ZONES "/usr/share/zoneinfo"

/* What many hosts have in common is said once. */
static void G_GNUC_PRINTF (2, 3) add (GPtrArray *notes, const char *format, ...)
{
  g_autofree char *note = NULL;
  va_list arguments;

  va_start (arguments, format);
  note = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (!g_ptr_array_find_with_equal_func (notes, note, g_str_equal, NULL))
    g_ptr_array_add (notes, g_steal_pointer (&note));
}

/* The file is right; it is lodge-firstboot of this version that does not have them yet. */
static void
note_layout (GPtrArray *notes, const char *path, const LodgeAnswers *answers)
{
  if (answers->layout == LODGE_LAYOUT_LVM || answers->layout == LODGE_LAYOUT_RAID1)
    add (notes,
         "layout=%s of %s is not in this version of lodge-firstboot: setup would stop before it "
         "changes anything; use xfs, adopt or none",
         lodge_layout_kind_name (answers->layout), path);
}

/* A release may know zones that this machine does not, so it is no mistake. */
static void
note_zone (GPtrArray *notes, const char *path, const LodgeAnswers *answers)
{
  g_autofree char *file = NULL;

  if (answers->timezone == NULL || !g_file_test (ZONES, G_FILE_TEST_IS_DIR))
    return;
  file = g_build_filename (ZONES, answers->timezone, NULL);
  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR))
    add (notes,
         "timezone=%s of %s is not known on this machine; setup stops before it changes anything "
         "when the image does not know it either: see timedatectl list-timezones",
         answers->timezone, path);
}

/* An image may have keymaps that this machine does not have. */
static void
note_keyboard (GPtrArray *notes, const char *path, const LodgeAnswers *answers)
{
  const char *keymap = answers->keyboard;
  g_auto (GStrv) model = keymap != NULL ? lodge_keymap_model ("", keymap) : NULL;

  if (keymap == NULL || g_str_equal (keymap, LODGE_KERNEL_KEYMAP) || model != NULL
      || lodge_keymaps_have ("", keymap) || !lodge_keymaps_are_known (""))
    return;
  add (notes,
       "keyboard=%s of %s is not known on this machine; setup stops before it changes anything "
       "when the image does not know it either: see localectl list-keymaps, or the first column "
       "of " LODGE_MODEL_MAP,
       keymap, path);
}

/* Templates bring no locale but the C library's own. */
static void
note_language (GPtrArray *notes, const char *path, const LodgeAnswers *answers)
{
  static const char *const always[] = { "C", "POSIX", "C.UTF-8", "C.utf8", NULL };

  if (answers->language != NULL && !g_strv_contains (always, answers->language))
    add (notes,
         "language=%s of %s is only in an image whose template asks for it (package locales-all of "
         "Debian, glibc-langpack-… of CentOS); setup stops before it changes anything otherwise",
         answers->language, path);
}

static void
note_values (GPtrArray *notes, const char *path, const LodgeAnswers *answers)
{
  note_layout (notes, path, answers);
  note_zone (notes, path, answers);
  note_keyboard (notes, path, answers);
  note_language (notes, path, answers);
}

static gboolean
gives_access (const LodgeAnswers *answers)
{
  return answers->root_password_hash != NULL || g_strv_length (answers->ssh_keys) > 0;
}

static void
note_nobody (GPtrArray *notes, const char *path)
{
  add (notes,
       "nobody can log in with the answers of %s alone: give ssh-keys= or root-password-hash= in "
       "[access], or they need an image built with --ssh-key or --root-password-hash, or the "
       "wizard",
       path);
}

/* Answers without access are no mistake, as the image can bring it. */
static void
note_access (GPtrArray *notes, const LodgeClassroom *classroom)
{
  const LodgeClassroomHost *first = NULL;
  guint without = 0;

  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      if (gives_access (host->reading->answers))
        continue;
      without++;
      first = first == NULL ? host : first;
    }
  if (without == classroom->hosts->len && !gives_access (classroom->common->answers))
    note_nobody (notes, classroom->path);
  /* A host that is named in two ways may get its key by the other. */
  else if (without > 0 && !classroom->mixed)
    add (notes,
         "%s:%u: nobody can log in to the host %s=%s%s with its answers alone: they give neither "
         "ssh-keys= nor root-password-hash=, and an image that was built without --ssh-key and "
         "--root-password-hash does not either",
         classroom->path, first->line, first->by, first->value,
         without > 1 ? ", as to others of this file," : "");
}

GPtrArray *
lodge_classroom_notes (const LodgeClassroom *classroom, LodgeImageAccess access)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  note_values (notes, classroom->path, classroom->common->answers);
  for (guint i = 0; i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      note_values (notes, classroom->path, host->reading->answers);
    }
  if (access == LODGE_IMAGE_ACCESS_UNKNOWN)
    note_access (notes, classroom);
  return g_steal_pointer (&notes);
}

static GPtrArray *
host_notes (const char *path, const char *text, gsize length, const LodgeHostIdentity *host,
            LodgeImageAccess access, GError **error)
{
  g_autoptr (LodgeAnswers) answers = lodge_answers_parse (path, text, length, host, error);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);

  if (answers == NULL)
    return NULL;
  note_values (notes, path, answers);
  if (access == LODGE_IMAGE_ACCESS_UNKNOWN && !gives_access (answers))
    note_nobody (notes, path);
  return g_steal_pointer (&notes);
}

GPtrArray *
lodge_answers_notes (const char *path, const char *text, gsize length,
                     const LodgeHostIdentity *host, LodgeImageAccess access, GError **error)
{
  g_autoptr (LodgeClassroom) classroom = NULL;
  GPtrArray *notes;

  if (host != NULL)
    return host_notes (path, text, length, host, access, error);
  classroom = lodge_classroom_read (path, text, length, error);
  if (classroom == NULL)
    return NULL;
  notes = lodge_classroom_notes (classroom, access);
  if (classroom->clashes->len > 0)
    {
      const LodgeClash *clash = g_ptr_array_index (classroom->clashes, 0);

      add (notes, "%s%s; lodge answers check --all %s shows every host", clash->message,
           classroom->clashes->len > 1 ? ", and more clash" : "", path);
    }
  return notes;
}

gboolean
lodge_answers_tell_notes (const char *path, const char *text, LodgeImageAccess access,
                          LodgeProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) notes
      = lodge_answers_notes (path, text, strlen (text), NULL, access, error);

  if (notes == NULL)
    return FALSE;
  for (guint i = 0; i < notes->len; i++)
    lodge_progress_note (progress, "%s", (const char *)g_ptr_array_index (notes, i));
  return TRUE;
}

gboolean
lodge_answers_give_access (const char *path, const char *text, gboolean *access, GError **error)
{
  g_autoptr (LodgeClassroom) classroom = lodge_classroom_read (path, text, strlen (text), error);

  if (classroom == NULL)
    return FALSE;
  *access = gives_access (classroom->common->answers);
  for (guint i = 0; !*access && i < classroom->hosts->len; i++)
    {
      const LodgeClassroomHost *host = g_ptr_array_index (classroom->hosts, i);

      *access = gives_access (host->reading->answers);
    }
  return TRUE;
}
