/* lodge answers: a look at answers.conf before it goes to the hosts.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/answers-notes.h"
#include "builder/classroom.h"
#include "builder/command.h"
#include "builder/say.h"
#include "common/answers-table.h"
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

static void
tell_notes (const GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    lodge_say_note ("%s", (const char *)g_ptr_array_index (notes, i));
}

/* A disk image, given by mistake, is told by its length. */
static char *
read_answers (const char *path, gsize *length, GError **error)
{
  struct stat status;

  if (!lodge_command_check_file (NULL, path, "the path of an answers.conf", error))
    return NULL;
  if (stat (path, &status) == 0 && status.st_size > ANSWERS_LIMIT)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       "%s is no answers.conf: it is longer than the 1 MiB that one may have; give "
                       "the path of the text file with the answers",
                       path);
      return NULL;
    }
  return lodge_file_read (path, ANSWERS_LIMIT, length, error);
}

/* What stands in the sections is checked with their hosts in mind by --all alone. */
static gboolean
tell_sections (const char *path, const char *file, gsize length, GError **error)
{
  g_autoptr (LodgeClassroom) classroom = lodge_classroom_read (path, file, length, error);

  if (classroom == NULL)
    return FALSE;
  if (classroom->hosts->len > 0)
    lodge_say_note ("this is what hosts get that none of the %u [match …] sections names; "
                    "lodge answers check --all %s shows each host, and where two clash",
                    classroom->hosts->len, path);
  return TRUE;
}

static gboolean
has_sections (const LodgeKeyfile *keyfile)
{
  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      if (lodge_answer_is_match (section->name))
        return TRUE;
    }
  return FALSE;
}

/* Before the answers, which may contradict each other just because no section adds to them. */
static gboolean
count_matches (const char *path, const char *file, gsize length, const LodgeHostIdentity *host,
               guint *matches, GError **error)
{
  g_autoptr (LodgeKeyfile) keyfile = lodge_keyfile_parse (path, file, length, error);
  g_autoptr (LodgeAnswersReading) reading = NULL;

  if (keyfile == NULL)
    return FALSE;
  reading = lodge_answers_reading_new (keyfile, host, error);
  if (reading == NULL)
    return FALSE;
  if (reading->applied == 0 && has_sections (keyfile))
    lodge_say_note ("no [match …] section of %s names this host: it gets what stands outside "
                    "of them",
                    path);
  *matches = reading->applied;
  return TRUE;
}

static gboolean
print_answers (const char *path, const LodgeHostIdentity *host, GError **error)
{
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autoptr (GPtrArray) notes = NULL;
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  guint matches = 0;

  file = read_answers (path, &length, error);
  if (file == NULL || (host != NULL && !count_matches (path, file, length, host, &matches, error)))
    return FALSE;
  answers = lodge_answers_parse (path, file, length, host, error);
  if (answers == NULL)
    return FALSE;
  if (host != NULL)
    printf ("# [match …] sections for this host: %u\n", matches);
  text = lodge_answers_format (answers, FALSE);
  if (*text == '\0')
    puts (strspn (file, " \t\r\n") == length ? "# the file is empty: all defaults hold"
                                             : "# nothing else is given: all defaults hold");
  fputs (text, stdout);
  notes = lodge_answers_notes (path, file, length, host, LODGE_IMAGE_ACCESS_UNKNOWN, error);
  if (notes == NULL)
    return FALSE;
  tell_notes (notes);
  return host != NULL || tell_sections (path, file, length, error);
}

/* --- all hosts --- */

/* What is no clash, but may not be meant. */
static void
tell_doubts (const LodgeClassroom *classroom)
{
  g_autoptr (GPtrArray) notes = lodge_classroom_notes (classroom, LODGE_IMAGE_ACCESS_UNKNOWN);

  if (classroom->mixed)
    lodge_say_note (
        "%s names hosts in more than one way: one that two sections fit gets "
        "both, and the later wins; give two of --mac, --serial and --uuid together to see it",
        classroom->path);
  tell_notes (classroom->doubts);
  if (classroom->without_names > 1)
    lodge_say_note ("%u hosts of %s get no hostname=, so all of them have the image's",
                    classroom->without_names, classroom->path);
  tell_notes (notes);
}

