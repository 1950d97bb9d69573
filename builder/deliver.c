/* Formats, hashes and manifest.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "builder/beside.h"
#include "builder/checksums.h"
#include "builder/flash-map.h"
#include "builder/format.h"
#include "builder/hash.h"
#include "builder/manifest.h"
#include "common/error.h"
#include "common/file.h"

enum
{
  EARLIER_LIMIT = 16 * 1024 * 1024, /* bytes of a manifest or checksum file */
};

gboolean
lodge_deliver_is_secret (const LodgeBuildPlan *plan)
{
  return plan->answers != NULL || plan->options->root_password_hash != NULL;
}

static void
show_hashed (guint64 bytes, guint64 total, gpointer data)
{
  lodge_progress_bytes (data, bytes, total);
}

static void
output_free (gpointer data)
{
  lodge_manifest_output_free (data);
}

/* Adds the finished file PART, to be called PATH, to DONE. */
static gboolean
add_file (const LodgeBuild *build, const char *format, const char *part, const char *path,
          GPtrArray *done, GError **error)
{
  g_autofree char *sha256
      = lodge_hash_file (part, show_hashed, build->progress, build->cancellable, error);
  LodgeManifestOutput *output;
  struct stat status;

  if (sha256 == NULL)
    return FALSE;
  if (stat (part, &status) != 0)
    return lodge_error_set_errno (error, errno, "look at %s", part);
  output = g_new0 (LodgeManifestOutput, 1);
  output->format = format;
  output->name = g_path_get_basename (path);
  output->sha256 = g_steal_pointer (&sha256);
  output->size = (guint64)status.st_size;
  g_ptr_array_add (done, output);
  return TRUE;
}

static gboolean
write_format (const LodgeBuild *build, LodgeOutputs *outputs, const char *raw,
              const LodgeOutput *output, GPtrArray *done, GError **error)
{
  const LodgeFormat *format = lodge_format_find (output->format);
  const char *part = lodge_outputs_part (outputs, output->path);
  g_autofree char *id = g_strconcat ("format-", output->format, NULL);
  g_autofree char *title = g_strconcat ("Write ", output->format, NULL);
  const LodgeFormatSource source = { .raw = raw,
                                     .build_hash = build->build_hash,
                                     .template = build->plan->template,
                                     .epoch = build->epoch };

  lodge_progress_step (build->progress, id, title);
  if (!format->write (&source, part, build->progress, build->cancellable, error))
    {
      g_prefix_error (error, "write %s: ", output->path);
      return FALSE;
    }
  if (lodge_deliver_is_secret (build->plan) && chmod (part, 0600) != 0)
    return lodge_error_set_errno (error, errno, "make %s readable for its owner alone", part);
  lodge_progress_step (build->progress, "hash", "Compute the checksum");
  return add_file (build, output->format, part, output->path, done, error);
}

/* What an earlier build wrote as PATH, or NULL when there is no such file; one that cannot be read
 * says nothing worth keeping. */
static char *
read_earlier (const char *path)
{
  return lodge_file_read (path, EARLIER_LIMIT, NULL, NULL);
}

static gboolean
write_text (LodgeOutputs *outputs, const char *path, const char *text, GError **error)
{
  return g_file_set_contents (lodge_outputs_part (outputs, path), text, -1, error);
}

/* The lines of other images of that name, which an earlier build made in another format, stay. */
static gboolean
write_checksums (LodgeOutputs *outputs, const char *path, const GPtrArray *done, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *earlier = read_earlier (path);
  g_autofree char *fresh = lodge_manifest_checksums (done);
  g_autofree char *text = lodge_checksums_merge (fresh, earlier, directory);

  return write_text (outputs, path, text, error);
}

/* DONE gets what an earlier build of the same made, too. */
static gboolean
write_manifest (const LodgeBuild *build, LodgeOutputs *outputs, const char *path, GPtrArray *done,
                GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *earlier = read_earlier (path);
  g_autofree char *text = NULL;

  if (earlier != NULL)
    lodge_manifest_add_earlier (done, earlier, build->build_hash, directory);
  text = lodge_manifest_format (build, done);
  return write_text (outputs, path, text, error);
}

