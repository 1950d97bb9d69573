/* `lodge-firstboot apply` as a process of its own that a screen follows by its words.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/setup-run.h"

#include "common/error.h"
#include "common/file.h"
#include "firstboot/lock.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWERS_FILE "answers.conf"
#define DISKS_FILE "confirmed-disks"
#define LOG_FILE "apply.log"

static void
step_free (gpointer data)
{
  LodgeSetupStep *step = data;

  g_free (step->id);
  g_free (step->title);
  g_free (step->state);
  g_free (step->seconds);
  g_free (step);
}

static LodgeSetup *
setup_new (const char *runtime)
{
  LodgeSetup *setup = g_new0 (LodgeSetup, 1);

  setup->steps = g_ptr_array_new_with_free_func (step_free);
  setup->log = g_build_filename (runtime, LOG_FILE, NULL);
  setup->rest = g_string_new (NULL);
  return setup;
}

void
lodge_setup_free (LodgeSetup *setup)
{
  if (setup == NULL)
    return;
  g_ptr_array_unref (setup->steps);
  g_free (setup->word);
  g_free (setup->line);
  g_free (setup->step);
  g_free (setup->reason);
  g_free (setup->log);
  g_string_free (setup->rest, TRUE);
  g_free (setup);
}

const char *
lodge_setup_log (const LodgeSetup *setup)
{
  return setup->log;
}

/* --- starting --- */

/* No hang-up of the terminal and no Ctrl-C on it reaches the process. */
static void
leave_terminal (gpointer data)
{
  (void)data;
  setsid ();
}

static gboolean
spawn (LodgeSetup *setup, const LodgeSetupOptions *options, const char *answers, const char *disks,
       GError **error)
{
  const char *argv[9] = { options->program, "apply", "--answers", answers, "--from-wizard", NULL };
  gsize count = 5;
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "LC_ALL", "C.UTF-8", TRUE);
  int log = open (setup->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  int nothing = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  gboolean done = FALSE;

  if (options->reconfigure)
    argv[count++] = "--reconfigure";
  else if (options->without_kvm)
    argv[count++] = "--without-kvm";
  if (options->disks != NULL)
    {
      argv[count++] = "--confirmed-disks";
      argv[count++] = disks;
    }
  if (log == -1)
    lodge_error_set_errno (error, errno, "write %s", setup->log);
  else if (nothing == -1)
    lodge_error_set_errno (error, errno, N_ ("open /dev/null"));
  else
    done = g_spawn_async_with_fds (NULL, (char **)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                                   leave_terminal, NULL, &setup->child, nothing, log, log, error);
  if (log != -1)
    close (log);
  if (nothing != -1)
    close (nothing);
  setup->spawned = done;
  return done;
}

LodgeSetup *
lodge_setup_start (const LodgeSetupOptions *options, const char *text, GError **error)
{
  g_autoptr (LodgeSetup) setup = setup_new (options->runtime);
  g_autofree char *answers = g_build_filename (options->runtime, ANSWERS_FILE, NULL);
  g_autofree char *disks = g_build_filename (options->runtime, DISKS_FILE, NULL);

  if (g_mkdir_with_parents (options->runtime, 0700) == -1)
    {
      lodge_error_set_errno (error, errno, "make %s", options->runtime);
      return NULL;
    }
  if (!lodge_file_replace (answers, text, -1, 0600, error)
      || (options->disks != NULL && !lodge_file_replace (disks, options->disks, -1, 0600, error))
      || !spawn (setup, options, answers, disks, error))
    return NULL;
  return g_steal_pointer (&setup);
}

void
lodge_setup_forget (const char *runtime)
{
  g_autofree char *answers = g_build_filename (runtime, ANSWERS_FILE, NULL);
  g_autofree char *disks = g_build_filename (runtime, DISKS_FILE, NULL);

  g_unlink (answers);
  g_unlink (disks);
}

/* Whether PROCESS writes its output to LOG: one that a wizard started does. */
static gboolean
writes_to (pid_t process, const char *log)
{
  g_autofree char *output = g_strdup_printf ("/proc/%ld/fd/%d", (long)process, STDOUT_FILENO);
  struct stat target;
  struct stat file;

  return stat (output, &target) == 0 && stat (log, &file) == 0 && target.st_dev == file.st_dev
         && target.st_ino == file.st_ino;
}

LodgeSetup *
lodge_setup_attach (const char *runtime, const char *lock)
{
  g_autoptr (LodgeSetup) setup = setup_new (runtime);
  pid_t process = lodge_lock_holder (lock);

  if (process == 0 || !writes_to (process, setup->log))
    return NULL;
  return g_steal_pointer (&setup);
}

LodgeSetup *
lodge_setup_reread (const char *runtime)
{
  return setup_new (runtime);
}

/* --- following --- */

/* The groups of PATTERN in LINE, or NULL. */
static GStrv
match (const char *pattern, const char *line)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) info = NULL;

  return g_regex_match (regex, line, 0, &info) ? g_match_info_fetch_all (info) : NULL;
}

static LodgeSetupStep *
find_step (LodgeSetup *setup, guint number)
{
  for (guint i = 0; i < setup->steps->len; i++)
    {
      LodgeSetupStep *step = setup->steps->pdata[i];

      if (step->number == number)
        return step;
    }
  return NULL;
}

