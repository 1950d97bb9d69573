/* The files that a build gives.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/earlier-output.h"
#include "builder/interrupt.h"
#include "builder/place-file.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

#define PART_SUFFIX ".part"

struct _LodgeOutputs
{
  const LodgeBuildPlan *plan; /* not owned */
  GCancellable *cancellable;  /* not owned */
  char *lock;                 /* path of the lock file, NULL while it is not ours */
  int lock_fd;
  char *work;
  GPtrArray *files; /* of LodgePlacedFile */
};

static void
placed_file_free (gpointer data)
{
  lodge_placed_file_free (data);
}

/* PATH's directory joined with ".NAME" and SUFFIX. */
static char *
hidden_beside (const char *path, const char *suffix)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *hidden = g_strconcat (".", name, suffix, NULL);

  return g_build_filename (directory, hidden, NULL);
}

static gboolean
check_directory (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (!g_file_test (directory, G_FILE_TEST_EXISTS))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "cannot write %s: the directory %s does not exist; make it first", path,
                            directory);
  if (!g_file_test (directory, G_FILE_TEST_IS_DIR))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "cannot write %s: %s is not a directory",
                            path, directory);
  if (access (directory, W_OK | X_OK) != 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "cannot write %s: the directory %s cannot be written to (%s); choose "
                            "another with -o",
                            path, directory, g_strerror (errno));
  return TRUE;
}

static gboolean
check_path (const char *path, GError **error)
{
  struct stat status;
  gboolean exists = stat (path, &status) == 0;

  if (exists && (S_ISBLK (status.st_mode) || S_ISCHR (status.st_mode)))
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "the output %s is a device: write the image to a file, and the file to "
                            "the device afterwards",
                            path);
  if (exists && !S_ISREG (status.st_mode))
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the output %s is there and is not a file; move it away or choose "
                            "another name with -o",
                            path);
  return check_directory (path, error);
}

gboolean
lodge_outputs_check_path (const char *path, GError **error)
{
  return check_path (path, error) && lodge_earlier_image_check (path, error);
}

typedef gboolean (*PathFunction) (const char *path, GError **error);

/* Calls IMAGE for every image that a build of PLAN puts in place, and COMPANION for what stands
 * beside them, until one fails. */
