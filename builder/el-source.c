/* Sources of RPM packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/el-source.h"

#include <glib/gstdio.h>
#include <string.h>

#include "builder/iso.h"
#include "common/error.h"
#include "common/syntax.h"

#define REPOMD "repodata/repomd.xml"

/* Below a source, with %R for the repository's name: as mirrors have it, as DVDs have it. */
static const char *const layouts[] = { "%R/x86_64/os", "%R" };

static void
repository_free (gpointer data)
{
  LodgeElRepository *repository = data;

  g_free (repository->id);
  g_free (repository->name);
  g_free (repository->url);
  g_free (repository->shown);
  g_free (repository->directory);
  g_free (repository->iso);
  g_free (repository->prefix);
  g_free (repository);
}

void
lodge_el_sources_free (LodgeElSources *sources)
{
  if (sources == NULL)
    return;
  g_ptr_array_unref (sources->repositories);
  g_ptr_array_unref (sources->key_directories);
  g_ptr_array_unref (sources->key_urls);
  g_free (sources);
}

/* PATTERN with %R and %r replaced by NAME and NAME in lower case. */
static char *
expand (const char *pattern, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_auto (GStrv) as_is = g_strsplit (pattern, "%R", -1);
  g_autofree char *first = g_strjoinv (name, as_is);
  g_auto (GStrv) lowered = g_strsplit (first, "%r", -1);

  return g_strjoinv (lower, lowered);
}

/* How many of SOURCES' repositories are called NAME. */
static guint
count_named (const LodgeElSources *sources, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < sources->repositories->len; i++)
    if (strcmp (((LodgeElRepository *)g_ptr_array_index (sources->repositories, i))->name, name)
        == 0)
      count++;
  return count;
}

static LodgeElRepository *
add_repository (LodgeElSources *sources, const char *name, gboolean compile, const char *key,
                char *url)
{
  LodgeElRepository *repository = g_new0 (LodgeElRepository, 1);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  guint before = count_named (sources, name);

  repository->id = before == 0 ? g_strdup (lower) : g_strdup_printf ("%s-%u", lower, before + 1);
  repository->name = g_strdup (name);
  repository->compile = compile;
  repository->key = key;
  repository->url = url;
  repository->shown = lodge_url_without_login (url);
  g_ptr_array_add (sources->repositories, repository);
  return repository;
}

/* The template's own lists of mirrors. */
static void
add_mirrors (LodgeElSources *sources, const LodgeTemplate *template, const char *name,
             gboolean compile)
{
  gboolean metalink = template->metalink != NULL;

  add_repository (sources, name, compile, metalink ? "metalink" : "mirrorlist",
                  expand (metalink ? template->metalink : template->mirrorlist, name));
}

/* A URL of repositories, and not of the directory that they are in. */
static gboolean
is_pattern (const char *url)
{
  return strstr (url, "%R") != NULL || strstr (url, "%r") != NULL;
}

/* One mirror over the network: what it has is seen when it is asked. */
static void
add_url (LodgeElSources *sources, const char *url, const char *name, gboolean compile)
{
  gboolean slash = g_str_has_suffix (url, "/");
  g_autofree char *below = expand (layouts[0], name);

  add_repository (sources, name, compile, "baseurl",
                  is_pattern (url) ? expand (url, name)
                                   : g_strconcat (url, slash ? "" : "/", below, NULL));
}

/* Whether DIRECTORY has the repository NAME; adds it. */
static gboolean
add_directory (LodgeElSources *sources, const char *directory, const char *name, gboolean compile,
               const char *iso)
{
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    {
      g_autofree char *below = expand (layouts[i], name);
      g_autofree char *path = g_build_filename (directory, below, NULL);
      g_autofree char *repomd = g_build_filename (path, REPOMD, NULL);
      LodgeElRepository *repository;

      if (!g_file_test (repomd, G_FILE_TEST_IS_REGULAR))
        continue;
      repository = add_repository (sources, name, compile, "baseurl",
                                   g_filename_to_uri (path, NULL, NULL));
      repository->directory = g_steal_pointer (&path);
      repository->iso = g_strdup (iso);
      repository->prefix = g_strconcat (below, "/", NULL);
      return TRUE;
    }
  return FALSE;
}

/* The names of the repositories that compiling alone needs; none when nothing is compiled. */
static char **
compile_names (const LodgeBuildPlan *plan)
{
  static char *none[] = { NULL };

  return plan->options->firstboot != NULL ? none : plan->template->build_repositories;
}

/* --- what the user named --- */

typedef struct
{
  const LodgeBuildPlan *plan;
  LodgeElSources *sources;
  const char *directory; /* for images' metadata */
  GCancellable *cancellable;
} Finder;

static gboolean
add_names (const Finder *finder, const char *directory, const char *iso, char **names,
           gboolean compile)
{
  gboolean any = FALSE;

  for (; *names != NULL; names++)
    any = add_directory (finder->sources, directory, *names, compile, iso) || any;
  return any;
}

static gboolean
find_in_directory (const Finder *finder, const char *source, const char *directory, const char *iso,
                   GError **error)
{
  const LodgeTemplate *template = finder->plan->template;
  gboolean main = add_names (finder, directory, iso, template->repositories, FALSE);
  gboolean compile = add_names (finder, directory, iso, compile_names (finder->plan), TRUE);
  g_autofree char *names = g_strjoinv (", ", template->repositories);

  g_ptr_array_add (finder->sources->key_directories, g_strdup (directory));
  if (main || compile)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "--source %s has none of the repositories of %s (%s): no file "
                          "REPOSITORY/x86_64/os/" REPOMD " or REPOSITORY/" REPOMD " is in it",
                          source, template->name, names);
}

