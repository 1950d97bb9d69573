/* A build from plan to finished files: the list of what happens, in order.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/build-hash.h"
#include "builder/build-inputs.h"
#include "builder/build-preflight.h"
#include "builder/cache.h"
#include "builder/deliver.h"
#include "builder/disk.h"
#include "builder/family.h"
#include "builder/interrupt.h"
#include "builder/output.h"
#include "builder/overlay.h"
#include "builder/remove.h"
#include "common/error.h"

static void
package_free (gpointer data)
{
  lodge_package_free (data);
}

static void
build_free (LodgeBuild *build)
{
  g_free (build->work);
  g_free (build->temporary);
  g_free (build->cache);
  g_free (build->source);
  g_free (build->helper);
  g_free (build->root_key);
  g_free (build->build_hash);
  g_ptr_array_unref (build->packages);
  g_ptr_array_unref (build->build_packages);
  g_object_unref (build->cancellable);
  g_free (build);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeBuild, build_free)

/* BUILD has a GCancellable of its own, so that one of two things done at once can end the other. */
static LodgeBuild *
build_new (const LodgeBuildPlan *plan, const LodgePaths *paths, LodgeProgress *progress)
{
  LodgeBuild *build = g_new0 (LodgeBuild, 1);

  build->plan = plan;
  build->progress = progress;
  build->cancellable = g_cancellable_new ();
  build->cache = lodge_paths_cache (plan->options->cache);
  build->source = g_strdup (paths->source);
  build->helper = g_strdup (paths->helper);
  build->packages = g_ptr_array_new_with_free_func (package_free);
  build->build_packages = g_ptr_array_new_with_free_func (package_free);
  return build;
}

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

/* What is made beside the root: lodge-firstboot, and the archive of all that is unpacked over it.
 */
typedef struct
{
  const LodgeFamily *family;
  LodgeBuild *build;
  const char *overlay; /* path of the tar file */
  GError *error;
} Additions;

static gboolean
make_additions (Additions *additions)
{
  LodgeBuild *build = additions->build;
  g_autofree char *programs = g_build_filename (build->temporary, "programs", NULL);

  if (g_mkdir (programs, 0700) != 0)
    return lodge_error_set_errno (&additions->error, errno, "make the directory %s", programs);
  if (!additions->family->compile (build, programs, &additions->error))
    {
      g_prefix_error (&additions->error, "compile lodge-firstboot: ");
      return FALSE;
    }
  return lodge_overlay_write (build, programs, additions->overlay, &additions->error);
}

static gpointer
run_additions (gpointer data)
{
  Additions *additions = data;

  /* Without them there is no image: the other half need not go on. */
  if (!make_additions (additions))
    g_cancellable_cancel (additions->build->cancellable);
  return NULL;
}

