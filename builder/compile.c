/* Compiling lodge-firstboot for a release.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The toolchain's packages are unpacked, not installed: a compiler needs no configuration, and
 * nothing of them runs outside the sandbox.  Unpacking runs nothing of them; the family does it
 * (Debian's in a sandbox of its own, see debian-unpack.c).
 */
#include "builder/compile.h"

#include "builder/cache.h"
#include "builder/hash-inputs.h"
#include "builder/recipe.h"
#include "builder/remove.h"
#include "builder/result-file.h"
#include "builder/sandbox-log.h"
#include "common/error.h"
#include "common/file.h"
#include "common/version.h"

static const char *const programs[] = { "lodge-firstboot", "lodge-proof-init" };

static char *
hash_toolchain (const LodgeBuild *build)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_text (checksum, "lodge", LODGE_VERSION);
  lodge_hash_add_text (checksum, "recipe", LODGE_PROGRAMS_RECIPE);
  for (guint i = 0; i < build->build_packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->build_packages, i);

      lodge_hash_add_text (checksum, "package", package->sha256);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
add_sources (GChecksum *checksum, const LodgeBuild *build, GError **error)
{
  static const char *const sources[] = { "common", "firstboot", "Makefile" };

  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autofree char *path = g_build_filename (build->source, sources[i], NULL);

      if (!lodge_hash_add_tree (checksum, path, error))
        return FALSE;
    }
  return TRUE;
}

