/* lodge answers: a look at answers.conf before it goes to the hosts.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "builder/command.h"
#include "common/answers.h"
#include "common/error.h"
#include "common/file.h"
#include "common/syntax.h"

enum
{
  ANSWERS_LIMIT = 1024 * 1024, /* bytes, as lodge_keyfile_load() */
};

/* VALUE in its canonical spelling, or NULL when it was not given; FALSE when it is wrong. */
static gboolean
check_identity (const char *option, LodgeSyntax *syntax, const char *value, char **checked,
                GError **error)
{
  if (value == NULL)
    return TRUE;
  *checked = syntax (value, error);
  if (*checked != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", option);
  return FALSE;
}

/* Answers without access are no mistake, as the image can bring it; but whoever forgot it learns it
 * here and not at the host. */
/* The file is right; it is lodge-firstboot of this version that does not have them yet. */
static void
tell_layout (const char *path, const LodgeAnswers *answers)
{
  if (answers->layout == LODGE_LAYOUT_LVM || answers->layout == LODGE_LAYOUT_RAID1)
    fprintf (stderr,
             "lodge: note: layout=%s of %s is not in this version of lodge-firstboot: setup would "
             "stop before it changes anything; use xfs, adopt or none\n",
             lodge_layout_kind_name (answers->layout), path);
}

static gboolean
tell_access (const char *path, const char *file, gsize length, const LodgeHostIdentity *host,
             GError **error)
{
  gboolean access = FALSE;

  if (!lodge_answers_give_access (path, file, length, host, &access, error))
    return FALSE;
  if (!access)
    fprintf (stderr,
             "lodge: note: nobody can log in with the answers of %s alone: give ssh-keys= or "
             "root-password-hash= in [access], or they need an image built with --ssh-key or "
             "--root-password-hash, or the wizard\n",
             path);
  return TRUE;
}

static gboolean
print_answers (const char *path, const LodgeHostIdentity *host, GError **error)
{
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  guint matches;

  if (!lodge_command_check_file (NULL, path, "the path of an answers.conf", error))
    return FALSE;
  file = lodge_file_read (path, ANSWERS_LIMIT, &length, error);
  answers = file != NULL ? lodge_answers_parse (path, file, length, host, error) : NULL;
  if (answers == NULL)
    return FALSE;
  if (host != NULL)
    {
      matches = lodge_answers_count_matches (path, host, &failure);
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      printf ("# [match …] sections for this host: %u\n", matches);
    }
  text = lodge_answers_format (answers, FALSE);
  if (*text == '\0')
    puts (strspn (file, " \t\r\n") == length ? "# the file is empty: all defaults hold"
                                             : "# nothing else is given: all defaults hold");
  fputs (text, stdout);
  tell_layout (path, answers);
  return tell_access (path, file, length, host, error);
}

static gboolean
check (int argc, char **argv, GError **error)
{
  g_autofree char *mac = NULL;
  g_autofree char *serial = NULL;
  g_autofree char *uuid = NULL;
  g_autoptr (LodgeHostIdentity) host = g_new0 (LodgeHostIdentity, 1);
  g_autofree char *checked_mac = NULL;
  gboolean help_shown;
  const GOptionEntry entries[] = {
    { "mac", 0, 0, G_OPTION_ARG_STRING, &mac, "The host that has this network port", "MAC" },
    { "serial", 0, 0, G_OPTION_ARG_STRING, &serial, "The host with this serial number", "SERIAL" },
    { "uuid", 0, 0, G_OPTION_ARG_STRING, &uuid, "The host with this UUID", "UUID" },
    { NULL },
  };
  const LodgeCommandSyntax syntax = {
    .name = "answers check",
    .operands = "FILE",
    .summary = "Prints the answers that a host would get from FILE, secrets left out, or what is "
               "wrong with it.",
    .entries = entries,
    .minimum = 1,
    .maximum = 1,
  };

  if (!lodge_command_parse (&syntax, &argc, argv, &help_shown, error))
    return FALSE;
  if (help_shown)
    return TRUE;
  if (!check_identity ("--mac", lodge_syntax_mac, mac, &checked_mac, error)
      || !check_identity ("--serial", lodge_syntax_serial, serial, &host->serial, error)
      || !check_identity ("--uuid", lodge_syntax_uuid, uuid, &host->uuid, error))
    return FALSE;
  host->macs = g_new0 (char *, 2);
  host->macs[0] = g_steal_pointer (&checked_mac);
  if (host->macs[0] == NULL && host->serial == NULL && host->uuid == NULL)
    return print_answers (argv[1], NULL, error);
  return print_answers (argv[1], host, error);
}

gboolean
lodge_command_answers (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  (void)cancellable; /* nothing here takes time */
  if (argc > 1 && strcmp (argv[1], "check") == 0)
    return check (argc - 1, argv + 1, error);
  if (argc > 1 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      puts ("Usage:\n  lodge answers check FILE [--mac MAC] [--serial SERIAL] [--uuid UUID]\n\n"
            "See lodge answers check --help.");
      return TRUE;
    }
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "answers needs the word \"check\" and a FILE; see lodge answers --help");
}
