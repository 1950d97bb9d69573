/* Compiling lodge-firstboot for a release.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The toolchain's packages are unpacked, not installed: a compiler needs no configuration, and
 * nothing of them runs outside the sandbox.
 */
#include "builder/compile.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/cache.h"
#include "builder/hash-inputs.h"
#include "builder/sandbox.h"
#include "common/error.h"
#include "common/file.h"

/* Raised when the same packages and sources would give other files than before. */
#define RECIPE "1"

static const char *const programs[] = { "lodge-firstboot", "lodge-proof-init" };

static char *
hash_toolchain (const LodgeBuild *build)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_text (checksum, "recipe", RECIPE);
  for (guint i = 0; i < build->build_packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->build_packages, i);

      lodge_hash_add_text (checksum, "package", package->sha256);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static char *
hash_programs (const LodgeBuild *build, const char *toolchain, GError **error)
{
  static const char *const sources[] = { "common", "firstboot", "Makefile" };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_text (checksum, "toolchain", toolchain);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autofree char *path = g_build_filename (build->source, sources[i], NULL);

      if (!lodge_hash_add_tree (checksum, path, error))
        return NULL;
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
unpack_packages (LodgeBuild *build, const char *const *first, gboolean now_first,
                 LodgeUnpackFunction unpack, const char *directory, GError **error)
{
  for (guint i = 0; i < build->build_packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->build_packages, i);
      g_autofree char *path = NULL;

      if (g_strv_contains (first, package->name) != now_first)
        continue;
      path = lodge_cache_package_path (build->cache, package->sha256);
      if (g_cancellable_set_error_if_cancelled (build->cancellable, error))
        return FALSE;
      if (!unpack (build, path, directory, error))
        {
          g_prefix_error (error, "unpack %s %s for the compiler: ", package->name,
                          package->version);
          return FALSE;
        }
    }
  return TRUE;
}

/* Returns the directory that holds the toolchain; free with g_free. */
static char *
get_toolchain (LodgeBuild *build, const char *key, const char *const *first,
               LodgeUnpackFunction unpack, GError **error)
{
  g_autofree char *found = lodge_cache_find (build->cache, "toolchains", key);
  g_autofree char *temporary = NULL;

  if (found != NULL)
    return g_steal_pointer (&found);
  temporary = lodge_cache_make_temporary (build->cache, error);
  if (temporary == NULL)
    return NULL;
  if (!unpack_packages (build, first, TRUE, unpack, temporary, error)
      || !unpack_packages (build, first, FALSE, unpack, temporary, error)
      || !lodge_cache_keep (build->cache, "toolchains", key, temporary, error))
    {
      (void)lodge_sandbox_remove (build->helper, temporary, NULL);
      return NULL;
    }
  return lodge_cache_find (build->cache, "toolchains", key);
}

/* What the compiler said: all of it for the log, the first error for the message. */
typedef struct
{
  GString *log;
  char *complaint;
} Words;

static void
words_clear (Words *words)
{
  g_string_free (words->log, TRUE);
  g_free (words->complaint);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static void
hear (const char *line, gpointer data)
{
  Words *words = data;

  g_string_append_printf (words->log, "%s\n", line);
  if (words->complaint == NULL && strstr (line, "error:") != NULL)
    words->complaint = g_strdup (line);
}

static gboolean
run_make (LodgeBuild *build, const char *toolchain, const char *output, GError **error)
{
  static const char *const argv[] = { "make",
                                      "-C",
                                      "/source",
                                      "-j2",
                                      "BUILD=/output",
                                      "CC=gcc",
                                      "OPTIMIZE=-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong",
                                      "firstboot",
                                      NULL };
  g_auto (Words) words = { .log = g_string_new (NULL) };
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *log = g_build_filename (build->cache, "logs", "compile.log", NULL);
  LodgeSandbox sandbox = {
    .helper = build->helper, .root = toolchain, .binds = binds, .directory = "/", .tree = TRUE
  };
  g_autoptr (GError) failure = NULL;

  g_ptr_array_add (binds, g_strdup_printf ("%s:/source:ro", build->source));
  g_ptr_array_add (binds, g_strdup_printf ("%s:/output", output));
  if (lodge_sandbox_run (&sandbox, argv, hear, &words, build->cancellable, &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  /* The log is help, not the result: when it cannot be written the error still says what failed. */
  if (!lodge_file_replace (log, words.log->str, -1, 0644, NULL))
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s",
                            words.complaint != NULL ? words.complaint : failure->message);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s (all the compiler said is in %s)",
                          words.complaint != NULL ? words.complaint : failure->message, log);
}

static gboolean
copy_program (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);

  if (!g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error))
    return FALSE;
  if (g_chmod (to, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make %s executable", to);
  return TRUE;
}

static gboolean
copy_programs (const char *from, const char *to, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *source = g_build_filename (from, programs[i], NULL);
      g_autofree char *target = g_build_filename (to, programs[i], NULL);

      if (!copy_program (source, target, error))
        return FALSE;
    }
  return TRUE;
}

/* Objects stay out of the cache: OUTPUT holds them and the programs. */
static gboolean
make_programs (LodgeBuild *build, const char *toolchain, const char *key, const char *output,
               GError **error)
{
  g_autofree char *kept = NULL;

  if (!run_make (build, toolchain, output, error))
    return FALSE;
  kept = lodge_cache_make_temporary (build->cache, error);
  return kept != NULL && copy_programs (output, kept, error)
         && lodge_cache_keep (build->cache, "programs", key, kept, error);
}

gboolean
lodge_compile (LodgeBuild *build, const char *const *first, LodgeUnpackFunction unpack,
               const char *directory, GError **error)
{
  g_autofree char *toolchain_key = hash_toolchain (build);
  g_autofree char *key = hash_programs (build, toolchain_key, error);
  g_autofree char *found = NULL;
  g_autofree char *toolchain = NULL;
  g_autofree char *output = NULL;
  gboolean made;

  if (key == NULL)
    return FALSE;
  found = lodge_cache_find (build->cache, "programs", key);
  if (found != NULL)
    return copy_programs (found, directory, error);
  toolchain = get_toolchain (build, toolchain_key, first, unpack, error);
  if (toolchain == NULL)
    return FALSE;
  output = lodge_cache_make_temporary (build->cache, error);
  if (output == NULL)
    return FALSE;
  made = make_programs (build, toolchain, key, output, error);
  if (!lodge_sandbox_remove (build->helper, output, made ? error : NULL) || !made)
    return FALSE;
  found = lodge_cache_find (build->cache, "programs", key);
  if (found == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the cache in %s lost what was just put there; is something else "
                            "emptying it?",
                            build->cache);
  return copy_programs (found, directory, error);
}
