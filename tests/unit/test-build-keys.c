/* What builds and cached results are named after: everything that they are made from.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/build-hash.h"
#include "builder/build-inputs.h"
#include "builder/build-preflight.h"
#include "builder/compile.h"
#include "builder/debian-tree.h"
#include "builder/hash-inputs.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file NAME with TEXT below DIRECTORY. */
static void
put (const char *directory, const char *name, const char *text, int mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);

  lodge_file_replace (path, text, -1, mode, &error);
  g_assert_no_error (error);
}

static char *
hash_tree (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  lodge_hash_add_tree (checksum, path, &error);
  g_assert_no_error (error);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Names, contents, the executable bit and links count; another place does not. */
static void
test_tree (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *other = g_build_filename (directory, "other", NULL);
  g_autofree char *tree = g_build_filename (directory, "tree", NULL);
  g_autofree char *link = g_build_filename (tree, "link", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  put (tree, "etc/file", "text", 0644);
  put (other, "etc/file", "text", 0600);
  first = hash_tree (tree);
  second = hash_tree (other);
  g_assert_cmpstr (first, ==, second);
  put (tree, "etc/file", "texT", 0644);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  put (tree, "etc/file", "text", 0755);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  put (tree, "etc/file", "text", 0644);
  g_assert_cmpint (symlink ("etc/file", link), ==, 0);
  g_free (second);
  second = hash_tree (tree);
  g_assert_cmpstr (first, !=, second);
  remove_directory (directory);
}

/* A directory "files" that is a link to a shared one: what is behind it counts. */
static void
test_linked_tree (void)
{
  static const char *const prefixes[] = { "etc/", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *tree = g_build_filename (directory, "shared", NULL);
  g_autofree char *link = g_build_filename (directory, "files", NULL);
  g_autoptr (GChecksum) empty = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GChecksum) part = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *direct = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  put (tree, "etc/file", "before", 0644);
  g_assert_cmpint (symlink ("shared", link), ==, 0);
  direct = hash_tree (tree);
  before = hash_tree (link);
  g_assert_cmpstr (direct, ==, before);
  put (tree, "etc/file", "after", 0644);
  after = hash_tree (link);
  g_assert_cmpstr (before, !=, after);
  lodge_hash_add_part (part, link, prefixes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_checksum_get_string (part), !=, g_checksum_get_string (empty));
  remove_directory (directory);
}

/* --- the copy of the inputs --- */

typedef struct
{
  char *directory;
  char *source;
  char *work;
  LodgeTemplate template;
  LodgeBuildPlan plan;
} Inputs;

static void
inputs_set_up (Inputs *inputs, gconstpointer data)
{
  (void)data;
  inputs->directory = make_directory ();
  inputs->source = g_build_filename (inputs->directory, "lodge", NULL);
  inputs->work = g_build_filename (inputs->directory, "work", NULL);
  put (inputs->source, "common/error.c", "c", 0644);
  put (inputs->source, "firstboot/main.c", "c", 0644);
  put (inputs->source, "builder/main.c", "no input", 0644);
  put (inputs->source, "Makefile", "m", 0644);
  put (inputs->source, "templates/t/files/etc/motd", "hello", 0600);
  put (inputs->source, "templates/t/files/usr/bin/run", "run", 0700);
  g_assert_cmpint (g_mkdir (inputs->work, 0700), ==, 0);
  inputs->template.files_directories = g_new0 (char *, 2);
  inputs->template.files_directories[0]
      = g_build_filename (inputs->source, "templates/t/files", NULL);
  inputs->plan.template = &inputs->template;
}

static void
inputs_tear_down (Inputs *inputs, gconstpointer data)
{
  (void)data;
  remove_directory (inputs->directory);
  g_strfreev (inputs->template.files_directories);
  g_free (inputs->directory);
  g_free (inputs->source);
  g_free (inputs->work);
}

/* What is edited while a build works changes nothing for it. */
static void
test_inputs (Inputs *inputs, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *empty = g_build_filename (inputs->source, "templates/t/files/srv", NULL);
  g_autofree char *original = NULL;
  g_autofree char *common = g_build_filename (inputs->source, "common", NULL);
  g_autofree char *source = NULL;
  g_autoptr (LodgeBuildInputs) copy = NULL;
  g_autofree char *common_copy = NULL;
  g_autofree char *other_copy = NULL;
  g_autofree char *program = NULL;
  g_autofree char *empty_copy = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  mode_t mask = umask (077);
  struct stat status;

  (void)data;
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  before = hash_tree (inputs->template.files_directories[0]);
  source = hash_tree (common);
  copy = lodge_build_inputs_take (&inputs->plan, inputs->source, inputs->work, &error);
  umask (mask);
  g_assert_no_error (error);
  put (inputs->source, "templates/t/files/etc/motd", "edited", 0644);
  put (inputs->source, "common/error.c", "edited", 0644);
  g_assert_cmpuint (g_strv_length (copy->plan.template->files_directories), ==, 1);
  after = hash_tree (copy->plan.template->files_directories[0]);
  g_assert_cmpstr (before, ==, after);
  common_copy = g_build_filename (copy->source, "common", NULL);
  original = hash_tree (common_copy);
  g_assert_cmpstr (source, ==, original);
  other_copy = g_build_filename (copy->source, "builder", NULL);
  g_assert_false (g_file_test (other_copy, G_FILE_TEST_EXISTS));
  program = g_build_filename (copy->plan.template->files_directories[0], "usr/bin/run", NULL);
  g_assert_cmpint (stat (program, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
  empty_copy = g_build_filename (copy->plan.template->files_directories[0], "srv", NULL);
  g_assert_cmpint (stat (empty_copy, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
}

/* Errors speak of what can be mended. */
static void
test_inputs_messages (Inputs *inputs, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeBuildInputs) copy = NULL;
  g_autofree char *expected
      = g_strconcat ("read ", inputs->template.files_directories[0], "/etc/x: no", NULL);

  (void)data;
  copy = lodge_build_inputs_take (&inputs->plan, inputs->source, inputs->work, &error);
  g_assert_no_error (error);
  lodge_error_set (&error, LODGE_ERROR_FAILED, "read %s/etc/x: no",
                   copy->plan.template->files_directories[0]);
  lodge_build_inputs_name_originals (copy, &error);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_inputs_refused (Inputs *inputs, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pipe = g_build_filename (inputs->source, "templates/t/files/pipe", NULL);

  (void)data;
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (lodge_build_inputs_take (&inputs->plan, inputs->source, inputs->work, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, pipe));
}

/* --- keys --- */

typedef enum
{
  ROOT = 1 << 0,     /* the cached root file system */
  PROGRAMS = 1 << 1, /* lodge-firstboot */
  IMAGE = 1 << 2,    /* the build hash */
  ALL = ROOT | PROGRAMS | IMAGE,
} Keys;

/* A build with something in each field that counts. */
typedef struct
{
  Inputs inputs;
  LodgeBuildOptions options;
  LodgeBuild build;
  const char *sources;
  guint64 size;
} Made;

static LodgePackage *
add_package (GPtrArray *packages, const char *name, const char *digest)
{
  LodgePackage *package = g_new0 (LodgePackage, 1);

  package->name = g_strdup (name);
  package->version = g_strdup ("1");
  package->architecture = g_strdup ("amd64");
  package->sha256 = g_strdup (digest);
  g_ptr_array_add (packages, package);
  return package;
}

static void
package_free (gpointer data)
{
  lodge_package_free (data);
}

static char **
words (const char *text)
{
  return g_strsplit (text, " ", -1);
}

static Made *
make_build (void)
{
  Made *made = g_new0 (Made, 1);
  LodgeTemplate *template = &made->inputs.template;

  inputs_set_up (&made->inputs, NULL);
  put (made->inputs.source, "templates/t/files/etc/default/grub", "early", 0644);
  template->name = g_strdup ("t");
  template->description = g_strdup ("A template");
  template->family = LODGE_FAMILY_DEBIAN;
  template->release = g_strdup ("trixie");
  template->os_name = g_strdup ("Debian 13");
  template->suites = words ("trixie");
  template->components = words ("main");
  template->install = words ("a b");
  template->build_depends = words ("gcc");
  template->kernel_command_line = g_strdup ("quiet");
  template->initramfs_drivers = words ("nvme");
  template->enable = words ("a.service");
  template->disable = words ("b.service");
  template->hostname = g_strdup ("kvm");
  made->build.epoch = 1000;
  made->inputs.plan.options = &made->options;
  made->build.plan = &made->inputs.plan;
  made->build.source = made->inputs.source;
  made->build.packages = g_ptr_array_new_with_free_func (package_free);
  made->build.build_packages = g_ptr_array_new_with_free_func (package_free);
  add_package (made->build.packages, "a", "aa");
  add_package (made->build.build_packages, "gcc", "cc");
  made->sources = "URIs: http://mirror.example/debian\n";
  made->size = 1 << 30;
  return made;
}

static void
made_free (Made *made)
{
  LodgeTemplate *template = &made->inputs.template;

  g_free (template->name);
  g_free (template->description);
  g_free (template->release);
  g_free (template->os_name);
  g_strfreev (template->suites);
  g_strfreev (template->components);
  g_strfreev (template->install);
  g_strfreev (template->build_depends);
  g_free (template->kernel_command_line);
  g_strfreev (template->initramfs_drivers);
  g_strfreev (template->enable);
  g_strfreev (template->disable);
  g_free (template->hostname);
  g_ptr_array_unref (made->build.packages);
  g_ptr_array_unref (made->build.build_packages);
  g_free (made->build.root_key);
  inputs_tear_down (&made->inputs, NULL);
  g_free (made);
}

static void
compute (Made *made, char *keys[3])
{
  g_autoptr (GError) error = NULL;

  keys[0] = lodge_debian_root_key (&made->build, made->size, made->sources, &error);
  g_assert_no_error (error);
  keys[1] = lodge_compile_key (&made->build, &error);
  g_assert_no_error (error);
  g_free (made->build.root_key);
  made->build.root_key = g_strdup (keys[0]);
  keys[2] = lodge_build_hash (&made->build, &error);
  g_assert_no_error (error);
}

/* One change of what a build is made from. */
typedef struct
{
  const char *name;
  void (*change) (Made *made);
  Keys expected;
} Change;

static void
replace (char **value, const char *text)
{
  g_free (*value);
  *value = g_strdup (text);
}

static void
replace_words (char ***value, const char *text)
{
  g_strfreev (*value);
  *value = words (text);
}

#define CHANGE(name, statement)                                                                    \
  static void name (Made *made)                                                                    \
  {                                                                                                \
    statement;                                                                                     \
  }
#define TEMPLATE (made->inputs.template)
CHANGE (nothing, (void)made)
CHANGE (mirror, made->sources = "URIs: http://other.example/debian\n")
CHANGE (size, made->size *= 2)
CHANGE (description, replace (&TEMPLATE.description, "Another"))
CHANGE (name, replace (&TEMPLATE.name, "u"))
CHANGE (os_name, replace (&TEMPLATE.os_name, "Debian"))
CHANGE (install, replace_words (&TEMPLATE.install, "a b c"))
CHANGE (command_line, replace (&TEMPLATE.kernel_command_line, "debug"))
CHANGE (driver, replace_words (&TEMPLATE.initramfs_drivers, "nvme ahci"))
CHANGE (enable, replace_words (&TEMPLATE.enable, "c.service"))
CHANGE (disable, replace_words (&TEMPLATE.disable, "c.service"))
CHANGE (hostname, replace (&TEMPLATE.hostname, "other"))
CHANGE (package, add_package (made->build.packages, "b", "bb"))
CHANGE (package_content, replace (&((LodgePackage *)made->build.packages->pdata[0])->sha256, "ab"))
CHANGE (build_package, add_package (made->build.build_packages, "make", "dd"))
CHANGE (late_file, put (made->inputs.source, "templates/t/files/etc/motd", "x", 0644))
CHANGE (early_file, put (made->inputs.source, "templates/t/files/etc/default/grub", "x", 0644))
CHANGE (firstboot, put (made->inputs.source, "firstboot/main.c", "x", 0644))
CHANGE (common, put (made->inputs.source, "common/error.c", "x", 0644))
CHANGE (ssh_keys, made->inputs.plan.ssh_keys = (char *)"ssh-ed25519 AAAA")
CHANGE (answers, made->inputs.plan.answers = (char *)"[host]\n")
CHANGE (password, made->options.root_password_hash = (char *)"$6$x")
CHANGE (epoch, made->build.epoch++)
CHANGE (partition, made->inputs.plan.partitions[1].size += 1 << 20)

static const Change changes[] = {
  { "nothing", nothing, 0 },
  { "mirror", mirror, ROOT | IMAGE },
  { "size", size, ROOT | IMAGE },
  { "description", description, IMAGE },
  { "name", name, IMAGE },
  { "os-name", os_name, IMAGE },
  { "install", install, IMAGE }, /* the packages that follow from it count for the root */
  { "command-line", command_line, ROOT | IMAGE },
  { "driver", driver, ROOT | IMAGE },
  { "enable", enable, ROOT | IMAGE },
  { "disable", disable, ROOT | IMAGE },
  { "hostname", hostname, ROOT | IMAGE },
  { "package", package, ROOT | IMAGE },
  { "package-content", package_content, ROOT | IMAGE },
  { "build-package", build_package, PROGRAMS | IMAGE },
  { "late-file", late_file, IMAGE },
  { "early-file", early_file, ROOT | IMAGE },
  { "firstboot", firstboot, PROGRAMS | IMAGE },
  { "common", common, PROGRAMS | IMAGE },
  { "ssh-keys", ssh_keys, IMAGE },
  { "answers", answers, IMAGE },
  { "password", password, IMAGE },
  { "epoch", epoch, ROOT | IMAGE },
  { "partition", partition, IMAGE },
};

static void
test_keys (gconstpointer data)
{
  const Change *change = data;
  Made *made = make_build ();
  char *before[3];
  char *after[3];

  compute (made, before);
  change->change (made);
  compute (made, after);
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    {
      if ((change->expected & (1U << i)) != 0)
        g_assert_cmpstr (before[i], !=, after[i]);
      else
        g_assert_cmpstr (before[i], ==, after[i]);
      g_free (before[i]);
      g_free (after[i]);
    }
  made_free (made);
}

/* --- space --- */

/* The tree and the compiler are in the cache while the image is beside its output. */
static void
test_space (void)
{
  Made *made = make_build ();
  LodgeBuild *build = &made->build;
  LodgeOutput raw = { .format = "raw" };
  LodgeOutput qcow2 = { .format = "qcow2" };
  LodgeOutput ova = { .format = "ova" };
  LodgeSpaceNeeds needs;

  made->inputs.plan.outputs = g_ptr_array_new ();
  g_ptr_array_add (made->inputs.plan.outputs, &raw);
  ((LodgePackage *)build->packages->pdata[0])->installed_size = G_GUINT64_CONSTANT (1) << 30;
  ((LodgePackage *)build->build_packages->pdata[0])->size = 100;
  needs = lodge_preflight_needs (build);
  g_assert_cmpuint (needs.tree, >, G_GUINT64_CONSTANT (1) << 30);
  g_assert_cmpuint (needs.output, ==, needs.tree);
  g_assert_cmpuint (needs.cache, ==, 0);
  g_ptr_array_add (made->inputs.plan.outputs, &qcow2);
  build->makes_root = TRUE;
  needs = lodge_preflight_needs (build);
  g_assert_cmpuint (needs.output, ==, 2 * needs.tree);
  g_assert_cmpuint (needs.cache, ==, needs.tree);
  /* With the disk that goes into the archive. */
  g_ptr_array_add (made->inputs.plan.outputs, &ova);
  needs = lodge_preflight_needs (build);
  g_assert_cmpuint (needs.output, ==, 4 * needs.tree);
  build->makes_compiler = TRUE;
  needs = lodge_preflight_needs (build);
  g_assert_cmpuint (needs.cache, ==, needs.tree + 400);
  g_ptr_array_unref (made->inputs.plan.outputs);
  made_free (made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash-inputs/tree", test_tree);
  g_test_add_func ("/hash-inputs/linked-tree", test_linked_tree);
#define INPUTS(name, function)                                                                     \
  g_test_add ("/build-inputs/" name, Inputs, NULL, inputs_set_up, function, inputs_tear_down)
  INPUTS ("copy", test_inputs);
  INPUTS ("messages", test_inputs_messages);
  INPUTS ("refused", test_inputs_refused);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *path = g_strconcat ("/keys/", changes[i].name, NULL);

      g_test_add_data_func (path, &changes[i], test_keys);
    }
  g_test_add_func ("/preflight/space", test_space);
  return g_test_run ();
}
