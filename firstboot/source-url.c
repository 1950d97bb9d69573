/* Answers from a web server.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/answer-sources.h"

#include "firstboot/http.h"

#define ANSWERS_LIMIT (1024 * 1024)
#define NETWORK_SECONDS 90
#define TRIES 3
#define TRY_SECONDS 30

static void
tell (const char *line, gpointer data)
{
  const LodgeSourceContext *context = data;

  lodge_watcher_tell (context->watcher, "answers, %s", line);
}

LodgeSourceResult
lodge_source_url (const LodgeSourceContext *context, const char *url, const char *fingerprint,
                  LodgeAnswerText *text, GError **error)
{
  LodgeHttpRequest request = {
    .url = url,
    .fingerprint = fingerprint,
    .seconds = TRY_SECONDS,
    .limit = ANSWERS_LIMIT,
    .cancellable = context->cancellable,
  };

  if (context->root[0] == '\0'
      && !lodge_http_wait_for_network (NETWORK_SECONDS, context->cancellable))
    lodge_watcher_tell (context->watcher,
                        "answers: the network is not up after %d s; trying all the "
                        "same",
                        NETWORK_SECONDS);
  text->text
      = lodge_http_request_tries (&request, TRIES, &text->length, tell, (gpointer)context, error);
  if (text->text == NULL)
    return LODGE_SOURCE_ERROR;
  text->name = g_strdup (url);
  return LODGE_SOURCE_FOUND;
}
