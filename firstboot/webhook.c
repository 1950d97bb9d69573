/* The webhook.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/webhook.h"

#include "common/syntax.h"
#include "common/version.h"
#include "firstboot/http.h"

#include <limits.h>
#include <unistd.h>

/* Not read, but not taken without end either. */
#define ANSWER_LIMIT (1024 * 1024)

static const char *const event_names[] = {
  [LODGE_WEBHOOK_STARTED] = "started",
  [LODGE_WEBHOOK_FAILED] = "failed",
  [LODGE_WEBHOOK_COMPLETE] = "complete",
};

typedef struct
{
  const LodgeWebhook *webhook;
  guint failures;
} Telling;

static void
tell (const char *line, gpointer data)
{
  Telling *telling = data;

  telling->failures++;
  lodge_watcher_tell (telling->webhook->watcher, "webhook, %s", line);
}

/* --- what is sent --- */

/* The name that the host gets, or has. */
static void
set_name (JsonObject *body, const LodgeAnswers *answers)
{
  char name[HOST_NAME_MAX + 1] = "";

  gethostname (name, sizeof name - 1);
  json_object_set_string_member (body, "name",
                                 answers->hostname != NULL ? answers->hostname : name);
}

static void
copy_members (JsonObject *from, JsonObject *to, const char *const *members)
{
  for (gsize i = 0; members[i] != NULL; i++)
    if (json_object_has_member (from, members[i]))
      json_object_set_member (to, members[i], json_object_dup_member (from, members[i]));
}

/* Beside "stopped-at", where nobody looks who only wants to show it. */
static void
set_reason (JsonObject *body)
{
  JsonObject *stopped = json_object_has_member (body, "stopped-at")
                            ? json_object_get_object_member (body, "stopped-at")
                            : NULL;

  if (stopped != NULL)
    json_object_set_string_member (body, "reason",
                                   json_object_get_string_member (stopped, "reason"));
}

static char *
compose (const LodgeWebhook *webhook, LodgeWebhookEvent event, const LodgeReport *report)
{
  static const char *const always[] = { "host", "steps", NULL };
  static const char *const failed[] = { "stopped-at", NULL };
  JsonObject *known = lodge_report_object (report);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format_iso8601 (now);

  json_object_set_string_member (body, "event", event_names[event]);
  json_object_set_boolean_member (
      body, "resumed", json_object_get_boolean_member_with_default (known, "resumed", FALSE));
  json_object_set_boolean_member (body, "change", webhook->change);
  json_object_set_string_member (body, "time", time);
  json_object_set_string_member (body, "lodge-version", LODGE_VERSION);
  set_name (body, webhook->answers);
  if (webhook->line != NULL)
    json_object_set_string_member (body, "line", webhook->line);
  if (webhook->address != NULL)
    json_object_set_string_member (body, "address", webhook->address);
  if (event == LODGE_WEBHOOK_FAILED)
    {
      copy_members (known, body, failed);
      set_reason (body);
    }
  copy_members (known, body, always);
  return lodge_report_format (body);
}

/* --- sending --- */

/* REPORT's "webhook", made when it is not there. */
static JsonObject *
find_note (LodgeReport *report, const char *url)
{
  JsonObject *root = lodge_report_object (report);
  JsonObject *note;

  if (json_object_has_member (root, "webhook"))
    return json_object_get_object_member (root, "webhook");
  note = json_object_new ();
  json_object_set_string_member (note, "url", url);
  json_object_set_object_member (root, "webhook", note);
  return note;
}

static void
take_note (LodgeReport *report, const char *url, LodgeWebhookEvent event, guint tries,
           const GError *problem)
{
  JsonObject *note = json_object_new ();

  json_object_set_boolean_member (note, "told", problem == NULL);
  json_object_set_int_member (note, "tries", tries);
  if (problem != NULL)
    json_object_set_string_member (note, "problem", problem->message);
  json_object_set_object_member (find_note (report, url), event_names[event], note);
}

gboolean
lodge_webhook_tell (const LodgeWebhook *webhook, LodgeWebhookEvent event, LodgeReport *report,
                    GError **error)
{
  const LodgeAnswers *answers = webhook->answers;
  Telling telling = { .webhook = webhook };
  g_autofree char *body = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (GError) problem = NULL;
  LodgeHttpRequest request = {
    .fingerprint = answers->webhook_fingerprint,
    .seconds = webhook->seconds != 0 ? webhook->seconds : LODGE_WEBHOOK_SECONDS,
    .pause_milliseconds = webhook->pause_milliseconds != 0 ? webhook->pause_milliseconds
                                                           : LODGE_WEBHOOK_PAUSE_MILLISECONDS,
    .limit = ANSWER_LIMIT,
    .cancellable = webhook->cancellable,
  };

  if (answers->webhook == NULL)
    return TRUE;
  body = compose (webhook, event, report);
  shown = lodge_url_to_show (answers->webhook);
  request.url = answers->webhook;
  request.name = shown;
  request.body = body;
  answer = lodge_http_request_tries (&request, LODGE_WEBHOOK_TRIES, NULL, tell, &telling, &problem);
  take_note (report, shown, event, telling.failures + (answer != NULL ? 1 : 0), problem);
  return !g_cancellable_set_error_if_cancelled (webhook->cancellable, error);
}
