/* Tests of builder/doctor-machine.c: what is said of the output.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"
#include "builder/remove.h"
#include "common/file.h"
#include "tests/unit/recorded-curl.h"

#include <glib/gstdio.h>
#include <string.h>

static void
finding_free (gpointer data)
{
  LodgeFinding *finding = data;

  g_free (finding->sentence);
  g_free (finding->mend);
  g_free (finding);
}

/* The finding of lodge_doctor_space() whose id begins with "output". */
static const LodgeFinding *
examine_output (LodgeDoctor *doctor, const char *output)
{
  const LodgeFinding *found = NULL;

  doctor->output = output;
  g_ptr_array_set_size (doctor->findings, 0);
  lodge_doctor_space (doctor);
  for (guint i = 0; i < doctor->findings->len; i++)
    {
      const LodgeFinding *finding = g_ptr_array_index (doctor->findings, i);

      if (g_str_has_prefix (finding->id, "output"))
        {
          g_assert_null (found);
          found = finding;
        }
    }
  g_assert_nonnull (found);
  return found;
}

static void
test_output (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-doctor-XXXXXX", NULL);
  g_autofree char *good = g_build_filename (directory, "x.raw", NULL);
  g_autofree char *bad = g_build_filename (directory, "none", "x.raw", NULL);
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);
  LodgeDoctor doctor = { .cache = directory, .findings = findings };
  const LodgeFinding *finding = examine_output (&doctor, good);

  g_assert_cmpstr (finding->id, ==, "output-space");
  g_assert_nonnull (strstr (finding->sentence, directory));
  finding = examine_output (&doctor, bad);
  g_assert_cmpint (finding->level, ==, LODGE_FINDING_FAIL);
  g_assert_nonnull (strstr (finding->sentence, "none does not exist"));
  g_assert_false (g_file_test (bad, G_FILE_TEST_EXISTS));
  finding = examine_output (&doctor, "/dev/null");
  g_assert_cmpint (finding->level, ==, LODGE_FINDING_FAIL);
  g_assert_nonnull (strstr (finding->sentence, "is a device"));
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* Each repository is asked for what a build would ask it. */
static void
test_repositories (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-doctor-XXXXXX", NULL);
  g_autofree char *mirror = g_strconcat ("file://", directory, NULL);
  g_autofree char *repomd
      = g_build_filename (directory, "BaseOS", "x86_64", "os", "repodata", "repomd.xml", NULL);
  g_autofree char *recorded = g_build_filename (directory, "arguments", NULL);
  g_autofree char *arguments = NULL;
  char *repositories[] = { (char *)"BaseOS", (char *)"AppStream", NULL };
  char *none[] = { NULL };
  LodgeTemplate template = { .name = (char *)"test",
                             .family = LODGE_FAMILY_EL,
                             .directory = (char *)"/nonexistent",
                             .repositories = repositories,
                             .build_repositories = none,
                             .key_urls = none };
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);
  LodgeDoctor doctor = { .template = &template, .mirror = mirror, .findings = findings };
  const LodgeFinding *finding;
  g_autoptr (GError) error = NULL;

  lodge_file_replace (repomd, "<repomd/>", -1, 0644, &error);
  g_assert_no_error (error);
  /* A directory is looked into. */
  lodge_doctor_repositories (&doctor);
  g_assert_cmpuint (findings->len, ==, 1);
  finding = g_ptr_array_index (findings, 0);
  g_assert_cmpint (finding->level, ==, LODGE_FINDING_FAIL);
  g_assert_nonnull (strstr (finding->sentence, " has no repository AppStream"));
  g_assert_nonnull (strstr (finding->sentence, mirror));
  repositories[1] = NULL;
  g_ptr_array_set_size (findings, 0);
  lodge_doctor_repositories (&doctor);
  g_assert_cmpuint (findings->len, ==, 1);
  finding = g_ptr_array_index (findings, 0);
  g_assert_cmpint (finding->level, ==, LODGE_FINDING_PASS);
  g_assert_true (g_str_has_suffix (finding->sentence, "/repomd.xml answers for BaseOS"));
  /* A server is asked; nothing listens there (tcpmux). */
  doctor.mirror = "http://127.0.0.1:1";
  g_ptr_array_set_size (findings, 0);
  lodge_doctor_repositories (&doctor);
  g_assert_cmpuint (findings->len, ==, 1);
  finding = g_ptr_array_index (findings, 0);
  g_assert_cmpint (finding->level, ==, LODGE_FINDING_FAIL);
  g_assert_nonnull (strstr (finding->sentence, "does not answer for BaseOS: curl: (7)"));
  g_assert_nonnull (finding->mend);
  /* A password is neither said nor an argument of curl. */
  doctor.mirror = "http://joe:s3cret@127.0.0.1:1";
  g_ptr_array_set_size (findings, 0);
  record_arguments (directory);
  lodge_doctor_repositories (&doctor);
  arguments = lodge_file_read (recorded, 4096, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (arguments, "--fail"));
  g_assert_null (strstr (arguments, "s3cret"));
  finding = g_ptr_array_index (findings, 0);
  g_assert_true (g_str_has_prefix (
      finding->sentence, "http://127.0.0.1:1/BaseOS/x86_64/os/repodata/repomd.xml does not answer "
                         "for BaseOS: curl: (7)"));
  template.family = LODGE_FAMILY_DEBIAN;
  g_ptr_array_set_size (findings, 0);
  lodge_doctor_repositories (&doctor);
  g_assert_cmpuint (findings->len, ==, 0);
  g_assert_true (lodge_remove_tree (directory, NULL));
}

