/* Runs the proof guest and listens to its console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/proof-guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "common/error.h"
#include "firstboot/i18n.h"

#define LINE_BEGIN "lodge-proof: guest is alive, hypervisor "
#define LAST_LINES 4
#define CONSOLE_LIMIT (256 * 1024)
/* For what the guest said last to arrive: its end and its console come by different ways. */
#define LAST_WORDS_MILLISECONDS 3000
/* For a guest that is alive, which is what it shall prove, to power itself off. */
#define POWER_OFF_MILLISECONDS 45000

typedef struct
{
  const char *path; /* of the console's file */
  off_t read;       /* so much of it */
  int changes;      /* inotify on its directory */
  GString *console;
  char *hypervisor;
  gint64 line_time; /* 0: not seen yet */
  gboolean ended;
  int end_detail; /* virDomainEventStoppedDetailType */
  int timer;
  gboolean expired;
} Guest;

static void
guest_clear (Guest *guest)
{
  if (guest->changes >= 0)
    close (guest->changes);
  g_string_free (guest->console, TRUE);
}

gboolean
lodge_proof_find_line (const char *console, char hypervisor[13])
{
  const char *line = strstr (console, LINE_BEGIN);
  const char *comma;

  if (line == NULL || strchr (line, '\n') == NULL)
    return FALSE;
  line += strlen (LINE_BEGIN);
  comma = strchr (line, ',');
  if (comma == NULL || comma - line > 12)
    return FALSE;
  memset (hypervisor, 0, 13);
  memcpy (hypervisor, line, (gsize)(comma - line));
  return TRUE;
}

char *
lodge_proof_last_words (const char *console)
{
  g_auto (GStrv) lines = g_strsplit_set (console, "\r\n", 0);
  g_autoptr (GPtrArray) last = g_ptr_array_new ();
  guint end = g_strv_length (lines);
  char *words;

  /* After a panic comes the call trace; what matters stands before it. */
  for (guint i = 0; i < end; i++)
    if (strstr (lines[i], "Kernel panic") != NULL)
      end = i + 1;
  for (guint i = end; i > 0 && last->len < LAST_LINES; i--)
    if (*g_strstrip (lines[i - 1]) != '\0')
      g_ptr_array_insert (last, 0, lines[i - 1]);
  if (last->len == 0)
    return g_strdup ("nothing");
  g_ptr_array_add (last, NULL);
  words = g_strjoinv (" / ", (char **)last->pdata);
  for (char *p = words; *p != '\0'; p++)
    if (!g_ascii_isprint (*p))
      *p = '?';
  return words;
}

/* Ends a guest that an earlier run left; one that libvirt is just ending itself, because that run's
 * connection is gone, is no error. */
static gboolean
end_earlier (virConnect *connection, const char *name, GError **error)
{
  g_autoptr (virDomain) left = virDomainLookupByName (connection, name);
  g_autoptr (virDomain) still = NULL;

  if (left == NULL || virDomainDestroy (left) == 0)
    return TRUE;
  lodge_libvirt_error (error, "cannot end the domain \"%s\" of an earlier run", name);
  still = virDomainLookupByName (connection, name);
  if (still == NULL)
    g_clear_error (error);
  return still == NULL;
}

/* The console is a file and not a libvirt stream: when a guest ends while its console is being
 * streamed, the daemon (seen with libvirt 11.3) may lock up for good in its own virStreamAbort().
 */
static gboolean
watch_console (Guest *guest, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (guest->path);

  if (unlink (guest->path) < 0 && errno != ENOENT)
    return lodge_error_set_errno (error, errno, N_ ("remove %s of an earlier run"), guest->path);
  guest->changes = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  /* The directory: whether the file is made by libvirtd, QEMU or virtlogd is theirs to decide. */
  if (guest->changes < 0
      || inotify_add_watch (guest->changes, directory, IN_CREATE | IN_MODIFY) < 0)
    return lodge_error_set_errno (error, errno, "watch %s", directory);
  return TRUE;
}

