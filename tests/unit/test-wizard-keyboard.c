/* The keyboard at a virtual console: loaded as the cursor goes to it, and also when nobody moved
 * the cursor; and which consoles are offered languages. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadkeys(1) would change the keyboard of whoever runs the tests: a program that writes down what
 * it was asked for stands in its place.
 */
#include "firstboot/i18n.h"
#include "firstboot/wizard.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/tree-files.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *directory;
  char *script; /* of no line */
  char *asked;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;

  (void)data;
  fixture->directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->script = g_build_filename (fixture->directory, "script", NULL);
  fixture->asked = g_build_filename (fixture->directory, "asked", NULL);
  program = g_build_filename (fixture->directory, "loadkeys", NULL);
  text = g_strdup_printf ("#!/bin/sh\necho \"$@\" >>%s\n", fixture->asked);
  g_assert_true (g_file_set_contents (fixture->script, "", -1, NULL));
  g_assert_true (g_file_set_contents (program, text, -1, NULL));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  path = g_strconcat (fixture->directory, ":/usr/bin:/bin", NULL);
  g_setenv ("PATH", path, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_all (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->script);
  g_free (fixture->asked);
}

/* What loadkeys was asked for since the last time. */
static char *
take_asked (const Fixture *fixture)
{
  char *text = NULL;

  if (!g_file_get_contents (fixture->asked, &text, NULL, NULL))
    return g_strdup ("");
  g_unlink (fixture->asked);
  return g_strchomp (text);
}

/* Begins a wizard on CONSOLE whose answers have the keyboard "de" already, up to its first form. */
static void
begin (LodgeWizard *wizard, LodgeUi *ui, const char *console)
{
  g_autoptr (GError) error = NULL;

  lodge_wizard_init (wizard, ui, "");
  wizard->console = console;
  wizard->facts = made_up_facts ();
  wizard->facts_language = lodge_language_used ();
  wizard->answers->keyboard = g_strdup ("de");
  g_assert_false (lodge_wizard_run (wizard, &error));
  g_assert_nonnull (strstr (error->message, "the script is at its end"));
}

static void
assert_loads (const Fixture *fixture, const char *console, const char *wanted)
{
  g_autoptr (LodgeUi) ui = lodge_ui_scripted_new (fixture->script, NULL);
  g_auto (LodgeWizard) wizard = { 0 };
  g_autoptr (LodgeForm) form = NULL;
  g_autofree char *at_begin = NULL;
  g_autofree char *at_next = NULL;

  begin (&wizard, ui, console);
  at_begin = take_asked (fixture);
  g_assert_cmpstr (at_begin, ==, wanted);
  form = lodge_screen_keyboard.make (&wizard);
  g_assert_cmpstr (lodge_form_value (form, "keyboard"), ==, "de");
  g_assert_true (lodge_screen_keyboard.accept (&wizard, form));
  at_next = take_asked (fixture);
  g_assert_cmpstr (at_next, ==, wanted);
}

/* Puts the cursor on KEYMAP; what loadkeys was asked for then. */
static char *
move_to (const Fixture *fixture, LodgeForm *form, const char *keymap)
{
  LodgeField *field = lodge_form_field (form, "keyboard");

  lodge_field_set_value (field, keymap);
  form->changed (form, field, form->data);
  return take_asked (fixture);
}

static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeUi) ui = lodge_ui_scripted_new (fixture->script, NULL);
  g_auto (LodgeWizard) wizard = { 0 };
  g_autoptr (LodgeForm) form = NULL;
  g_autofree char *program = g_build_filename (fixture->directory, "loadkeys", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *tried = NULL;
  g_autofree char *wrong = NULL;
  LodgeField *field;

  (void)data;
  begin (&wizard, ui, "tty1");
  g_free (take_asked (fixture));
  form = lodge_screen_keyboard.make (&wizard);
  first = move_to (fixture, form, "fr");
  g_assert_cmpstr (first, ==, "--quiet fr");
  second = move_to (fixture, form, "us");
  g_assert_cmpstr (second, ==, "--quiet us");
  g_assert_null (form->note);
  /* Nothing else on the screen does. */
  field = lodge_form_field (form, "try");
  form->changed (form, field, form->data);
  tried = take_asked (fixture);
  g_assert_cmpstr (tried, ==, "");

  g_assert_true (
      g_file_set_contents (program, "#!/bin/sh\necho no such map >&2\nexit 1\n", -1, NULL));
  g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  wrong = move_to (fixture, form, "xx");
  g_assert_nonnull (strstr (form->note, "no such map"));
}

static void
assert_offers_languages (const Fixture *fixture, const char *console, gboolean wanted)
{
  g_autoptr (LodgeUi) ui = lodge_ui_scripted_new (fixture->script, NULL);
  g_auto (LodgeWizard) wizard = { 0 };
  g_autoptr (LodgeForm) form = NULL;
  LodgeField *field;

  begin (&wizard, ui, console);
  form = lodge_screen_keyboard.make (&wizard);
  field = lodge_form_field (form, "language");
  g_assert_true ((field != NULL) == wanted);
  if (wanted)
    g_assert_nonnull (lodge_field_row (field, "zh_CN"));
}

/* The kernel's own console has no Chinese characters, whatever its character set. */
static void
test_languages (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_assert_true (g_get_charset (NULL));
  assert_offers_languages (fixture, "tty1", FALSE);
  assert_offers_languages (fixture, "tty12", FALSE);
  assert_offers_languages (fixture, "ttyS0", TRUE);
  assert_offers_languages (fixture, "hvc0", TRUE);
  assert_offers_languages (fixture, "pts/0", TRUE);
}

static void
test_virtual_console (Fixture *fixture, gconstpointer data)
{
  (void)data;
  assert_loads (fixture, "tty1", "--quiet de");
}

/* It has a keyboard of its own. */
static void
test_serial_line (Fixture *fixture, gconstpointer data)
{
  (void)data;
  assert_loads (fixture, "ttyS0", "");
}

int
main (int argc, char **argv)
{
  setlocale (LC_CTYPE, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/wizard-keyboard/virtual-console", Fixture, NULL, set_up, test_virtual_console,
              tear_down);
  g_test_add ("/wizard-keyboard/serial-line", Fixture, NULL, set_up, test_serial_line, tear_down);
  g_test_add ("/wizard-keyboard/at-once", Fixture, NULL, set_up, test_at_once, tear_down);
  g_test_add ("/wizard-keyboard/languages", Fixture, NULL, set_up, test_languages, tear_down);
  return g_test_run ();
}
