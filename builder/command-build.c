/* lodge build: options in, build.c does the work.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "builder/answers-notes.h"
#include "builder/build.h"
#include "builder/command.h"
#include "builder/manifest.h"
#include "builder/output.h"
#include "builder/password-file.h"
#include "builder/say.h"
#include "builder/ssh-keys.h"
#include "builder/stop-note.h"
#include "common/answers.h"
#include "common/error.h"
#include "common/file.h"
#include "common/number.h"
#include "common/size.h"
#include "common/syntax.h"

enum
{
  ANSWERS_LIMIT = 1024 * 1024, /* bytes, as lodge_keyfile_load() */
};

/* What GOption fills in. */
typedef struct
{
  char *output;
  char *formats;
  char *compress;
  GStrv sources;
  char *mirror;
  char *answers;
  char *firstboot;
  GStrv ssh_keys;
  char *root_password_hash;
  char *root_password_hash_file;
  char *size;
  char *cache;
  gboolean no_cache;
  gboolean dry_run;
  gboolean json;
} Words;

static void
words_clear (Words *words)
{
  g_free (words->output);
  g_free (words->formats);
  g_free (words->compress);
  g_strfreev (words->sources);
  g_free (words->mirror);
  g_free (words->answers);
  g_free (words->firstboot);
  g_strfreev (words->ssh_keys);
  g_free (words->root_password_hash);
  g_free (words->root_password_hash_file);
  g_free (words->size);
  g_free (words->cache);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
parse_words (Words *words, int *argc, char **argv, gboolean *help_shown, GError **error)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &words->output,
      "The image to write (default: the template's name, here)", "FILE" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &words->formats,
      "Formats to write, separated by commas (default: what FILE is named after, else raw)",
      "raw,qcow2,vmdk,ova" },
    { "compress", 0, 0, G_OPTION_ARG_STRING, &words->compress,
      "Compress the raw image: FILE.zst is written in its place", "zst" },
    { "source", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words->sources,
      "Take packages from there (can be given several times)", "DIR|ISO|URL" },
    { "mirror", 0, 0, G_OPTION_ARG_STRING, &words->mirror,
      "Take packages from this mirror (default: this machine's own)", "URL" },
    { "answers", 0, 0, G_OPTION_ARG_FILENAME, &words->answers,
      "Put these answers on the LODGE partition: the host sets itself up", "FILE" },
    { "firstboot", 0, 0, G_OPTION_ARG_FILENAME, &words->firstboot,
      "Do not compile lodge-firstboot: take it from this package (lodge package)", "FILE" },
    { "ssh-key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words->ssh_keys,
      "Let this public key log in as root (can be given several times)", "FILE" },
    { "root-password-hash", 0, 0, G_OPTION_ARG_STRING, &words->root_password_hash,
      "Set root's password, given as a crypt(5) hash", "HASH" },
    { "root-password-hash-file", 0, 0, G_OPTION_ARG_FILENAME, &words->root_password_hash_file,
      "The same, with the hash in FILE (-: standard input), where no other user sees it", "FILE" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &words->size,
      "Size of the image (default: the template's)", "SIZE" },
    { "cache", 0, 0, G_OPTION_ARG_FILENAME, &words->cache,
      "Keep downloads and trees there (default: ~/.cache/lodge)", "DIR" },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &words->no_cache,
      "Make everything anew from the downloaded packages", NULL },
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &words->dry_run,
      "Show what would be done, and do nothing", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &words->json,
      "Tell progress and result as JSON, one object a line", NULL },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "build",
    .operands = "TEMPLATE",
    .summary = "Builds a bootable image from TEMPLATE: a name of lodge's own templates, or a path.",
    .entries = entries,
    .minimum = 1,
    .maximum = 1,
  };

  return lodge_command_parse (&syntax, argc, argv, help_shown, error);
}

/* Repeatable builds: https://reproducible-builds.org/specs/source-date-epoch/ */
static gboolean
read_epoch (gint64 *epoch, GError **error)
{
  const char *text = g_getenv ("SOURCE_DATE_EPOCH");
  guint64 seconds;

  *epoch = -1;
  if (text == NULL || *text == '\0')
    return TRUE;
  /* Not 0: e2fsprogs takes that for no time, and writes the present one. */
  if (lodge_number_parse (text, 1, G_MAXINT32, &seconds))
    {
      *epoch = (gint64)seconds;
      return TRUE;
    }
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "SOURCE_DATE_EPOCH is \"%s\"; expected seconds since 1970, 1 at least",
                          text);
}

