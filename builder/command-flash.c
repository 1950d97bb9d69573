/* lodge flash: writes an image to disks, and makes sure that they are the right ones and hold it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/answers-notes.h"
#include "builder/command.h"
#include "builder/flash-confirm.h"
#include "builder/flash-host.h"
#include "builder/flash-identity.h"
#include "builder/flash-open.h"
#include "builder/flash-progress.h"
#include "builder/flash-size.h"
#include "builder/flash-table.h"
#include "builder/flash-target.h"
#include "builder/flash-users.h"
#include "builder/flash-write.h"
#include "common/error.h"
#include "common/size.h"

/* What GOption fills in. */
typedef struct
{
  char *answers;
  char *host;
  GStrv erase;
  gboolean keep_uuids;
  gboolean list;
  gboolean json;
  char *root;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->answers);
  g_free (words->host);
  g_strfreev (words->erase);
  g_free (words->root);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse_words (Words *words, int *argc, char **argv, gboolean *help_shown, GError **error)
{
  const GOptionEntry entries[] = {
    { "answers", 0, 0, G_OPTION_ARG_FILENAME, &words->answers,
      "Put these answers on the disk: the host sets itself up", "FILE" },
    { "host", 0, 0, G_OPTION_ARG_STRING, &words->host, "Of the answers only those for this host",
      "MAC|SERIAL|UUID" },
    { "erase", 0, 0, G_OPTION_ARG_STRING_ARRAY, &words->erase,
      "The disk with this serial number (or name, if it has none) may be overwritten: nothing is "
      "asked (can be given several times)",
      "SERIAL" },
    { "keep-uuids", 0, 0, G_OPTION_ARG_NONE, &words->keep_uuids,
      "Give the disk the image's own UUIDs; two such disks confuse a machine", NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &words->list,
      "Show the disks, what is on them and which can be written to; write nothing", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &words->json, "Tell progress and result as JSON", NULL },
    /* A captured tree of /proc, /sys and /dev, for tests; only to be listed. */
    { "root", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &words->root, NULL, "DIR" },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "flash",
    .operands = "IMAGE DEVICE…",
    .summary = "Writes IMAGE to each DEVICE, a USB stick or another whole disk, and reads it back. "
               "Everything on it is lost.",
    .entries = entries,
    .minimum = 0,
    .maximum = -1,
  };

  if (!lodge_command_parse (&syntax, argc, argv, help_shown, error) || *help_shown)
    return *help_shown;
  if (words->list && *argc > 2)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "flash --list takes no DEVICE; see lodge flash --help");
  if (!words->list && *argc < 3)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "flash needs IMAGE DEVICE…; lodge flash --list shows which disks there "
                            "are, lodge flash --help all that can be given");
  if (words->root != NULL && !words->list)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "flash: --root is for --list only");
  if (words->host != NULL && words->answers == NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "flash: --host needs --answers");
  if (words->host != NULL && *argc > 3)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "flash: --host puts one host's answers on a disk, and here are several "
                            "DEVICEs, which would all become that host; flash them one by one, or "
                            "leave --host out: each host finds its own [match …] section");
  return TRUE;
}

static gboolean
list (const Words *words, const char *image, GCancellable *cancellable, GError **error)
{
  const LodgeProbe probe = { .sysroot = words->root != NULL ? words->root : "" };
  g_autoptr (GPtrArray) disks = NULL;
  g_autofree char *text = NULL;
  LodgeDiskPurpose purpose;
  guint64 size = 0;

  if (!lodge_command_check_file (NULL, image, "the path of an image", error))
    return FALSE;
  /* What is wrong with it is told by whoever writes it. */
  if (image != NULL)
    lodge_flash_size_find (image, &size, cancellable, NULL);
  purpose = lodge_flash_purpose (size);
  disks = lodge_probe_disks_for (&probe, &purpose, error);
  if (disks == NULL)
    return FALSE;
  text = lodge_flash_list (&probe, disks);
  fputs (text, stdout);
  return TRUE;
}

