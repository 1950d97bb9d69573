/* Fetching, for real: apt, gpg and dpkg-deb with a small archive made here and signed with a
 * throw-away key, and everything that can be wrong with it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/cache.h"
#include "builder/family-debian.h"
#include "builder/family.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  char *top;
  char *gnupg;
  char *archive;     /* DIRECTORY of file://DIRECTORY */
  char *fingerprint; /* of the key that signs */
  char *cache;
  char *source; /* of lodge-firstboot */
  char *template_directory;
  char *mirror; /* what --mirror gets */
} Fixture;

/* --- the archive --- */

static void
run (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  va_list arguments;

  va_start (arguments, first);
  for (const char *argument = first; argument != NULL; argument = va_arg (arguments, char *))
    g_ptr_array_add (argv, (gpointer)argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
write_text (const char *directory, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);

  lodge_file_replace (path, text, -1, 0644, &error);
  g_assert_no_error (error);
}

static char *
read_text (const char *directory, const char *name, gsize *length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

/* Makes pool/NAME_1_amd64.deb and adds its paragraph to PACKAGES. */
static void
add_package (const Fixture *fixture, GString *packages, const char *name, const char *fields)
{
  g_autofree char *tree = g_build_filename (fixture->top, "package", NULL);
  g_autofree char *pool = g_build_filename (fixture->archive, "pool", NULL);
  g_autofree char *file = g_strconcat (name, "_1_amd64.deb", NULL);
  g_autofree char *path = g_build_filename (pool, file, NULL);
  g_autofree char *control = g_strdup_printf ("Package: %s\nVersion: 1\nArchitecture: amd64\n"
                                              "Maintainer: test <test@example.invalid>\n"
                                              "Installed-Size: 5\n%sDescription: test\n",
                                              name, fields);
  g_autofree char *content = g_strconcat ("usr/share/doc/", name, "/copyright", NULL);
  g_autofree char *digest = NULL;
  g_autofree char *text = NULL;
  gsize size;

  write_text (tree, "DEBIAN/control", control);
  write_text (tree, content, "free\n");
  g_assert_cmpint (g_mkdir_with_parents (pool, 0755), ==, 0);
  run ("dpkg-deb", "--root-owner-group", "--build", tree, path, NULL);
  remove_directory (tree);
  digest = lodge_file_sha256 (path, NULL);
  text = read_text (pool, file, &size);
  g_string_append_printf (packages,
                          "%s" /* ends with Description */
                          "Filename: pool/%s\nSize: %" G_GSIZE_FORMAT "\nSHA256: %s\n\n",
                          control, file, size, digest);
}

/* Signs dists/stable/Release as InRelease. */
static void
sign (const Fixture *fixture, const char *release, const char *key)
{
  g_autofree char *directory = g_build_filename (fixture->archive, "dists", "stable", NULL);
  g_autofree char *plain = g_build_filename (directory, "plain", NULL);
  g_autofree char *signed_path = g_build_filename (directory, "InRelease", NULL);

  write_text (directory, "plain", release);
  run ("gpg", "--batch", "--quiet", "--yes", "--homedir", fixture->gnupg, "--local-user", key,
       "--output", signed_path, "--clear-sign", plain, NULL);
  g_unlink (plain);
}

static char *
compose_release (const char *packages, const char *more)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, packages, -1);

  return g_strdup_printf ("Origin: Test\nLabel: Test\nSuite: stable\nCodename: stable\n"
                          "Date: Thu, 01 Jan 2026 00:00:00 UTC\n%s"
                          "Architectures: amd64\nComponents: main\nSHA256:\n"
                          " %s %" G_GSIZE_FORMAT " main/binary-amd64/Packages\n",
                          more, digest, strlen (packages));
}

static void
make_archive (const Fixture *fixture, const char *key, const char *more)
{
  g_autoptr (GString) packages = g_string_new (NULL);
  g_autofree char *lists
      = g_build_filename (fixture->archive, "dists", "stable", "main", "binary-amd64", NULL);
  g_autofree char *release = NULL;

  add_package (fixture, packages, "base-files", "Essential: yes\nPriority: required\n");
  add_package (fixture, packages, "mount", "Priority: required\n");
  add_package (fixture, packages, "lib", "Pre-Depends: base-files\n");
  add_package (fixture, packages, "host", "Depends: lib\nRecommends: extra\n");
  add_package (fixture, packages, "extra", "");
  add_package (fixture, packages, "compiler", "Depends: lib\n");
  write_text (lists, "Packages", packages->str);
  release = compose_release (packages->str, more);
  sign (fixture, release, key);
}

