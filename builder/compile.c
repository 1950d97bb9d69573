/* Compiling lodge-firstboot for the release that the image is made of.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The release's own compiler and libraries are unpacked into a directory, not installed: nothing of
 * it is ever configured, and nobody but the caller needs to own it.  It stays in the cache, so that
 * a change in lodge-firstboot costs no more than compiling it.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/debian-tree.h"
#include "builder/family-debian.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

#define TOOLCHAINS "toolchains"
#define PROGRAMS "programs"

/* As seen inside. */
#define SOURCE "/run/lodge/source"
#define OUTPUT "/run/lodge/build"

static const char *const programs[] = { "lodge-firstboot", "lodge-proof-init" };

/* Nothing that a compiler reads. */
static const char *const useless[]
    = { "usr/share/doc",     "usr/share/info",    "usr/share/locale",  "usr/share/man",
        "usr/share/gir-1.0", "usr/share/gtk-doc", "usr/share/zoneinfo" };

/* --- the toolchain --- */

static const LodgePackage *
find_package (const GPtrArray *packages, const char *name)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (packages, i);

      if (g_str_equal (package->name, name))
        return package;
    }
  return NULL;
}

static gboolean
extract_one (const LodgeBuild *build, const char *name, const char *directory, GError **error)
{
  const LodgePackage *package = find_package (build->build_packages, name);
  g_autofree char *path = NULL;
  g_autofree char *output = NULL;
  const char *argv[] = { "dpkg-deb", "--extract", NULL, directory, NULL };

  if (package == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "the build packages lack %s", name);
  path = lodge_cache_package_path (build->cache, package->sha256);
  argv[2] = path;
  output = lodge_run (argv, NULL, build->cancellable, error);
  return output != NULL;
}

static gboolean
extract_all (const LodgeBuild *build, const char *directory, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *processes = g_strdup_printf ("--max-procs=%u", g_get_num_processors ());
  const char *const argv[]
      = { "xargs", "--delimiter=\\n", processes, "--replace={}", "dpkg-deb", "--extract",
          "{}",    directory,         NULL };
  g_autofree char *output = NULL;

  for (guint i = 0; i < build->build_packages->len; i++)
    {
      const LodgePackage *package = g_ptr_array_index (build->build_packages, i);
      g_autofree char *path = lodge_cache_package_path (build->cache, package->sha256);

      g_string_append_printf (list, "%s\n", path);
    }
  output = lodge_run (argv, list->str, build->cancellable, error);
  return output != NULL;
}

