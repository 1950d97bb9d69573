/* Builds of the RPM family in tests: from a signed repository on this machine, without an image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/cache.h"
#include "builder/el-tree.h"
#include "builder/paths.h"
#include "tests/unit/fixture.h"

typedef struct
{
  char *top;
  char *standin; /* the repository: 1/, RPM-GPG-KEY-…, fingerprint */
  LodgePaths *paths;
  LodgeTemplate *template;
  LodgeBuildOptions *options;
  LodgeBuildPlan *plan;
  LodgeBuild build;
} Fixture;

static inline void
package_free (gpointer package)
{
  lodge_package_free (package);
}

static inline void
write_text (const char *directory, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);

  lodge_file_replace (path, text, -1, 0644, &error);
  g_assert_no_error (error);
}

/* centos-stream-9 with the stand-in's key: the only difference. */
static inline void
make_template (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_build_filename (fixture->top, "stand-in", NULL);
  g_autofree char *key_path = g_build_filename (fixture->standin, "fingerprint", NULL);
  g_autofree char *fingerprint = lodge_file_read (key_path, 1024, NULL, &error);
  g_autofree char *original = top_file ("templates/centos-stream-9/template.conf");
  g_autofree char *absolute = g_canonicalize_filename (original, NULL);
  g_autofree char *path = g_build_filename (directory, "template.conf", NULL);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strdup_printf ("[Template]\nDescription=stand-in\nInclude=%s no-key.conf\n"
                          "[Distribution]\nFingerprints=%s\n",
                          absolute, g_strstrip (fingerprint));
  write_text (directory, "no-key.conf", "[Distribution]\nFingerprints=\nKeyUrls=\n");
  write_text (directory, "template.conf", text);
  fixture->template = lodge_template_load (fixture->top, path, &error);
  g_assert_no_error (error);
}

static inline void
make_plan (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *source = g_build_filename (fixture->standin, "1", NULL);
  const char *const sources[] = { source, NULL };

  fixture->options = g_new0 (LodgeBuildOptions, 1);
  fixture->options->template = g_strdup ("stand-in");
  fixture->options->output = g_build_filename (fixture->top, "image.raw", NULL);
  fixture->options->sources = g_strdupv ((char **)sources);
  fixture->options->source_date_epoch = -1;
  fixture->plan = lodge_build_plan_make (fixture->template, fixture->options, "ssh-ed25519 AAAA\n",
                                         NULL, &error);
  g_assert_no_error (error);
}

/* From release 1 of the repository REPOSITORY. */
static inline void
fixture_open (Fixture *fixture, const char *repository)
{
  g_autoptr (GError) error = NULL;
  const char *cache = g_getenv ("LODGE_TEST_CACHE");
  LodgeBuild *build = &fixture->build;

  fixture->top = make_directory ();
  fixture->standin = g_strdup (repository);
  g_assert_cmpint (g_chmod (fixture->top, 0755), ==, 0);
  make_template (fixture);
  make_plan (fixture);
  build->plan = fixture->plan;
  build->progress = lodge_progress_new_for_fd (LODGE_PROGRESS_PLAIN, STDERR_FILENO);
  build->cancellable = g_cancellable_new ();
  build->work = g_build_filename (fixture->top, "work", NULL);
  build->cache = cache != NULL ? g_strdup (cache) : g_build_filename (fixture->top, "cache", NULL);
  g_assert_cmpint (g_mkdir (build->work, 0755), ==, 0);
  lodge_cache_open (build->cache, build->cancellable, build->progress, &error);
  g_assert_no_error (error);
  build->temporary = lodge_cache_make_temporary (build->cache, &error);
  g_assert_no_error (error);
  build->source = top_file ("");
  build->helper = g_build_filename (g_getenv ("LODGE_BUILD"), "lodge-sandbox", NULL);
  build->packages = g_ptr_array_new_with_free_func (package_free);
  build->build_packages = g_ptr_array_new_with_free_func (package_free);
}

static inline void
fixture_close (Fixture *fixture)
{
  LodgeBuild *build = &fixture->build;

  g_object_unref (build->cancellable);
  lodge_progress_free (build->progress);
  g_ptr_array_unref (build->packages);
  g_ptr_array_unref (build->build_packages);
  remove_directory (build->temporary);
  g_free (build->temporary);
  g_free (build->root_key);
  g_free (build->work);
  g_free (build->cache);
  g_free (build->source);
  g_free (build->helper);
  lodge_build_plan_free (fixture->plan);
  lodge_build_options_free (fixture->options);
  lodge_template_free (fixture->template);
  remove_directory (fixture->top);
  g_free (fixture->top);
  g_free (fixture->standin);
}

/* A server of files below DIRECTORY on loopback; *URL is its address. */
static inline GSubprocess *
serve (const char *directory, char **url)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *server = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, "python3", "-u",
      "-m", "http.server", "--bind", "127.0.0.1", "--directory", directory, "0", NULL);
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  char *port;

  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  port = strstr (line, " port ");
  g_assert_nonnull (port);
  *url = g_strdup_printf ("http://127.0.0.1:%d", atoi (port + strlen (" port ")));
  return server;
}

/* --- of the stand-in --- */

/* Says so as TAP when there is none. */
static inline gboolean
standin_is_missing (void)
{
  if (g_getenv ("LODGE_STANDIN") != NULL && g_getenv ("LODGE_BUILD") != NULL)
    return FALSE;
  g_print ("1..0 # SKIP LODGE_STANDIN does not name the stand-in repository (make check-el)\n");
  return TRUE;
}

static inline void
standin_set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture_open (fixture, g_getenv ("LODGE_STANDIN"));
}

static inline void
standin_tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture_close (fixture);
}
