/* A build's inputs, copied.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/hash-inputs.h"
#include "builder/sparse-copy.h"
#include "common/error.h"
#include "common/file.h"

/* What lodge-firstboot is compiled from and comes with; see compile.c and overlay.c. */
static const char *const sources[] = { "common", "firstboot", "Makefile" };

static gboolean copy_any (const char *from, const char *to, int flags, GError **error);

static gboolean
copy_link (const char *from, const char *to, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *target = g_file_read_link (from, &failure);

  if (target == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the link %s: %s", from,
                            failure->message);
  if (symlink (target, to) != 0)
    return lodge_error_set_errno (error, errno, "make the link %s", to);
  return TRUE;
}

/* FD is open on FROM. */
static gboolean
copy_content (int fd, const char *from, const char *to, const struct stat *status, GError **error)
{
  mode_t mode = (status->st_mode & S_IXUSR) != 0 ? 0755 : 0644;
  int target = open (to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gboolean done;

  if (target < 0)
    return lodge_error_set_errno (error, errno, "make %s", to);
  done = lodge_sparse_copy (fd, from, 0, target, to, 0, (guint64)status->st_size, NULL, error);
  /* The copy leaves out a hole at the end. */
  if (done && (ftruncate (target, status->st_size) != 0 || fchmod (target, mode) != 0))
    done = lodge_error_set_errno (error, errno, "write %s", to);
  close (target);
  return done;
}

static gboolean
copy_file (const char *from, const char *to, GError **error)
{
  struct stat status;
  int fd = open (from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  gboolean done;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", from);
  if (fstat (fd, &status) != 0)
    done = lodge_error_set_errno (error, errno, "look at %s", from);
  else if (status.st_size > LODGE_HASH_FILE_LIMIT)
    done = lodge_error_set (error, LODGE_ERROR_USAGE,
                            "%s is larger than %d MiB, which no template needs; remove it", from,
                            LODGE_HASH_FILE_LIMIT / 1024 / 1024);
  else
    done = copy_content (fd, from, to, &status, error);
  close (fd);
  return done;
}

static gboolean
copy_directory (const char *from, const char *to, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) directory = g_dir_open (from, 0, &failure);
  const char *name;

  if (directory == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "read the directory %s: %s", from,
                            failure->message);
  if (!lodge_file_make_directory (to, 0755, error))
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      if (!copy_any (source, target, AT_SYMLINK_NOFOLLOW, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
copy_any (const char *from, const char *to, int flags, GError **error)
{
  struct stat status;

  if (fstatat (AT_FDCWD, from, &status, flags) != 0)
    /* An editor's own file, gone since the directory was listed: the copy is without it. */
    return (errno == ENOENT && flags != 0)
           || lodge_error_set_errno (error, errno, "look at %s", from);
  switch (status.st_mode & S_IFMT)
    {
    case S_IFDIR:
      return copy_directory (from, to, error);
    case S_IFLNK:
      return copy_link (from, to, error);
    case S_IFREG:
      return copy_file (from, to, error);
    default:
      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "%s is a device, a pipe or a socket, which a template cannot give; "
                              "let tmpfiles.d(5) make it on the host",
                              from);
    }
}

/* Copies ORIGINAL, which may be a link to what is meant, to COPY (taken over). */
static gboolean
take (LodgeBuildInputs *inputs, const char *original, char *copy, GError **error)
{
  g_ptr_array_add (inputs->originals, g_strdup (original));
  g_ptr_array_add (inputs->copies, copy);
  return copy_any (original, copy, 0, error);
}

static gboolean
take_sources (LodgeBuildInputs *inputs, const char *source, const char *directory, GError **error)
{
  inputs->source = g_build_filename (directory, "source", NULL);
  if (!lodge_file_make_directory (inputs->source, 0755, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autofree char *original = g_build_filename (source, sources[i], NULL);

      if (!take (inputs, original, g_build_filename (inputs->source, sources[i], NULL), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_files (LodgeBuildInputs *inputs, const LodgeTemplate *template, const char *directory,
            GError **error)
{
  guint count = g_strv_length (template->files_directories);

  inputs->template.files_directories = g_new0 (char *, count + 1);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("files-%u", i);
      char *copy = g_build_filename (directory, name, NULL);

      inputs->template.files_directories[i] = copy; /* owned by `copies` */
      if (!take (inputs, template->files_directories[i], copy, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_firstboot (LodgeBuildInputs *inputs, const char *directory, GError **error)
{
  char *copy;

  if (inputs->options.firstboot == NULL)
    return TRUE;
  copy = g_build_filename (directory, "firstboot-package", NULL);
  if (!take (inputs, inputs->options.firstboot, copy, error))
    return FALSE;
  inputs->options.firstboot = copy; /* owned by `copies` */
  return TRUE;
}

LodgeBuildInputs *
lodge_build_inputs_take (const LodgeBuildPlan *plan, const char *source, const char *temporary,
                         GError **error)
{
  g_autoptr (LodgeBuildInputs) inputs = g_new0 (LodgeBuildInputs, 1);
  g_autofree char *directory = g_build_filename (temporary, "inputs", NULL);

  inputs->plan = *plan;
  inputs->template = *plan->template;
  inputs->template.files_directories = NULL;
  inputs->plan.template = &inputs->template;
  if (plan->options != NULL)
    {
      inputs->options = *plan->options;
      inputs->plan.options = &inputs->options;
    }
  inputs->originals = g_ptr_array_new_with_free_func (g_free);
  inputs->copies = g_ptr_array_new_with_free_func (g_free);
  if (!lodge_file_make_directory (directory, 0755, error)
      || !take_sources (inputs, source, directory, error)
      || !take_files (inputs, plan->template, directory, error)
      || !take_firstboot (inputs, directory, error))
    return NULL;
  return g_steal_pointer (&inputs);
}

void
lodge_build_inputs_free (LodgeBuildInputs *inputs)
{
  if (inputs == NULL)
    return;
  g_free (inputs->source);
  g_free (inputs->template.files_directories);
  g_ptr_array_unref (inputs->originals);
  g_ptr_array_unref (inputs->copies);
  g_free (inputs);
}

void
lodge_build_inputs_name_originals (const LodgeBuildInputs *inputs, GError **error)
{
  if (error == NULL || *error == NULL)
    return;
  for (guint i = 0; i < inputs->copies->len; i++)
    {
      g_auto (GStrv) parts
          = g_strsplit ((*error)->message, g_ptr_array_index (inputs->copies, i), -1);
      char *message = g_strjoinv (g_ptr_array_index (inputs->originals, i), parts);

      g_free ((*error)->message);
      (*error)->message = message;
    }
}
