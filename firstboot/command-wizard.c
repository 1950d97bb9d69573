/* `wizard`, and no command at all on a terminal: asks, then applies.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "common/version.h"
#include "firstboot/i18n.h"
#include "firstboot/interrupt.h"
#include "firstboot/terminal.h"
#include "firstboot/wizard.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define RUNTIME_DIRECTORY "/run/lodge"
#define PROGRAM "/proc/self/exe"

static LodgeUi *
make_ui (const LodgeOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree char *title = NULL;

  if (options->script != NULL)
    return lodge_ui_scripted_new (options->script, error);
  title = g_strdup_printf (_ ("Lodge %s: setting up a KVM host"), LODGE_VERSION);
  return lodge_ui_newt_new (title, cancellable, error);
}

/* Where answers and words go; a captured machine's are nobody else's business and end with us. */
static char *
make_runtime (const LodgeOptions *options, gboolean *temporary, GError **error)
{
  *temporary = options->root[0] != '\0' && options->runtime == NULL;
  if (*temporary)
    return g_dir_make_tmp ("lodge-wizard-XXXXXX", error);
  return g_strdup (options->runtime != NULL ? options->runtime : RUNTIME_DIRECTORY);
}

static void
remove_runtime (const char *runtime)
{
  g_autoptr (GDir) directory = g_dir_open (runtime, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (runtime, name, NULL);
      g_unlink (path);
    }
  g_rmdir (runtime);
}

static int
run (const LodgeOptions *options, const char *runtime, GError **error)
{
  g_autoptr (LodgeInterrupt) interrupt = lodge_interrupt_new ();
  g_autoptr (LodgeUi) ui = make_ui (options, lodge_interrupt_cancellable (interrupt), error);
  g_autofree char *console = lodge_terminal_name ();
  g_auto (LodgeWizard) wizard = { 0 };

  if (ui == NULL)
    return 1;
  lodge_wizard_init (&wizard, ui, options->root);
  wizard.runtime = runtime;
  wizard.program = options->program != NULL ? options->program : PROGRAM;
  wizard.console = console != NULL ? console : "";
  wizard.cancellable = lodge_interrupt_cancellable (interrupt);
  return lodge_wizard_run (&wizard, error) ? 0 : 1;
}

int
lodge_command_wizard (const LodgeOptions *options, GError **error)
{
  gboolean temporary = FALSE;
  g_autofree char *runtime = NULL;
  int status;

  /* Answers would be for this machine, and its own `apply` would take them. */
  if (options->root[0] == '\0' && geteuid () != 0)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "the wizard sets this machine up: run it as root");
      return 1;
    }
  runtime = make_runtime (options, &temporary, error);
  if (runtime == NULL)
    return 1;
  status = run (options, runtime, error);
  if (temporary)
    remove_runtime (runtime);
  return status;
}
