/* Files that the wizard reads from and leaves on the LODGE partition.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-files.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/i18n.h"
#include "firstboot/labelled.h"

#include <string.h>

#define LABEL "LODGE"
#define LIMIT (1024 * 1024)

static char *
load_captured (const LodgeWizard *wizard, const char *name, char **where, GError **error)
{
  *where = g_build_filename (wizard->runtime, name, NULL);
  return lodge_file_read (*where, LIMIT, NULL, error);
}

/* The boot stick's own, or another. */
static LodgeLabelled *
find_partition (GPtrArray **found, GError **error)
{
  *found = lodge_labelled_find (LABEL);
  if ((*found)->len > 0)
    return (*found)->pdata[0];
  lodge_error_set (error, LODGE_ERROR_FAILED, _ ("No file system labelled LODGE is plugged in."));
  return NULL;
}

char *
lodge_wizard_load (const LodgeWizard *wizard, const char *name, char **where, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  LodgeLabelled *partition;
  char *text;

  if (wizard->probe.sysroot[0] != '\0')
    return load_captured (wizard, name, where, error);
  partition = find_partition (&found, error);
  if (partition == NULL)
    return NULL;
  *where = g_strdup_printf (LABEL " (%s)/%s", partition->name, name);
  text = lodge_labelled_read (partition, name, LIMIT, NULL, NULL, error);
  if (text == NULL && *error == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, _ ("There is no file %s."), *where);
  return text;
}

gboolean
lodge_wizard_save (const LodgeWizard *wizard, const char *name, const char *text, char **where,
                   GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  const LodgeLabelled *partition;

  if (wizard->probe.sysroot[0] != '\0')
    {
      *where = g_build_filename (wizard->runtime, name, NULL);
      return lodge_file_replace (*where, text, -1, 0600, error);
    }
  partition = find_partition (&found, error);
  if (partition == NULL)
    return FALSE;
  *where = g_strdup_printf (LABEL " (%s)/%s", partition->name, name);
  return lodge_labelled_write (partition, name, text, error);
}

/* Keys that only fit this host: its disk's serial number would not be found on the next, and its
 * address would be there twice. */
static gboolean
is_this_hosts (const char *line)
{
  static const char *const keys[]
      = { "hostname=", "disks=",   "erase=",      "port=",     "ipv4=static",
          "address=",  "gateway=", "ipv6=static", "address6=", "gateway6=" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_has_prefix (line, keys[i]))
      return TRUE;
  return FALSE;
}

char *
lodge_wizard_answers_text (const LodgeWizard *wizard)
{
  g_autofree char *text = lodge_answers_format (wizard->answers, FALSE);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *out = g_string_new (
      "# answers.conf, saved by the setup wizard: see answers.conf(5), where lodge is installed.\n"
      "# Lines that only fit the host they were given on are remarks; a [match mac=...] section\n"
      "# can give each host its own.  Without root-password-hash= or ssh-keys= nobody can log in.\n"
      "\n");

  for (guint i = 0; lines[i] != NULL && (lines[i + 1] != NULL || lines[i][0] != '\0'); i++)
    g_string_append_printf (out, "%s%s\n", is_this_hosts (lines[i]) ? "#" : "", lines[i]);
  return g_string_free (out, FALSE);
}

gboolean
lodge_wizard_save_answers (LodgeWizard *wizard, GError **error)
{
  g_autofree char *text = lodge_wizard_answers_text (wizard);
  g_autofree char *where = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) problem = NULL;

  if (lodge_wizard_save (wizard, "answers.conf.saved", text, &where, &problem))
    message = g_strdup_printf (
        _ ("The answers were saved as %s.\n\nThe password is not among them.  Rename the file to "
           "answers.conf on the stick of the next hosts, and they set themselves up.  (It is not "
           "called that yet, so that this stick does not set up another machine by accident.)"),
        where);
  else
    message = g_strdup_printf (_ ("The answers could not be saved: %s"),
                               problem != NULL ? problem->message : "");
  return lodge_ui_tell (wizard->ui, "saved", _ ("Save the answers"), message, error);
}
