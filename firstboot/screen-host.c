/* Screen 7: the host's name and time, and who may log in.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-wait.h"

#include "common/answers-table.h"
#include "common/error.h"
#include "common/file.h"
#include "firstboot/authorized-keys.h"
#include "firstboot/host-files.h"
#include "firstboot/http.h"
#include "firstboot/i18n.h"
#include "firstboot/password.h"
#include "firstboot/time-zones.h"
#include "firstboot/wizard-files.h"

#include <string.h>

#define KEYS_SECONDS 20
#define KEYS_LIMIT (64 * 1024)
#define KEYS_FILE "authorized_keys"
/* The text above the fields has little room. */
#define SHOWN_KEYS 3

static gboolean
changed (LodgeForm *form, LodgeField *field, gpointer data)
{
  LodgeWizard *wizard = data;

  if (!g_str_equal (field->id, "password"))
    return FALSE;
  wizard->warned_of_password = FALSE;
  /* Not the person's doing: empty fields take nothing away. */
  if (field->refused)
    wizard->password_here = FALSE;
  if (field->value[0] == '\0')
    return FALSE;
  switch (lodge_password_judge (field->value))
    {
    case LODGE_PASSWORD_WEAK:
      lodge_form_hint (form, _ ("This password is weak: longer, and not a known word, is better."));
      break;
    case LODGE_PASSWORD_FAIR:
      lodge_form_hint (form, _ ("This password is fair."));
      break;
    case LODGE_PASSWORD_STRONG:
      lodge_form_hint (form, _ ("This password is strong."));
      break;
    }
  return TRUE;
}

/* The name that the system has now, unless it is the image's. */
static void
suggest_name (const LodgeWizard *wizard, LodgeForm *form)
{
  g_autofree char *path = lodge_host_path (wizard->probe.sysroot, "/etc/hostname");
  g_autofree char *name = lodge_file_read (path, 1024, NULL, NULL);
  LodgeField *field = lodge_form_field (form, "hostname");

  if (field->value[0] == '\0' && name != NULL && g_strstrip (name)[0] != '\0')
    lodge_field_set_value (field, name);
}

/* Of a host that is set up: who may log in is told, no password is. */
static char *
describe_access (const LodgePresent *present)
{
  guint count = g_strv_length (present->ssh_keys);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *keys = NULL;

  for (guint i = 0; i < MIN (count, SHOWN_KEYS); i++)
    g_string_append_printf (list, "%s%.40s", i > 0 ? ", " : "", present->ssh_keys[i]);
  if (count > SHOWN_KEYS)
    g_string_append (list, " ...");
  keys = g_utf8_make_valid (list->str, -1);
  if (keys[0] == '\0')
    return g_strdup (_ ("An empty password field keeps the password.  No SSH key lets root log in "
                        "yet."));
  return g_strdup_printf (_ ("An empty password field keeps the password.  These SSH keys let root "
                             "log in, and one that you give is added: %s."),
                          keys);
}

/* Whoever empties the name or the time zone does not see any more what it is now. */
static char *
introduce (const LodgeWizard *wizard)
{
  const char *access = _ ("A password for root, an SSH key, or both.  With a key alone nobody can "
                          "log in at this screen.");
  g_autofree char *path = lodge_host_path (wizard->probe.sysroot, "/etc/hostname");
  g_autofree char *name = lodge_file_read (path, 1024, NULL, NULL);
  g_autofree char *zone = lodge_time_zone_current (wizard->probe.sysroot);
  g_autofree char *empty = NULL;

  if (name != NULL && g_strstrip (name)[0] != '\0')
    empty = g_strdup_printf (_ ("Left empty, the host name stays %.64s, the time zone %s."), name,
                             zone);
  else
    empty
        = g_strdup_printf (_ ("Left empty, the host name stays as it is, the time zone %s."), zone);
  return g_strconcat (access, "\n", empty, NULL);
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  const LodgeAnswers *answers = wizard->answers;
  LodgeForm *form = lodge_form_new ("host", _ ("Name, time and access"));
  LodgeField *field;

  form->text = wizard->present != NULL ? describe_access (wizard->present) : introduce (wizard);
  lodge_form_add_answer (form, LODGE_FIELD_TEXT, "host.hostname", _ ("Host name"), answers);
  suggest_name (wizard, form);
  field = lodge_form_add_answer (form, LODGE_FIELD_TEXT, "host.timezone", _ ("Time zone"), answers);
  field->width = 32;
  if (field->value[0] == '\0')
    {
      g_autofree char *zone = lodge_time_zone_current (wizard->probe.sysroot);
      lodge_field_set_value (field, zone);
    }
  lodge_form_add_answer (form, LODGE_FIELD_TEXT, "network.ntp", _ ("Time servers (optional)"),
                         answers);
  lodge_form_add (form, LODGE_FIELD_PASSWORD, "password", _ ("Root's password"), NULL);
  lodge_form_add (form, LODGE_FIELD_PASSWORD, "again", _ ("The same once more"), NULL);
  lodge_form_add_answer (form, LODGE_FIELD_TEXT, "access.ssh-keys", _ ("SSH key, or https://..."),
                         answers)
      ->check
      = NULL;
  lodge_form_add_answer (form, LODGE_FIELD_CHECKBOX, "access.ssh-password-login",
                         _ ("Let root log in over SSH with the password"), answers);
  lodge_form_add_back_and_next (form);
  lodge_form_add_button (form, "zones", _ ("Time zones"));
  lodge_form_add_button (form, "keys", _ ("Keys from LODGE"));
  if (answers->root_password_hash != NULL && !wizard->password_here)
    lodge_form_hint (form, _ ("A password was given already; empty fields keep it."));
  form->changed = changed;
  form->data = wizard;
  form->help = g_strdup (_ (
      "The host name has letters, digits and hyphens, with dots between its parts.\n\nAn SSH "
      "public key begins with ssh-ed25519 or the like and ends with a remark; several have \";\" "
      "between them.  A URL such as https://github.com/NAME.keys is fetched when you go on, "
      "and must be reachable now.  \"Keys from LODGE\" reads the file authorized_keys from "
      "the LODGE partition of the boot stick, where any computer can put it.\n\nTime servers "
      "are only needed when the usual ones cannot be reached."));
  return form;
}