static gboolean
find_in_iso (const Finder *finder, const char *source, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (source, NULL);
  g_autofree char *directory
      = lodge_iso_metadata (path, finder->directory, finder->cancellable, error);

  return directory != NULL && find_in_directory (finder, source, directory, path, error);
}

/* A mirror has the keys under the names that the template's own URLs of them end in: with the
 * release, or one level above, as AlmaLinux's and Rocky Linux's own have them. */
static void
add_key_urls (const Finder *finder, const char *source)
{
  g_autofree char *release = g_strdup (source);
  g_autofree char *above = NULL;
  char **url = finder->plan->template->key_urls;

  if (is_pattern (source))
    return;
  while (g_str_has_suffix (release, "/"))
    release[strlen (release) - 1] = '\0';
  above = g_path_get_dirname (release);
  for (; *url != NULL; url++)
    {
      g_autofree char *name = g_path_get_basename (*url);

      g_ptr_array_add (finder->sources->key_urls, g_strconcat (release, "/", name, NULL));
      if (strstr (above, "://") != NULL) /* else the release is the server's root */
        g_ptr_array_add (finder->sources->key_urls, g_strconcat (above, "/", name, NULL));
    }
}

static gboolean
find_in_source (const Finder *finder, const char *source, GError **error)
{
  const LodgeTemplate *template = finder->plan->template;
  g_autofree char *path = NULL;
  g_autofree char *shown = NULL;

  if (g_str_has_prefix (source, "http://") || g_str_has_prefix (source, "https://"))
    {
      for (char **name = template->repositories; *name != NULL; name++)
        add_url (finder->sources, source, *name, FALSE);
      for (char **name = compile_names (finder->plan); *name != NULL; name++)
        add_url (finder->sources, source, *name, TRUE);
      add_key_urls (finder, source);
      return TRUE;
    }
  path = g_str_has_prefix (source, "file://") ? g_filename_from_uri (source, NULL, error)
                                              : g_canonicalize_filename (source, NULL);
  if (path == NULL)
    return FALSE;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return find_in_directory (finder, source, path, NULL, error);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return find_in_iso (finder, path, error);
  shown = lodge_url_without_login (source);
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "--source %s: expected a directory, an ISO image or an http URL", shown);
}

/* --- is it enough --- */

/* What the user named, as he wrote it, but for passwords. */
static char *
list_given (const LodgeBuildOptions *options)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  char **source = options->sources;

  if (options->mirror != NULL)
    g_ptr_array_add (words, lodge_url_without_login (options->mirror));
  for (; source != NULL && *source != NULL; source++)
    g_ptr_array_add (words, lodge_url_without_login (*source));
  g_ptr_array_add (words, NULL);
  return g_strjoinv (", ", (char **)words->pdata);
}

static gboolean
check_name (const Finder *finder, const char *name, gboolean compile, GError **error)
{
  g_autofree char *given = NULL;

  if (count_named (finder->sources, name) > 0)
    return TRUE;
  given = list_given (finder->plan->options);
  if (compile)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "%s has no repository %s, which compiling lodge-firstboot needs and "
                            "installation DVDs do not have; add a source that has it, as "
                            "--source URL of a mirror, or give --firstboot FILE, a package that "
                            "\"lodge package %s\" makes where a mirror can be reached",
                            given, name, finder->plan->template->name);
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "%s has no repository %s; add a source that has it with another "
                          "--source",
                          given, name);
}

static gboolean
check_all (const Finder *finder, GError **error)
{
  const LodgeTemplate *template = finder->plan->template;

  for (char **name = template->repositories; *name != NULL; name++)
    if (!check_name (finder, *name, FALSE, error))
      return FALSE;
  for (char **name = compile_names (finder->plan); *name != NULL; name++)
    if (!check_name (finder, *name, TRUE, error))
      return FALSE;
  return TRUE;
}

static gboolean
find_all (const Finder *finder, GError **error)
{
  const LodgeTemplate *template = finder->plan->template;
  const LodgeBuildOptions *options = finder->plan->options;
  char **source = options->sources;

  if (options->mirror != NULL && !find_in_source (finder, options->mirror, error))
    return FALSE;
  for (; source != NULL && *source != NULL; source++)
    if (!find_in_source (finder, *source, error))
      return FALSE;
  if (finder->sources->repositories->len > 0)
    return check_all (finder, error);
  for (char **name = template->repositories; *name != NULL; name++)
    add_mirrors (finder->sources, template, *name, FALSE);
  for (char **name = compile_names (finder->plan); *name != NULL; name++)
    add_mirrors (finder->sources, template, *name, TRUE);
  return TRUE;
}

LodgeElSources *
lodge_el_sources_find (const LodgeBuildPlan *plan, const char *directory, GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (LodgeElSources) sources = g_new0 (LodgeElSources, 1);
  Finder finder
      = { .plan = plan, .sources = sources, .directory = directory, .cancellable = cancellable };

  sources->repositories = g_ptr_array_new_with_free_func (repository_free);
  sources->key_directories = g_ptr_array_new_with_free_func (g_free);
  sources->key_urls = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (sources->key_directories, g_strdup (plan->template->directory));
  return find_all (&finder, error) ? g_steal_pointer (&sources) : NULL;
}

char *
lodge_el_repository_format (const LodgeElRepository *repository, const char *key)
{
  return g_strdup_printf ("[%s]\n"
                          "name=%s\n"
                          "%s=%s\n"
                          "enabled=1\n"
                          "gpgcheck=1\n"
                          "repo_gpgcheck=%d\n"
                          "gpgkey=file://%s\n"
                          "skip_if_unavailable=0\n",
                          repository->id, repository->name, repository->key, repository->url,
                          repository->whole ? 0 : 1, key);
}