/* The fingerprint of a new key that can only sign. */
static char *
make_key (const Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *listing = NULL;
  const char *found;

  run ("gpg", "--batch", "--quiet", "--homedir", fixture->gnupg, "--passphrase", "",
       "--quick-generate-key", name, "ed25519", "sign", NULL);
  listing = lodge_run_list (&error, "gpg", "--batch", "--homedir", fixture->gnupg, "--with-colons",
                            "--list-keys", name, NULL);
  g_assert_no_error (error);
  found = strstr (listing, "\nfpr:::::::::");
  g_assert_nonnull (found);
  return g_strndup (found + strlen ("\nfpr:::::::::"), 40);
}

static void
write_template (const Fixture *fixture, const char *fingerprint, const char *install)
{
  g_autofree char *text = g_strdup_printf (
      "[Template]\nDescription=test\n"
      "[Distribution]\nFamily=debian\nRelease=stable\nOsName=Test\nSuites=stable\n"
      "Components=main\nFingerprints=%s\n"
      "[Packages]\nInstall=%s\nBuildDepends=compiler\n"
      "[Boot]\nKernelCommandLine=ro\nInitramfsDrivers=nvme\n"
      "[Services]\nEnable=a.service\n"
      "[Image]\nSize=2G\nHostname=test\n",
      fingerprint, install);

  write_text (fixture->template_directory, "template.conf", text);
}

static void
export_keys (const Fixture *fixture)
{
  g_autofree char *keys = g_build_filename (fixture->template_directory, "keys.gpg", NULL);

  run ("gpg", "--batch", "--quiet", "--yes", "--homedir", fixture->gnupg, "--output", keys,
       "--export", NULL);
}

/* NULL when what the test needs is not installed. */
static const char *
missing_program (void)
{
  static const char *const programs[] = { "gpg", "gpgconf", "apt-get", "apt-config", "dpkg-deb" };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_find_program_in_path (programs[i]);

      if (path == NULL)
        return programs[i];
    }
  return NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *firstboot = NULL;

  (void)data;
  fixture->top = make_directory ();
  fixture->gnupg = g_build_filename (fixture->top, "gnupg", NULL);
  fixture->archive = g_build_filename (fixture->top, "debian", NULL);
  fixture->cache = g_build_filename (fixture->top, "cache", NULL);
  fixture->source = g_build_filename (fixture->top, "source", NULL);
  fixture->template_directory = g_build_filename (fixture->top, "template", NULL);
  fixture->mirror = g_strconcat ("file://", fixture->archive, NULL);
  firstboot = g_build_filename (fixture->source, "firstboot", NULL);
  g_assert_cmpint (g_mkdir (fixture->gnupg, 0700), ==, 0);
  write_text (fixture->source, "Makefile", "firstboot:\n");
  write_text (fixture->source, "common/a.c", "");
  write_text (firstboot, "a.c", "");
  fixture->fingerprint = make_key (fixture, "good");
  write_template (fixture, fixture->fingerprint, "host");
  export_keys (fixture);
  make_archive (fixture, fixture->fingerprint, "");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  run ("gpgconf", "--homedir", fixture->gnupg, "--kill", "all", NULL);
  remove_directory (fixture->top);
  g_free (fixture->top);
  g_free (fixture->gnupg);
  g_free (fixture->archive);
  g_free (fixture->fingerprint);
  g_free (fixture->cache);
  g_free (fixture->source);
  g_free (fixture->template_directory);
  g_free (fixture->mirror);
}

/* --- fetching --- */

static void
free_package (gpointer package)
{
  lodge_package_free (package);
}

