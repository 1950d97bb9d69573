/* The manifest and the checksum file: whole, sorted, the same twice, and read by sha256sum(1).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-hash.h"
#include "builder/hash.h"
#include "builder/checksums.h"
#include "builder/manifest.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  LodgeTemplate *template;
  LodgeBuildOptions *options;
  LodgeBuildPlan *plan;
  LodgeBuild build;
} Fixture;

static void
package_free (gpointer data)
{
  LodgePackage *package = data;

  g_free (package->name);
  g_free (package->version);
  g_free (package->architecture);
  g_free (package->sha256);
  g_free (package);
}

static void
add_package (GPtrArray *packages, const char *name, const char *version)
{
  LodgePackage *package = g_new0 (LodgePackage, 1);

  package->name = g_strdup (name);
  package->version = g_strdup (version);
  package->architecture = g_strdup ("amd64");
  package->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  package->size = 1000;
  g_ptr_array_add (packages, package);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("tests/fixtures/templates");

  (void)data;
  fixture->template = lodge_template_load (root, "inherits", &error);
  g_assert_no_error (error);
  fixture->options = g_new0 (LodgeBuildOptions, 1);
  fixture->options->output = g_strdup ("images/kvm.raw");
  fixture->options->root_password_hash = g_strdup ("$6$salt$secret");
  fixture->options->answers = g_strdup ("answers.conf");
  fixture->plan = lodge_build_plan_make (fixture->template, fixture->options, NULL,
                                         "[host]\nhostname=a\n", &error);
  g_assert_no_error (error);
  fixture->build = (LodgeBuild){
    .plan = fixture->plan,
    .epoch = 1700000000,
    .build_hash = g_strdup ("abc123"),
    .source = top_file (""),
    .packages = g_ptr_array_new_with_free_func (package_free),
    .build_packages = g_ptr_array_new_with_free_func (package_free),
  };
  add_package (fixture->build.packages, "bash", "5.1.8-9.el9");
  add_package (fixture->build.packages, "kernel-core", "5.14.0-734.el9");
  add_package (fixture->build.build_packages, "gcc", "11.5.0");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  g_ptr_array_unref (fixture->build.packages);
  g_ptr_array_unref (fixture->build.build_packages);
  g_free (fixture->build.build_hash);
  g_free (fixture->build.source);
  lodge_build_plan_free (fixture->plan);
  lodge_build_options_free (fixture->options);
  lodge_template_free (fixture->template);
}

static void
output_free (gpointer data)
{
  lodge_manifest_output_free (data);
}

static void
add_output (GPtrArray *outputs, const char *name, const char *sha256)
{
  LodgeManifestOutput *output = g_new0 (LodgeManifestOutput, 1);

  output->format = "raw";
  output->name = g_strdup (name);
  output->sha256 = g_strdup (sha256);
  output->size = 4096;
  g_ptr_array_add (outputs, output);
}

/* Members of every object are sorted by name. */
static void
assert_sorted (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        assert_sorted (json_array_get_element (array, i));
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_members (object);

      for (GList *l = members; l != NULL; l = l->next)
        {
          if (l->next != NULL)
            g_assert_cmpstr (l->data, <, l->next->data);
          assert_sorted (json_object_get_member (object, l->data));
        }
    }
}

static void
test_golden (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (output_free);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;

  (void)data;
  add_output (outputs, "kvm.raw", "00ff");
  text = lodge_manifest_format (&fixture->build, outputs);
  again = lodge_manifest_format (&fixture->build, outputs);
  g_assert_cmpstr (text, ==, again);
  assert_golden ("manifest/kvm.manifest.json", text);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  assert_sorted (node);
  g_assert_null (strstr (text, "secret"));
}

/* The copy inside the image says nothing about the files outside. */
static void
test_inside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = lodge_manifest_format (&fixture->build, NULL);

  (void)data;
  g_assert_null (strstr (text, "outputs"));
  g_assert_nonnull (strstr (text, "\"build_hash\" : \"abc123\""));
}

static void
test_kernel (Fixture *fixture, gconstpointer data)
{
  g_autofree char *el = lodge_manifest_kernel (&fixture->build);
  g_autofree char *debian = NULL;
  g_autofree char *none = NULL;

  (void)data;
  g_assert_cmpstr (el, ==, "5.14.0-734.el9.amd64");
  g_ptr_array_set_size (fixture->build.packages, 1);
  none = lodge_manifest_kernel (&fixture->build);
  g_assert_null (none);
  add_package (fixture->build.packages, "linux-image-amd64", "6.12.48-1");
  add_package (fixture->build.packages, "linux-image-6.12.48+deb13-amd64", "6.12.48-1");
  debian = lodge_manifest_kernel (&fixture->build);
  g_assert_cmpstr (debian, ==, "6.12.48+deb13-amd64");
}

