/* Where answers come from: kernel command line, credential, web server; and the webhook's request.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The partition LODGE needs a block device: the boot tests try it.  The web server is a real one
 * (socat with a certificate made by openssl).
 */
#include "common/error.h"
#include "common/run.h"
#include "firstboot/answer-sources.h"
#include "firstboot/http.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *root;
} Fixture;

static void
write_file (const char *root, const char *path, const char *text)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-sources-XXXXXX", &error);
  g_assert_no_error (error);
  write_file (fixture->root, "/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz quiet lodge.answer=no\n");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *output = lodge_run_list (NULL, "rm", "-r", fixture->root, NULL);

  (void)data;
  g_assert_nonnull (output);
  g_free (fixture->root);
}

/* What the sources give: "nothing", "off", "NAME: TEXT" or "error: MESSAGE". */
static char *
ask (const Fixture *fixture)
{
  LodgeSourceContext context = { .root = fixture->root };
  g_auto (LodgeAnswerText) text = { 0 };
  g_autoptr (GError) error = NULL;

  switch (lodge_answer_sources_read (&context, &text, &error))
    {
    case LODGE_SOURCE_NOTHING:
      g_assert_no_error (error);
      return g_strdup ("nothing");
    case LODGE_SOURCE_OFF:
      g_assert_no_error (error);
      return g_strdup ("off");
    case LODGE_SOURCE_FOUND:
      g_assert_no_error (error);
      g_assert_cmpuint (text.length, ==, strlen (text.text));
      return g_strdup_printf ("%s: %s", text.name, text.text);
    case LODGE_SOURCE_ERROR:
      return g_strdup_printf ("error: %s", error->message);
    }
  g_assert_not_reached ();
}

static void
expect (const Fixture *fixture, const char *command_line, const char *expected)
{
  g_autofree char *answer = NULL;

  write_file (fixture->root, "/proc/cmdline", command_line);
  answer = ask (fixture);
  g_assert_cmpstr (answer, ==, expected);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = ask (fixture);

  (void)data;
  g_assert_cmpstr (answer, ==, "nothing");
}

static void
test_command_line (Fixture *fixture, gconstpointer data)
{
  (void)data;
  write_file (fixture->root, "/etc/answers one.conf", "1");
  write_file (fixture->root, "/etc/two.conf", "2");
  expect (fixture, "lodge.answers=off\n", "off");
  expect (fixture, "quiet lodge.answers=\n", "nothing");
  expect (fixture, "quiet lodge.answers=/etc/two.conf ro", "/etc/two.conf: 2");
  expect (fixture, "quiet lodge.answers=off lodge.answers=/etc/two.conf", "/etc/two.conf: 2");
  expect (fixture, "lodge.answers=\"/etc/answers one.conf\" x", "/etc/answers one.conf: 1");
  expect (fixture, "\"lodge.answers=/etc/answers one.conf\" x", "/etc/answers one.conf: 1");
  expect (fixture, "lodge.answers=two.conf",
          "error: the kernel command line: lodge.answers=two.conf is none of: an https:// URL, an "
          "absolute path, off");
  expect (fixture, "lodge.answers=http://127.0.0.1/a",
          "error: the kernel command line: lodge.answers=: \"http://127.0.0.1/a\" is refused: over "
          "http:// anyone on the way can read and change what is sent; use https://, and a "
          "fingerprint when the certificate is the server's own");
}

/* A file that was named and is not there is an error, not a reason to look elsewhere. */
static void
test_missing_path (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = NULL;

  (void)data;
  write_file (fixture->root, "/run/credentials/@system/lodge.answers", "credential");
  write_file (fixture->root, "/proc/cmdline", "lodge.answers=/etc/none.conf");
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the kernel command line: "));
  g_assert_nonnull (strstr (answer, "/etc/none.conf: No such file or directory"));
}