/* Fetches.  *NAMES (may be NULL) becomes the packages' names, " | " and the build packages'. */
static gboolean
fetch (const Fixture *fixture, char **names, GError **error)
{
  g_autoptr (LodgeTemplate) template = lodge_template_load ("", fixture->template_directory, error);
  g_autofree char *work = g_build_filename (fixture->top, "work", NULL);
  g_autofree char *output = g_build_filename (fixture->top, "out.raw", NULL);
  char *formats[] = { (char *)"raw", NULL };
  char *none[] = { NULL };
  LodgeBuildOptions options = { .output = output,
                                .formats = formats,
                                .sources = none,
                                .ssh_key_files = none,
                                .mirror = fixture->mirror,
                                .cache = fixture->cache,
                                .source_date_epoch = -1 };
  g_autoptr (LodgeBuildPlan) plan
      = template != NULL ? lodge_build_plan_make (template, &options, "ssh-ed25519 A", NULL, error)
                         : NULL;
  g_autoptr (LodgeProgress) progress = lodge_progress_new (LODGE_PROGRESS_AUTO);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) packages = g_ptr_array_new_with_free_func (free_package);
  g_autoptr (GPtrArray) build_packages = g_ptr_array_new_with_free_func (free_package);
  LodgeBuild build = { .plan = plan,
                       .progress = progress,
                       .cancellable = cancellable,
                       .work = work,
                       .cache = fixture->cache,
                       .source = fixture->source,
                       .packages = packages,
                       .build_packages = build_packages };
  gboolean done;

  g_assert_nonnull (plan);
  g_mkdir_with_parents (work, 0700);
  if (!lodge_cache_open (fixture->cache, cancellable, progress, error))
    return FALSE;
  done = lodge_debian_fetch (&build, error);
  if (names != NULL)
    {
      GString *text = g_string_new (NULL);

      for (guint i = 0; i < packages->len; i++)
        g_string_append_printf (text, "%s ", ((LodgePackage *)packages->pdata[i])->name);
      g_string_append_c (text, '|');
      for (guint i = 0; i < build_packages->len; i++)
        g_string_append_printf (text, " %s", ((LodgePackage *)build_packages->pdata[i])->name);
      *names = g_string_free (text, FALSE);
    }
  for (guint i = 0; done && i < packages->len; i++)
    g_assert_cmpuint (((LodgePackage *)packages->pdata[i])->installed_size, ==, 5 * 1024);
  remove_directory (work);
  g_free (build.root_key);
  return done;
}

static guint
count_cached (const Fixture *fixture)
{
  g_autofree char *top = g_build_filename (fixture->cache, "packages", "sha256", NULL);
  g_autoptr (GDir) directory = g_dir_open (top, 0, NULL);
  guint count = 0;
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (top, name, NULL);

      count += count_entries (path);
    }
  return count;
}

static void
assert_nothing_temporary (const Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->cache, "tmp", NULL);

  g_assert_cmpuint (count_entries (path), ==, 0);
}

/* Fetching fails with a sentence that holds WORDS, and nothing is in the cache. */
static void
assert_refused (const Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fetch (fixture, NULL, &error));
  if (strstr (error->message, words) == NULL)
    g_test_message ("got: %s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpuint (count_cached (fixture), ==, 0);
  assert_nothing_temporary (fixture);
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *names = NULL;
  g_autofree char *again = NULL;

  (void)data;
  fetch (fixture, &names, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (names, ==, "base-files host lib mount | base-files compiler lib mount");
  g_assert_cmpuint (count_cached (fixture), ==, 5);
  assert_nothing_temporary (fixture);
  /* From what apt answered before. */
  fetch (fixture, &again, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, names);
}

/* --- a mirror that answers by HTTP, or stops to --- */

typedef struct
{
  const char *top; /* directory above "debian" */
  int listening;
  guint16 port;
  gint stop;
  gint cut; /* packages break off in the middle */
  GThread *thread;
} Server;

static void
answer (const Server *server, int fd)
{
  char request[4096] = "";
  ssize_t got = read (fd, request, sizeof request - 1);
  g_auto (GStrv) words = g_strsplit (got > 0 ? request : "", " ", 3);
  g_autofree char *unescaped
      = g_strv_length (words) > 1 ? g_uri_unescape_string (words[1], NULL) : NULL;
  g_autofree char *path
      = unescaped != NULL ? g_build_filename (server->top, unescaped, NULL) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *head = NULL;
  gsize length = 0;
  gsize sent;

  if (path == NULL || !g_file_get_contents (path, &text, &length, NULL))
    head = g_strdup ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  else
    head = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: %" G_GSIZE_FORMAT
                            "\r\nConnection: close\r\n\r\n",
                            length);
  sent = g_atomic_int_get (&server->cut) && g_str_has_suffix (path, ".deb") ? length / 2 : length;
  if (write (fd, head, strlen (head)) > 0 && sent > 0)
    g_assert_cmpint (write (fd, text, sent), !=, 0);
}

