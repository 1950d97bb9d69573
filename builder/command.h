/* The commands of `lodge`: one file each (command-NAME.c), one row in main.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command prints its result on standard output and nothing else; failures go up as GError and are
 * printed by main(), which also turns them into the exit status (common/error.h).
 */
#pragma once

#include <gio/gio.h>

/* ARGV[0] is the command's own name ("build").  CANCELLABLE is triggered by SIGINT, SIGTERM and
 * SIGHUP: a command then stops what it does, cleans up and returns FALSE. */
typedef gboolean (*LodgeCommandFunction) (int argc, char **argv, GCancellable *cancellable,
                                          GError **error);

gboolean lodge_command_build (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_package (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_boot (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_flash (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_inspect (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_diff (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_doctor (int argc, char **argv, GCancellable *cancellable, GError **error);
gboolean lodge_command_answers (int argc, char **argv, GCancellable *cancellable, GError **error);

typedef struct
{
  const char *name;     /* what follows "lodge" on the command line: "build", "answers check" */
  const char *operands; /* "TEMPLATE", "IMAGE [DEVICE…]" */
  const char *summary;  /* one sentence, shown above the options in --help */
  const GOptionEntry *entries;
  int minimum; /* how many operands there may be */
  int maximum; /* -1: any number */
} LodgeCommandSyntax;

/* Refuses a file PATH that the command line names and that is a directory or cannot be read
 * (LODGE_ERROR_USAGE).  WANTED says what to give: "the path of an image".  OPTION ("--answers") may
 * be NULL, and PATH too: nothing is checked then. */
gboolean lodge_command_check_file (const char *option, const char *path, const char *wanted,
                                   GError **error);

/* Parses the options of a command out of ARGV, so that ARGV[1] to ARGV[*ARGC - 1] are its operands
 * and ARGV[*ARGC] is NULL.  Unknown options, bad values and a wrong number of operands are
 * LODGE_ERROR_USAGE.  --help prints the help on standard output and sets *HELP_SHOWN; the command
 * then returns TRUE at once. */
gboolean lodge_command_parse (const LodgeCommandSyntax *syntax, int *argc, char **argv,
                              gboolean *help_shown, GError **error);