/* --- SSH keys --- */

/* The lines of a file of keys as the value of ssh-keys=. */
static char *
keys_of_text (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) keys = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (line[0] != '\0' && line[0] != '#')
        g_string_append_printf (keys, "%s%s", keys->len > 0 ? ";" : "", line);
    }
  return g_strdup (keys->str);
}

static gboolean
put_keys (LodgeForm *form, const char *where, const char *text)
{
  g_autofree char *keys = keys_of_text (text);
  g_autofree char *complaint = NULL;

  if (keys[0] != '\0')
    {
      lodge_field_set_value (lodge_form_field (form, "ssh-keys"), keys);
      return TRUE;
    }
  complaint = g_strdup_printf (_ ("%s holds no key."), where);
  lodge_form_complain (form, "ssh-keys", complaint);
  return FALSE;
}

typedef struct
{
  char *url;
  char *text;
  GError *error;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *state = data;

  g_free (state->url);
  g_free (state->text);
  g_clear_error (&state->error);
  g_free (state);
}

static void
fetch (gpointer data, GCancellable *cancellable)
{
  Fetch *state = data;
  const LodgeHttpRequest request = {
    .url = state->url, .seconds = KEYS_SECONDS, .limit = KEYS_LIMIT, .cancellable = cancellable
  };

  state->text = lodge_http_request (&request, NULL, &state->error);
}

/* A server may say nothing for as long as it is waited for: the person can do otherwise.  NULL
 * without ERROR then. */
static char *
fetch_behind_form (LodgeWizard *wizard, const char *url, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("fetch", _ ("One moment"));
  Fetch *state = g_new0 (Fetch, 1);
  LodgeBackground *work;
  char *text = NULL;

  form->text = g_strdup_printf (_ ("Fetching SSH keys from %s"), url);
  lodge_form_add_button (form, "cancel", _ ("Cancel"));
  form->back = "cancel";
  form->quits_unasked = TRUE;
  state->url = g_strdup (url);
  work = lodge_background_start (fetch, state, fetch_free);
  /* When nothing can be shown any more, neither can the screen that this one was called from. */
  if (g_strcmp0 (lodge_wizard_wait (wizard, form, work, NULL), "ended") == 0)
    {
      text = g_steal_pointer (&state->text);
      if (text == NULL)
        g_propagate_error (error, g_steal_pointer (&state->error));
    }
  lodge_background_drop (work);
  return text;
}

/* A URL in the field becomes the keys that are there. */
static gboolean
fetch_keys (LodgeWizard *wizard, LodgeForm *form)
{
  g_autofree char *url = g_strstrip (g_strdup (lodge_form_value (form, "ssh-keys")));
  g_autofree char *text = NULL;
  g_autoptr (GError) problem = NULL;

  if (g_str_has_prefix (url, "http://"))
    {
      g_autofree char *complaint = g_strdup_printf (
          _ ("%s: only https:// is taken, as whoever changes the keys on the way could log in."),
          url);
      lodge_form_complain (form, "ssh-keys", complaint);
      return FALSE;
    }
  if (!g_str_has_prefix (url, "https://"))
    return TRUE;
  text = fetch_behind_form (wizard, url, &problem);
  if (text != NULL)
    return put_keys (form, url, text);
  lodge_form_complain (form, "ssh-keys",
                       problem != NULL ? problem->message : _ ("The SSH keys were not fetched."));
  return FALSE;
}