static gpointer
serve (gpointer data)
{
  Server *server = data;

  for (;;)
    {
      int fd = accept (server->listening, NULL, NULL);

      if (g_atomic_int_get (&server->stop))
        {
          if (fd >= 0)
            close (fd);
          return NULL;
        }
      if (fd >= 0)
        {
          answer (server, fd);
          shutdown (fd, SHUT_WR);
          close (fd);
        }
    }
}

static int
loopback_socket (guint16 *port, gboolean listening)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (*port) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (!listening)
    {
      g_assert_cmpint (connect (fd, (struct sockaddr *)&address, length), ==, 0);
      return fd;
    }
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, length), ==, 0);
  g_assert_cmpint (listen (fd, 16), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &length), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

static void
server_start (Server *server, Fixture *fixture)
{
  memset (server, 0, sizeof *server);
  server->top = fixture->top;
  server->listening = loopback_socket (&server->port, TRUE);
  server->thread = g_thread_new ("mirror", serve, server);
  g_free (fixture->mirror);
  fixture->mirror = g_strdup_printf ("http://127.0.0.1:%u/debian", server->port);
}

/* From now on connections are refused. */
static void
server_stop (Server *server)
{
  g_atomic_int_set (&server->stop, 1);
  close (loopback_socket (&server->port, FALSE)); /* wakes accept() */
  g_thread_join (server->thread);
  close (server->listening);
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Server server;
  g_autofree char *pool = g_build_filename (fixture->archive, "pool", "host_1_amd64.deb", NULL);
  g_autofree char *digest = lodge_file_sha256 (pool, NULL);
  g_autofree char *cached = lodge_cache_package_path (fixture->cache, digest, "deb");

  (void)data;
  server_start (&server, fixture);
  server_stop (&server);
  assert_refused (fixture, "does not answer");

  server_start (&server, fixture);
  fetch (fixture, NULL, &error);
  g_assert_no_error (error);
  server_stop (&server);
  /* All is here: the build goes on, and says so in a note. */
  fetch (fixture, NULL, &error);
  g_assert_no_error (error);
  /* One package is not. */
  g_assert_cmpint (g_unlink (cached), ==, 0);
  g_assert_false (fetch (fixture, NULL, &error));
  g_assert_nonnull (strstr (error->message, "the cache lacks 1 package"));
  assert_nothing_temporary (fixture);
}

static void
test_cut_off (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Server server;

  (void)data;
  server_start (&server, fixture);
  g_atomic_int_set (&server.cut, 1);
  assert_refused (fixture, ".deb");
  g_atomic_int_set (&server.cut, 0);
  fetch (fixture, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_cached (fixture), ==, 5);
  server_stop (&server);
}

/* --- what is in the cache --- */

static void
test_corrupt_cached (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pool = g_build_filename (fixture->archive, "pool", "host_1_amd64.deb", NULL);
  g_autofree char *digest = lodge_file_sha256 (pool, NULL);
  g_autofree char *cached = lodge_cache_package_path (fixture->cache, digest, "deb");
  g_autofree char *found = NULL;

  (void)data;
  fetch (fixture, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (cached, "broken", -1, NULL));
  fetch (fixture, NULL, &error);
  g_assert_no_error (error);
  found = lodge_file_sha256 (cached, NULL);
  g_assert_cmpstr (found, ==, digest);
}

static void
test_tampered_package (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pool = g_build_filename (fixture->archive, "pool", NULL);
  gsize length;
  g_autofree char *text = read_text (pool, "host_1_amd64.deb", &length);
  g_autofree char *path = g_build_filename (pool, "host_1_amd64.deb", NULL);

  (void)data;
  text[length - 1] ^= 1;
  g_assert_true (g_file_set_contents (path, text, (gssize)length, NULL));
  g_assert_false (fetch (fixture, NULL, &error));
  g_assert_nonnull (strstr (error->message, "host_1_amd64.deb"));
  assert_nothing_temporary (fixture);
  /* The others that came whole may stay: they were checked. */
  g_assert_cmpuint (count_cached (fixture), <, 5);
}

