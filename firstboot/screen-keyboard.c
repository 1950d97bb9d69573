/* Screen 1: the keyboard, which counts at once, and the language.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/wizard-disks.h"

#include "common/keymaps.h"
#include "common/run.h"
#include "firstboot/i18n.h"
#include "firstboot/keymap-titles.h"
#include "firstboot/terminal.h"
#include "firstboot/ui-text.h"

#include <locale.h>

#define REFRESH_MILLISECONDS 200

/* Only a virtual terminal has the machine's own keyboard; a captured machine has none. */
static gboolean
has_keyboard (const LodgeWizard *wizard)
{
  return wizard->probe.sysroot[0] == '\0' && lodge_terminal_is_virtual (wizard->console);
}

static void
load (LodgeWizard *wizard, LodgeForm *form, const char *keymap)
{
  const char *const argv[] = { "loadkeys", "--quiet", keymap, NULL };
  g_autoptr (GError) problem = NULL;
  g_autofree char *output = lodge_run (argv, NULL, wizard->cancellable, &problem);

  if (output != NULL)
    lodge_form_hint (form, NULL);
  else
    lodge_form_complain (form, NULL, problem->message);
}

void
lodge_wizard_load_keymap (LodgeWizard *wizard)
{
  const char *const argv[] = { "loadkeys", "--quiet", wizard->answers->keyboard, NULL };

  /* What the host has it has loaded itself. */
  if (!has_keyboard (wizard) || wizard->answers->keyboard == NULL
      || (wizard->present != NULL
          && g_strcmp0 (wizard->answers->keyboard, wizard->present->answers->keyboard) == 0))
    return;
  /* That it cannot be loaded was told when it was chosen, and may be so on purpose: an image can
   * make it without a file. */
  g_free (lodge_run (argv, NULL, wizard->cancellable, NULL));
}

/* The font of the kernel's own console has no Chinese characters; other terminals that take UTF-8
 * mostly have. */
static gboolean
can_show_languages (const LodgeWizard *wizard)
{
  return g_get_charset (NULL) && !lodge_terminal_is_virtual (wizard->console);
}

static void
add_languages (LodgeForm *form)
{
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_RADIO, "language", _ ("Language"),
                                      lodge_language_used ());

  for (const LodgeLanguage *language = lodge_languages (); language->id != NULL; language++)
    lodge_field_add_row (field, language->id, language->name, NULL, NULL);
}

/* The form is made anew in the language that was chosen. */
static gboolean
refresh (LodgeForm *form, gpointer data)
{
  const LodgeField *field = lodge_form_field (form, "language");

  (void)data;
  if (field == NULL || g_str_equal (field->value, lodge_language_used ()))
    return FALSE;
  lodge_language_use (field->value);
  lodge_form_set_focus (form, "language");
  form->ended = TRUE;
  return TRUE;
}

static gboolean
changed (LodgeForm *form, LodgeField *field, gpointer data)
{
  LodgeWizard *wizard = data;

  if (!g_str_equal (field->id, "keyboard") || !has_keyboard (wizard))
    return FALSE;
  load (wizard, form, field->value);
  return TRUE;
}

static void
add_keymap (LodgeField *field, const char *keymap)
{
  const char *title = lodge_keymap_title (keymap);
  g_autofree char *name = lodge_text_pad (keymap, 24);
  g_autofree char *text = g_strconcat (name, title, NULL);

  lodge_field_add_row (field, keymap, text, NULL, NULL);
}

static void
add_keymaps (LodgeWizard *wizard, LodgeForm *form)
{
  const char *given = wizard->answers->keyboard;
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_LIST, "keyboard", NULL,
                                      given != NULL ? given : LODGE_KERNEL_KEYMAP);
  g_autoptr (GPtrArray) keymaps = lodge_keymaps_list (wizard->probe.sysroot);

  for (guint i = 0; i < keymaps->len; i++)
    add_keymap (field, keymaps->pdata[i]);
  /* One that the image has no file for (Debian makes it otherwise) is not to be lost. */
  if (lodge_field_row (field, field->value) == NULL)
    add_keymap (field, field->value);
}

static LodgeForm *
make (LodgeWizard *wizard)
{
  LodgeForm *form = lodge_form_new ("keyboard", _ ("Keyboard and language"));

  if (has_keyboard (wizard))
    form->text = g_strdup (_ ("Choose the keyboard of this machine.  It counts at once: try it in "
                              "the field below the list, as you will type a password later."));
  else
    form->text
        = g_strdup (_ ("Choose the keyboard that is plugged into this machine.  You are at a "
                       "serial or remote terminal, which has its own: what you type here stays as "
                       "it is."));
  add_keymaps (wizard, form);
  /* Somebody may try a password: not kept anywhere. */
  lodge_form_add (form, LODGE_FIELD_TEXT, "try", _ ("Try it here"), NULL)->forgotten = TRUE;
  if (can_show_languages (wizard))
    {
      add_languages (form);
      form->refresh = refresh;
      form->interval = REFRESH_MILLISECONDS;
    }
  lodge_form_add_button (form, "next", _ ("Next"));
  form->forward = "next";
  form->changed = changed;
  form->data = wizard;
  form->help = g_strdup (_ (
      "Up and Down move in the list, a letter jumps to the keyboards that begin with it.  Tab "
      "goes to the next field or button, Shift-Tab back (at a monitor Up from a field, Left from "
      "a button).  Enter in the list is Next.\n\n"
      "On every screen: Esc goes back, F12 goes on but from the last one, F1 is this help, F2 "
      "shows details where "
      "there are any, Ctrl-C leaves.  What you typed is kept when you go back.  Nothing is "
      "changed on this machine before the last screen is confirmed."));
  return form;
}

/* What new logins speak: only where the image has that language at all. */
static void
take_language (LodgeAnswers *answers)
{
  g_autofree char *name = g_strconcat (lodge_language_used (), ".UTF-8", NULL);
  locale_t locale = newlocale (LC_ALL_MASK, name, (locale_t)0);

  g_clear_pointer (&answers->language, g_free);
  if (locale == (locale_t)0)
    return;
  freelocale (locale);
  answers->language = g_steal_pointer (&name);
}

static gboolean
accept (LodgeWizard *wizard, LodgeForm *form)
{
  const char *keymap = lodge_form_value (form, "keyboard");

  g_free (wizard->answers->keyboard);
  wizard->answers->keyboard = g_strdup (keymap);
  /* The cursor may have stood on it all the time: it was chosen at another terminal. */
  lodge_wizard_load_keymap (wizard);
  if (lodge_form_field (form, "language") != NULL)
    take_language (wizard->answers);
  return TRUE;
}

static LodgeMove
press (LodgeWizard *wizard, LodgeForm *form, const char *button, GError **error)
{
  (void)wizard;
  (void)form;
  (void)button;
  (void)error;
  return LODGE_MOVE_AGAIN;
}

const LodgeScreen lodge_screen_keyboard
    = { .id = "keyboard", .make = make, .accept = accept, .press = press };