static void
read_keys (LodgeWizard *wizard, LodgeForm *form)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *where = NULL;
  g_autofree char *text = lodge_wizard_load (wizard, KEYS_FILE, &where, &problem);
  g_autofree char *hint = NULL;

  if (text == NULL)
    {
      lodge_form_complain (form, "keys", problem->message);
      return;
    }
  if (!put_keys (form, where, text))
    return;
  hint = g_strdup_printf (_ ("Read from %s."), where);
  lodge_form_hint (form, hint);
  lodge_form_set_focus (form, "ssh-keys");
}

/* --- accepting --- */

static gboolean
take_password (LodgeWizard *wizard, LodgeForm *form)
{
  const char *password = lodge_form_value (form, "password");
  const char *complaint = lodge_password_complaint (password);
  g_autoptr (GError) problem = NULL;
  char *hash;

  if (complaint == NULL && !g_str_equal (password, lodge_form_value (form, "again")))
    {
      complaint = _ ("The two passwords are not the same: type both again.");
      /* Nobody sees which of them is the wrong one, or where. */
      lodge_field_set_value (lodge_form_field (form, "password"), "");
      lodge_field_set_value (lodge_form_field (form, "again"), "");
      /* Not the person's doing: empty fields take nothing away. */
      wizard->password_here = FALSE;
    }
  if (complaint != NULL)
    {
      lodge_form_complain (form, "password", complaint);
      return FALSE;
    }
  if (password[0] == '\0')
    {
      /* It stood in the fields, and was taken away. */
      if (wizard->password_here)
        g_clear_pointer (&wizard->answers->root_password_hash, g_free);
      return TRUE;
    }
  if (lodge_password_judge (password) == LODGE_PASSWORD_WEAK && !wizard->warned_of_password)
    {
      wizard->warned_of_password = TRUE;
      lodge_form_complain (
          form, "password",
          _ ("This password is weak: type a longer one, or go on once more to keep it."));
      return FALSE;
    }
  hash = lodge_password_hash (password, &problem);
  if (hash == NULL)
    return lodge_form_accept_or_complain (form, "password", &problem);
  g_free (wizard->answers->root_password_hash);
  wizard->answers->root_password_hash = hash;
  wizard->password_here = TRUE;
  return TRUE;
}

/* A change can give such a setting another value, and cannot take it away. */
static gboolean
keeps_settings (const LodgeWizard *wizard, LodgeForm *form)
{
  static const struct
  {
    const char *section;
    const char *key;
  } settings[] = { { "host", "hostname" }, { "host", "timezone" }, { "network", "ntp" } };

  for (gsize i = 0; wizard->present != NULL && i < G_N_ELEMENTS (settings); i++)
    {
      const LodgeAnswerKey *row = lodge_answer_key_find (settings[i].section, settings[i].key);
      g_autofree char *now = lodge_answer_key_format (row, wizard->present->answers);

      if (now[0] == '\0' || lodge_form_value (form, settings[i].key)[0] != '\0')
        continue;
      lodge_form_complain (form, settings[i].key,
                           _ ("This cannot be left empty: give another value, or the one that it "
                              "had."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  LodgeAnswers *answers = wizard->answers;
  const char *zone = lodge_form_value (form, "timezone");
  g_autofree char *complaint = NULL;

  if (zone[0] != '\0' && !lodge_time_zone_exists (wizard->probe.sysroot, zone))
    {
      complaint = g_strdup_printf (_ ("There is no time zone \"%s\": choose one with the button "
                                      "\"Time zones\"."),
                                   zone);
      lodge_form_complain (form, "timezone", complaint);
      return FALSE;
    }
  if (!keeps_settings (wizard, form) || !fetch_keys (wizard, form)
      || !lodge_form_take_answers (form, "host", answers)
      || !lodge_form_take_answers (form, "network", answers)
      || !lodge_form_take_answers (form, "access", answers) || !take_password (wizard, form))
    return FALSE;
  if (answers->root_password_hash != NULL || answers->ssh_keys[0] != NULL
      || lodge_access_exists (wizard->probe.sysroot))
    return TRUE;
  lodge_form_complain (form, "password",
                       _ ("Nobody could log in to this host: give a password or an SSH key."));
  return FALSE;
}

static LodgeMove
press (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error)
{
  if (g_str_equal (button, "keys"))
    read_keys (wizard, form);
  else
    {
      g_autoptr (LodgeForm) zones
          = lodge_time_zones_form (wizard->probe.sysroot, lodge_form_value (form, "timezone"));
      const char *pressed = lodge_ui_show (wizard->ui, zones, error);

      if (pressed == NULL)
        return LODGE_MOVE_FAILED;
      if (g_str_equal (pressed, "quit"))
        return LODGE_MOVE_QUIT;
      if (g_str_equal (pressed, "next"))
        lodge_field_set_value (lodge_form_field (form, "timezone"),
                               lodge_form_value (zones, "zones"));
      lodge_form_set_focus (form, "timezone");
    }
  return LODGE_MOVE_STAY;
}

const LodgeScreen lodge_screen_host
    = { .id = "host", .steps = "host;access", .make = make, .accept = accept, .press = press };