/* All clashes are told, the last one as the error. */
static gboolean
tell_clashes (const LodgeClassroom *classroom, GError **error)
{
  const GPtrArray *clashes = classroom->clashes;

  for (guint i = 0; i < clashes->len; i++)
    {
      const LodgeClash *clash = g_ptr_array_index (clashes, i);

      if (i + 1 == clashes->len)
        return lodge_error_set (error, LODGE_ERROR_USAGE, "%s", clash->message);
      lodge_say_error (clash->message);
    }
  return TRUE;
}

static gboolean
print_all (const char *path, gboolean json, GError **error)
{
  g_autoptr (LodgeClassroom) classroom = NULL;
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  file = read_answers (path, &length, error);
  classroom = file != NULL ? lodge_classroom_read (path, file, length, error) : NULL;
  if (classroom == NULL)
    return FALSE;
  text = json ? lodge_classroom_format_json (classroom) : lodge_classroom_format (classroom);
  fputs (text, stdout);
  /* The table first where both go to one place. */
  fflush (stdout);
  tell_doubts (classroom);
  return tell_clashes (classroom, error);
}

static gboolean
check (int argc, char **argv, GError **error)
{
  g_autofree char *mac = NULL;
  g_autofree char *serial = NULL;
  g_autofree char *uuid = NULL;
  g_autoptr (LodgeHostIdentity) host = g_new0 (LodgeHostIdentity, 1);
  g_autofree char *checked_mac = NULL;
  gboolean all = FALSE;
  gboolean json = FALSE;
  gboolean one;
  gboolean help_shown;
  const GOptionEntry entries[] = {
    { "mac", 0, 0, G_OPTION_ARG_STRING, &mac, "The host that has this network port", "MAC" },
    { "serial", 0, 0, G_OPTION_ARG_STRING, &serial, "The host with this serial number", "SERIAL" },
    { "uuid", 0, 0, G_OPTION_ARG_STRING, &uuid, "The host with this UUID", "UUID" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all,
      "Every host that a [match …] section names, and where two of them clash", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "With --all: print one JSON object", NULL },
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
  one = mac != NULL || serial != NULL || uuid != NULL;
  if (all && one)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "--all shows every host: leave out --mac, --serial and --uuid, which "
                            "name one");
  if (json && !all)
    return lodge_error_set (error, LODGE_ERROR_USAGE, "--json goes with --all");
  if (all)
    return print_all (argv[1], json, error);
  if (!check_identity ("--mac", lodge_syntax_mac, mac, &checked_mac, error)
      || !check_identity ("--serial", lodge_syntax_serial, serial, &host->serial, error)
      || !check_identity ("--uuid", lodge_syntax_uuid, uuid, &host->uuid, error))
    return FALSE;
  host->macs = g_new0 (char *, 2);
  host->macs[0] = g_steal_pointer (&checked_mac);
  return print_answers (argv[1], one ? host : NULL, error);
}

gboolean
lodge_command_answers (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  (void)cancellable; /* nothing here takes time */
  if (argc > 1 && strcmp (argv[1], "check") == 0)
    return check (argc - 1, argv + 1, error);
  if (argc > 1 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      puts ("Usage:\n  lodge answers check FILE [--mac MAC] [--serial SERIAL] [--uuid UUID]\n"
            "  lodge answers check --all [--json] FILE\n\n"
            "See lodge answers check --help.");
      return TRUE;
    }
  if (argc > 1)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "answers: there is no command or option \"%s\"; the only command is "
                            "check: lodge answers check FILE",
                            argv[1]);
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "answers needs the word \"check\" and a FILE; see lodge answers --help");
}
