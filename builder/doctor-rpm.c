/* lodge doctor: the repositories that RPM packages come from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <string.h>

#include "builder/curl.h"
#include "builder/el-source.h"
#include "common/syntax.h"

/* Seconds that a list of mirrors may take. */
#define PATIENCE 15

/* What is asked for REPOSITORY: its list of mirrors, or one mirror's metadata. */
static char *
question (const LodgeElRepository *repository)
{
  if (strcmp (repository->key, "baseurl") != 0)
    return g_strdup (repository->url);
  return g_strconcat (repository->url, g_str_has_suffix (repository->url, "/") ? "" : "/",
                      "repodata/repomd.xml", NULL);
}

/* curl's own sentence ends the error's. */
static const char *
last_words (const char *message)
{
  const char *words = strstr (message, "curl: (");

  return words != NULL ? words : message;
}

static void
check_repository (LodgeDoctor *doctor, const LodgeElRepository *repository)
{
  g_autofree char *url = question (repository);
  g_autofree char *shown = lodge_url_without_login (url);
  g_autoptr (GError) error = NULL;

  if (lodge_curl_get (url, "/dev/null", PATIENCE, doctor->cancellable, &error))
    lodge_doctor_add (doctor, "mirror", LODGE_FINDING_PASS,
                      g_strdup_printf ("%s answers for %s", shown, repository->name), NULL);
  else
    lodge_doctor_add (doctor, "mirror", LODGE_FINDING_FAIL,
                      g_strdup_printf ("%s does not answer for %s: %s", shown, repository->name,
                                       last_words (error->message)),
                      g_strdup ("look at the network and proxy of this machine, give another "
                                "--mirror URL, or build from a copy with --source"));
}

void
lodge_doctor_repositories (LodgeDoctor *doctor)
{
  LodgeBuildOptions options
      = { .template = doctor->template->name, .mirror = (char *)doctor->mirror };
  LodgeBuildPlan plan = { .template = doctor->template, .options = &options };
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElSources) sources = NULL;

  if (doctor->template->family != LODGE_FAMILY_EL)
    return;
  sources = lodge_el_sources_find (&plan, "/nonexistent", doctor->cancellable, &error);
  if (sources == NULL)
    {
      lodge_doctor_add (doctor, "mirror", LODGE_FINDING_FAIL, g_strdup (error->message),
                        g_strdup ("give another --mirror URL"));
      return;
    }
  for (guint i = 0; i < sources->repositories->len; i++)
    check_repository (doctor, g_ptr_array_index (sources->repositories, i));
}