/* The disks that PATHS name, each of which may be written to; as LodgeDisk. */
static GPtrArray *
find_targets (char **paths, guint64 size, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  const LodgeDiskPurpose purpose = lodge_flash_purpose (size);
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_disk_free);
  g_autoptr (GPtrArray) all = lodge_probe_disks_for (&probe, &purpose, error);

  if (all == NULL)
    return NULL;
  for (char **path = paths; *path != NULL; path++)
    {
      g_autofree char *name = lodge_flash_target_name (&probe, *path, error);
      g_autofree char *refusal = NULL;
      LodgeDisk *disk = name != NULL ? lodge_probe_disk (&probe, name, &purpose, error) : NULL;

      if (disk == NULL)
        return NULL;
      g_ptr_array_add (targets, disk);
      refusal = lodge_flash_refusal (&probe, disk);
      for (guint i = 0; i + 1 < targets->len; i++)
        if (lodge_flash_is_same (g_ptr_array_index (targets, i), disk))
          {
            lodge_error_set (error, LODGE_ERROR_USAGE, "%s is given twice", disk->device);
            return NULL;
          }
      if (refusal == NULL)
        refusal = lodge_flash_second_path (&probe, all, disk);
      if (refusal != NULL)
        {
          lodge_error_set (error, LODGE_ERROR_REFUSED, "%s is not written to: %s", disk->device,
                           refusal);
          return NULL;
        }
    }
  return g_steal_pointer (&targets);
}

/* --- writing --- */

/* All disks opened, locked and looked at again; nothing is written when one of them may not be. */
static GPtrArray *
open_jobs (const LodgeFlashImage *image, const LodgeFlashIdentity *identity,
           const GPtrArray *targets, GCancellable *cancellable, GError **error)
{
  const LodgeProbe probe = { .sysroot = "" };
  const LodgeDiskPurpose purpose = lodge_flash_purpose (image->source->size);
  g_autoptr (GPtrArray) all = lodge_probe_disks_for (&probe, &purpose, error);
  g_autoptr (GPtrArray) jobs
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_flash_job_free);

  for (guint i = 0; all != NULL && i < targets->len; i++)
    {
      const LodgeDisk *disk = g_ptr_array_index (targets, i);
      g_autoptr (GPtrArray) patches = NULL;
      g_autoptr (LodgeFlashDevice) device
          = lodge_flash_device_open (disk, all, &purpose, cancellable, error);

      if (device == NULL)
        return NULL;
      patches = lodge_flash_patches (
          image->source, device->size,
          identity != NULL && !lodge_flash_identity_names_table (identity), error);
      if (patches == NULL)
        return NULL;
      g_ptr_array_add (jobs, lodge_flash_job_new (g_steal_pointer (&device), patches, identity));
    }
  return all != NULL ? g_steal_pointer (&jobs) : NULL;
}

static void
tell_job (LodgeFlashJob *job, guint64 bytes)
{
  const LodgeFlashState state = lodge_flash_job_state (job);
  const GError *error = lodge_flash_job_error (job);
  g_autofree char *size = lodge_size_format (bytes);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (seconds, sizeof seconds, "%.1f", (double)state.written / G_USEC_PER_SEC);
  if (error != NULL)
    printf ("%s: failed, and %s: %s\n", lodge_flash_job_path (job),
            !state.touched ? "is as it was"
            : state.spoilt ? "nothing boots from it now"
                           : "what is on it now is not known",
            error->message);
  else
    printf ("%s: %s written in %s s and verified\n", lodge_flash_job_path (job), size, seconds);
}

static gboolean
summarize (GPtrArray *jobs, const LodgeFlashMap *map, gboolean json, GError **error)
{
  guint64 bytes = lodge_flash_map_bytes (map, LODGE_FLASH_DATA)
                  + lodge_flash_map_bytes (map, LODGE_FLASH_ZERO);
  const LodgeFlashJob *failed = NULL;
  guint failures = 0;

  for (guint i = 0; i < jobs->len; i++)
    {
      LodgeFlashJob *job = g_ptr_array_index (jobs, i);

      if (!json)
        tell_job (job, bytes);
      if (lodge_flash_job_error (job) != NULL)
        {
          failures++;
          failed = job;
        }
    }
  if (failures == 0)
    return TRUE;
  if (jobs->len == 1)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the image was not written to %s",
                            lodge_flash_job_path (failed));
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%u of %u disks were not written", failures,
                          jobs->len);
}

