/* Forms on a terminal, with newt: the loop of keys.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/ui-newt-private.h"

#include "common/error.h"
#include "firstboot/i18n.h"

#include <slang.h>

/* How often a terminal of which nobody tells the size is asked for it, where nobody waits for that.
 */
#define ASK_MILLISECONDS 2000

static const char *newt_show (LodgeUi *ui, LodgeForm *form, GError **error);

/* --- windows above the form --- */

/* The terminal may have become too small while the window was there that gave BUTTON back. */
static const char *
open_after_window (LodgeNewtForm *shown, const char *button, GError **error)
{
  if (button != NULL && button[0] == '\0')
    button = lodge_newt_wait_for_room (shown, error);
  lodge_newt_open (shown);
  return button;
}

/* The form is not on the screen meanwhile: a resize would otherwise leave it behind, cut off. */
static const char *
popup (LodgeNewtForm *shown, const char *id, const char *title, const char *text, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new_text (id, title, text);
  const char *button;

  /* Ctrl-C means what it means on the form. */
  form->quits_unasked = shown->form->quits_unasked;
  form->leaving = shown->form->leaving;
  lodge_newt_close (shown);
  button = lodge_ui_show (&shown->newt->ui, form, error);
  button = button == NULL || g_str_equal (button, "quit") ? button : "";
  return open_after_window (shown, button, error);
}

const char *
lodge_newt_ask_to_leave (LodgeNewt *newt, const LodgeForm *below, GError **error)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("leave", _ ("Leave the wizard?"));
  const char *button;

  form->text = g_strdup (
      newt->ui.comes_back
          ? _ ("The welcome comes back: nobody can log in on this machine yet.  What you typed is "
               "kept, but for passwords, and a setup that runs goes on.")
      : below->leaving != NULL ? below->leaving
      : newt->ui.forgets
          ? _ ("Nothing that you typed is kept; `lodge-firstboot --reconfigure` begins anew.")
          : _ ("What you typed is kept, but for passwords.  `lodge-firstboot` starts the wizard "
               "again."));
  lodge_form_add_button (form, "stay", _ ("Stay"));
  lodge_form_add_button (form, "leave", _ ("Leave"));
  form->back = form->forward = "stay";
  /* Pressed again by the same habit: as Esc. */
  form->quits_unasked = TRUE;
  newt->asks_to_leave = TRUE;
  button = lodge_ui_show (&newt->ui, form, error);
  newt->asks_to_leave = FALSE;
  if (button == NULL)
    return NULL;
  return g_str_equal (button, "leave") ? "quit" : "";
}

static const char *
ask_to_leave (LodgeNewtForm *shown, GError **error)
{
  const char *button;

  lodge_newt_close (shown);
  button = lodge_newt_ask_to_leave (shown->newt, shown->form, error);
  return open_after_window (shown, button, error);
}

/* --- what ends newtFormRun() --- */

static void
remake (LodgeNewtForm *shown)
{
  lodge_newt_remember_focus (shown);
  lodge_newt_close (shown);
  lodge_newt_open_again (shown);
}

static const char *
resize (LodgeNewtForm *shown, GError **error)
{
  const char *button;

  lodge_newt_remember_focus (shown);
  lodge_newt_close (shown);
  lodge_newt_measure (shown->newt);
  button = lodge_newt_wait_for_room (shown, error);
  lodge_newt_open_again (shown);
  return button;
}

/* Rows and texts after refresh(): in place where their number is the same. */
static void
show_refreshed (LodgeNewtForm *shown)
{
  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      const LodgeField *field = shown->form->fields->pdata[i];

      if (field->kind == LODGE_FIELD_PROSE)
        lodge_newt_show_prose (shown, i);
      else if (field->kind == LODGE_FIELD_LIST || field->kind == LODGE_FIELD_MARKS)
        {
          if (newtListboxItemCount (shown->fields[i]) != (int)field->rows->len)
            {
              shown->remake = TRUE;
              return;
            }
          for (guint j = 0; j < field->rows->len; j++)
            lodge_newt_show_row (shown, i, j);
          lodge_newt_show_detail (shown, i);
        }
    }
  lodge_newt_show_uses (shown);
  lodge_newt_show_note (shown);
}

/* Enter was pressed on COMPONENT. */
static const char *
entered (LodgeNewtForm *shown, newtComponent component)
{
  LodgeFieldKind kind;
  guint index;

  for (guint i = 0; i < shown->form->buttons->len; i++)
    if (shown->buttons[i] == component)
      return ((const LodgeUiButton *)shown->form->buttons->pdata[i])->id;
  index = lodge_newt_field_of (shown, component);
  kind = ((const LodgeField *)shown->form->fields->pdata[index])->kind;
  if ((kind == LODGE_FIELD_LIST || kind == LODGE_FIELD_MARKS) && shown->form->forward != NULL)
    return shown->form->forward;
  /* Enter means the choice under the cursor. */
  if (kind == LODGE_FIELD_RADIO)
    newtRadioSetCurrent (component);
  lodge_newt_go_on_from (shown, index);
  return "";
}