/* Of two failures the one that was not brought about by the other. */
static gboolean
merge_results (GError *root, GError *additions, GError **error)
{
  if (root == NULL && additions == NULL)
    return TRUE;
  if (root == NULL
      || (additions != NULL && g_error_matches (root, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      g_clear_error (&root);
      g_propagate_error (error, additions);
      return FALSE;
    }
  g_clear_error (&additions);
  g_propagate_error (error, root);
  return FALSE;
}

/* The root file system and what is added to it, side by side. */
static gboolean
make_content (const LodgeFamily *family, LodgeBuild *build, const char *raw, const char *overlay,
              GError **error)
{
  const LodgePartition *partition = &build->plan->partitions[LODGE_PARTITION_ROOT];
  g_autofree char *uuid = lodge_build_uuid (build->build_hash, "filesystem-root");
  Additions additions = { .family = family, .build = build, .overlay = overlay };
  GThread *thread = g_thread_new ("additions", run_additions, &additions);
  GError *root_error = NULL;

  if (!family->make_root (build, raw, partition->start, partition->size, uuid, &root_error))
    {
      g_prefix_error (&root_error, "make the root file system: ");
      g_cancellable_cancel (build->cancellable);
    }
  g_thread_join (thread); /* which frees it; cppcheck does not know */
  /* cppcheck-suppress memleak */
  return merge_results (root_error, additions.error, error);
}

/* Everything that goes on the disk RAW, which WRITER's appliance holds. */
static gboolean
fill_disk (const LodgeFamily *family, LodgeBuild *build, LodgeDiskWriter *writer, const char *raw,
           GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  g_autofree char *overlay = g_build_filename (build->work, "overlay.tar", NULL);

  if (!family->fetch (build, error))
    return FALSE;
  build->build_hash = lodge_build_hash (build, error);
  if (build->build_hash == NULL || !lodge_preflight_space (build, error))
    return FALSE;
  if (!make_content (family, build, raw, overlay, error))
    return FALSE;
  lodge_progress_step (build->progress, "disk", "Make it boot");
  return lodge_disk_writer_finish (writer, plan, build->build_hash, build->epoch, overlay,
                                   plan->answers, build->cancellable, error);
}

static gboolean
make_disk (const LodgeFamily *family, LodgeBuild *build, const char *raw, GError **error)
{
  g_autoptr (LodgeDiskWriter) writer = NULL;

  if (!create_raw (build->plan, raw, error))
    return FALSE;
  lodge_progress_step (build->progress, "packages", "Get the packages");
  /* The appliance starts while packages are resolved: a rebuild, which has all else in its cache,
   * would wait for it. */
  writer = lodge_disk_writer_start (raw, build->work, build->progress, build->cancellable);
  return fill_disk (family, build, writer, raw, error);
}

/* Makes the image from INPUTS, which take the place of what they were copied from. */
static gboolean
run_with (const LodgeBuildInputs *inputs, const LodgeFamily *family, LodgeBuild *build,
          LodgeOutputs *outputs, GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  g_autofree char *raw = g_build_filename (build->work, "disk.raw", NULL);
  GError *failure = NULL;
  gboolean done;

  build->plan = &inputs->plan;
  g_free (build->source);
  build->source = g_strdup (inputs->source);
  done = make_disk (family, build, raw, &failure) && lodge_deliver (build, outputs, raw, &failure);
  build->plan = plan;
  lodge_build_inputs_name_originals (inputs, &failure);
  if (!done)
    g_propagate_error (error, failure);
  return done;
}

/* With the inputs copied into the directory `temporary`. */
static gboolean
run_in_temporary (const LodgeFamily *family, LodgeBuild *build, LodgeOutputs *outputs,
                  GError **error)
{
  g_autoptr (LodgeBuildInputs) inputs
      = lodge_build_inputs_take (build->plan, build->source, build->temporary, error);

  return inputs != NULL && run_with (inputs, family, build, outputs, error);
}

static gboolean
run (const LodgeFamily *family, LodgeBuild *build, LodgeOutputs *outputs, GError **error)
{
  g_autoptr (GError) left = NULL;
  gboolean done;

  if (!lodge_preflight_machine (build, error) || !lodge_preflight_space (build, error)
      || !lodge_cache_open (build->cache, build->cancellable, build->progress, error))
    return FALSE;
  build->temporary = lodge_cache_make_temporary (build->cache, error);
  if (build->temporary == NULL)
    return FALSE;
  lodge_interrupt_clean (build->cancellable, build->temporary);
  done = run_in_temporary (family, build, outputs, error);
  if (!lodge_remove_tree (build->temporary, &left))
    lodge_progress_note (build->progress, "something is left behind: %s", left->message);
  lodge_interrupt_keep (build->cancellable, build->temporary);
  return done;
}

static void
pass_on (GCancellable *cancellable, gpointer data)
{
  (void)cancellable;
  g_cancellable_cancel (data);
}

gboolean
lodge_build_run (const LodgeBuildPlan *plan, const LodgePaths *paths, LodgeProgress *progress,
                 GCancellable *cancellable, GError **error)
{
  const LodgeFamily *family = lodge_family_find (plan->template->family);
  g_autoptr (LodgeBuild) build = NULL;
  g_autoptr (LodgeOutputs) outputs = NULL;
  g_autoptr (GError) left = NULL;
  gulong handler;
  gboolean done;

  if (family == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "this version of Lodge cannot build the family \"%s\" of the template "
                            "%s",
                            lodge_family_kind_name (plan->template->family), plan->template->name);
  outputs = lodge_outputs_claim (plan, cancellable, error);
  if (outputs == NULL)
    return FALSE;
  build = build_new (plan, paths, progress);
  build->work = g_strdup (lodge_outputs_work (outputs));
  lodge_interrupt_share (cancellable, build->cancellable);
  handler = g_cancellable_connect (cancellable, G_CALLBACK (pass_on), build->cancellable, NULL);
  done = run (family, build, outputs, error);
  g_cancellable_disconnect (cancellable, handler);
  if (!lodge_outputs_release (outputs, &left))
    lodge_progress_note (progress, "something is left behind: %s", left->message);
  return done;
}
