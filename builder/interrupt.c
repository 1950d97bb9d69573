/* Signals: the first asks, the second ends.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "builder/progress.h"
#include "builder/remove.h"
#include "builder/say.h"
#include "common/signals.h"

struct _LodgeInterrupt
{
  GCancellable *cancellable;
  LodgeSignals *signals;
  GMutex mutex; /* of what follows */
  int signal_number;
  GPtrArray *paths; /* of char * */
  guint holders;
  GCond released;
};

enum
{
  KILL_MICROSECONDS = 5 * G_USEC_PER_SEC,
  RELEASE_MICROSECONDS = 5 * G_USEC_PER_SEC, /* it takes some milliseconds */
};

static GQuark
interrupt_quark (void)
{
  return g_quark_from_static_string ("lodge-interrupt");
}

/* Adds descriptors of the processes below PROCESS, parents first; see pidfd_open(2).  By them a
 * process is killed that cannot be another one by now. */
static void
find_descendants (pid_t process, GArray *descriptors)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", (int)process);
  g_autoptr (GDir) directory = g_dir_open (tasks, 0, NULL);
  const char *task;

  /* A process that has ended meanwhile has no tasks any more. */
  while (directory != NULL && (task = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (tasks, task, "children", NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) words = NULL;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      words = g_strsplit (text, " ", -1);
      for (guint i = 0; words[i] != NULL; i++)
        {
          pid_t child = (pid_t)g_ascii_strtoll (words[i], NULL, 10);
          int descriptor = child <= 0 ? -1 : (int)syscall (SYS_pidfd_open, child, 0);

          if (descriptor < 0)
            continue;
          g_array_append_val (descriptors, descriptor);
          find_descendants (child, descriptors);
        }
    }
}

/* Kills what we started and waits, bounded, until it has ended: it could write into what is removed
 * next. */
static void
kill_descendants (void)
{
  g_autoptr (GArray) descriptors = g_array_new (FALSE, FALSE, sizeof (int));
  gint64 end = g_get_monotonic_time () + KILL_MICROSECONDS;

  find_descendants (getpid (), descriptors);
  for (guint i = 0; i < descriptors->len; i++)
    syscall (SYS_pidfd_send_signal, g_array_index (descriptors, int, i), SIGKILL, NULL, 0);
  for (guint i = 0; i < descriptors->len; i++)
    {
      struct pollfd ended = { .fd = g_array_index (descriptors, int, i), .events = POLLIN };
      gint64 left = MAX (end - g_get_monotonic_time (), 0) / 1000;

      poll (&ended, 1, (int)left);
      close (ended.fd);
    }
}

/* The second signal. */
static G_GNUC_NORETURN void
end_now (LodgeInterrupt *interrupt)
{
  static const char message[] = "\nlodge: stopped at once\n";

  gint64 end;

  kill_descendants ();
  g_mutex_lock (&interrupt->mutex);
  end = g_get_monotonic_time () + RELEASE_MICROSECONDS;
  while (interrupt->holders > 0 && g_cond_wait_until (&interrupt->released, &interrupt->mutex, end))
    {
      /* Another one may hold it still. */
    }
  /* The last one first: a lock, which was taken before all that it is for, is given back after it.
   */
  for (guint i = interrupt->paths->len; i > 0; i--)
    {
      g_autoptr (GError) error = NULL;
      const char *path = g_ptr_array_index (interrupt->paths, i - 1);

      if (!lodge_remove_tree (path, &error))
        {
          lodge_progress_write (STDERR_FILENO, "\n"); /* a bar may stand there */
          lodge_say_error (error->message);
        }
    }
  if (write (STDERR_FILENO, message, sizeof message - 1) < 0)
    {
      /* The terminal may be gone: SIGHUP. */
    }
  _exit (EXIT_FAILURE);
}

static void
heard (int number, gpointer data)
{
  LodgeInterrupt *interrupt = data;
  gboolean first;

  g_mutex_lock (&interrupt->mutex);
  first = interrupt->signal_number == 0;
  if (first)
    interrupt->signal_number = number;
  g_mutex_unlock (&interrupt->mutex);
  if (!first)
    end_now (interrupt);
  g_cancellable_cancel (interrupt->cancellable);
}

LodgeInterrupt *
lodge_interrupt_new (void)
{
  LodgeInterrupt *interrupt = g_new0 (LodgeInterrupt, 1);

  g_mutex_init (&interrupt->mutex);
  g_cond_init (&interrupt->released);
  interrupt->paths = g_ptr_array_new_with_free_func (g_free);
  interrupt->cancellable = g_cancellable_new ();
  g_object_set_qdata (G_OBJECT (interrupt->cancellable), interrupt_quark (), interrupt);
  interrupt->signals = lodge_signals_new (heard, interrupt);
  return interrupt;
}

void
lodge_interrupt_free (LodgeInterrupt *interrupt)
{
  if (interrupt == NULL)
    return;
  lodge_signals_free (interrupt->signals);
  g_object_set_qdata (G_OBJECT (interrupt->cancellable), interrupt_quark (), NULL);
  g_object_unref (interrupt->cancellable);
  g_ptr_array_unref (interrupt->paths);
  g_mutex_clear (&interrupt->mutex);
  g_cond_clear (&interrupt->released);
  g_free (interrupt);
}

GCancellable *
lodge_interrupt_cancellable (LodgeInterrupt *interrupt)
{
  return interrupt->cancellable;
}

int
lodge_interrupt_signal (LodgeInterrupt *interrupt)
{
  int number;

  g_mutex_lock (&interrupt->mutex);
  number = interrupt->signal_number;
  g_mutex_unlock (&interrupt->mutex);
  return number;
}

static LodgeInterrupt *
find_interrupt (GCancellable *cancellable)
{
  return cancellable == NULL ? NULL
                             : g_object_get_qdata (G_OBJECT (cancellable), interrupt_quark ());
}

void
lodge_interrupt_clean (GCancellable *cancellable, const char *path)
{
  LodgeInterrupt *interrupt = find_interrupt (cancellable);

  if (interrupt == NULL)
    return;
  g_mutex_lock (&interrupt->mutex);
  g_ptr_array_add (interrupt->paths, g_canonicalize_filename (path, NULL));
  g_mutex_unlock (&interrupt->mutex);
}

void
lodge_interrupt_keep (GCancellable *cancellable, const char *path)
{
  LodgeInterrupt *interrupt = find_interrupt (cancellable);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  guint index;

  if (interrupt == NULL)
    return;
  g_mutex_lock (&interrupt->mutex);
  if (g_ptr_array_find_with_equal_func (interrupt->paths, absolute, g_str_equal, &index))
    g_ptr_array_remove_index (interrupt->paths, index);
  g_mutex_unlock (&interrupt->mutex);
}

void
lodge_interrupt_hold (GCancellable *cancellable)
{
  LodgeInterrupt *interrupt = find_interrupt (cancellable);

  if (interrupt == NULL)
    return;
  g_mutex_lock (&interrupt->mutex);
  interrupt->holders++;
  g_mutex_unlock (&interrupt->mutex);
}

void
lodge_interrupt_release (GCancellable *cancellable)
{
  LodgeInterrupt *interrupt = find_interrupt (cancellable);

  if (interrupt == NULL)
    return;
  g_mutex_lock (&interrupt->mutex);
  interrupt->holders--;
  g_cond_signal (&interrupt->released);
  g_mutex_unlock (&interrupt->mutex);
}

void
lodge_interrupt_share (GCancellable *from, GCancellable *to)
{
  g_object_set_qdata (G_OBJECT (to), interrupt_quark (), find_interrupt (from));
}