/* sha256sum itself reads what we wrote, whatever the name. */
static void
test_checksums (void)
{
  static const char *const names[] = { "plain.raw", "with blank.raw", "back\\slash\nnewline" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (output_free);
  g_autofree char *directory = make_directory ();
  g_autofree char *list = g_build_filename (directory, "list.sha256", NULL);
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (directory, names[i], NULL);
      g_autofree char *sha256 = NULL;

      g_assert_true (g_file_set_contents (path, names[i], -1, NULL));
      sha256 = lodge_hash_file (path, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      add_output (outputs, names[i], sha256);
    }
  text = lodge_manifest_checksums (outputs);
  g_assert_true (g_file_set_contents (list, text, -1, NULL));
  said = lodge_run_list (&error, "env", "-C", directory, "sha256sum", "--check", "--strict",
                         "list.sha256", NULL);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (said, "plain.raw: OK"));
  remove_directory (directory);
}

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
#define OLD "3333333333333333333333333333333333333333333333333333333333333333"

/* A build of another format keeps the lines of the images that are there still. */
static void
test_merge_checksums (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *raw = g_build_filename (directory, "a.raw", NULL);
  g_autofree char *odd = g_build_filename (directory, "b\\c", NULL);
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;

  g_assert_true (g_file_set_contents (raw, "x", 1, NULL));
  g_assert_true (g_file_set_contents (odd, "x", 1, NULL));
  text = lodge_checksums_merge (
      ONE "  a.qcow2\n",
      OLD "  a.qcow2\n" TWO "  a.raw\nnonsense\n" OLD "  gone.raw\n\\" OLD " *b\\\\c\n", directory);
  g_assert_cmpstr (text, ==, ONE "  a.qcow2\n" TWO "  a.raw\n\\" OLD " *b\\\\c\n");
  found = lodge_checksums_find (text, "b\\c");
  g_assert_cmpstr (found, ==, OLD);
  g_assert_null (lodge_checksums_find (text, "a"));
  remove_directory (directory);
}

/* So does the manifest, when they were made of the same. */
static void
test_add_earlier (void)
{
  static const char earlier[]
      = "{ \"build_hash\": \"ab\", \"outputs\": ["
        "  { \"format\": \"raw\", \"name\": \"a.raw\", \"sha256\": \"" TWO "\", \"size\": 1 },"
        "  { \"format\": \"raw\", \"name\": \"changed.raw\", \"sha256\": \"" TWO
        "\", \"size\": 2 },"
        "  { \"format\": \"raw\", \"name\": \"gone.raw\", \"sha256\": \"" TWO "\", \"size\": 1 },"
        "  { \"format\": \"qcow2\", \"name\": \"a.qcow2\", \"sha256\": \"" OLD "\", \"size\": 1 },"
        "  { \"format\": \"odd\" }, 5 ] }";
  static const char *const names[] = { "a.raw", "changed.raw", "a.qcow2" };
  g_autofree char *directory = make_directory ();
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (output_free);
  const LodgeManifestOutput *kept;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (directory, names[i], NULL);

      g_assert_true (g_file_set_contents (path, "x", 1, NULL));
    }
  add_output (outputs, "a.qcow2", ONE);
  lodge_manifest_add_earlier (outputs, "nonsense", "ab", directory);
  lodge_manifest_add_earlier (outputs, earlier, "cd", directory);
  g_assert_cmpuint (outputs->len, ==, 1);
  lodge_manifest_add_earlier (outputs, earlier, "ab", directory);
  g_assert_cmpuint (outputs->len, ==, 2);
  kept = g_ptr_array_index (outputs, 1);
  g_assert_cmpstr (kept->name, ==, "a.raw");
  g_assert_cmpstr (kept->sha256, ==, TWO);
  g_assert_cmpstr (kept->format, ==, "raw");
  remove_directory (directory);
}

/* --- hashes --- */

static void
count_calls (guint64 bytes, guint64 total, gpointer data)
{
  guint64 *last = data;

  g_assert_cmpuint (bytes, >, *last);
  g_assert_cmpuint (bytes, <=, total);
  *last = bytes;
}

