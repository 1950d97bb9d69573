/* What a web server may answer, and the webhook's request.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/http.h"
#include "tests/unit/web-server.h"

static void
expect_failure (const LodgeHttpRequest *request, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *body = lodge_http_request (request, NULL, &error);

  g_assert_null (body);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, request->url));
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, words);
}

static void
test_trust (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  LodgeHttpRequest request = { .seconds = 20, .limit = 100 };

  (void)data;
  if (!server_start (fixture, &server))
    return;
  put_file (fixture->root, "response",
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n[host]\n");
  request.url = server.url;
  /* Nobody vouches for it. */
  expect_failure (&request, "certificate");
  /* Another certificate than the one that was named: nothing of the request reaches the server. */
  request.fingerprint = "0000000000000000000000000000000000000000000000000000000000000000";
  request.body = "secret";
  expect_failure (&request, "has the fingerprint ");
  {
    g_autofree char *body = g_build_filename (fixture->root, "body", NULL);
    g_assert_false (g_file_test (body, G_FILE_TEST_EXISTS));
  }
}

/* The certificate begins years from now, as for a host whose clock is wrong.  To whom it was
 * pinned, that does not matter; who else it is, does. */
static void
test_wrong_clock (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  g_auto (Server) other = { 0 };
  Fixture second = { 0 };
  LodgeHttpRequest request = { .seconds = 20, .limit = 100 };
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  if (!server_start_at (fixture, &server, TRUE))
    return;
  put_file (fixture->root, "response",
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n[host]\n");
  request.url = server.url;
  expect_failure (&request, "certificate");
  request.fingerprint = server.fingerprint;
  body = lodge_http_request (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (body, ==, "[host]\n");

  set_up (&second, data);
  if (server_start (&second, &other))
    {
      g_autofree char *response
          = g_strdup_printf ("HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n"
                             "Connection: close\r\n\r\n",
                             other.url);
      g_autofree char *asked = g_build_filename (second.root, "request", NULL);

      put_file (second.root, "response", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
      put_file (fixture->root, "response", response);
      expect_failure (&request, "pinned");
      g_assert_false (g_file_test (asked, G_FILE_TEST_EXISTS));
    }
  tear_down (&second, data);
}

static void
test_answers_of_servers (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  LodgeHttpRequest request = { .seconds = 20, .limit = 100 };
  g_autofree char *fingerprint = NULL;
  g_autofree char *long_answer = NULL;

  (void)data;
  if (!server_start (fixture, &server))
    return;
  /* As other programs print it: without colons, lower case. */
  fingerprint = g_ascii_strdown (server.fingerprint, -1);
  request.url = server.url;
  request.fingerprint = fingerprint;
  put_file (fixture->root, "response",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
  expect_failure (&request, "the server says HTTP status 404 \"no\"");
  request.absent = "it knows nobody";
  request.name = "https://name.test";
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lodge_http_request (&request, NULL, &error));
    g_assert_cmpstr (error->message, ==,
                     "https://name.test: the server says HTTP status 404 \"no\": it knows nobody");
  }
  request.name = NULL;
  put_file (fixture->root, "response",
            "HTTP/1.1 503 Busy\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
  expect_failure (&request, "the server says HTTP status 503");
  long_answer = g_strnfill (101, 'x');
  {
    g_autofree char *response = g_strdup_printf (
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\nConnection: close\r\n\r\n%s", long_answer);
    put_file (fixture->root, "response", response);
  }
  expect_failure (&request, "longer than 100 bytes");
  /* A way round by plain HTTP is not gone. */
  put_file (fixture->root, "response",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
  expect_failure (&request, "rotocol");
}

static void
test_post (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  LodgeHttpRequest request
      = { .body = "{ \"outcome\": \"complete\" }", .seconds = 20, .limit = 100 };
  g_autofree char *path = g_build_filename (fixture->root, "body", NULL);
  g_autofree char *answer = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  if (!server_start (fixture, &server))
    return;
  put_file (fixture->root, "response", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  request.url = server.url;
  request.fingerprint = server.fingerprint;
  answer = lodge_http_request (&request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, "");
  g_assert_true (g_file_get_contents (path, &body, NULL, NULL));
  g_assert_cmpstr (body, ==, request.body);
}

/* A server that accepts and says nothing: the bound ends it, and so does a cancellation. */
static void
test_silent_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/", port);
  LodgeHttpRequest request = { .url = url, .seconds = 1, .limit = 100 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  (void)fixture, (void)data;
  expect_failure (&request, "");
  request.seconds = 600;
  request.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  g_assert_null (lodge_http_request (&request, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/http/trust", test_trust },
    { "/http/wrong-clock", test_wrong_clock },
    { "/http/answers", test_answers_of_servers },
    { "/http/post", test_post },
    { "/http/silent-server", test_silent_server },
  };

  g_test_init (&argc, &argv, NULL);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