static void
test_credential (Fixture *fixture, gconstpointer data)
{
  (void)data;
  write_file (fixture->root, "/run/credentials/@system/lodge.answers", "[host]\n");
  expect (fixture, "quiet", "credential lodge.answers: [host]\n");
  /* The command line comes first. */
  expect (fixture, "lodge.answers=off", "off");
}

static void
test_too_long (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1024 * 1024 + 1, '#');
  g_autofree char *answer = NULL;

  (void)data;
  write_file (fixture->root, "/run/credentials/@system/lodge.answers", text);
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the systemd credential lodge.answers: "));
}

/* --- a web server --- */

/* Reads one request (its first line goes to the file "request", its body to "body") and answers
 * with the file "response". */
static const char server_script[]
    = "read -r request || exit 0\n"
      "printf '%s\\n' \"$request\" >request\n"
      "length=0\n"
      "while read -r line; do\n"
      "  line=$(printf '%s' \"$line\" | tr -d '\\r')\n"
      "  case $line in [Cc]ontent-[Ll]ength:*) length=${line#*: } ;; esac\n"
      "  [ -n \"$line\" ] || break\n"
      "done\n"
      "head -c \"$length\" >body\n"
      "cat response\n";

typedef struct
{
  GPid process; /* leader of its process group; 0: none */
  char *url;
  char *fingerprint;
} Server;

/* A port that nobody listens on: the kernel gave it a moment ago. */
static guint16
free_port (void)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

/* Until it answers; bounded by its own life. */
static void
wait_for_server (guint16 port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  for (guint tries = 0; tries < 2000; tries++)
    {
      g_autoptr (GSocketConnection) connection
          = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);

      if (connection != NULL)
        return;
      g_usleep (5000);
    }
  g_assert_not_reached ();
}

static void
lead_group (gpointer data)
{
  (void)data;
  setpgid (0, 0);
}

static gboolean
server_start (const Fixture *fixture, Server *server)
{
  guint16 port = free_port ();
  g_autofree char *pem = g_build_filename (fixture->root, "server.pem", NULL);
  g_autofree char *listen = NULL;
  g_autofree char *output = NULL;
  g_autofree char *socat = g_find_program_in_path ("socat");
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autoptr (GError) error = NULL;

  if (socat == NULL || openssl == NULL)
    {
      g_test_skip ("needs socat and openssl");
      return FALSE;
    }
  /* An expired or foreign name must not matter to a pinned certificate: the name is another's. */
  output = lodge_run_list (&error, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=elsewhere.test",
                           "-days", "2", "-keyout", pem, "-out", pem, NULL);
  g_assert_no_error (error);
  g_free (output);
  output = lodge_run_list (&error, "openssl", "x509", "-in", pem, "-noout", "-fingerprint",
                           "-sha256", NULL);
  g_assert_no_error (error);
  server->fingerprint = g_strdup (strchr (output, '=') + 1);
  server->url = g_strdup_printf ("https://127.0.0.1:%u/answers.conf", port);

  write_file (fixture->root, "/script", server_script);
  listen = g_strdup_printf (
      "OPENSSL-LISTEN:%u,bind=127.0.0.1,reuseaddr,fork,verify=0,cert=server.pem", port);
  {
    const char *argv[] = { "socat", listen, "EXEC:sh script", NULL };

    g_spawn_async (fixture->root, (char **)argv, NULL,
                   G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                   lead_group, NULL, &server->process, &error);
  }
  g_assert_no_error (error);
  wait_for_server (port);
  return TRUE;
}

static void
server_clear (Server *server)
{
  /* With all that it forked, which are ours once their parent is gone (main's subreaper). */
  if (server->process != 0)
    {
      kill (-server->process, SIGKILL);
      while (waitpid (-server->process, NULL, 0) != -1)
        ;
    }
  g_free (server->url);
  g_free (server->fingerprint);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Server, server_clear)

