/* A private apt.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "builder/apt-config.h"
#include "builder/apt-date.h"
#include "builder/apt-index.h"
#include "builder/apt-keyring.h"
#include "builder/apt-lists.h"
#include "builder/apt-memo.h"
#include "builder/apt-private.h"
#include "builder/apt-text.h"
#include "builder/cache.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

/* Written when all lists were got and checked. */
#define STAMP "complete"

void
lodge_apt_free (LodgeApt *apt)
{
  if (apt == NULL)
    return;
  if (apt->lock >= 0)
    close (apt->lock);
  lodge_apt_mirror_free (apt->mirror);
  g_free (apt->directory);
  g_free (apt->config);
  g_free (apt->logins);
  g_free (apt->helper);
  g_free (apt->keyring);
  g_free (apt->missing_keys);
  g_free (apt);
}

/* Lists of one mirror and set of suites are kept together, as far as they were checked with the
 * same keys: a key that the template trusts no more gives no lists. */
static char *
lists_key (const LodgeAptMirror *mirror, const LodgeTemplate *template)
{
  g_autofree char *sources = lodge_apt_config_sources (mirror, template);
  g_autofree char *fingerprints = g_strjoinv (" ", template->fingerprints);
  g_autofree char *text = g_strconcat (sources, fingerprints, NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (hash, 16);
}

static gboolean
make_directories (const LodgeApt *apt, GError **error)
{
  static const char *const names[]
      = { "state", "lists/partial", "cache/archives/partial", "log", "etc", "keys", "gnupg" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (apt->directory, names[i], NULL);

      if (g_mkdir_with_parents (path, 0700) != 0)
        return lodge_error_set_errno (error, errno, "make the directory %s", path);
    }
  /* It is used: the cache keeps the newest. */
  utimensat (AT_FDCWD, apt->directory, NULL, 0);
  return TRUE;
}

static gboolean
write_keyring (LodgeApt *apt, GError **error)
{
  const LodgeTemplate *template = apt->build->plan->template;
  g_autofree char *gnupg = g_build_filename (apt->directory, "gnupg", NULL);
  g_auto (GStrv) keyrings = lodge_apt_keyring_files ((const char *const *)template->directories);

  return lodge_apt_keyring_make ((const char *const *)keyrings,
                                 (const char *const *)template->fingerprints, gnupg, apt->keyring,
                                 &apt->missing_keys, apt->build->cancellable, error);
}

LodgeApt *
lodge_apt_open (LodgeBuild *build, GError **error)
{
  g_autoptr (LodgeApt) apt = g_new0 (LodgeApt, 1);
  const char *mirror = build->plan->options->mirror;
  g_autofree char *key = NULL;
  g_autofree char *name = NULL;

  apt->build = build;
  apt->lock = -1;
  apt->mirror
      = mirror != NULL ? lodge_apt_mirror_new (mirror, error) : lodge_apt_mirror_find (error);
  if (apt->mirror == NULL)
    return NULL;
  key = lists_key (apt->mirror, build->plan->template);
  apt->directory = g_build_filename (build->cache, "apt", key, NULL);
  apt->config = g_build_filename (build->work, "apt.conf", NULL);
  apt->logins = g_build_filename (build->work, "apt-auth.conf", NULL);
  apt->keyring = g_build_filename (apt->directory, "keys", "lodge.gpg", NULL);
  if (strpbrk (apt->directory, "\"\n") != NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "apt cannot have files in %s, as its name holds a quotation mark or a line "
                       "end; choose another place with --cache",
                       build->cache);
      return NULL;
    }
  if (strpbrk (apt->logins, "\"\n") != NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "apt cannot have files in %s, as its name holds a quotation mark or a line "
                       "end; choose another output with -o",
                       build->work);
      return NULL;
    }
  name = g_strconcat ("apt/", key, ".lock", NULL);
  apt->lock = lodge_cache_lock (build->cache, name, build->progress, build->cancellable, error);
  if (apt->lock < 0 || !make_directories (apt, error) || !lodge_apt_write_configuration (apt, error)
      || !write_keyring (apt, error))
    return NULL;
  return g_steal_pointer (&apt);
}

char *
lodge_apt_image_sources (const LodgeApt *apt)
{
  return lodge_apt_config_image_sources (apt->mirror, apt->build->plan->template);
}

gboolean
lodge_apt_release_date (const LodgeApt *apt, gint64 *seconds, GError **error)
{
  g_autofree char *lists = g_build_filename (apt->directory, "lists", NULL);

  return lodge_apt_date_read (lists, apt->build->plan->template->suites[0], seconds, error);
}

