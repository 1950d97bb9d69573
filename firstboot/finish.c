/* After setup: webhook and action.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/finish.h"

#include "common/run.h"
#include "firstboot/http.h"

#include <limits.h>
#include <unistd.h>

#define WEBHOOK_TRIES 3
#define WEBHOOK_SECONDS 20
#define WEBHOOK_ANSWER_LIMIT 65536

static void
tell (const char *line, gpointer data)
{
  lodge_watcher_tell (data, "webhook, %s", line);
}

static char *
webhook_body (const char *outcome, const char *line, const char *address, LodgeReport *report)
{
  g_autoptr (JsonObject) body = json_object_new ();
  static const char *const members[] = { "host", "stopped-at", "steps" };
  char name[HOST_NAME_MAX + 1] = "";

  gethostname (name, sizeof name - 1);
  json_object_set_string_member (body, "name", name);
  json_object_set_string_member (body, "outcome", outcome);
  json_object_set_string_member (body, "line", line);
  if (address != NULL)
    json_object_set_string_member (body, "address", address);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (lodge_report_object (report), members[i]))
      json_object_set_member (body, members[i],
                              json_object_dup_member (lodge_report_object (report), members[i]));
  return lodge_report_format (body);
}

void
lodge_finish_webhook (const LodgeAnswers *answers, const char *outcome, const char *line,
                      const char *address, LodgeReport *report, const LodgeWatcher *watcher,
                      GCancellable *cancellable)
{
  g_autofree char *body = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (GError) problem = NULL;
  JsonObject *noted;
  LodgeHttpRequest request = {
    .url = answers->webhook,
    .fingerprint = answers->webhook_fingerprint,
    .seconds = WEBHOOK_SECONDS,
    .limit = WEBHOOK_ANSWER_LIMIT,
    .cancellable = cancellable,
  };

  if (answers->webhook == NULL)
    return;
  body = webhook_body (outcome, line, address, report);
  request.body = body;
  answer
      = lodge_http_request_tries (&request, WEBHOOK_TRIES, NULL, tell, (gpointer)watcher, &problem);

  noted = json_object_new ();
  json_object_set_string_member (noted, "url", answers->webhook);
  json_object_set_boolean_member (noted, "called", answer != NULL);
  if (problem != NULL)
    json_object_set_string_member (noted, "problem", problem->message);
  json_object_set_object_member (lodge_report_object (report), "webhook", noted);
}

gboolean
lodge_finish_action (const LodgeAnswers *answers, GError **error)
{
  static const char *const verbs[] = {
    [LODGE_FINISH_CONTINUE] = NULL,
    [LODGE_FINISH_REBOOT] = "reboot",
    [LODGE_FINISH_POWEROFF] = "poweroff",
  };
  const char *verb = verbs[answers->action];
  /* --no-block: when the service of first boot is what runs us, systemd waits for it to end. */
  const char *const argv[] = { "systemctl", "--no-block", verb, NULL };
  g_autofree char *output = NULL;

  if (verb == NULL)
    return TRUE;
  output = lodge_run (argv, NULL, NULL, error);
  return output != NULL;
}