/* The first line of the last request that the server got. */
static void
assert_request (const Fixture *fixture, const char *wanted)
{
  g_autofree char *path = g_build_filename (fixture->root, "request", NULL);
  g_autofree char *request = NULL;

  g_assert_true (g_file_get_contents (path, &request, NULL, NULL));
  request[strcspn (request, "\n") + 1] = '\0';
  g_assert_cmpstr (request, ==, wanted);
}

static void
test_url (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  g_autofree char *line = NULL;
  g_autofree char *expected = NULL;

  (void)data;
  if (!server_start (fixture, &server))
    return;
  write_file (fixture->root, "/response",
              "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n[host]\n");
  line = g_strdup_printf ("lodge.answers=%s lodge.answers-fingerprint=%s", server.url,
                          server.fingerprint);
  expected = g_strconcat (server.url, ": [host]\n", NULL);
  expect (fixture, line, expected);
  assert_request (fixture, "GET /answers.conf HTTP/1.1\r\n");

  /* With its identity, in messages without. */
  write_file (fixture->root, "/sys/class/dmi/id/product_serial", "A&B=#1 \303\266\n");
  write_file (fixture->root, "/sys/class/dmi/id/product_uuid",
              "4C4C4544-0042-4A10-8056-B4C04F4E3132\n");
  expect (fixture, line, expected);
  assert_request (fixture, "GET /answers.conf?serial=A%26B%3D%231%20%C3%B6"
                           "&uuid=4c4c4544-0042-4a10-8056-b4c04f4e3132 HTTP/1.1\r\n");
}