char *
lodge_compile_hash_sources (const LodgeBuild *build, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  return add_sources (checksum, build, error) ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

char *
lodge_compile_key (const LodgeBuild *build, GError **error)
{
  g_autofree char *toolchain = hash_toolchain (build);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_text (checksum, "toolchain", toolchain);
  if (!add_sources (checksum, build, error))
    return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

/* Packages on their way into a directory, by several threads. */
typedef struct
{
  LodgeBuild *build;
  LodgeUnpackFunction unpack;
  const char *directory;
  GMutex mutex;
  GError *error; /* the first one */
} Unpacking;

static void
unpack_one (gpointer data, gpointer user_data)
{
  const LodgePackage *package = data;
  Unpacking *unpacking = user_data;
  g_autofree char *path = lodge_package_path (unpacking->build, package);
  GError *failure = NULL;

  g_mutex_lock (&unpacking->mutex);
  if (unpacking->error == NULL)
    g_cancellable_set_error_if_cancelled (unpacking->build->cancellable, &unpacking->error);
  if (unpacking->error != NULL)
    {
      g_mutex_unlock (&unpacking->mutex);
      return;
    }
  g_mutex_unlock (&unpacking->mutex);
  if (unpacking->unpack (unpacking->build, path, unpacking->directory, &failure))
    return;
  g_prefix_error (&failure, "unpack %s %s for the compiler: ", package->name, package->version);
  g_mutex_lock (&unpacking->mutex);
  if (unpacking->error == NULL)
    unpacking->error = g_steal_pointer (&failure);
  g_mutex_unlock (&unpacking->mutex);
  g_clear_error (&failure);
}

/* Those in FIRST, or all others, as many at once as there are processors. */
static gboolean
unpack_packages (Unpacking *unpacking, const char *const *first, gboolean now_first, GError **error)
{
  const GPtrArray *packages = unpacking->build->build_packages;
  GThreadPool *pool
      = g_thread_pool_new (unpack_one, unpacking, (int)g_get_num_processors (), TRUE, error);

  if (pool == NULL)
    return FALSE;
  for (guint i = 0; i < packages->len; i++)
    {
      LodgePackage *package = g_ptr_array_index (packages, i);

      if (g_strv_contains (first, package->name) == now_first)
        g_thread_pool_push (pool, package, NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  if (unpacking->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&unpacking->error));
  return FALSE;
}

/* Nothing that a compiler reads. */
static gboolean
remove_useless (const char *directory, GError **error)
{
  static const char *const useless[]
      = { "usr/share/doc",    "usr/share/gir-1.0", "usr/share/gtk-doc", "usr/share/info",
          "usr/share/locale", "usr/share/man",     "usr/share/zoneinfo" };

  for (gsize i = 0; i < G_N_ELEMENTS (useless); i++)
    {
      g_autofree char *path = g_build_filename (directory, useless[i], NULL);

      if (!lodge_remove_tree (path, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_toolchain (LodgeBuild *build, const char *const *first, LodgeUnpackFunction unpack,
                const char *directory, GError **error)
{
  Unpacking unpacking = { .build = build, .unpack = unpack, .directory = directory };
  gboolean done;

  g_mutex_init (&unpacking.mutex);
  done = unpack_packages (&unpacking, first, TRUE, error)
         && unpack_packages (&unpacking, first, FALSE, error) && remove_useless (directory, error);
  g_mutex_clear (&unpacking.mutex);
  return done;
}

static char *
find_cached (const LodgeBuild *build, const char *kind, const char *key)
{
  return build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, kind, key);
}

/* Moves PATH, WHAT for the message, into the cache.  A cache that is full is no reason to fail:
 * PATH stays where it is then. */
static void
keep (const LodgeBuild *build, const char *kind, const char *what, const char *key,
      const char *path)
{
  g_autoptr (GError) failure = NULL;

  if (!build->plan->options->no_cache
      && !lodge_cache_keep (build->cache, kind, key, path, &failure))
    lodge_progress_note (build->progress, "%s not kept for later builds: %s", what,
                         failure->message);
}

/* Returns the directory that holds the toolchain, the cached one or one below TEMPORARY; free with
 * g_free. */
static char *
get_toolchain (LodgeBuild *build, const char *key, const char *const *first,
               LodgeUnpackFunction unpack, const char *temporary, GError **error)
{
  char *found = find_cached (build, "toolchains", key);
  g_autofree char *made = g_build_filename (temporary, "toolchain", NULL);

  if (found != NULL)
    return found;
  if (!lodge_file_make_directory (made, 0755, error)
      || !make_toolchain (build, first, unpack, made, error))
    return NULL;
  keep (build, "toolchains", "the compiler is", key, made);
  if (g_file_test (made, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&made);
  return g_build_filename (build->cache, "toolchains", key, NULL);
}

static gboolean
run_make (LodgeBuild *build, const char *toolchain, const char *output, GError **error)
{
  g_autofree char *jobs = g_strdup_printf ("-j%u", g_get_num_processors ());
  /* CC: "cc" is a link that only a configured compiler has. */
  const char *const argv[] = { "make",
                               "-C",
                               "/run/lodge/source",
                               jobs,
                               "BUILD=/run/lodge/output",
                               "CC=gcc",
                               "OPTIMIZE=-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong",
                               "firstboot",
                               NULL };
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path
      = lodge_cache_log_path (build->cache, build->plan->template->name, "compile");
  g_autoptr (LodgeSandboxLog) log = lodge_sandbox_log_new (path, error);
  LodgeSandbox sandbox
      = { .helper = build->helper, .root = toolchain, .binds = binds, .tree = TRUE };

  /* Below /run, which is not the toolchain's own but made anew in each sandbox. */
  g_ptr_array_add (binds, g_strdup_printf ("%s:/run/lodge/source:ro", build->source));
  g_ptr_array_add (binds, g_strdup_printf ("%s:/run/lodge/output", output));
  return log != NULL && lodge_sandbox_log_run (log, &sandbox, argv, build->cancellable, error);
}

static gboolean
copy_programs (const char *from, const char *to, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *source = g_build_filename (from, programs[i], NULL);
      g_autofree char *target = g_build_filename (to, programs[i], NULL);

      if (!lodge_result_copy (source, target, 0755, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* Puts a copy into the cache; the objects beside the programs are not worth it. */
static void
keep_programs (const LodgeBuild *build, const char *key, const char *output, const char *temporary)
{
  g_autofree char *copy = g_build_filename (temporary, "programs", NULL);
  g_autoptr (GError) failure = NULL;

  if (build->plan->options->no_cache)
    return;
  if (lodge_file_make_directory (copy, 0755, &failure) && copy_programs (output, copy, &failure))
    keep (build, "programs", "lodge-firstboot is", key, copy);
  else
    lodge_progress_note (build->progress, "lodge-firstboot is not kept for later builds: %s",
                         failure->message);
}

static gboolean
make_programs (LodgeBuild *build, const char *toolchain, const char *key, const char *temporary,
               const char *directory, GError **error)
{
  g_autofree char *output = g_build_filename (temporary, "output", NULL);

  if (!lodge_file_make_directory (output, 0755, error)
      || !run_make (build, toolchain, output, error) || !copy_programs (output, directory, error))
    return FALSE;
  keep_programs (build, key, output, temporary);
  return TRUE;
}

gboolean
lodge_compile_needs_packages (const LodgeBuild *build, gboolean *needs, GError **error)
{
  g_autofree char *toolchain_key = hash_toolchain (build);
  g_autofree char *key = lodge_compile_key (build, error);
  g_autofree char *programs_found = key != NULL ? find_cached (build, "programs", key) : NULL;
  g_autofree char *toolchain_found = find_cached (build, "toolchains", toolchain_key);

  *needs = build->plan->options->firstboot == NULL && programs_found == NULL
           && toolchain_found == NULL;
  return key != NULL;
}

gboolean
lodge_compile (LodgeBuild *build, const char *const *first, LodgeUnpackFunction unpack,
               const char *directory, GError **error)
{
  g_autofree char *toolchain_key = hash_toolchain (build);
  g_autofree char *key = lodge_compile_key (build, error);
  g_autofree char *found = NULL;
  g_autofree char *toolchain = NULL;
  g_autofree char *temporary = NULL;
  gboolean made;

  if (key == NULL)
    return FALSE;
  found = find_cached (build, "programs", key);
  if (found != NULL)
    return copy_programs (found, directory, error);
  temporary = lodge_cache_make_temporary (build->cache, error);
  if (temporary == NULL)
    return FALSE;
  toolchain = get_toolchain (build, toolchain_key, first, unpack, temporary, error);
  made = toolchain != NULL && make_programs (build, toolchain, key, temporary, directory, error);
  return lodge_remove_tree (temporary, made ? error : NULL) && made;
}
