/* The keyboard at a virtual console: loaded also when nobody moved the cursor to it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadkeys(1) would change the keyboard of whoever runs the tests: a program that writes down what
 * it was asked for stands in its place.
 */
#include "firstboot/i18n.h"
#include "firstboot/wizard.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/tree-files.h"

#include <glib/gstdio.h>
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
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/wizard-keyboard/virtual-console", Fixture, NULL, set_up, test_virtual_console,
              tear_down);
  g_test_add ("/wizard-keyboard/serial-line", Fixture, NULL, set_up, test_serial_line, tear_down);
  return g_test_run ();
}