static void
test_url_for_host (Fixture *fixture, gconstpointer data)
{
  char *macs[] = { (char *)"52:54:00:00:00:01", (char *)"52:54:00:00:00:02", NULL };
  char *none[] = { NULL };
  static const char *const urls[][2] = {
    { "https://a.test", "https://a.test?" },
    { "https://a.test/b", "https://a.test/b?" },
    { "https://a.test/b?", "https://a.test/b?" },
    { "https://a.test/b?room=5", "https://a.test/b?room=5&" },
    { "https://a.test/b?room=5&", "https://a.test/b?room=5&" },
  };
  LodgeHostIdentity identity = { .macs = macs, .serial = (char *)"100%/+?" };
  LodgeHostIdentity nobody = { .macs = none };

  (void)fixture, (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *url = lodge_source_url_for_host (urls[i][0], &identity);
      g_autofree char *same = lodge_source_url_for_host (urls[i][0], &nobody);
      g_autofree char *expected
          = g_strconcat (urls[i][1],
                         "mac=52%3A54%3A00%3A00%3A00%3A01&mac=52%3A54%3A00%3A00%3A00%3A02"
                         "&serial=100%25%2F%2B%3F",
                         NULL);

      g_assert_cmpstr (url, ==, expected);
      g_assert_cmpstr (same, ==, urls[i][0]);
    }
}

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
  write_file (fixture->root, "/response",
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
  write_file (fixture->root, "/response",
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
  write_file (fixture->root, "/response",
              "HTTP/1.1 503 Busy\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>");
  expect_failure (&request, "the server says HTTP status 503");
  long_answer = g_strnfill (101, 'x');
  {
    g_autofree char *response = g_strdup_printf (
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\nConnection: close\r\n\r\n%s", long_answer);
    write_file (fixture->root, "/response", response);
  }
  expect_failure (&request, "longer than 100 bytes");
  /* A way round by plain HTTP is not gone. */
  write_file (fixture->root, "/response",
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
  write_file (fixture->root, "/response", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
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

/* --- VMware --- */

/* open-vm-tools as far as the source knows it: VARIABLES is a shell's case list. */
static void
write_tool (const Fixture *fixture, const char *path, const char *variables)
{
  g_autofree char *full = g_strconcat (fixture->root, path, NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\n"
                                             "[ \"$1\" != --cmd ] || shift\n"
                                             "[ $# -eq 1 ] || exit 9\n"
                                             "case $1 in\n%s\n"
                                             "*) echo 'No value found' >&2; exit 1;;\n"
                                             "esac\n",
                                             variables);

  write_file (fixture->root, path, script);
  g_assert_cmpint (g_chmod (full, 0700), ==, 0);
}

#define ANSWERS_CASE "'info-get guestinfo.lodge.answers') printf '[host]\\nhostname=a\\n';;"

static void
test_guestinfo (Fixture *fixture, gconstpointer data)
{
  static const char *const programs[] = { "/usr/bin/vmtoolsd", "/usr/bin/vmware-rpctool" };

  (void)data;
  write_tool (fixture, programs[0], ANSWERS_CASE);
  /* Not on VMware: nobody is asked. */
  expect (fixture, "quiet", "nothing");
  write_file (fixture->root, "/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  expect (fixture, "quiet", "guestinfo.lodge.answers: [host]\nhostname=a");
  /* Others are asked before it. */
  expect (fixture, "lodge.answers=off", "off");
  /* The one that is made for it is asked first. */
  write_tool (fixture, programs[1], "'info-get guestinfo.lodge.answers') echo b;;");
  expect (fixture, "quiet", "guestinfo.lodge.answers: b");
  write_tool (fixture, programs[1], "'info-get guestinfo.lodge.answers') echo;;");
  expect (fixture, "quiet", "nothing");
  write_tool (fixture, programs[1], "'info-get else') echo b;;");
  expect (fixture, "quiet", "nothing");
}

static void
test_guestinfo_encoding (Fixture *fixture, gconstpointer data)
{
#define ENCODED_AS(encoding, text)                                                                 \
  "'info-get guestinfo.lodge.answers') echo " text ";;\n"                                          \
  "'info-get guestinfo.lodge.answers.encoding') echo " encoding ";;"

  (void)data;
  write_file (fixture->root, "/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  write_tool (fixture, "/usr/bin/vmware-rpctool",
              ENCODED_AS ("base64", "W2hvc3RdCmhvc3RuYW1lPWEK"));
  expect (fixture, "quiet", "guestinfo.lodge.answers: [host]\nhostname=a\n");
  write_tool (fixture, "/usr/bin/vmware-rpctool", ENCODED_AS ("rot13", "x"));
  expect (fixture, "quiet",
          "error: the VMware variable guestinfo.lodge.answers: guestinfo.lodge.answers.encoding is "
          "\"rot13\"; expected base64, or nothing for plain text");
}

static void
remember_line (const char *line, gpointer data)
{
  g_free (*(char **)data);
  *(char **)data = g_strdup (line);
}

static void
test_guestinfo_failures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = NULL;
  g_autofree char *line = NULL;
  const LodgeWatcher watcher = { .tell = remember_line, .data = &line };
  const LodgeSourceContext context = { .root = fixture->root, .watcher = &watcher };
  g_auto (LodgeAnswerText) text = { 0 };

  (void)data;
  write_file (fixture->root, "/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  /* Without open-vm-tools it is told of, and the next source is asked. */
  g_assert_cmpint (lodge_answer_sources_read (&context, &text, NULL), ==, LODGE_SOURCE_NOTHING);
  g_assert_nonnull (strstr (line, "open-vm-tools is not installed"));
  write_tool (fixture, "/usr/bin/vmware-rpctool",
              "*answers) echo 'Failed to send message to the host' >&2; exit 1;;");
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the VMware variable guestinfo.lodge.answers: "));
  g_assert_true (g_str_has_suffix (answer, ": Failed to send message to the host"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/sources/nothing", test_nothing },
    { "/sources/command-line", test_command_line },
    { "/sources/missing-path", test_missing_path },
    { "/sources/credential", test_credential },
    { "/sources/too-long", test_too_long },
    { "/sources/guestinfo", test_guestinfo },
    { "/sources/guestinfo-encoding", test_guestinfo_encoding },
    { "/sources/guestinfo-failures", test_guestinfo_failures },
    { "/sources/url", test_url },
    { "/sources/url-for-host", test_url_for_host },
    { "/http/trust", test_trust },
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