/* Holes at the beginning, in the middle and at the end count as zeros; so does no file at all. */
static void
test_hash_sparse (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *path = g_build_filename (directory, "sparse", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *got = NULL;
  g_autofree char *empty = NULL;
  guint64 last = 0;
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  empty = lodge_hash_file (path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_assert_cmpint (ftruncate (fd, (20 << 20) + 5), ==, 0);
  g_assert_cmpint (pwrite (fd, "one", 3, 5 << 20), ==, 3);
  g_assert_cmpint (pwrite (fd, "two", 3, (12 << 20) - 1), ==, 3);
  close (fd);
  expected = lodge_file_sha256 (path, &error);
  g_assert_no_error (error);
  got = lodge_hash_file (path, count_calls, &last, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (got, ==, expected);
  g_assert_cmpuint (last, ==, (20 << 20) + 5);
  remove_directory (directory);
}

static void
test_hash_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *directory = make_directory ();
  g_autofree char *path = g_build_filename (directory, "file", NULL);

  g_assert_null (lodge_hash_file (path, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_null (lodge_hash_file (path, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  remove_directory (directory);
}

static char *
hash_of (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  char *hash = lodge_build_hash (&fixture->build, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (hash), ==, 64);
  return hash;
}

/* A source tree of two files, so that the test can change one. */
static char *
make_source (void)
{
  char *directory = make_directory ();
  g_autofree char *common = g_build_filename (directory, "common", NULL);
  g_autofree char *firstboot = g_build_filename (directory, "firstboot", NULL);
  g_autofree char *one = g_build_filename (common, "one.c", NULL);
  g_autofree char *two = g_build_filename (firstboot, "two.c", NULL);

  g_assert_cmpint (g_mkdir (common, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (firstboot, 0700), ==, 0);
  g_assert_true (g_file_set_contents (one, "1", 1, NULL));
  g_assert_true (g_file_set_contents (two, "2", 1, NULL));
  return directory;
}

/* The same build gives the same hash, from any directory; anything that goes in gives another. */
static void
test_build_hash (Fixture *fixture, gconstpointer data)
{
  g_autofree char *source = make_source ();
  g_autofree char *elsewhere = make_source ();
  g_autofree char *two = g_build_filename (source, "firstboot", "two.c", NULL);
  g_autofree char *first = NULL;
  g_autofree char *moved = NULL;
  g_autofree char *changed = NULL;
  g_autofree char *executable = NULL;
  g_autofree char *package = NULL;
  g_autofree char *answers = NULL;

  (void)data;
  g_free (fixture->build.source);
  fixture->build.source = g_strdup (source);
  first = hash_of (fixture);
  g_free (fixture->build.source);
  fixture->build.source = g_strdup (elsewhere);
  moved = hash_of (fixture);
  g_assert_cmpstr (moved, ==, first);
  g_free (fixture->build.source);
  fixture->build.source = g_strdup (source);

  g_assert_cmpint (g_chmod (two, 0600), ==, 0);
  changed = hash_of (fixture);
  g_assert_cmpstr (changed, ==, first);
  g_free (changed);
  g_assert_true (g_file_set_contents (two, "3", 1, NULL));
  changed = hash_of (fixture);
  g_assert_cmpstr (changed, !=, first);
  g_assert_true (g_file_set_contents (two, "2", 1, NULL));
  g_assert_cmpint (g_chmod (two, 0755), ==, 0);
  executable = hash_of (fixture);
  g_assert_cmpstr (executable, !=, first);
  g_assert_cmpint (g_chmod (two, 0644), ==, 0);

  add_package (fixture->build.packages, "zsh", "1");
  package = hash_of (fixture);
  g_assert_cmpstr (package, !=, first);
  g_ptr_array_set_size (fixture->build.packages, 2);
  g_free (fixture->plan->answers);
  fixture->plan->answers = g_strdup ("[host]\nhostname=b\n");
  answers = hash_of (fixture);
  g_assert_cmpstr (answers, !=, first);
  remove_directory (source);
  remove_directory (elsewhere);
}

/* What cannot be read, and what no template should hold, is an error that names it. */
static void
test_build_hash_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *source = make_source ();
  g_autofree char *fifo = g_build_filename (source, "common", "fifo", NULL);

  (void)data;
  g_free (fixture->build.source);
  fixture->build.source = g_strdup (source);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (lodge_build_hash (&fixture->build, &error));
  g_assert_nonnull (strstr (error->message, fifo));
  remove_directory (source);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/manifest/golden", test_golden);
  ADD ("/manifest/inside", test_inside);
  ADD ("/manifest/kernel", test_kernel);
  g_test_add_func ("/manifest/checksums", test_checksums);
  g_test_add_func ("/manifest/merge-checksums", test_merge_checksums);
  g_test_add_func ("/manifest/add-earlier", test_add_earlier);
  g_test_add_func ("/hash/sparse", test_hash_sparse);
  g_test_add_func ("/hash/errors", test_hash_errors);
  ADD ("/build-hash/inputs", test_build_hash);
  ADD ("/build-hash/errors", test_build_hash_errors);
#undef ADD
  return g_test_run ();
}