static gboolean
make_toolchain (const LodgeBuild *build, const char *directory, GError **error)
{
  if (g_mkdir (directory, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", directory);
  /* base-files has the links of the merged /usr, through which the others are unpacked. */
  if (!extract_one (build, "base-files", directory, error)
      || !extract_all (build, directory, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (useless); i++)
    {
      g_autofree char *path = g_build_filename (directory, useless[i], NULL);

      if (!lodge_remove_tree (path, error))
        return FALSE;
    }
  return TRUE;
}

/* The toolchain's directory: the cached one, or a new one below TEMPORARY. */
static char *
get_toolchain (const LodgeBuild *build, const char *temporary, GError **error)
{
  g_autofree char *key = lodge_debian_toolchain_key (build);
  g_autofree char *path = g_build_filename (temporary, "toolchain", NULL);
  char *cached
      = build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, TOOLCHAINS, key);

  if (cached != NULL)
    return cached;
  if (!make_toolchain (build, path, error))
    {
      g_prefix_error (error, "unpack the compiler: ");
      return NULL;
    }
  if (build->plan->options->no_cache)
    return g_steal_pointer (&path);
  if (!lodge_cache_keep (build->cache, TOOLCHAINS, key, path, error))
    return NULL;
  return lodge_cache_find (build->cache, TOOLCHAINS, key);
}

/* --- the programs --- */

static gboolean
run_inside (const LodgeBuild *build, const char *toolchain, const char *output,
            LodgeSandboxLog *log, const char *const *argv, GError **error)
{
  g_autoptr (GPtrArray) binds = g_ptr_array_new_with_free_func (g_free);
  LodgeSandbox sandbox
      = { .helper = build->helper, .root = toolchain, .tree = TRUE, .binds = binds };

  g_ptr_array_add (binds, g_strconcat (build->source, ":" SOURCE ":ro", NULL));
  g_ptr_array_add (binds, g_strconcat (output, ":" OUTPUT, NULL));
  return lodge_sandbox_log_run (log, &sandbox, argv, build->cancellable, error);
}

static gboolean
make_programs (const LodgeBuild *build, const char *toolchain, const char *output, GError **error)
{
  g_autofree char *jobs = g_strdup_printf ("--jobs=%u", g_get_num_processors ());
  g_autofree char *log_name = g_strconcat (build->plan->template->name, "-compile.log", NULL);
  g_autofree char *log_path = g_build_filename (build->cache, "logs", log_name, NULL);
  /* CC: "cc" is a link that only a configured gcc has. */
  const char *const compile[]
      = { "make", "--directory=" SOURCE, "BUILD=" OUTPUT, "CC=gcc", jobs, "firstboot", NULL };
  const char *const strip[]
      = { "strip", "--strip-debug", OUTPUT "/lodge-firstboot", OUTPUT "/lodge-proof-init", NULL };
  g_autoptr (LodgeSandboxLog) log = NULL;

  if (g_mkdir (output, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", output);
  log = lodge_sandbox_log_new (log_path, error);
  return log != NULL && run_inside (build, toolchain, output, log, compile, error)
         && run_inside (build, toolchain, output, log, strip, error);
}

static gboolean
copy_programs (const char *from, const char *to, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *source = g_build_filename (from, programs[i], NULL);
      g_autofree char *target = g_build_filename (to, programs[i], NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (!g_file_get_contents (source, &text, &length, error)
          || !lodge_file_replace (target, text, (gssize)length, 0755, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
store_programs (const LodgeBuild *build, const char *key, const char *output, const char *temporary,
                GError **error)
{
  g_autofree char *copy = g_build_filename (temporary, "programs", NULL);

  if (build->plan->options->no_cache)
    return TRUE;
  if (g_mkdir (copy, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", copy);
  return copy_programs (output, copy, error)
         && lodge_cache_keep (build->cache, PROGRAMS, key, copy, error);
}

static gboolean
compile_new (const LodgeBuild *build, const char *key, const char *temporary, const char *directory,
             GError **error)
{
  g_autofree char *output = g_build_filename (temporary, "build", NULL);
  g_autofree char *toolchain = get_toolchain (build, temporary, error);

  return toolchain != NULL && make_programs (build, toolchain, output, error)
         && copy_programs (output, directory, error)
         && store_programs (build, key, output, temporary, error);
}

char *
lodge_debian_find_programs (const LodgeBuild *build, const char *key)
{
  return build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, PROGRAMS, key);
}

gboolean
lodge_debian_has_toolchain (const LodgeBuild *build)
{
  g_autofree char *key = lodge_debian_toolchain_key (build);
  g_autofree char *found
      = build->plan->options->no_cache ? NULL : lodge_cache_find (build->cache, TOOLCHAINS, key);

  return found != NULL;
}

gboolean
lodge_debian_compile (LodgeBuild *build, const char *directory, GError **error)
{
  g_autofree char *key = lodge_debian_programs_key (build, error);
  g_autofree char *cached = NULL;
  g_autofree char *temporary = NULL;
  gboolean done;

  if (key == NULL)
    return FALSE;
  cached = lodge_debian_find_programs (build, key);
  if (cached != NULL)
    return copy_programs (cached, directory, error);
  temporary = lodge_cache_make_temporary (build->cache, error);
  if (temporary == NULL)
    return FALSE;
  done = compile_new (build, key, temporary, directory, error);
  lodge_remove_tree (temporary, NULL);
  return done;
}