/* *HASH becomes NULL when none was given. */
static gboolean
read_password (const Words *words, GCancellable *cancellable, char **hash, GError **error)
{
  *hash = NULL;
  if (words->root_password_hash != NULL && words->root_password_hash_file != NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--root-password-hash and --root-password-hash-file both give the "
                            "hash: leave one of them out");
  if (words->root_password_hash_file != NULL)
    {
      *hash = lodge_password_file_read (words->root_password_hash_file, cancellable, error);
      return *hash != NULL;
    }
  if (words->root_password_hash == NULL)
    return TRUE;
  *hash = lodge_syntax_password_hash (words->root_password_hash, error);
  if (*hash == NULL)
    g_prefix_error (error, "--root-password-hash: ");
  return *hash != NULL;
}

static gboolean
check_values (const Words *words, LodgeBuildOptions *options, GCancellable *cancellable,
              GError **error)
{
  if (words->size != NULL && !lodge_size_parse (words->size, &options->size, error))
    {
      g_prefix_error (error, "--size: ");
      return FALSE;
    }
  if (words->compress != NULL && strcmp (words->compress, "zst") != 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--compress: there is no compression \"%s\"; there is zst",
                            words->compress);
  options->compress = words->compress != NULL;
  return read_epoch (&options->source_date_epoch, error)
         && read_password (words, cancellable, &options->root_password_hash, error);
}

static LodgeBuildOptions *
make_options (const Words *words, const LodgeTemplate *template, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (LodgeBuildOptions) options = g_new0 (LodgeBuildOptions, 1);

  if (!check_values (words, options, cancellable, error))
    return NULL;
  options->template = g_strdup (template->name);
  options->formats = words->formats == NULL ? NULL : g_strsplit (words->formats, ",", -1);
  if (words->output != NULL)
    options->output = g_strdup (words->output);
  else
    {
      const char *suffix
          = options->formats == NULL || options->formats[0] == NULL ? "raw" : options->formats[0];

      options->output = g_strdup_printf ("%s.%s", template->name, suffix);
    }
  options->sources = g_strdupv (words->sources);
  options->mirror = g_strdup (words->mirror);
  options->answers = g_strdup (words->answers);
  options->firstboot = g_strdup (words->firstboot);
  options->ssh_key_files = g_strdupv (words->ssh_keys);
  options->cache = g_strdup (words->cache);
  options->no_cache = words->no_cache;
  options->dry_run = words->dry_run;
  options->json = words->json;
  return g_steal_pointer (&options);
}

static gboolean
read_answers (const char *path, char **text, GError **error)
{
  g_autoptr (LodgeAnswers) answers = NULL;
  gsize length = 0;

  if (path == NULL)
    return TRUE;
  if (!lodge_command_check_file ("--answers", path, "the path of an answers.conf", error))
    return FALSE;
  *text = lodge_file_read (path, ANSWERS_LIMIT, &length, error);
  if (*text == NULL)
    {
      g_prefix_error (error, "--answers: ");
      return FALSE;
    }
  answers = lodge_answers_parse (path, *text, length, NULL, error);
  return answers != NULL;
}

static gboolean
show_plan (const LodgeBuildPlan *plan, GError **error)
{
  const char *note = lodge_build_plan_vmware_note (plan);
  g_autofree char *text = NULL;

  if (!lodge_outputs_check (plan, error))
    return FALSE;
  if (note != NULL)
    lodge_say_note ("%s", note);
  text = plan->options->json ? lodge_manifest_format_plan (plan) : lodge_build_plan_describe (plan);
  fputs (text, stdout);
  return TRUE;
}

/* For the program that reads along.  Called when nothing else of the build can be told any more:
 * this is the last line. */
static void
tell_failure (const GError *error)
{
  g_autoptr (LodgeProgress) progress = lodge_progress_new (LODGE_PROGRESS_JSON);
  g_autoptr (JsonObject) object = json_object_new ();
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  json_object_set_string_member (object, "event", "error");
  json_object_set_string_member (object, "message",
                                 stopped ? "stopped by a signal" : error->message);
  json_object_set_int_member (object, "status", lodge_error_exit_status (error));
  lodge_progress_event (progress, "error", object);
}

/* The image is made beside the output, and e2fsprogs ends the name of a file at "?": what follows
 * are its options (ext2fs_open2() in lib/ext2fs/openfs.c). */