static const char *
hot_key (LodgeNewtForm *shown, int key, GError **error)
{
  LodgeForm *form = shown->form;

  switch (key)
    {
    case NEWT_KEY_RESIZE:
      return resize (shown, error);
    case NEWT_KEY_TAB:
    case NEWT_KEY_UNTAB:
      return "";
    case NEWT_KEY_UP:
    case NEWT_KEY_DOWN:
    case NEWT_KEY_PGUP:
    case NEWT_KEY_PGDN:
    case NEWT_KEY_HOME:
    case NEWT_KEY_END:
      lodge_newt_scroll (shown, key);
      return "";
    case KEY_CTRL_C:
      lodge_newt_remember_focus (shown);
      return form->quits_unasked ? "quit" : ask_to_leave (shown, error);
    case NEWT_KEY_F1:
      lodge_newt_remember_focus (shown);
      return popup (shown, "help", _ ("Help"), form->help, error);
    case NEWT_KEY_F2:
      lodge_newt_remember_focus (shown);
      return popup (shown, "details", _ ("Details"), form->details, error);
    case NEWT_KEY_F12:
      if (form->forward != NULL)
        return form->forward;
      lodge_form_hint (form, form->stop);
      lodge_newt_show_note (shown);
      return "";
    case NEWT_KEY_ENTER:
      return form->forward != NULL ? form->forward : form->back;
    default:
      /* newt reports Esc on every form. */
      return form->back != NULL ? form->back : "";
    }
}

