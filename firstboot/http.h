/* One HTTPS request: answers are fetched and webhooks called by it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char
      *url; /* https only: what is sent and fetched holds secrets and decides what is erased */
  /* SHA-256 of the server's certificate, 64 hexadecimal digits (colons are skipped), as `openssl
   * x509 -fingerprint -sha256` prints it.  NULL: the certificate is verified with the system's
   * authorities. Given: it must be this certificate, whoever issued it, for whatever name and time.
   */
  const char *fingerprint;
  /* What messages call it, or NULL: the URL.  For a URL with a query that says nothing to people.
   */
  const char *name;
  /* What it means, for the message, when the server has no such thing (HTTP 404 and 410), or NULL.
   */
  const char *absent;
  const char *body;         /* JSON to POST, or NULL to GET */
  guint seconds;            /* bound of the whole request, a look at the certificate included */
  guint pause_milliseconds; /* between tries; 0: five seconds */
  gsize limit;              /* largest answer taken, bytes */
  GCancellable *cancellable;
} LodgeHttpRequest;

/* The answer's body (NUL-terminated, free with g_free, *LENGTH may be NULL); NULL with ERROR set
 * when there is none, its status is not 2xx or it is larger than the limit; the first line of what
 * the server says to a status that is none is repeated.  Redirections are followed, to https only,
 * and what was to be POSTed is POSTed there. */
char *lodge_http_request (const LodgeHttpRequest *request, gsize *length, GError **error);

/* As above up to TRIES times with a pause between: a server has no way to say that it is up.  The
 * last failure is ERROR; each goes to TELL (or NULL) with DATA.  It takes at most TRIES times the
 * request's seconds and the pauses. */
char *lodge_http_request_tries (const LodgeHttpRequest *request, guint tries, gsize *length,
                                void (*tell) (const char *line, gpointer data), gpointer data,
                                GError **error);

/* Waits until NetworkManager has brought up what it can, at most SECONDS; returns at once when it
 * is not installed.  FALSE when the network did not come: what needs it will say what is wrong. */
gboolean lodge_http_wait_for_network (guint seconds, GCancellable *cancellable);
