/* What all commands share: the parsing of options.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

/* GOption leaves a "--" in place when the operand after it begins with '-'. */
static void
drop_separator (int *argc, char **argv)
{
  if (*argc < 2 || strcmp (argv[1], "--") != 0)
    return;
  memmove (&argv[1], &argv[2], (gsize)(*argc - 2) * sizeof argv[0]);
  (*argc)--;
  argv[*argc] = NULL;
}

static gboolean
check_operands (const LodgeCommandSyntax *syntax, int count, char **operands, GError **error)
{
  if (count < syntax->minimum)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "%s needs %s; see lodge %s --help",
                            syntax->name, syntax->operands, syntax->name);
  if (syntax->maximum >= 0 && count > syntax->maximum)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "%s: \"%s\" is one word too many; see lodge %s --help", syntax->name,
                            operands[syntax->maximum], syntax->name);
  return TRUE;
}

gboolean
lodge_command_parse (const LodgeCommandSyntax *syntax, int *argc, char **argv, gboolean *help_shown,
                     GError **error)
{
  gboolean help = FALSE;
  const GOptionEntry help_entries[]
      = { { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL }, { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (syntax->operands);
  g_autoptr (GError) reason = NULL;
  g_autofree char *program = g_strconcat ("lodge ", syntax->name, NULL);

  /* Ours, as GOption's own help would end the program. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, syntax->summary);
  g_option_context_add_main_entries (context, syntax->entries, NULL);
  g_option_context_add_main_entries (context, help_entries, NULL);
  *help_shown = FALSE;
  if (!g_option_context_parse (context, argc, &argv, &reason))
    return lodge_error_set (error, LODGE_ERROR_USAGE, "%s: %s; see lodge %s --help", syntax->name,
                            reason->message, syntax->name);
  if (help)
    {
      g_autofree char *text = NULL;

      /* The usage line begins with it. */
      g_set_prgname (program);
      text = g_option_context_get_help (context, TRUE, NULL);
      fputs (text, stdout);
      *help_shown = TRUE;
      return TRUE;
    }
  drop_separator (argc, argv);
  argv[*argc] = NULL;
  return check_operands (syntax, *argc - 1, argv + 1, error);
}

gboolean
lodge_command_check_file (const char *option, const char *path, const char *wanted, GError **error)
{
  const char *reason = NULL;
  int number = 0;

  if (path == NULL)
    return TRUE;
  if (access (path, R_OK) != 0)
    number = errno;
  else if (g_file_test (path, G_FILE_TEST_IS_DIR))
    number = EISDIR;
  if (number == 0)
    return TRUE;
  reason = g_strerror (number);
  /* The path is the right one. */
  if (number == EACCES)
    wanted = "yourself access to it, ask its owner for that, or run lodge as a user who has it";
  return lodge_error_set (error, LODGE_ERROR_USAGE, "%s%s%s cannot be read: %s; give %s",
                          option != NULL ? option : "", option != NULL ? ": " : "", path, reason,
                          wanted);
}
