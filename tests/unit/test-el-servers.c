/* A build of the RPM family from a server that lacks something, or that is not there; and where a
 * server has the key. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/el-small.h"
#include "tests/unit/recorded-curl.h"

static void
end_server (GSubprocess *server)
{
  g_subprocess_force_exit (server);
  g_assert_true (g_subprocess_wait (server, NULL, NULL));
}

/* The key lies beside the template: over the network there is nothing but packages. */
static void
use_server (Fixture *fixture, const char *url)
{
  g_autoptr (GError) error = NULL;
  const char *directory = fixture->template->directory;
  g_autofree char *key = g_build_filename (fixture->standin, "1", "RPM-GPG-KEY-small", NULL);
  g_autofree char *output = lodge_run_list (&error, "cp", key, directory, NULL);
  const char *const sources[] = { url, NULL };

  g_assert_no_error (error);
  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)sources);
}

/* A mirror has the lists, and of the package a part or, when DATA says so, nothing. */
static void
test_incomplete (Fixture *fixture, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (fixture->standin, "1", NULL);
  g_autofree char *file = package_file (fixture, "plain");
  g_autofree char *url = NULL;
  g_autoptr (GSubprocess) server = serve (directory, &url);

  want (fixture, "plain");
  use_server (fixture, url);
  if (data == NULL)
    g_assert_cmpint (truncate (file, 100000), ==, 0);
  else
    g_assert_cmpint (g_unlink (file), ==, 0);
  check_fetch_refused (fixture, "plain-1-1.noarch.rpm");
  end_server (server);
}

/* A port on which nobody listens, and nobody else comes to: it stays bound.  *URL has a login. */
static int
bind_port (char **url)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &length), ==, 0);
  *url = g_strdup_printf ("http://joe:secret@127.0.0.1:%d", ntohs (address.sin_port));
  return fd;
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *url = NULL;
  int fd = bind_port (&url);

  (void)data;
  want (fixture, "plain");
  use_server (fixture, url);
  check_fetch_refused (fixture, "the repositories do not answer: ");
  close (fd);
}

/* A name that is never given to anybody (RFC 6761, 6.4). */
static void
test_no_such_host (Fixture *fixture, gconstpointer data)
{
  (void)data;
  want (fixture, "plain");
  use_server (fixture, "http://joe:secret@mirror.invalid");
  check_fetch_refused (fixture, "the repositories do not answer: ");
}

/* The key is the source's, or lies one level above it; the template's own place does not answer. */
static void
test_key_of_server (Fixture *fixture, gconstpointer above)
{
  static const char *const urls[] = { "https://keys.invalid/RPM-GPG-KEY-small", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *from = g_build_filename (fixture->standin, "1", "RPM-GPG-KEY-small", NULL);
  g_autofree char *to = g_build_filename (fixture->standin, "RPM-GPG-KEY-small", NULL);
  g_autofree char *url = NULL;
  g_autoptr (GSubprocess) server = serve (fixture->standin, &url);
  g_autofree char *source
      = g_strconcat ("http://joe:secret@", url + strlen ("http://"), "/1/", NULL);
  g_autofree char *recorded = g_build_filename (fixture->top, "arguments", NULL);
  g_autofree char *arguments = NULL;
  const char *const sources[] = { source, NULL };

  if (above != NULL)
    g_assert_cmpint (g_rename (from, to), ==, 0);
  record_arguments (fixture->top);
  want (fixture, "plain");
  g_strfreev (fixture->template->key_urls);
  fixture->template->key_urls = g_strdupv ((char **)urls);
  g_strfreev (fixture->options->sources);
  fixture->options->sources = g_strdupv ((char **)sources);
  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->build.packages->len, ==, 1);
  /* The source's password is no argument of curl. */
  arguments = lodge_file_read (recorded, 4096, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (arguments, "--fail"));
  g_assert_null (strstr (arguments, "secret"));
  end_server (server);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    gconstpointer data;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/el-servers/truncated", NULL, test_incomplete },
    { "/el-servers/not-found", "nothing", test_incomplete },
    { "/el-servers/unreachable", NULL, test_unreachable },
    { "/el-servers/no-such-host", NULL, test_no_such_host },
    { "/el-servers/key", NULL, test_key_of_server },
    { "/el-servers/key-above", "above", test_key_of_server },
  };

  g_test_init (&argc, &argv, NULL);
  if (!small_make ())
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, tests[i].data, set_up, tests[i].test, tear_down);
  return small_run ();
}