/* IDENTITY stays NULL for images of others. */
static gboolean
find_identity (const LodgeFlashImage *image, LodgeFlashIdentity **identity, LodgeProgress *progress,
               GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;

  *identity = lodge_flash_identity_find (image->source, image->map, cancellable, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (*identity == NULL)
    lodge_progress_note (progress,
                         "%s was not made by lodge build: its disks are twins, with the same UUIDs",
                         image->source->name);
  else if (lodge_flash_identity_names_table (*identity))
    lodge_progress_note (progress,
                         "%s names partitions by PARTUUID: its disks keep those, and are twins as "
                         "far as that",
                         image->source->name);
  return TRUE;
}

static gboolean
write_all (const Words *words, const LodgeFlashImage *image, const GPtrArray *targets,
           LodgeProgress *events, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeFlashIdentity) identity = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (LodgeFlashProgress) progress = NULL;

  if (!words->keep_uuids && !find_identity (image, &identity, events, cancellable, error))
    return FALSE;
  jobs = open_jobs (image, identity, targets, cancellable, error);
  if (jobs == NULL)
    return FALSE;
  if (lodge_flash_users_are_hidden ())
    lodge_progress_note (
        events, "the processes of other users could not be looked at, which root may: if "
                "one of them writes to a disk that is given, only a virtual machine's lock "
                "or command line would have shown it");
  progress = lodge_flash_progress_new (words->json ? LODGE_PROGRESS_JSON : LODGE_PROGRESS_AUTO,
                                       STDERR_FILENO, events);
  lodge_flash_write (image->source, image->map, jobs, lodge_flash_progress_show, progress,
                     cancellable);
  return summarize (jobs, image->map, words->json, error);
}

static gboolean
flash (const Words *words, const char *path, char **devices, LodgeProgress *progress,
       GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) targets = NULL;
  g_autoptr (LodgeFlashImage) image = NULL;
  g_autofree char *answers = NULL;
  guint64 size = 0;

  if (!lodge_command_check_file (NULL, path, "the path of an image", error)
      || !lodge_flash_size_find (path, &size, cancellable, error)
      || !lodge_command_check_file ("--answers", words->answers, "the path of an answers.conf",
                                    error))
    return FALSE;
  if (words->answers != NULL
      && ((answers = lodge_flash_answers (words->answers, words->host, error)) == NULL
          || !lodge_answers_tell_notes (words->answers, answers, LODGE_IMAGE_ACCESS_UNKNOWN,
                                        progress, error)))
    return FALSE;
  targets = find_targets (devices, size, error);
  if (targets == NULL
      || !lodge_flash_confirm (targets, words->erase, !words->json, cancellable, error))
    return FALSE;
  image = lodge_flash_image_open (path, progress, cancellable, error);
  if (image == NULL
      || (answers != NULL && !lodge_flash_image_put_answers (image, answers, cancellable, error)))
    return FALSE;
  return write_all (words, image, targets, progress, cancellable, error);
}

gboolean
lodge_command_flash (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_auto (Words) words = { 0 };
  g_autoptr (LodgeProgress) progress = NULL;
  GError *failure = NULL;
  gboolean help_shown = FALSE;

  if (!parse_words (&words, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  if (words.list)
    return list (&words, argv[1], cancellable, error);
  progress = lodge_progress_new (words.json ? LODGE_PROGRESS_JSON : LODGE_PROGRESS_AUTO);
  if (flash (&words, argv[1], argv + 2, progress, cancellable, &failure)
      && lodge_progress_check (progress, &failure))
    return TRUE;
  {
    g_autoptr (JsonObject) object = json_object_new ();

    json_object_set_string_member (object, "event", "error");
    json_object_set_string_member (object, "message", failure->message);
    json_object_set_int_member (object, "status", lodge_error_exit_status (failure));
    lodge_progress_event (progress, "error", object);
  }
  g_propagate_error (error, failure);
  return FALSE;
}
