/* The console's keyboard.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EL and others load a keymap file named in /etc/vconsole.conf.  Debian describes the keyboard as X
 * does, in /etc/default/keyboard, and console-setup makes a keymap of it; systemd's kbd-model-map
 * says which description a keymap's name stands for (systemd-localed.service(8)).
 */
#include "firstboot/setting.h"

#include "common/error.h"
#include "common/keymaps.h"
#include "common/run.h"
#include "firstboot/host-files.h"
#include "firstboot/i18n.h"

static gboolean
has_console_setup (const char *root)
{
  return lodge_host_has (root, "/usr/bin/setupcon") || lodge_host_has (root, "/bin/setupcon");
}

gboolean
lodge_setting_keyboard_check (const LodgeStepContext *context, GError **error)
{
  const char *keymap = context->plan->answers->keyboard;
  g_auto (GStrv) model = NULL;

  if (keymap == NULL || g_str_equal (keymap, LODGE_KERNEL_KEYMAP)
      || lodge_keymaps_have (context->root, keymap))
    return TRUE;
  model = lodge_keymap_model (context->root, keymap);
  if (model != NULL && has_console_setup (context->root))
    return TRUE;
  if (model != NULL)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("keyboard=%s is known, but this image has nothing to load it with: add "
            "console-setup (Debian) or kbd (EL) to the template"),
        keymap);
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      "keyboard=%s does not exist in this image: see `localectl list-keymaps` or "
      "the first column of " LODGE_MODEL_MAP,
      keymap);
}

/* At once, so that a password typed next is what the person thinks.  A host with a serial line only
 * has no keyboard to load anything into: told, and no failure. */
static void
load_now (const LodgeStepContext *context, const char *keymap, gboolean console_setup)
{
  static const char *const setupcon[] = { "setupcon", "--keyboard-only", "--save", NULL };
  static const char *const restart[]
      = { "systemctl", "restart", "systemd-vconsole-setup.service", NULL };
  const char *const loadkeys[] = { "loadkeys", keymap, NULL };
  const char *const *argv = loadkeys;
  g_autoptr (GError) problem = NULL;
  g_autofree char *output = NULL;
  g_autofree char *line = NULL;

  if (console_setup)
    argv = setupcon;
  else if (lodge_host_has (context->root, "/usr/lib/systemd/system/systemd-vconsole-setup.service"))
    argv = restart;
  output = lodge_run (argv, NULL, context->cancellable, &problem);
  if (output != NULL)
    return;
  line = g_strdup_printf ("the keyboard %s counts from the next boot on: %s", keymap,
                          problem->message);
  context->tell (line, context->tell_data);
}

gboolean
lodge_setting_keyboard_apply (const LodgeStepContext *context, GError **error)
{
  const char *keymap = context->plan->answers->keyboard;
  const char *const keymap_pairs[] = { "KEYMAP", keymap, NULL };
  g_auto (GStrv) model = NULL;
  gboolean console_setup = has_console_setup (context->root);

  if (keymap == NULL)
    return TRUE;
  model = lodge_keymap_model (context->root, keymap);
  if (!lodge_host_assign (context->root, "/etc/vconsole.conf", keymap_pairs, error))
    return FALSE;
  if (model != NULL && (console_setup || lodge_host_has (context->root, "/etc/default/keyboard")))
    {
      const char *const pairs[] = { "XKBLAYOUT", model[1],     "XKBMODEL", model[2], "XKBVARIANT",
                                    model[3],    "XKBOPTIONS", model[4],   NULL };

      if (!lodge_host_assign (context->root, "/etc/default/keyboard", pairs, error))
        return FALSE;
    }
  if (context->root[0] == '\0')
    load_now (context, keymap, console_setup && model != NULL && !lodge_keymaps_have ("", keymap));
  return TRUE;
}

void
lodge_setting_keyboard_present (const char *root, LodgeAnswers *answers)
{
  char *keymap = lodge_host_assigned (root, "/etc/vconsole.conf", "KEYMAP");

  g_free (answers->keyboard);
  answers->keyboard = keymap != NULL ? keymap : g_strdup (LODGE_KERNEL_KEYMAP);
}