static void
read_console (Guest *guest)
{
  int fd = open (guest->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char buffer[4096];
  ssize_t received;

  if (fd < 0)
    return; /* not there yet */
  while ((received = pread (fd, buffer, sizeof buffer, guest->read)) > 0)
    {
      guest->read += received;
      for (ssize_t i = 0; i < received; i++)
        if (buffer[i] != '\0')
          g_string_append_c (guest->console, buffer[i]);
      /* A guest that babbles must not fill the host's memory; its end is what tells. */
      if (guest->console->len > CONSOLE_LIMIT)
        g_string_erase (guest->console, 0, (gssize)guest->console->len - CONSOLE_LIMIT / 2);
    }
  close (fd);
  if (guest->line_time == 0 && lodge_proof_find_line (guest->console->str, guest->hypervisor))
    guest->line_time = g_get_monotonic_time ();
}

static void
on_change (int watch G_GNUC_UNUSED, int fd, int events G_GNUC_UNUSED, void *data)
{
  char buffer[4096] __attribute__ ((aligned (8)));
  Guest *guest = data;
  gboolean alive = guest->line_time != 0;

  while (read (fd, buffer, sizeof buffer) > 0)
    ; /* which change it was does not matter */
  read_console (guest);
  if (!alive && guest->line_time != 0 && !guest->ended)
    virEventUpdateTimeout (guest->timer, POWER_OFF_MILLISECONDS);
}

static int
on_lifecycle (virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, int event,
              int detail, void *data)
{
  Guest *guest = data;

  if (event == VIR_DOMAIN_EVENT_STOPPED)
    {
      guest->ended = TRUE;
      guest->end_detail = detail;
      virEventUpdateTimeout (guest->timer, LAST_WORDS_MILLISECONDS);
    }
  return 0;
}

static void
on_deadline (int timer G_GNUC_UNUSED, void *data)
{
  Guest *guest = data;

  guest->expired = TRUE;
}

static void
on_cancelled (int watch G_GNUC_UNUSED, int fd G_GNUC_UNUSED, int events G_GNUC_UNUSED,
              void *data G_GNUC_UNUSED)
{
  /* Only wakes the loop, which asks the cancellable itself. */
}

/* Lets libvirt's loop run until the guest has said its line and ended, or time is up. */
static gboolean
wait_for_end (Guest *guest, guint seconds, GCancellable *cancellable, GError **error)
{
  GPollFD poll;
  gboolean has_fd = g_cancellable_make_pollfd (cancellable, &poll);
  int cancelled
      = has_fd ? virEventAddHandle (poll.fd, VIR_EVENT_HANDLE_READABLE, on_cancelled, NULL, NULL)
               : -1;
  int console
      = virEventAddHandle (guest->changes, VIR_EVENT_HANDLE_READABLE, on_change, guest, NULL);
  gboolean ok;

  virEventUpdateTimeout (guest->timer, (int)seconds * 1000);
  ok = console >= 0 || lodge_libvirt_error (error, "cannot watch the proof guest's console");
  while (ok && !guest->expired && !(guest->ended && guest->line_time != 0))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        ok = FALSE;
      else if (virEventRunDefaultImpl () < 0)
        ok = lodge_libvirt_error (error, "cannot listen to libvirt");
    }
  if (console >= 0)
    virEventRemoveHandle (console);
  if (cancelled >= 0)
    virEventRemoveHandle (cancelled);
  if (has_fd)
    g_cancellable_release_fd (cancellable);
  return ok;
}

static gboolean
judge (Guest *guest, guint seconds, GError **error)
{
  g_autofree char *words = NULL;

  read_console (guest);
  words = lodge_proof_last_words (guest->console->str);
  if (guest->line_time == 0 && guest->ended)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("the proof guest ended%s before it said that it is alive; the last on "
            "its console: %s"),
        guest->end_detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED
                || guest->end_detail == VIR_DOMAIN_EVENT_STOPPED_FAILED
            ? " by a failure of QEMU (see /var/log/libvirt/qemu)"
            : "",
        words);
  if (guest->line_time == 0)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("the proof guest did not say that it is alive within %u s; the last on "
            "its console: %s"),
        seconds, words);
  return TRUE;
}

/* Everything between the guest's creation, paused, and its end. */
static gboolean
run (Guest *guest, virConnect *connection, virDomain *domain, guint seconds,
     GCancellable *cancellable, gint64 *begin, gboolean *stopped, GError **error)
{
  int handler
      = virConnectDomainEventRegisterAny (connection, domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                          VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle), guest, NULL);
  gboolean ok = handler >= 0 || lodge_libvirt_error (error, "cannot watch the proof guest");

  *begin = g_get_monotonic_time ();
  if (ok && virDomainResume (domain) < 0)
    ok = lodge_libvirt_error (error, "cannot let the proof guest run");
  ok = ok && wait_for_end (guest, seconds, cancellable, error) && judge (guest, seconds, error);
  *stopped = ok && !guest->ended;
  /* One that is gone meanwhile is no error. */
  if (!guest->ended && virDomainDestroy (domain) < 0 && virDomainIsActive (domain) == 1)
    ok = ok && lodge_libvirt_error (error, "cannot stop the proof guest");
  if (handler >= 0)
    virConnectDomainEventDeregisterAny (connection, handler);
  return ok;
}

gboolean
lodge_proof_guest_run (virConnect *connection, const char *name, const char *xml,
                       const char *console_path, guint seconds, GCancellable *cancellable,
                       LodgeProofResult *result, GError **error)
{
  Guest guest = { .path = console_path,
                  .changes = -1,
                  .console = g_string_new (NULL),
                  .hypervisor = result->hypervisor,
                  .timer = -1 };
  gint64 ordered = g_get_monotonic_time ();
  gint64 begin = ordered;
  g_autoptr (virDomain) domain = NULL;
  gboolean ok = end_earlier (connection, name, error) && watch_console (&guest, error);

  guest.timer = virEventAddTimeout (-1, on_deadline, &guest, NULL);
  if (ok && guest.timer < 0)
    ok = lodge_libvirt_error (error, "cannot limit the proof guest's time");
  if (ok)
    {
      domain = virDomainCreateXML (connection, xml,
                                   VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY);
      ok = domain != NULL || lodge_libvirt_error (error, "libvirt cannot start the proof guest");
    }
  ok = ok
       && run (&guest, connection, domain, seconds, cancellable, &begin, &result->stopped, error);
  result->line_ms = (guest.line_time - begin) / 1000;
  result->total_ms = (g_get_monotonic_time () - ordered) / 1000;
  if (guest.timer >= 0)
    virEventRemoveTimeout (guest.timer);
  guest_clear (&guest);
  return ok;
}