/* One thread writes the formats and hashes them, another makes the flash map. */
typedef struct
{
  const LodgeBuild *build;
  LodgeOutputs *outputs;
  const char *raw;
  GPtrArray *done; /* of LodgeManifestOutput */
  char **map;      /* gets the text of the flash map */
} Delivery;

static gboolean
write_formats (gpointer data, GError **error)
{
  Delivery *delivery = data;
  const LodgeBuild *build = delivery->build;
  const GPtrArray *outputs = build->plan->outputs;

  for (guint i = 0; i < outputs->len; i++)
    if (!write_format (build, delivery->outputs, delivery->raw, g_ptr_array_index (outputs, i),
                       delivery->done, error))
      return FALSE;
  lodge_progress_step (build->progress, "map", "Make the flash map"); /* what is left of it */
  return TRUE;
}

/* Which bytes of the image `lodge flash` has to write. */
static gboolean
make_map (gpointer data, GError **error)
{
  Delivery *delivery = data;
  g_autoptr (LodgeFlashSource) source = NULL;
  g_autoptr (LodgeFlashMap) map = NULL;
  int fd = open (delivery->raw, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return lodge_error_set_errno (error, errno, "open %s", delivery->raw);
  source = lodge_flash_source_new (fd, delivery->raw, error);
  map = source != NULL
            ? lodge_flash_map_make (source, TRUE, NULL, NULL, delivery->build->cancellable, error)
            : NULL;
  if (map == NULL
      || !lodge_flash_map_hash (map, source, TRUE, NULL, NULL, delivery->build->cancellable, error))
    {
      g_prefix_error (error, "make the flash map: ");
      return FALSE;
    }
  *delivery->map = lodge_flash_map_format (map);
  return TRUE;
}

static void
tell_result (const LodgeBuild *build, const char *manifest, const char *checksums, const char *map,
             const GPtrArray *done)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < build->plan->outputs->len; i++)
    {
      const LodgeOutput *output = g_ptr_array_index (build->plan->outputs, i);
      const LodgeManifestOutput *file = g_ptr_array_index (done, i);
      JsonObject *member = json_object_new ();

      json_object_set_string_member (member, "format", file->format);
      json_object_set_string_member (member, "path", output->path);
      json_object_set_string_member (member, "sha256", file->sha256);
      json_object_set_int_member (member, "size", (gint64)file->size);
      json_array_add_object_element (array, member);
    }
  json_object_set_string_member (object, "event", "result");
  json_object_set_string_member (object, "build_hash", build->build_hash);
  json_object_set_string_member (object, "checksums", checksums);
  json_object_set_string_member (object, "manifest", manifest);
  json_object_set_string_member (object, "map", map);
  json_object_set_array_member (object, "outputs", array);
  lodge_progress_event (build->progress, "result", object);
}

gboolean
lodge_deliver (const LodgeBuild *build, LodgeOutputs *outputs, const char *raw, GError **error)
{
  const LodgeBuildPlan *plan = build->plan;
  g_autoptr (GPtrArray) done = g_ptr_array_new_with_free_func (output_free);
  g_autofree char *manifest = g_strconcat (plan->base, LODGE_OUTPUT_MANIFEST, NULL);
  g_autofree char *checksums = g_strconcat (plan->base, LODGE_OUTPUT_CHECKSUMS, NULL);
  g_autofree char *map = g_strconcat (plan->base, LODGE_OUTPUT_MAP, NULL);
  g_autofree char *map_text = NULL;
  Delivery delivery
      = { .build = build, .outputs = outputs, .raw = raw, .done = done, .map = &map_text };

  if (!lodge_run_beside (write_formats, make_map, &delivery, build->cancellable, error)
      || !write_text (outputs, map, map_text, error)
      || !write_checksums (outputs, checksums, done, error)
      || !write_manifest (build, outputs, manifest, done, error))
    return FALSE;
  lodge_progress_step (build->progress, "place", "Put the image in its place");
  if (g_cancellable_set_error_if_cancelled (build->cancellable, error)
      || !lodge_outputs_place (outputs, error))
    return FALSE;
  lodge_progress_finish (build->progress);
  tell_result (build, manifest, checksums, map, done);
  return TRUE;
}