/* When the lists that are there were got, or NULL when there are none. */
static char *
lists_date (const LodgeApt *apt)
{
  g_autofree char *stamp = g_build_filename (apt->directory, STAMP, NULL);
  g_autoptr (GDateTime) date = NULL;
  GStatBuf status;

  if (g_stat (stamp, &status) != 0)
    return NULL;
  date = g_date_time_new_from_unix_local (status.st_mtime);
  return g_date_time_format (date, "%F %R");
}

/* The mirror does not answer, as SENTENCE says: its lists that are there have to do, if they may.
 */
static gboolean
use_old_lists (const LodgeApt *apt, const char *sentence, GError **error)
{
  g_autofree char *date = lists_date (apt);
  g_autofree char *lists = g_build_filename (apt->directory, "lists", NULL);
  g_autofree char *gnupg = g_build_filename (apt->directory, "gnupg", NULL);

  if (date == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the mirror %s does not answer: %s; check the network and proxy, or "
                            "name another one with --mirror URL",
                            apt->mirror->main, sentence);
  if (!lodge_apt_lists_check (lists, g_strv_length (apt->build->plan->template->suites),
                              apt->keyring, apt->ignores_age ? -1 : (gint64)time (NULL), gnupg,
                              apt->build->cancellable, error))
    {
      g_prefix_error (error,
                      "the mirror %s does not answer (%s), and its package lists of %s cannot be "
                      "used without it: ",
                      apt->mirror->main, sentence, date);
      return FALSE;
    }
  lodge_progress_note (apt->build->progress,
                       "the mirror %s does not answer; using its package lists of %s",
                       apt->mirror->main, date);
  return TRUE;
}

static gboolean
explain_update (const LodgeApt *apt, const char *output, GError **error)
{
  g_autofree char *sentence = NULL;
  LodgeAptFailure failure = lodge_apt_explain (output, &sentence);

  switch (failure)
    {
    case LODGE_APT_UNREACHABLE:
      return use_old_lists (apt, sentence, error);
    case LODGE_APT_UNTRUSTED:
      return lodge_error_set (
          error, LODGE_ERROR_FAILED, "the package lists of %s cannot be trusted: %s%s%s%s",
          apt->mirror->main, sentence,
          apt->missing_keys != NULL ? " (this machine does not have the keys " : "",
          apt->missing_keys != NULL ? apt->missing_keys : "", apt->missing_keys != NULL ? ")" : "");
    case LODGE_APT_MISSING:
    case LODGE_APT_FULL:
    case LODGE_APT_OTHER:
    default:
      return lodge_error_set (error, LODGE_ERROR_FAILED, "%s", sentence);
    }
}

gboolean
lodge_apt_update (LodgeApt *apt, GError **error)
{
  /* Without it apt-get goes on with old lists and exit status 0. */
  const char *const argv[] = { "apt-get", "update", "--error-on=any", NULL };
  g_autofree char *output = NULL;
  int status;

  if (!lodge_apt_run (apt, argv, NULL, NULL, &output, &status, error))
    return FALSE;
  if (status != 0)
    return explain_update (apt, output, error);
  return lodge_apt_write_file (apt, STAMP, "", error);
}

/* Runs `apt-get install OPTION… NAMES`; returns what it printed. */
static char *
install (LodgeApt *apt, const char *const *options, const char *const *names, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;
  g_autofree char *sentence = NULL;
  int status;

  g_ptr_array_add (argv, (gpointer) "apt-get");
  g_ptr_array_add (argv, (gpointer) "install");
  for (; *options != NULL; options++)
    g_ptr_array_add (argv, (gpointer)*options);
  g_ptr_array_add (argv, (gpointer) "?essential");
  for (; *names != NULL; names++)
    g_ptr_array_add (argv, (gpointer)*names);
  g_ptr_array_add (argv, NULL);
  if (!lodge_apt_run (apt, (const char *const *)argv->pdata, NULL, NULL, &output, &status, error))
    return NULL;
  if (status == 0)
    return g_steal_pointer (&output);
  lodge_apt_explain (output, &sentence);
  lodge_error_set (error, LODGE_ERROR_FAILED, "resolve the packages: %s", sentence);
  return NULL;
}

