/* Is it the right disk?  The user has to say so before it is overwritten.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-confirm.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "builder/flash-target.h"
#include "common/error.h"

enum
{
  WORD_LIMIT = 256, /* bytes that are typed */
};

static gboolean
is_allowed (char **erase, const LodgeDisk *disk)
{
  for (char **word = erase; word != NULL && *word != NULL; word++)
    if (lodge_flash_word_matches (disk, *word))
      return TRUE;
  return FALSE;
}

/* Each --erase is about one of the disks: a serial number with a slip in it is no permission. */
static gboolean
check_erase (char **erase, const GPtrArray *targets, GError **error)
{
  for (char **word = erase; word != NULL && *word != NULL; word++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < targets->len; i++)
        found = found || lodge_flash_word_matches (g_ptr_array_index (targets, i), *word);
      if (!found)
        return lodge_error_set (error, LODGE_ERROR_REFUSED,
                                "--erase %s is not the serial number of a disk that is given; "
                                "lodge flash --list shows them",
                                *word);
    }
  return TRUE;
}

/* One line from the terminal without the blanks around it, or NULL. */
static char *
read_line (GCancellable *cancellable)
{
  char line[WORD_LIMIT + 1];
  struct pollfd wait[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = g_cancellable_get_fd (cancellable), .events = POLLIN } };
  ssize_t length = -1;

  if (TEMP_FAILURE_RETRY (poll (wait, wait[1].fd >= 0 ? 2 : 1, -1)) > 0
      && !g_cancellable_is_cancelled (cancellable))
    length = TEMP_FAILURE_RETRY (read (STDIN_FILENO, line, WORD_LIMIT));
  if (wait[1].fd >= 0)
    g_cancellable_release_fd (cancellable);
  if (length <= 0)
    return NULL;
  line[length] = '\0';
  return g_strdup (g_strstrip (line));
}

static gboolean
ask (const LodgeDisk *disk, GCancellable *cancellable, GError **error)
{
  g_autofree char *described = lodge_disk_describe (disk);
  g_autofree char *content = lodge_disk_describe_content (disk);
  g_autofree char *typed = NULL;

  fprintf (stderr,
           "%s\n  on it: %s\nAll of that will be lost.  To go on, type its %s (%s): ", described,
           content, disk->serial != NULL ? "serial number" : "name", lodge_flash_word (disk));
  fflush (stderr);
  typed = read_line (cancellable);
  if (typed != NULL && lodge_flash_word_matches (disk, typed))
    return TRUE;
  if (typed == NULL)
    fputc ('\n', stderr);
  return lodge_error_set (error, LODGE_ERROR_REFUSED,
                          "%s was not confirmed; nothing has been written", disk->device);
}

gboolean
lodge_flash_confirm (const GPtrArray *targets, char **erase, gboolean may_ask,
                     GCancellable *cancellable, GError **error)
{
  gboolean terminal = may_ask && isatty (STDIN_FILENO) && isatty (STDERR_FILENO);

  if (!check_erase (erase, targets, error))
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      const LodgeDisk *disk = g_ptr_array_index (targets, i);
      g_autofree char *described = lodge_disk_describe (disk);
      g_autofree char *content = lodge_disk_describe_content (disk);

      if (is_allowed (erase, disk))
        continue;
      if (!terminal)
        return lodge_error_set (error, LODGE_ERROR_REFUSED,
                                "%s would be overwritten (on it: %s) and there is no terminal to "
                                "confirm it on; give --erase %s",
                                described, content, lodge_flash_word (disk));
      if (!ask (disk, cancellable, error))
        return FALSE;
    }
  return TRUE;
}
