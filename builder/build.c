/* A build from plan to finished files: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/beside.h"
#include "builder/build-hash.h"
#include "builder/build-preflight.h"
#include "builder/build-session.h"
#include "builder/deliver.h"
#include "builder/disk.h"
#include "builder/family.h"
#include "builder/firstboot-package.h"
#include "builder/output.h"
#include "builder/overlay.h"
#include "builder/root-cache.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  LOWER_PRIORITY = 10, /* nice(1)'s default */
};

/* The sparse file that becomes the image.  One that holds secrets is for its owner alone. */
static gboolean
create_raw (const LodgeBuildPlan *plan, const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                 lodge_deliver_is_secret (plan) ? 0600 : 0666);
  int saved;

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "create %s", path);
  saved = ftruncate (fd, (off_t)plan->size) == 0 ? 0 : errno;
  close (fd);
  if (saved != 0)
    return lodge_error_set_errno (error, saved, "make %s as large as the image", path);
  return TRUE;
}

/* What the image holds: the root file system, and what is unpacked over it. */
typedef struct
{
  const LodgeFamily *family;
  LodgeBuild *build;
  const char *raw;     /* path of the image */
  const char *overlay; /* path of the tar file */
} Content;

static gboolean
make_root (gpointer data, GError **error)
{
  const Content *content = data;
  LodgeBuild *build = content->build;
  const LodgePartition *partition = &build->plan->partitions[LODGE_PARTITION_ROOT];
  g_autofree char *uuid = lodge_build_uuid (build->build_hash, "filesystem-root");

  if (content->family->make_root (build, content->raw, partition->start, partition->size, uuid,
                                  error))
    return TRUE;
  g_prefix_error (error, "make the root file system: ");
  return FALSE;
}

static char *
programs_directory (const LodgeBuild *build)
{
  return g_build_filename (build->temporary, "programs", NULL);
}

/* The programs out of the package that the user gave, before anything else: what is refused here
 * was a slip. */
static gboolean
take_firstboot (LodgeBuild *build, const char *original, GError **error)
{
  const char *file = build->plan->options->firstboot;
  g_autofree char *programs = programs_directory (build);

  if (file == NULL)
    return TRUE;
  if (g_mkdir (programs, 0700) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", programs);
  if (!lodge_firstboot_package_read (build, file, programs, error))
    return FALSE;
  build->firstboot_sha256 = lodge_file_sha256 (file, error);
  if (build->firstboot_sha256 == NULL)
    return FALSE;
  lodge_progress_note (build->progress,
                       "lodge-firstboot is taken from %s (SHA-256 %s), which no key of the "
                       "distribution signs",
                       original, build->firstboot_sha256);
  return TRUE;
}

/* lodge-firstboot, and the archive of all that is unpacked over the root. */
static gboolean
make_overlay (gpointer data, GError **error)
{
  const Content *content = data;
  LodgeBuild *build = content->build;
  g_autofree char *programs = programs_directory (build);

  if (build->plan->options->firstboot != NULL) /* they are there: take_firstboot() */
    return lodge_overlay_write (build, programs, content->overlay, error);
  /* Compiling takes what the root leaves of the processors, as the root takes longer.  On Linux the
   * call is for this thread, and what it starts inherits it (setpriority(2), "NOTES"). */
  if (setpriority (PRIO_PROCESS, 0, LOWER_PRIORITY) != 0)
    lodge_progress_note (build->progress, "compiling is done at the usual priority: %s",
                         g_strerror (errno));
  if (g_mkdir (programs, 0700) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", programs);
  if (content->family->compile (build, programs, error))
    return lodge_overlay_write (build, programs, content->overlay, error);
  g_prefix_error (error, "compile lodge-firstboot: ");
  return FALSE;
}

static gboolean
write_disk (gpointer data, GError **error)
{
  const Content *content = data;
  LodgeBuild *build = content->build;

  return lodge_disk_writer_finish (build->writer, build->plan, build->build_hash, build->epoch,
                                   content->overlay, build->plan->answers, build->cancellable,
                                   error);
}

static gboolean
keep_root (gpointer data, GError **error)
{
  const Content *content = data;

  (void)error;
  lodge_root_cache_keep (content->build);
  return TRUE;
}

/* Everything that goes on the disk RAW. */
static gboolean
fill_disk (const LodgeFamily *family, LodgeBuild *build, const char *raw, GError **error)
{
  g_autofree char *overlay = g_build_filename (build->work, "overlay.tar", NULL);
  Content content = { .family = family, .build = build, .raw = raw, .overlay = overlay };

  if (!family->fetch (build, error))
    return FALSE;
  build->build_hash = lodge_build_hash (build, error);
  if (build->build_hash == NULL || !lodge_preflight_space (build, error))
    return FALSE;
  if (!lodge_run_beside (make_root, make_overlay, &content, build->cancellable, error))
    {
      /* Compiling may have failed beside a root that was finished: the next build starts from it.
       */
      lodge_root_cache_keep (build);
      return FALSE;
    }
  lodge_progress_step (build->progress, "disk", "Make it boot");
  return lodge_run_beside (write_disk, keep_root, &content, build->cancellable, error);
}

static gboolean
make_disk (const LodgeFamily *family, LodgeBuild *build, const char *raw, GError **error)
{
  g_autoptr (LodgeDiskWriter) writer = NULL;
  gboolean done;

  if (!create_raw (build->plan, raw, error))
    return FALSE;
  lodge_progress_step (build->progress, "packages", "Get the packages");
  writer = lodge_disk_writer_new (raw, build->work, build->progress, build->cancellable);
  build->writer = writer;
  /* A rebuild, which has all else in its cache, would wait for the appliance: it starts while
   * packages are resolved.  Where a root has to be made first it would only hold that up: the
   * family knows when. */
  if (lodge_root_cache_has_any (build))
    lodge_disk_writer_launch (writer);
  done = fill_disk (family, build, raw, error);
  build->writer = NULL;
  return done;
}

typedef struct
{
  LodgeOutputs *outputs;
  const char *firstboot; /* the package of lodge-firstboot, as the user named it, or NULL */
} Image;

static gboolean
make_image (const LodgeFamily *family, LodgeBuild *build, gpointer data, GError **error)
{
  const Image *image = data;
  g_autofree char *raw = g_build_filename (build->work, "disk.raw", NULL);

  return take_firstboot (build, image->firstboot, error) && make_disk (family, build, raw, error)
         && lodge_deliver (build, image->outputs, raw, error);
}

gboolean
lodge_build_run (const LodgeBuildPlan *plan, const LodgePaths *paths, LodgeProgress *progress,
                 GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeBuild) build = NULL;
  g_autoptr (LodgeOutputs) outputs = lodge_outputs_claim (plan, cancellable, error);
  Image image = { .outputs = outputs, .firstboot = plan->options->firstboot };
  g_autoptr (GError) left = NULL;
  gboolean done;

  if (outputs == NULL)
    return FALSE;
  build = lodge_build_new (plan, paths, progress);
  build->work = g_strdup (lodge_outputs_work (outputs));
  done = lodge_build_session (build, cancellable, make_image, &image, error);
  if (!lodge_outputs_release (outputs, &left))
    lodge_progress_note (progress, "something is left behind: %s", left->message);
  return done;
}