static gboolean
check_place (const char *output, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (output, NULL);

  if (strchr (path, '?') == NULL)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "no image can be made at %s: the programs that make its file systems "
                          "take \"?\" for the end of the name; choose another output with -o",
                          path);
}

static gboolean
run_plan (const LodgeBuildPlan *plan, const LodgePaths *paths, GCancellable *cancellable,
          GError **error)
{
  g_autoptr (LodgeProgress) progress
      = lodge_progress_new (plan->options->json ? LODGE_PROGRESS_JSON : LODGE_PROGRESS_AUTO);
  LodgeImageAccess access = plan->ssh_keys != NULL || plan->options->root_password_hash != NULL
                                ? LODGE_IMAGE_ACCESS_GIVEN
                                : LODGE_IMAGE_ACCESS_UNKNOWN;
  const char *note = lodge_build_plan_vmware_note (plan);
  g_autoptr (LodgeStopNote) stop_note = lodge_stop_note_new (progress, cancellable);

  if (note != NULL)
    lodge_progress_note (progress, "%s", note);
  if ((plan->answers != NULL
       && !lodge_answers_tell_notes (plan->options->answers, plan->answers, access, progress,
                                     error))
      || !lodge_build_run (plan, paths, progress, cancellable, error))
    return FALSE;
  for (guint i = 0; !plan->options->json && i < plan->outputs->len; i++)
    puts (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->path);
  return lodge_progress_check (progress, error);
}

/* The values of --root-password-hash in the words of the command line, none owned. */
static GPtrArray *
find_hashes (int argc, char **argv)
{
  static const char option[] = "--root-password-hash";
  GPtrArray *hashes = g_ptr_array_new ();

  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      if (strcmp (argv[i], option) == 0 && i + 1 < argc)
        g_ptr_array_add (hashes, argv[++i]);
      else if (g_str_has_prefix (argv[i], option) && argv[i][strlen (option)] == '=')
        g_ptr_array_add (hashes, argv[i] + sizeof option);
    }
  return hashes;
}

static gboolean
build (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_auto (Words) words = { NULL };
  g_autoptr (LodgePaths) paths = NULL;
  g_autoptr (LodgeTemplate) template = NULL;
  g_autoptr (LodgeBuildOptions) options = NULL;
  g_autoptr (LodgeBuildPlan) plan = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *ssh_keys = NULL;
  g_autofree char *answers = NULL;
  g_autoptr (GPtrArray) hashes = find_hashes (argc, argv);
  gboolean help_shown;

  if (!parse_words (&words, &argc, argv, &help_shown, error))
    return FALSE;
  /* Everybody can read the arguments of a process, and a build takes minutes. */
  for (guint i = 0; i < hashes->len; i++)
    {
      char *hash = g_ptr_array_index (hashes, i);

      memset (hash, '*', strlen (hash));
    }
  if (help_shown)
    return TRUE;
  paths = lodge_paths_find (error);
  if (paths == NULL)
    return FALSE;
  template = lodge_template_load (paths->templates, argv[1], error);
  if (template == NULL)
    return FALSE;
  options = make_options (&words, template, cancellable, error);
  if (options == NULL || !read_answers (options->answers, &answers, error)
      || !lodge_command_check_file ("--firstboot", options->firstboot,
                                    "the path of a package that lodge package made", error))
    return FALSE;
  for (guint i = 0; options->ssh_key_files != NULL && options->ssh_key_files[i] != NULL; i++)
    if (!lodge_command_check_file ("--ssh-key", options->ssh_key_files[i],
                                   "the path of a public key, such as ~/.ssh/id_ed25519.pub",
                                   error))
      return FALSE;
  ssh_keys = lodge_ssh_keys_read ((const char *const *)options->ssh_key_files, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  plan = lodge_build_plan_make (template, options, ssh_keys, answers, error);
  if (plan == NULL || !check_place (options->output, error))
    return FALSE;
  if (options->dry_run)
    return show_plan (plan, error);
  return run_plan (plan, paths, cancellable, error);
}

/* Whether --json is among the options: for errors in the others, too. */
static gboolean
wants_json (char **argv)
{
  for (guint i = 1; argv[i] != NULL && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--json") == 0)
      return TRUE;
  return FALSE;
}

gboolean
lodge_command_build (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  gboolean json = wants_json (argv);
  GError *failure = NULL;

  if (build (argc, argv, cancellable, &failure))
    return TRUE;
  if (json)
    tell_failure (failure);
  g_propagate_error (error, failure);
  return FALSE;
}
