/* The interface that follows a script: for tests of the wizard, in seconds and without a terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It can do what a person at a screen can and no more: a row that is greyed or a field that is not
 * used cannot be set, and a screen that the script did not expect is an error.
 */
#include "firstboot/ui.h"

#include "common/error.h"
#include "common/file.h"

#include <string.h>

#define SCRIPT_LIMIT (1024 * 1024)
/* How long `expect` and `press ended` wait for a form that changes by itself. */
#define PATIENCE_SECONDS 20

typedef struct
{
  LodgeUi ui;
  char *path;
  GStrv lines;
  guint line; /* of the next command; 0 is the first */
} Scripted;

typedef enum
{
  FAILED,
  STAY,
  LEAVE,
} Step;

static gboolean complain (const Scripted *scripted, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
complain (const Scripted *scripted, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return lodge_error_set (error, LODGE_ERROR_USAGE, "%s:%u: %s", scripted->path, scripted->line,
                          message);
}

/* The next command and what stands behind it, or NULL at the end. */
static char *
next_command (Scripted *scripted, char **rest)
{
  while (scripted->lines[scripted->line] != NULL)
    {
      char *text = g_strstrip (scripted->lines[scripted->line++]);
      gsize length = strcspn (text, " \t");

      if (text[0] == '\0' || text[0] == '#')
        continue;
      *rest = g_strchug (text + length);
      return g_strndup (text, length);
    }
  return NULL;
}

static void
refresh (LodgeForm *form)
{
  if (form->refresh != NULL)
    form->refresh (form, form->data);
}

/* A form that changes by itself is looked at again, as a person would, until TEST or the time is
 * up. */
static gboolean
wait_for (LodgeForm *form, gboolean (*test) (LodgeForm *form, gconstpointer data),
          gconstpointer data)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      refresh (form);
      if (test (form, data))
        return TRUE;
      if (form->interval == 0 || g_get_monotonic_time () > deadline)
        return FALSE;
      g_usleep ((gulong)MIN (form->interval, 50) * 1000);
    }
}

static gboolean
matches (LodgeForm *form, gconstpointer data)
{
  g_autofree char *text = lodge_form_render (form);

  return g_regex_match (data, text, 0, NULL);
}

static gboolean
has_ended (LodgeForm *form, gconstpointer data)
{
  (void)data;
  return form->ended;
}

static gboolean
expect (Scripted *scripted, LodgeForm *form, const char *pattern, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, &problem);
  g_autofree char *text = NULL;

  if (regex == NULL)
    return complain (scripted, error, "%s", problem->message);
  if (wait_for (form, matches, regex))
    return TRUE;
  text = lodge_form_render (form);
  return complain (scripted, error, "the screen does not match \"%s\":\n%s", pattern, text);
}

static gboolean
set_marks (const Scripted *scripted, LodgeField *field, const char *value, GError **error)
{
  g_auto (GStrv) ids = g_strsplit (value, ";", -1);

  lodge_field_set_value (field, "");
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LodgeUiRow *row = lodge_field_row (field, ids[i]);

      if (ids[i][0] == '\0')
        continue;
      if (row == NULL)
        return complain (scripted, error, "\"%s\" has no row \"%s\"", field->id, ids[i]);
      if (row->unusable != NULL)
        return complain (scripted, error, "the row \"%s\" cannot be marked: %s", ids[i],
                         row->unusable);
      lodge_field_toggle (field, ids[i]);
    }
  return TRUE;
}

static gboolean
set_field (Scripted *scripted, LodgeForm *form, char *words, GError **error)
{
  gsize length = strcspn (words, " \t");
  g_autofree char *id = g_strndup (words, length);
  const char *value = g_strchug (words + length);
  LodgeField *field = lodge_form_field (form, id);

  if (field == NULL || field->kind == LODGE_FIELD_PROSE)
    return complain (scripted, error, "the screen \"%s\" has no field \"%s\"", form->id, id);
  if (!lodge_form_uses (form, field))
    return complain (scripted, error, "the field \"%s\" is not used now", id);
  if (field->kind == LODGE_FIELD_MARKS)
    {
      if (!set_marks (scripted, field, value, error))
        return FALSE;
    }
  else if (field->rows != NULL && lodge_field_row (field, value) == NULL)
    return complain (scripted, error, "\"%s\" has no row \"%s\"", id, value);
  else if (field->kind == LODGE_FIELD_CHECKBOX && !g_str_equal (value, "yes")
           && !g_str_equal (value, "no"))
    return complain (scripted, error, "\"%s\" is a checkbox: yes or no", id);
  else
    lodge_field_set_value (field, value);

  if ((field->kind != LODGE_FIELD_TEXT && field->kind != LODGE_FIELD_PASSWORD)
      || lodge_form_check_field (form, field))
    if (form->changed != NULL)
      form->changed (form, field, form->data);
  return TRUE;
}

