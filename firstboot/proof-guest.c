/* Runs the proof guest and listens to its console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/proof-guest.h"

#include <stdio.h>
#include <string.h>
#include "common/error.h"

#define LINE_BEGIN "lodge-proof: guest is alive, hypervisor "
#define LAST_LINES 4
#define CONSOLE_LIMIT (256 * 1024)

typedef struct
{
  virStream *stream;
  GString *console;
  char *hypervisor;
  gint64 line_time; /* 0: not seen yet */
  gboolean listening;
  gboolean ended;
  int end_detail; /* virDomainEventStoppedDetailType */
  gboolean expired;
} Guest;

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
  char *words;

  for (guint i = g_strv_length (lines); i > 0 && last->len < LAST_LINES; i--)
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

static void
on_console (virStreamPtr stream, int events, void *data)
{
  Guest *guest = data;
  char buffer[4096];
  int received;

  while ((received = virStreamRecv (stream, buffer, sizeof buffer)) > 0)
    {
      for (int i = 0; i < received; i++)
        if (buffer[i] != '\0')
          g_string_append_c (guest->console, buffer[i]);
      /* A guest that babbles must not fill the host's memory; its end is what tells. */
      if (guest->console->len > CONSOLE_LIMIT)
        g_string_erase (guest->console, 0, (gssize)guest->console->len - CONSOLE_LIMIT / 2);
    }
  if (guest->line_time == 0 && lodge_proof_find_line (guest->console->str, guest->hypervisor))
    guest->line_time = g_get_monotonic_time ();
  /* -2: nothing more for now. */
  if (received != -2 || (events & (VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR)) != 0)
    {
      guest->listening = FALSE;
      virStreamEventRemoveCallback (stream);
    }
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
    }
  return 0;
}

static void
on_deadline (int timer G_GNUC_UNUSED, void *expired)
{
  *(gboolean *)expired = TRUE;
}

static void
on_cancelled (int watch G_GNUC_UNUSED, int fd G_GNUC_UNUSED, int events G_GNUC_UNUSED,
              void *data G_GNUC_UNUSED)
{
  /* Only wakes the loop, which asks the cancellable itself. */
}

/* Lets libvirt's loop run until the guest has ended and said all it had to say. */
static gboolean
wait_for_end (Guest *guest, guint seconds, GCancellable *cancellable, GError **error)
{
  GPollFD poll;
  gboolean has_fd = g_cancellable_make_pollfd (cancellable, &poll);
  int watch = has_fd
                  ? virEventAddHandle (poll.fd, VIR_EVENT_HANDLE_READABLE, on_cancelled, NULL, NULL)
                  : -1;
  int timer = virEventAddTimeout ((int)seconds * 1000, on_deadline, &guest->expired, NULL);
  gboolean ok = timer >= 0 || lodge_libvirt_error (error, "cannot limit the proof guest's time");

  while (ok && !guest->expired && !(guest->ended && !guest->listening))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        ok = FALSE;
      else if (virEventRunDefaultImpl () < 0)
        ok = lodge_libvirt_error (error, "cannot listen to libvirt");
    }
  if (timer >= 0)
    virEventRemoveTimeout (timer);
  if (watch >= 0)
    virEventRemoveHandle (watch);
  if (has_fd)
    g_cancellable_release_fd (cancellable);
  return ok;
}

static gboolean
judge (const Guest *guest, guint seconds, GError **error)
{
  g_autofree char *words = lodge_proof_last_words (guest->console->str);

  if (guest->line_time == 0 && guest->ended)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the proof guest ended%s before it said that it is alive; the last on "
                            "its console: %s",
                            guest->end_detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED
                                    || guest->end_detail == VIR_DOMAIN_EVENT_STOPPED_FAILED
                                ? " by a failure of QEMU (see /var/log/libvirt/qemu)"
                                : "",
                            words);
  if (guest->line_time == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the proof guest did not say that it is alive within %u s; the last on "
                            "its console: %s",
                            seconds, words);
  if (!guest->ended)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the proof guest is alive but did not power off within %u s; the last "
                            "on its console: %s",
                            seconds, words);
  return TRUE;
}

/* Everything between the guest's creation, paused, and its end. */
static gboolean
run (Guest *guest, virConnect *connection, virDomain *domain, guint seconds,
     GCancellable *cancellable, gint64 *begin, GError **error)
{
  int handler
      = virConnectDomainEventRegisterAny (connection, domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                          VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle), guest, NULL);
  gboolean ok = handler >= 0 || lodge_libvirt_error (error, "cannot watch the proof guest");

  if (ok
      && (virDomainOpenConsole (domain, NULL, guest->stream, VIR_DOMAIN_CONSOLE_FORCE) < 0
          || virStreamEventAddCallback (guest->stream,
                                        VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP
                                            | VIR_STREAM_EVENT_ERROR,
                                        on_console, guest, NULL)
                 < 0))
    ok = lodge_libvirt_error (error, "cannot open the proof guest's console");
  if (ok)
    {
      guest->listening = TRUE;
      *begin = g_get_monotonic_time ();
      ok = virDomainResume (domain) == 0
           || lodge_libvirt_error (error, "cannot let the proof guest run");
    }
  ok = ok && wait_for_end (guest, seconds, cancellable, error);
  if (guest->listening)
    virStreamEventRemoveCallback (guest->stream);
  virStreamAbort (guest->stream);
  if (handler >= 0)
    virConnectDomainEventDeregisterAny (connection, handler);
  return ok && judge (guest, seconds, error);
}

gboolean
lodge_proof_guest_run (virConnect *connection, const char *name, const char *xml, guint seconds,
                       GCancellable *cancellable, LodgeProofResult *result, GError **error)
{
  g_autoptr (virDomain) left = virDomainLookupByName (connection, name);
  g_autoptr (virStream) stream = virStreamNew (connection, VIR_STREAM_NONBLOCK);
  g_autoptr (virDomain) domain = NULL;
  g_autoptr (GString) console = g_string_new (NULL);
  Guest guest = { .stream = stream, .console = console, .hypervisor = result->hypervisor };
  gint64 ordered = g_get_monotonic_time ();
  gint64 begin = ordered;
  gboolean ok;

  if (left != NULL && virDomainDestroy (left) < 0)
    return lodge_libvirt_error (error, "cannot end the domain \"%s\" of an earlier run", name);
  if (stream == NULL)
    return lodge_libvirt_error (error, "cannot make a stream for the proof guest's console");
  domain = virDomainCreateXML (connection, xml,
                               VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY);
  if (domain == NULL)
    return lodge_libvirt_error (error, "libvirt cannot start the proof guest");
  ok = run (&guest, connection, domain, seconds, cancellable, &begin, error);
  /* That it is gone already is the usual case. */
  if (!guest.ended && virDomainDestroy (domain) < 0)
    g_debug ("destroy %s: %s", name, virGetLastErrorMessage ());
  result->line_ms = (guest.line_time - begin) / 1000;
  result->total_ms = (g_get_monotonic_time () - ordered) / 1000;
  return ok;
}