static void
test_short_package (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->archive, "pool", "host_1_amd64.deb", NULL);

  (void)data;
  g_assert_cmpint (truncate (path, 100), ==, 0);
  g_assert_false (fetch (fixture, NULL, &error));
  g_assert_nonnull (strstr (error->message, "host_1_amd64.deb"));
  assert_nothing_temporary (fixture);
}

static void
test_missing_package (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->archive, "pool", "host_1_amd64.deb", NULL);

  (void)data;
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (fetch (fixture, NULL, &error));
  g_assert_nonnull (strstr (error->message, "host_1_amd64.deb"));
  assert_nothing_temporary (fixture);
}

static void
test_tampered_list (Fixture *fixture, gconstpointer data)
{
  g_autofree char *lists
      = g_build_filename (fixture->archive, "dists", "stable", "main", "binary-amd64", NULL);
  gsize length;
  g_autofree char *text = read_text (lists, "Packages", &length);

  (void)data;
  text[length - 3] ^= 1; /* in a digest */
  write_text (lists, "Packages", text);
  assert_refused (fixture, "Packages");
}

static void
test_tampered_release (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dists = g_build_filename (fixture->archive, "dists", "stable", NULL);
  g_autofree char *text = read_text (dists, "InRelease", NULL);
  char *label = strstr (text, "Label: Test");

  (void)data;
  label[7] = 'B';
  write_text (dists, "InRelease", text);
  assert_refused (fixture, "cannot be trusted");
}

static void
test_unsigned_release (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dists = g_build_filename (fixture->archive, "dists", "stable", NULL);
  g_autofree char *path = g_build_filename (dists, "InRelease", NULL);
  g_autofree char *text = read_text (dists, "InRelease", NULL);
  char *start = strstr (text, "Origin:");

  (void)data;
  *strstr (text, "-----BEGIN PGP SIGNATURE") = '\0';
  write_text (dists, "Release", start);
  g_unlink (path);
  assert_refused (fixture, "not signed");
}

/* A good signature of a key that is in the keyring, but not the template's. */
static void
test_other_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = make_key (fixture, "other");

  (void)data;
  export_keys (fixture);
  make_archive (fixture, other, "");
  assert_refused (fixture, "cannot be trusted");
}

static void
test_unknown_key (Fixture *fixture, gconstpointer data)
{
  (void)data;
  write_template (fixture, "0123456789ABCDEF0123456789ABCDEF01234567", "host");
  assert_refused (fixture, "0123456789ABCDEF0123456789ABCDEF01234567");
}

static void
test_unknown_package (Fixture *fixture, gconstpointer data)
{
  (void)data;
  write_template (fixture, fixture->fingerprint, "host nonesuch");
  assert_refused (fixture, "nonesuch");
}

static void
test_not_a_mirror (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->archive);
  g_assert_cmpint (g_mkdir (fixture->archive, 0755), ==, 0);
  assert_refused (fixture, "--mirror");
}

/* The cache cannot be written. */
static void
test_no_cache (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  (void)data;
  g_free (fixture->cache);
  fixture->cache = g_strdup ("/proc/nowhere");
  g_assert_false (fetch (fixture, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/proc/nowhere"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*function) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/fetch/good", test_good },
    { "/fetch/unreachable", test_unreachable },
    { "/fetch/cut-off", test_cut_off },
    { "/fetch/corrupt-cached", test_corrupt_cached },
    { "/fetch/tampered-package", test_tampered_package },
    { "/fetch/short-package", test_short_package },
    { "/fetch/missing-package", test_missing_package },
    { "/fetch/tampered-list", test_tampered_list },
    { "/fetch/tampered-release", test_tampered_release },
    { "/fetch/unsigned-release", test_unsigned_release },
    { "/fetch/other-key", test_other_key },
    { "/fetch/unknown-key", test_unknown_key },
    { "/fetch/unknown-package", test_unknown_package },
    { "/fetch/not-a-mirror", test_not_a_mirror },
    { "/fetch/no-cache", test_no_cache },
  };

  g_test_init (&argc, &argv, NULL);
  g_setenv ("no_proxy", "127.0.0.1", TRUE);
  if (missing_program () != NULL)
    {
      g_print ("1..0 # SKIP %s is not installed\n", missing_program ());
      return 0;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].function, tear_down);
  return g_test_run ();
}