/* The files that the package lists are in. */
static char **
list_indexes (LodgeApt *apt, GError **error)
{
  const char *const argv[]
      = { "apt-get", "indextargets", "--format", "$(FILENAME)", "Created-By: Packages", NULL };
  g_autofree char *output = NULL;
  int status;

  if (!lodge_apt_run (apt, argv, NULL, NULL, &output, &status, error))
    return NULL;
  if (status == 0 && *output != '\0')
    return g_strsplit (g_strchomp (output), "\n", -1);
  lodge_error_set (error, LODGE_ERROR_FAILED, "the package lists of %s are not there",
                   apt->mirror->main);
  return NULL;
}

/* NAMES with the required packages' added. */
static GPtrArray *
add_required (const char *const *indexes, const char *const *names, GError **error)
{
  GPtrArray *all = lodge_apt_index_required (indexes, error);

  for (; all != NULL && *names != NULL; names++)
    g_ptr_array_add (all, g_strdup (*names));
  if (all != NULL)
    g_ptr_array_add (all, NULL);
  return all;
}

static char *
request (const char *question, const char *const *names)
{
  g_autofree char *words = g_strjoinv (" ", (char **)names);

  return g_strconcat (question, " ", words, NULL);
}

static GPtrArray *
resolve (LodgeApt *apt, const char *const *names, GError **error)
{
  const char *const options[] = { "--print-uris", NULL };
  g_auto (GStrv) indexes = list_indexes (apt, error);
  g_autoptr (GPtrArray) all
      = indexes != NULL ? add_required ((const char *const *)indexes, names, error) : NULL;
  g_autofree char *output
      = all != NULL ? install (apt, options, (const char *const *)all->pdata, error) : NULL;
  g_autoptr (GPtrArray) packages = output != NULL ? lodge_apt_parse_uris (output, error) : NULL;

  if (packages == NULL
      || !lodge_apt_index_add_sizes ((const char *const *)indexes, packages, error))
    return NULL;
  return g_steal_pointer (&packages);
}

GPtrArray *
lodge_apt_resolve (LodgeApt *apt, const char *const *names, GError **error)
{
  g_autofree char *question = request ("packages", names);
  g_autofree char *known = lodge_apt_memo_find (apt->directory, question);
  GPtrArray *packages = known != NULL ? lodge_apt_packages_parse (known) : NULL;
  g_autofree char *answer = NULL;

  if (packages != NULL)
    return packages;
  packages = resolve (apt, names, error);
  if (packages == NULL)
    return NULL;
  answer = lodge_apt_packages_format (packages);
  lodge_apt_memo_keep (apt->directory, question, answer);
  return packages;
}

/* The names in NAMES as a set that does not own them. */
static GHashTable *
name_set (const GPtrArray *names)
{
  GHashTable *set = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < names->len; i++)
    g_hash_table_add (set, g_ptr_array_index (names, i));
  return set;
}

static LodgeAptOrder *
compute_order (LodgeApt *apt, const char *const *names, GError **error)
{
  /* Configured as late as Pre-Depends allow, so that dpkg is called a few times and not for each.
   */
  const char *const options[] = { "--simulate", "-o", "APT::Immediate-Configure=false", NULL };
  const char *const none[] = { NULL };
  g_auto (GStrv) indexes = list_indexes (apt, error);
  g_autoptr (GPtrArray) all
      = indexes != NULL ? add_required ((const char *const *)indexes, names, error) : NULL;
  g_autofree char *base = all != NULL ? install (apt, options, none, error) : NULL;
  g_autofree char *whole
      = base != NULL ? install (apt, options, (const char *const *)all->pdata, error) : NULL;
  g_autoptr (GHashTable) skip = NULL;
  LodgeAptOrder *order;

  if (whole == NULL)
    return NULL;
  order = g_new (LodgeAptOrder, 1);
  order->base = lodge_apt_parse_installed (base);
  skip = name_set (order->base);
  order->groups = lodge_apt_parse_simulation (whole, skip);
  return order;
}

LodgeAptOrder *
lodge_apt_order (LodgeApt *apt, const char *const *names, GError **error)
{
  g_autofree char *question = request ("order", names);
  g_autofree char *known = lodge_apt_memo_find (apt->directory, question);
  g_autofree char *answer = NULL;
  LodgeAptOrder *order;

  if (known != NULL)
    return lodge_apt_order_parse (known);
  order = compute_order (apt, names, error);
  if (order == NULL)
    return NULL;
  answer = lodge_apt_order_format (order);
  lodge_apt_memo_keep (apt->directory, question, answer);
  return order;
}

void
lodge_apt_order_free (LodgeAptOrder *order)
{
  if (order == NULL)
    return;
  g_ptr_array_unref (order->base);
  g_ptr_array_unref (order->groups);
  g_free (order);
}