/* Answers "joe" with the password "p@ss" only, and says its port first. */
static const char server_script[]
    = "import base64, http.server\n"
      "class Handler (http.server.BaseHTTPRequestHandler):\n"
      "  def do_GET (self):\n"
      "    login = 'Basic ' + base64.b64encode (b'joe:p@ss').decode ()\n"
      "    known = self.headers['Authorization'] == login\n"
      "    self.send_response (200 if known else 401)\n"
      "    self.send_header ('Content-Length', '2')\n"
      "    self.end_headers ()\n"
      "    self.wfile.write (b'ok')\n"
      "  def log_message (self, *words):\n"
      "    pass\n"
      "server = http.server.HTTPServer (('127.0.0.1', 0), Handler)\n"
      "print (server.server_port, flush = True)\n"
      "server.serve_forever ()\n";

static int
ask_mirror (const char *login, const char *port)
{
  g_autofree char *mirror = g_strdup_printf ("http://%s127.0.0.1:%s/debian", login, port);
  char *suites[] = { (char *)"trixie", NULL };
  LodgeTemplate template
      = { .name = (char *)"test", .family = LODGE_FAMILY_DEBIAN, .suites = suites };
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LodgeDoctor doctor = {
    .template = &template, .mirror = mirror, .findings = findings, .cancellable = cancellable
  };
  const LodgeFinding *finding;

  lodge_doctor_mirror (&doctor);
  g_assert_cmpuint (findings->len, ==, 1);
  finding = g_ptr_array_index (findings, 0);
  g_test_message ("%s", finding->sentence);
  g_assert_null (strstr (finding->sentence, "joe"));
  return finding->level;
}

/* A mirror that wants a password gets it as a build gives it. */
static void
test_login (void)
{
  const char *const argv[] = { "python3", "-c", server_script, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *port = NULL;

  g_unsetenv ("http_proxy");
  server = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  port = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (port);
  g_assert_cmpint (ask_mirror ("joe:p%40ss@", port), ==, LODGE_FINDING_PASS);
  g_assert_cmpint (ask_mirror ("joe:other@", port), ==, LODGE_FINDING_FAIL);
  g_subprocess_force_exit (server);
  g_assert_true (g_subprocess_wait (server, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/doctor/repositories", test_repositories);
  g_test_add_func ("/doctor/output", test_output);
  g_test_add_func ("/doctor/login", test_login);
  return g_test_run ();
}
