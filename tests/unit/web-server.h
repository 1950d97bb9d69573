/* A web server for tests, a real one: socat with a certificate that openssl makes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What it forks is killed with it: a test that uses it makes itself the subreaper (prctl(2)).
 */
#pragma once

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/run.h"
#include "tests/unit/tree-files.h"

typedef struct
{
  char *root;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  fixture->root = g_dir_make_tmp ("lodge-server-XXXXXX", &error);
  g_assert_no_error (error);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_all (fixture->root);
  g_free (fixture->root);
}

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
static inline guint16
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
static inline void
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

static inline void
lead_group (gpointer data)
{
  (void)data;
  setpgid (0, 0);
}

/* A certificate that begins in 2040, as all do for a host whose clock is years behind. */
static inline void
make_future_certificate (const Fixture *fixture, const char *pem)
{
  g_autofree char *request = g_build_filename (fixture->root, "request.pem", NULL);
  g_autofree char *key = g_build_filename (fixture->root, "key.pem", NULL);
  g_autofree char *certificate = g_build_filename (fixture->root, "certificate.pem", NULL);
  g_autofree char *configuration = g_build_filename (fixture->root, "ca.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\n"
                                           "new_certs_dir=%s\nrand_serial=yes\n"
                                           "default_md=sha256\npolicy=p\n"
                                           "[p]\ncommonName=supplied\n",
                                           fixture->root, fixture->root);
  g_autofree char *asked = NULL;
  g_autofree char *given = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *key_text = NULL;
  g_autofree char *certificate_text = NULL;
  g_autoptr (GError) error = NULL;

  put_file (fixture->root, "ca.conf", text);
  put_file (fixture->root, "index", "");
  asked = lodge_run_list (&error, "openssl", "req", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=elsewhere.test",
                          "-keyout", key, "-out", request, NULL);
  g_assert_no_error (error);
  given = lodge_run_list (&error, "openssl", "ca", "-batch", "-notext", "-selfsign", "-config",
                          configuration, "-keyfile", key, "-in", request, "-startdate",
                          "20400101000000Z", "-enddate", "20410101000000Z", "-out", certificate,
                          NULL);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (key, &key_text, NULL, NULL));
  g_assert_true (g_file_get_contents (certificate, &certificate_text, NULL, NULL));
  joined = g_strconcat (key_text, certificate_text, NULL);
  put_file (fixture->root, "server.pem", joined);
  g_assert_true (g_file_test (pem, G_FILE_TEST_EXISTS));
}

/* With FUTURE, its certificate is not valid yet. */
static inline gboolean
server_start_at (const Fixture *fixture, Server *server, gboolean future)
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
  /* A foreign name must not matter to a pinned certificate: the name is another's. */
  if (future)
    make_future_certificate (fixture, pem);
  else
    output = lodge_run_list (&error, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                             "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                             "/CN=elsewhere.test", "-days", "2", "-keyout", pem, "-out", pem, NULL);
  g_assert_no_error (error);
  g_free (output);
  output = lodge_run_list (&error, "openssl", "x509", "-in", pem, "-noout", "-fingerprint",
                           "-sha256", NULL);
  g_assert_no_error (error);
  server->fingerprint = g_strdup (strchr (output, '=') + 1);
  server->url = g_strdup_printf ("https://127.0.0.1:%u/answers.conf", port);

  put_file (fixture->root, "script", server_script);
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

static inline gboolean
server_start (const Fixture *fixture, Server *server)
{
  return server_start_at (fixture, server, FALSE);
}

static inline void
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
static inline void
assert_request (const Fixture *fixture, const char *wanted)
{
  g_autofree char *path = g_build_filename (fixture->root, "request", NULL);
  g_autofree char *request = NULL;

  g_assert_true (g_file_get_contents (path, &request, NULL, NULL));
  request[strcspn (request, "\n") + 1] = '\0';
  g_assert_cmpstr (request, ==, wanted);
}
