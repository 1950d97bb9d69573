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

/* Keys that only fit this host: its disk's serial number would not be found on the next, what is on
 * it neither, its address would be there twice, and its bond is made of its ports. */
static gboolean
is_this_hosts (const char *line)
{
  static const char *const keys[]
      = { "hostname=",   "disks=",   "erase=",   "layout=adopt", "port=",     "bond=",
          "ipv4=static", "address=", "gateway=", "ipv6=static",  "address6=", "gateway6=" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_has_prefix (line, keys[i]))
      return TRUE;
  return FALSE;
}

/* WITH_HASH: the password's, which is the only secret. */
static char *
answers_text (const LodgeWizard *wizard, gboolean with_hash)
{
  g_autofree char *text = lodge_answers_format (wizard->answers, with_hash);
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

/* Whether the password's hash is to be in the file; CANCELLED when none is to be written.  A stick
 * gets lost, and a hash can be tried against guesses: only who wants it gets it. */
typedef enum
{
  FAILED,
  CANCELLED,
  WITHOUT_HASH,
  WITH_HASH,
} Choice;

static Choice
choose (const LodgeWizard *wizard, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("save", _ ("Save the answers"));
  const char *button;

  if (wizard->answers->root_password_hash == NULL)
    return WITHOUT_HASH;
  form->text
      = g_strdup (_ ("The answers are written to the LODGE partition, for setting up more hosts "
                     "the same way.\n\nThe password itself is not kept anywhere.  Its hash lets "
                     "those hosts have the same one; whoever finds the stick can try guesses "
                     "against it."));
  lodge_form_add (form, LODGE_FIELD_CHECKBOX, "hash", _ ("Include the hash of the password"), "no");
  lodge_form_add_button (form, "cancel", _ ("Cancel"));
  lodge_form_add_button (form, "write", _ ("Save"));
  form->back = "cancel";
  form->forward = "write";
  form->quits_unasked = TRUE;
  button = lodge_ui_show (wizard->ui, form, error);
  if (button == NULL)
    return FAILED;
  if (!g_str_equal (button, "write"))
    return CANCELLED;
  return g_str_equal (lodge_form_value (form, "hash"), "yes") ? WITH_HASH : WITHOUT_HASH;
}

/* No more is promised than what is in the file can do. */
static char *
describe_saved (const LodgeWizard *wizard, gboolean with_hash, const char *where)
{
  const LodgeAnswers *answers = wizard->answers;
  gboolean access = with_hash || (answers->ssh_keys != NULL && answers->ssh_keys[0] != NULL);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("The answers were saved as %s.\n\n"), where);
  if (!with_hash && answers->root_password_hash != NULL)
    g_string_append (text, _ ("The password is not among them.  "));
  g_string_append (
      text, access
                ? _ ("Rename the file to answers.conf on the stick of the next hosts, and they set "
                     "themselves up.  (It is not called that yet, so that this stick does not set "
                     "up another machine by accident.)")
                : _ ("Nobody could log in with what is in the file, and hosts whose image has no "
                     "password or key either would not set themselves up: add "
                     "root-password-hash= or ssh-keys= in [access] first.  Then rename it to "
                     "answers.conf on their stick."));
  return g_string_free (text, FALSE);
}

gboolean
lodge_wizard_save_answers (LodgeWizard *wizard, GError **error)
{
  Choice choice = choose (wizard, error);
  g_autofree char *text = NULL;
  g_autofree char *where = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) problem = NULL;

  if (choice == FAILED || choice == CANCELLED)
    return choice == CANCELLED;
  text = answers_text (wizard, choice == WITH_HASH);
  if (lodge_wizard_save (wizard, "answers.conf.saved", text, &where, &problem))
    message = describe_saved (wizard, choice == WITH_HASH, where);
  else
    message = g_strdup_printf (_ ("The answers could not be saved: %s"),
                               problem != NULL ? problem->message : "");
  return lodge_ui_tell (wizard->ui, "saved", _ ("Save the answers"), message, error);
}