/* The button that is pressed by what ended newtFormRun(), "" when the form stays, NULL on error. */
static const char *
handle (LodgeNewtForm *shown, const struct newtExitStruct *exit, GError **error)
{
  LodgeForm *form = shown->form;

  if (g_cancellable_set_error_if_cancelled (shown->newt->cancellable, error))
    return NULL;
  switch (exit->reason)
    {
    case NEWT_EXIT_HOTKEY:
      return hot_key (shown, exit->u.key, error);
    case NEWT_EXIT_COMPONENT:
      return entered (shown, exit->u.co);
    case NEWT_EXIT_TIMER:
      /* It may stay for long.  Who does not answer in time is not asked again: what comes later
       * would be taken for keys of the next form. */
      if (form->buttons->len == 0 && shown->newt->answers)
        lodge_newt_ask_size (shown->newt, ASK_MILLISECONDS);
      if (form->refresh != NULL && form->refresh (form, form->data))
        show_refreshed (shown);
      return form->ended ? "ended" : "";
    case NEWT_EXIT_FDREADY:
      return "";
    case NEWT_EXIT_ERROR:
      break;
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the terminal has gone");
  return NULL;
}

/* --- the interface --- */

static gboolean
tell_long_note (LodgeUi *ui, LodgeForm *form, GError **error)
{
  if (lodge_geometry_note_lines (form, 76) <= LODGE_NEWT_LONGEST_NOTE)
    return TRUE;
  return lodge_ui_tell (ui, "complaint", form->title, form->note, error);
}

/* Whether who pressed BUTTON wants what is typed in FORM to be used. */
static gboolean
goes_on (const LodgeForm *form, const char *button)
{
  return button[0] != '\0' && !g_str_equal (button, "ended") && !g_str_equal (button, "quit")
         && g_strcmp0 (button, form->back) != 0;
}

static const char *
newt_show (LodgeUi *ui, LodgeForm *form, GError **error)
{
  LodgeNewt *newt = (LodgeNewt *)ui;
  LodgeNewtForm shown
      = { .newt = newt, .form = form, .scrolled = lodge_newt_first_scrolled (form) };
  const char *button = "";

  if (!tell_long_note (ui, form, error))
    return NULL;
  if (ui->quits)
    {
      ui->quits = FALSE;
      return "quit";
    }
  button = lodge_newt_wait_for_room (&shown, error);
  /* Keys that were typed before it was there are not meant for it. */
  if (button != NULL && button[0] == '\0')
    g_string_truncate (newt->typed, 0);
  lodge_newt_open (&shown);
  while (button != NULL && button[0] == '\0')
    {
      struct newtExitStruct exit;

      lodge_newt_run (newt, shown.window, &exit);
      /* First, as an entry that the cursor leaves takes its value itself, and checks it. */
      if (exit.reason == NEWT_EXIT_HOTKEY
          && (exit.u.key == NEWT_KEY_TAB || exit.u.key == NEWT_KEY_UNTAB))
        lodge_newt_move_focus (&shown, exit.u.key == NEWT_KEY_TAB);
      lodge_newt_take_values (&shown);
      button = handle (&shown, &exit, error);
      if (button != NULL && goes_on (form, button) && lodge_newt_refuse_passwords (&shown))
        button = "";
      if (shown.remake && button != NULL && button[0] == '\0')
        remake (&shown);
    }
  lodge_newt_forget_passwords (&shown);
  lodge_newt_remember_focus (&shown);
  lodge_newt_close (&shown);
  return button;
}

static void
newt_suspend (LodgeUi *ui)
{
  LodgeNewt *newt = (LodgeNewt *)ui;

  lodge_newt_keys_leave (newt);
  newtSuspend ();
  /* Nothing of the form stays above what the program says. */
  SLtt_cls ();
  SLtt_flush_output ();
  lodge_terminal_give_back (newt->terminal);
  newt->suspended = TRUE;
}

static void
newt_resume (LodgeUi *ui)
{
  LodgeNewt *newt = (LodgeNewt *)ui;

  newt->suspended = FALSE;
  lodge_terminal_take_again (newt->terminal);
  newtResume ();
  lodge_newt_measure (newt);
}

static void
free_rest (LodgeNewt *newt)
{
  lodge_terminal_give_back (newt->terminal);
  lodge_terminal_free (newt->terminal);
  g_object_unref (newt->cancellable);
  g_free (newt);
}

static void
newt_free (LodgeUi *ui)
{
  LodgeNewt *newt = (LodgeNewt *)ui;

  lodge_newt_keys_clear (newt);
  /* Suspended: what stands on it now is not ours, but who ran there may have left it anyhow. */
  if (!newt->suspended)
    newtFinished ();
  g_cancellable_release_fd (newt->cancellable);
  free_rest (newt);
}

static const LodgeUiClass newt_class
    = { .show = newt_show, .suspend = newt_suspend, .resume = newt_resume, .free = newt_free };

static void
set_colours (void)
{
  newtSetColor (NEWT_COLORSET_DISENTRY, (char *)"gray", (char *)"lightgray");
  newtSetColor (LODGE_NEWT_COMPLAINT, (char *)"red", (char *)"lightgray");
  /* Rows that cannot be used, and the cursor on one. */
  newtSetColor (NEWT_COLORSET_SELLISTBOX, (char *)"gray", (char *)"lightgray");
  newtSetColor (NEWT_COLORSET_ACTSELLISTBOX, (char *)"black", (char *)"cyan");
  if (SLtt_Use_Ansi_Colors)
    return;
  SLtt_set_mono (LODGE_NEWT_COMPLAINT, NULL, SLTT_BOLD_MASK);
  SLtt_set_mono (NEWT_COLORSET_SELLISTBOX, NULL, 0);
  SLtt_set_mono (NEWT_COLORSET_ACTSELLISTBOX, NULL, SLTT_REV_MASK);
}

/* The font of the kernel's own console has no Chinese characters; terminals that take UTF-8 mostly
 * have. */
static void
use_language (const char *language)
{
  g_autofree char *terminal = lodge_terminal_name ();

  if (g_get_charset (NULL) && (terminal == NULL || !lodge_terminal_is_virtual (terminal)))
    lodge_language_use (language);
}

static gboolean
init_newt (GError **error)
{
  return newtInit () == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "the screen library cannot use this terminal (TERM=%s)",
                             g_getenv ("TERM"));
}

LodgeUi *
lodge_ui_newt_new (LodgeUiTitle *title, GCancellable *cancellable, GError **error)
{
  /* First, as taking the terminal may set another locale. */
  const char *language = lodge_language_of_environment ();
  LodgeTerminal *terminal = lodge_terminal_take (error);
  LodgeNewt *newt;

  if (terminal == NULL)
    return NULL;
  newt = g_new0 (LodgeNewt, 1);
  newt->ui.class = &newt_class;
  newt->terminal = terminal;
  newt->title = title;
  newt->answers = TRUE;
  newt->cancellable = g_object_ref (cancellable);
  if (!lodge_newt_keys_init (newt, error) || !init_newt (error))
    {
      lodge_newt_keys_clear (newt);
      free_rest (newt);
      return NULL;
    }
  newt->cancelled = g_cancellable_get_fd (cancellable);
  lodge_newt_keys_take (newt);
  use_language (language);
  set_colours ();
  lodge_newt_watch_continue ();
  newtCls ();
  return &newt->ui;
}