static const char *
find_button (const LodgeForm *form, const char *id)
{
  for (guint i = 0; i < form->buttons->len; i++)
    {
      const LodgeUiButton *button = form->buttons->pdata[i];

      if (g_str_equal (button->id, id))
        return button->id;
    }
  return NULL;
}

static const char *
press (Scripted *scripted, LodgeForm *form, const char *id, GError **error)
{
  const char *button = find_button (form, id);

  if (g_str_equal (id, "quit"))
    return "quit";
  if (g_str_equal (id, "ended"))
    {
      if (wait_for (form, has_ended, NULL))
        return "ended";
      complain (scripted, error, "the screen \"%s\" did not end", form->id);
    }
  else if (button == NULL)
    complain (scripted, error, "the screen \"%s\" has no button \"%s\"", form->id, id);
  return button;
}

static Step
run_command (Scripted *scripted, LodgeForm *form, const char *command, char *rest,
             const char **button, GError **error)
{
  if (g_str_equal (command, "screen"))
    {
      if (g_str_equal (rest, form->id))
        return STAY;
      complain (scripted, error, "the script waits for the screen \"%s\", but \"%s\" is shown%s%s",
                rest, form->id, form->note != NULL ? ": " : "",
                form->note != NULL ? form->note : "");
      return FAILED;
    }
  if (g_str_equal (command, "show"))
    {
      g_autofree char *text = lodge_form_render (form);
      g_print ("%s", text);
      return STAY;
    }
  if (g_str_equal (command, "set"))
    return set_field (scripted, form, rest, error) ? STAY : FAILED;
  if (g_str_equal (command, "expect"))
    return expect (scripted, form, rest, error) ? STAY : FAILED;
  if (g_str_equal (command, "press"))
    {
      *button = press (scripted, form, rest, error);
      return *button != NULL ? LEAVE : FAILED;
    }
  complain (scripted, error, "there is no command \"%s\"", command);
  return FAILED;
}

/* Whether the script waits for the screen ID now. */
static gboolean
names_next (Scripted *scripted, const char *id)
{
  guint line = scripted->line;
  char *rest = NULL;
  g_autofree char *command = next_command (scripted, &rest);

  scripted->line = line;
  return command == NULL || !g_str_equal (command, "screen") || g_str_equal (rest, id);
}

static const char *
show (LodgeUi *ui, LodgeForm *form, GError **error)
{
  Scripted *scripted = (Scripted *)ui;
  const char *button = NULL;
  Step step = STAY;

  refresh (form);
  /* Shown only where something takes long, it is nothing that a script can know of. */
  if (g_str_equal (form->id, "wait") && !names_next (scripted, form->id)
      && wait_for (form, has_ended, NULL))
    return "ended";
  while (step == STAY)
    {
      char *rest = NULL;
      g_autofree char *command = next_command (scripted, &rest);

      if (command == NULL)
        {
          complain (scripted, error, "the script is at its end, and the screen \"%s\" is shown",
                    form->id);
          return NULL;
        }
      step = run_command (scripted, form, command, rest, &button, error);
    }
  g_clear_pointer (&form->focus, g_free);
  return step == LEAVE ? button : NULL;
}

static void
nothing (LodgeUi *ui)
{
  (void)ui;
}

static void
scripted_free (LodgeUi *ui)
{
  Scripted *scripted = (Scripted *)ui;

  g_free (scripted->path);
  g_strfreev (scripted->lines);
  g_free (scripted);
}

static const LodgeUiClass scripted_class
    = { .show = show, .suspend = nothing, .resume = nothing, .free = scripted_free };

LodgeUi *
lodge_ui_scripted_new (const char *path, GError **error)
{
  g_autofree char *text = lodge_file_read (path, SCRIPT_LIMIT, NULL, error);
  Scripted *scripted;

  if (text == NULL)
    return NULL;
  scripted = g_new0 (Scripted, 1);
  scripted->ui.class = &scripted_class;
  scripted->path = g_path_get_basename (path);
  scripted->lines = g_strsplit (text, "\n", -1);
  return &scripted->ui;
}
