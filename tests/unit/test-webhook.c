/* The webhook where no server is needed; tests/fast/classroom.t has one.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/webhook.h"

#include <gio/gio.h>
#include <string.h>

typedef struct
{
  LodgeAnswers *answers;
  LodgeReport *report;
  GSocketListener *silent; /* takes connections and says nothing */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint16 port;

  (void)data;
  fixture->silent = g_socket_listener_new ();
  port = g_socket_listener_add_any_inet_port (fixture->silent, NULL, NULL);
  fixture->answers = lodge_answers_new ();
  fixture->answers->webhook = g_strdup_printf ("https://127.0.0.1:%u/?token=hidden", port);
  /* Never written here, and there is none to take over. */
  fixture->report = lodge_report_open ("/nonexistent");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_object_unref (fixture->silent);
  lodge_answers_free (fixture->answers);
  lodge_report_free (fixture->report);
}

static JsonObject *
noted (const Fixture *fixture, const char *event)
{
  JsonObject *all
      = json_object_get_object_member (lodge_report_object (fixture->report), "webhook");

  return json_object_get_object_member (all, event);
}

static void
count (const char *line, gpointer data)
{
  guint *lines = data;

  g_assert_true (g_str_has_prefix (line, "webhook, try "));
  g_assert_null (strchr (line, '\n'));
  (*lines)++;
}

/* Answers without one: nothing is sent, and the report has nothing of it. */
static void
test_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeWebhook webhook = { .answers = fixture->answers };

  (void)data;
  g_clear_pointer (&fixture->answers->webhook, g_free);
  g_assert_true (lodge_webhook_tell (&webhook, LODGE_WEBHOOK_STARTED, fixture->report, &error));
  g_assert_no_error (error);
  g_assert_false (json_object_has_member (lodge_report_object (fixture->report), "webhook"));
}

/* A server that does not even shake hands: three tries, each bounded, and then on; one event's note
 * leaves the other's. */
static void
test_silent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint lines = 0;
  const LodgeWatcher watcher = { .tell = count, .data = &lines };
  LodgeWebhook webhook
      = { .answers = fixture->answers, .seconds = 1, .pause_milliseconds = 1, .watcher = &watcher };
  gint64 began = g_get_monotonic_time ();
  JsonObject *note;

  (void)data;
  g_assert_true (lodge_webhook_tell (&webhook, LODGE_WEBHOOK_STARTED, fixture->report, &error));
  g_assert_no_error (error);
  /* With a pinned certificate too the bound is of the whole try. */
  fixture->answers->webhook_fingerprint = g_strnfill (64, '0');
  g_assert_true (lodge_webhook_tell (&webhook, LODGE_WEBHOOK_FAILED, fixture->report, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (lines, ==, 6);
  note = noted (fixture, "started");
  g_assert_false (json_object_get_boolean_member (note, "told"));
  g_assert_cmpint (json_object_get_int_member (note, "tries"), ==, 3);
  g_assert_nonnull (strstr (json_object_get_string_member (note, "problem"), "timed out"));
  g_assert_false (json_object_get_boolean_member (noted (fixture, "failed"), "told"));
  /* The report is for everybody, and the query of a URL may be a password. */
  {
    g_autofree char *text = lodge_report_format (lodge_report_object (fixture->report));

    g_assert_nonnull (strstr (text, "https://127.0.0.1:"));
    g_assert_null (strstr (text, "hidden"));
  }
}

/* A machine that is shut down does not wait for a server; the caller is told, to try again. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LodgeWebhook webhook
      = { .answers = fixture->answers, .seconds = 600, .cancellable = cancellable };

  (void)data;
  g_cancellable_cancel (cancellable);
  g_assert_false (lodge_webhook_tell (&webhook, LODGE_WEBHOOK_COMPLETE, fixture->report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (json_object_get_boolean_member (noted (fixture, "complete"), "told"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/webhook/none", test_none },
    { "/webhook/silent", test_silent },
    { "/webhook/cancelled", test_cancelled },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