static void
step_begins (LodgeSetup *setup, guint number, const char *id, const char *title)
{
  LodgeSetupStep *step = g_new0 (LodgeSetupStep, 1);

  step->number = number;
  step->id = g_strdup (id);
  step->title = g_strdup (title);
  step->state = g_strdup ("started");
  g_ptr_array_add (setup->steps, step);
  g_clear_pointer (&setup->word, g_free);
}

static void
ended (LodgeSetup *setup, const char *line)
{
  g_auto (GStrv) stopped = match ("^lodge: setup stopped at step [0-9]+ \\(([^)]*)\\): (.*)", line);

  g_free (setup->line);
  setup->line = g_strdup (line);
  setup->outcome = g_str_has_prefix (line, "lodge: setup complete") ? LODGE_SETUP_COMPLETE
                                                                    : LODGE_SETUP_STOPPED;
  g_clear_pointer (&setup->step, g_free);
  g_clear_pointer (&setup->reason, g_free);
  if (stopped != NULL)
    {
      setup->step = g_strdup (stopped[1]);
      setup->reason = g_strdup (stopped[2]);
    }
  else if (setup->outcome == LODGE_SETUP_STOPPED)
    setup->reason = g_strdup (line);
}

LodgeSetup *
lodge_setup_recall (const char *runtime, const char *line)
{
  LodgeSetup *setup = setup_new (runtime);

  ended (setup, line);
  setup->state = setup->outcome;
  return setup;
}

static void
take_line (LodgeSetup *setup, const char *line)
{
  g_auto (GStrv) step = match ("^lodge: step ([0-9]+) \\(([^)]*)\\) of ([0-9]+): (.*)", line);

  if (step != NULL)
    {
      guint number = (guint)g_ascii_strtoull (step[1], NULL, 10);
      LodgeSetupStep *known = find_step (setup, number);
      g_auto (GStrv) end = match ("^(done|failed) after ([0-9.]+) s$", step[4]);

      setup->last = (guint)g_ascii_strtoull (step[3], NULL, 10);
      if (known == NULL)
        step_begins (setup, number, step[2], step[4]);
      else if (end != NULL)
        {
          g_free (known->state);
          g_free (known->seconds);
          known->state = g_strdup (end[1]);
          known->seconds = g_strdup (end[2]);
        }
    }
  else if (g_str_has_prefix (line, "lodge: setup "))
    ended (setup, line);
  else if (line[0] != '\0')
    {
      g_free (setup->word);
      setup->word
          = g_strdup (g_str_has_prefix (line, "lodge: ") ? line + strlen ("lodge: ") : line);
    }
}

static gboolean
read_lines (LodgeSetup *setup)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  gboolean changed = FALSE;
  char *end;

  if (!g_file_get_contents (setup->log, &text, &length, NULL) || length <= (gsize)setup->read)
    return FALSE;
  g_string_append_len (setup->rest, text + setup->read, (gssize)length - (gssize)setup->read);
  setup->read = (goffset)length;
  while ((end = strchr (setup->rest->str, '\n')) != NULL)
    {
      g_autofree char *line = g_strndup (setup->rest->str, (gsize)(end - setup->rest->str));
      g_autofree char *valid = g_utf8_make_valid (line, -1);

      g_string_erase (setup->rest, 0, end - setup->rest->str + 1);
      take_line (setup, valid);
      changed = TRUE;
    }
  return changed;
}

/* Whether the process has gone; *STATUS as of waitpid(2), 0 when it is not our child. */
static gboolean
has_gone (LodgeSetup *setup, int *status)
{
  *status = 0;
  if (!setup->spawned)
    return !lodge_lock_is_taken (LODGE_LOCK_PATH);
  if (waitpid (setup->child, status, WNOHANG) == 0)
    return FALSE;
  g_spawn_close_pid (setup->child);
  return TRUE;
}

gboolean
lodge_setup_poll (LodgeSetup *setup)
{
  int status = 0;
  gboolean gone;
  gboolean changed;

  if (setup->state != LODGE_SETUP_RUNNING)
    return FALSE;
  gone = has_gone (setup, &status);
  changed = read_lines (setup);
  if (!gone)
    return changed;
  /* Not before: it has the lock, which the next one wants. */
  if (setup->outcome != LODGE_SETUP_RUNNING)
    {
      setup->state = setup->outcome;
      return TRUE;
    }

  /* It ended without its last line: refused before it began, or killed.  A word of the step that it
   * was killed in is no reason. */
  setup->state = LODGE_SETUP_STOPPED;
  if (WIFSIGNALED (status))
    setup->reason = g_strdup_printf (N_ ("setup was ended by signal %d (%s)"), WTERMSIG (status),
                                     g_strsignal (WTERMSIG (status)));
  else
    setup->reason = g_strdup (setup->word != NULL && setup->steps->len == 0
                                  ? setup->word
                                  : N_ ("setup ended without a word"));
  return TRUE;
}

void
lodge_setup_give_up (LodgeSetup *setup)
{
  if (setup->state != LODGE_SETUP_RUNNING)
    return;
  /* Our own child is no other process's number before lodge_setup_poll() has seen it end. */
  if (setup->spawned)
    kill (setup->child, SIGINT);
  else
    lodge_lock_signal (LODGE_LOCK_PATH, SIGINT);
}
