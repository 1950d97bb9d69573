/* Setup tells the answers' webhook how it goes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/apply-private.h"

#include "firstboot/http.h"

/* How long a run that goes on waits for the network. */
#define NETWORK_SECONDS 30

gboolean
lodge_apply_tell_webhook (const LodgeApplyResult *result, LodgeWebhookEvent event,
                          const LodgeWatcher *watcher, GCancellable *cancellable, GError **error)
{
  const LodgePlan *plan = result->journal != NULL ? lodge_journal_plan (result->journal) : NULL;
  LodgeWebhook webhook = {
    .answers = lodge_apply_answers (result),
    .line = result->line,
    .address = result->address,
    .change = plan != NULL && plan->steps != NULL,
    .watcher = watcher,
    .cancellable = cancellable,
  };
  g_autoptr (GError) problem = NULL;

  if (webhook.answers == NULL || webhook.answers->webhook == NULL || result->report == NULL)
    return TRUE;
  if (!lodge_webhook_tell (&webhook, event, result->report, error))
    return FALSE;
  if (!lodge_report_write (result->report, &problem))
    lodge_watcher_tell (watcher, "the report cannot be written: %s", problem->message);
  return TRUE;
}

gboolean
lodge_apply_tell (const LodgeApplySession *session, LodgeWebhookEvent event, GError **error)
{
  const LodgeApplyOptions *options = session->options;
  const LodgeAnswers *answers = lodge_apply_answers (session->result);

  /* It has its plan, and so did not wait for the network before. */
  if (session->resumed && answers != NULL && answers->webhook != NULL)
    lodge_http_wait_for_network (NETWORK_SECONDS, options->cancellable);
  return lodge_apply_tell_webhook (session->result, event, options->watcher, options->cancellable,
                                   error);
}
