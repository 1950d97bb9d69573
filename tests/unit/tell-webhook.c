/* Tells a webhook as setup does, for tests/fast/classroom.t.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tell-webhook started|failed|complete|resumed ANSWERS ROOT STATE SECONDS
 *
 * ROOT is a captured machine, STATE the directory for report.json; each try takes at most SECONDS,
 * with a tenth of a second between.  Each try that fails is a line of standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firstboot/webhook.h"

static void
tell (const char *line, gpointer data)
{
  (void)data;
  printf ("%s\n", line);
}

static int
fail (const GError *error)
{
  fprintf (stderr, "tell-webhook: %s\n", error->message);
  return 1;
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "started", "failed", "complete", "resumed" };
  static const LodgeWebhookEvent events[] = { LODGE_WEBHOOK_STARTED, LODGE_WEBHOOK_FAILED,
                                              LODGE_WEBHOOK_COMPLETE, LODGE_WEBHOOK_STARTED };
  const LodgeWatcher watcher = { .tell = tell };
  LodgeWebhook webhook = { .watcher = &watcher, .pause_milliseconds = 100 };
  LodgeProbe probe = { 0 };
  g_autoptr (LodgeAnswers) answers = NULL;
  g_autoptr (LodgeFacts) facts = NULL;
  g_autoptr (LodgeReport) report = NULL;
  g_autoptr (GError) error = NULL;
  gsize event = 0;

  if (argc != 6)
    return 2;
  while (event < G_N_ELEMENTS (names) && strcmp (names[event], argv[1]) != 0)
    event++;
  if (event == G_N_ELEMENTS (names))
    return 2;
  probe.sysroot = argv[3];
  webhook.seconds = (guint)atoi (argv[5]);
  if ((answers = lodge_answers_load (argv[2], NULL, &error)) == NULL
      || (facts = lodge_probe_all (&probe, &error)) == NULL)
    return fail (error);
  webhook.answers = answers;
  report = lodge_report_open (argv[4]);
  lodge_report_set_facts (report, facts);
  lodge_report_set_resumed (report, strcmp (argv[1], "resumed") == 0);
  if (events[event] == LODGE_WEBHOOK_FAILED)
    {
      webhook.line = "lodge: setup stopped at step 5 (storage): no disk";
      lodge_report_set_outcome (report, "stopped", webhook.line, 5, "storage", "no disk");
    }
  else if (events[event] == LODGE_WEBHOOK_COMPLETE)
    {
      webhook.line = "lodge: setup complete: host seat1, br0 192.0.2.11/24";
      webhook.address = "192.0.2.11/24";
      lodge_report_set_outcome (report, "complete", webhook.line, 0, NULL, NULL);
    }
  if (!lodge_webhook_tell (&webhook, events[event], report, &error)
      || !lodge_report_write (report, &error))
    return fail (error);
  return 0;
}