static gboolean
for_each_path (const LodgeBuildPlan *plan, PathFunction image, PathFunction companion,
               GError **error)
{
  static const char *const suffixes[]
      = { LODGE_OUTPUT_MANIFEST, LODGE_OUTPUT_CHECKSUMS, LODGE_OUTPUT_MAP };

  for (guint i = 0; i < plan->outputs->len; i++)
    if (!image (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->path, error))
      return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (plan->base, suffixes[i], NULL);

      if (!companion (path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_earlier (const LodgeBuildPlan *plan, GError **error)
{
  return for_each_path (plan, lodge_earlier_image_check, lodge_earlier_companion_check, error);
}

gboolean
lodge_outputs_check (const LodgeBuildPlan *plan, GError **error)
{
  return for_each_path (plan, check_path, check_path, error) && check_earlier (plan, error);
}

/* Whether FD is still what PATH names: the build that held the lock before us has removed its file
 * if it ended between our open() and our flock(). */
static gboolean
is_current (int fd, const char *path)
{
  struct stat ours;
  struct stat named;

  return fstat (fd, &ours) == 0 && lstat (path, &named) == 0 && ours.st_ino == named.st_ino
         && ours.st_dev == named.st_dev;
}

/* Who holds the lock, for the message: ", process 123" or nothing. */
static char *
read_holder (int fd)
{
  char text[32] = "";
  ssize_t length = pread (fd, text, sizeof text - 1, 0);
  gint64 process = length <= 0 ? 0 : g_ascii_strtoll (text, NULL, 10);

  return process > 0 ? g_strdup_printf (", process %" G_GINT64_FORMAT ",", process) : g_strdup ("");
}

static gboolean
write_holder (int fd, const char *path, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%d\n", (int)getpid ());

  if (ftruncate (fd, 0) != 0 || pwrite (fd, text, strlen (text), 0) < 0)
    return lodge_error_set_errno (error, errno, "write %s", path);
  return TRUE;
}

/* Refuses what another user has put in our way, or keeps a second name of: in a directory that
 * others can write to, the name of a lock file or work directory is theirs to take. */
static gboolean
check_ours (const char *path, const struct stat *status, gboolean is_right, GError **error)
{
  if (is_right && status->st_uid == geteuid ())
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_REFUSED,
                          "%s is in the way and was not made by a build of this user: see what it "
                          "is and move it away, or choose another output with -o",
                          path);
}

static gboolean
check_lock (int fd, const char *path, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", path);
  return check_ours (path, &status, S_ISREG (status.st_mode) && status.st_nlink == 1, error);
}

static gboolean
take_lock (LodgeOutputs *outputs, const LodgeBuildPlan *plan, GError **error)
{
  g_autofree char *path = hidden_beside (plan->base, ".lock");

  for (;;)
    {
      int fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

      if (fd < 0)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "cannot write the output %s: nothing can be made in its directory "
                                "(%s); choose another with -o",
                                plan->options->output, g_strerror (errno));
      if (flock (fd, LOCK_EX | LOCK_NB) != 0)
        {
          int saved = errno;
          g_autofree char *holder = read_holder (fd);

          close (fd);
          if (saved != EWOULDBLOCK)
            return lodge_error_set_errno (error, saved, "lock %s", path);
          return lodge_error_set (error, LODGE_ERROR_REFUSED,
                                  "another build%s is writing %s; wait for it or choose another "
                                  "output with -o",
                                  holder, plan->options->output);
        }
      if (is_current (fd, path))
        {
          if (!check_lock (fd, path, error))
            {
              close (fd);
              return FALSE;
            }
          outputs->lock = g_steal_pointer (&path);
          outputs->lock_fd = fd;
          lodge_interrupt_clean (outputs->cancellable, outputs->lock);
          return write_holder (fd, outputs->lock, error);
        }
      close (fd);
    }
}

static gboolean
make_work (LodgeOutputs *outputs, const char *base, GError **error)
{
  g_autofree char *path = hidden_beside (base, ".work");
  struct stat status;

  if (lstat (path, &status) == 0 && !check_ours (path, &status, S_ISDIR (status.st_mode), error))
    return FALSE;
  /* One that is there is a killed build's: the lock is ours. */
  if (!lodge_remove_tree (path, error))
    {
      g_prefix_error (error, "clear what an earlier build left: ");
      return FALSE;
    }
  if (g_mkdir (path, 0700) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", path);
  outputs->work = g_canonicalize_filename (path, NULL);
  lodge_interrupt_clean (outputs->cancellable, outputs->work);
  return TRUE;
}

LodgeOutputs *
lodge_outputs_claim (const LodgeBuildPlan *plan, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeOutputs) outputs = g_new0 (LodgeOutputs, 1);

  outputs->plan = plan;
  outputs->cancellable = cancellable;
  outputs->lock_fd = -1;
  outputs->files = g_ptr_array_new_with_free_func (placed_file_free);
  if (!lodge_outputs_check (plan, error) || !take_lock (outputs, plan, error)
      || !for_each_path (plan, lodge_placed_file_recover, lodge_placed_file_recover, error)
      || !make_work (outputs, plan->base, error))
    return NULL;
  return g_steal_pointer (&outputs);
}

/* Removes PATH; *FIRST keeps the first failure. */
static void
remove_path (const LodgeOutputs *outputs, const char *path, GError **first)
{
  if (lodge_remove_tree (path, *first == NULL ? first : NULL))
    lodge_interrupt_keep (outputs->cancellable, path);
}

/* From the moment that the lock file is gone its name is the next build's, whose file neither this
 * nor a second signal may remove. */
static void
remove_lock (const LodgeOutputs *outputs, GError **first)
{
  lodge_interrupt_keep (outputs->cancellable, outputs->lock);
  if (is_current (outputs->lock_fd, outputs->lock) && unlink (outputs->lock) != 0 && *first == NULL)
    lodge_error_set_errno (first, errno, "remove %s", outputs->lock);
}

gboolean
lodge_outputs_release (LodgeOutputs *outputs, GError **error)
{
  GError *first = NULL;

  g_ptr_array_set_size (outputs->files, 0);
  if (outputs->work != NULL)
    remove_path (outputs, outputs->work, &first);
  g_clear_pointer (&outputs->work, g_free);
  /* Last: while it is there nobody else takes what we are still removing. */
  if (outputs->lock != NULL)
    remove_lock (outputs, &first);
  g_clear_pointer (&outputs->lock, g_free);
  if (outputs->lock_fd >= 0)
    close (outputs->lock_fd);
  outputs->lock_fd = -1;
  if (first == NULL)
    return TRUE;
  g_propagate_error (error, first);
  return FALSE;
}

void
lodge_outputs_free (LodgeOutputs *outputs)
{
  if (outputs == NULL)
    return;
  lodge_outputs_release (outputs, NULL);
  g_ptr_array_unref (outputs->files);
  g_free (outputs);
}

const char *
lodge_outputs_work (const LodgeOutputs *outputs)
{
  return outputs->work;
}

const char *
lodge_outputs_part (LodgeOutputs *outputs, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *part_name = g_strconcat (name, PART_SUFFIX, NULL);
  g_autofree char *part = g_build_filename (outputs->work, part_name, NULL);
  LodgePlacedFile *file = lodge_placed_file_new (path, part);

  g_ptr_array_add (outputs->files, file);
  return lodge_placed_file_part (file);
}

static gboolean
sync_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  int saved;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", path);
  saved = fsync (fd) == 0 ? 0 : errno;
  close (fd);
  if (saved != 0)
    return lodge_error_set_errno (error, saved, "write %s to its disk", path);
  return TRUE;
}

static gboolean
place_all (LodgeOutputs *outputs, GError **error)
{
  const GPtrArray *files = outputs->files;

  for (guint i = 0; i < files->len; i++)
    if (!lodge_placed_file_place (g_ptr_array_index (files, i), error))
      return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!lodge_file_sync_directory (lodge_placed_file_path (g_ptr_array_index (files, i)), error))
      return FALSE;
  return TRUE;
}

static gboolean
forget_all (LodgeOutputs *outputs, GError **error)
{
  for (guint i = 0; i < outputs->files->len; i++)
    if (!lodge_placed_file_forget (g_ptr_array_index (outputs->files, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
place_or_restore (LodgeOutputs *outputs, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (place_all (outputs, &failure))
    return forget_all (outputs, error);
  for (guint i = outputs->files->len; i > 0; i--)
    lodge_placed_file_restore (g_ptr_array_index (outputs->files, i - 1), &failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
lodge_outputs_place (LodgeOutputs *outputs, GError **error)
{
  gboolean placed;

  for (guint i = 0; i < outputs->files->len; i++)
    if (!sync_file (lodge_placed_file_part (g_ptr_array_index (outputs->files, i)), error))
      return FALSE;
  /* Once more: a build takes minutes, in which somebody may have put a file there. */
  if (!check_earlier (outputs->plan, error))
    return FALSE;
  /* A second signal waits for it: an old file may be in the work directory, or have no name but the
   * one that it is kept under. */
  lodge_interrupt_hold (outputs->cancellable);
  placed = place_or_restore (outputs, error);
  lodge_interrupt_release (outputs->cancellable);
  return placed;
}
