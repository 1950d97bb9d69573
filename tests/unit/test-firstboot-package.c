/* A ready-built package of lodge-firstboot: written by rpmbuild and dpkg-deb, read back, refused.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/firstboot-package.h"
#include "builder/package-file.h"
#include "common/error.h"
#include "common/run.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  const char *name;
  LodgeFamilyKind family;
  const char *release;
  const char *other; /* another release of the same family */
  const char *target;
  const char *tool;
} Kind;

static const Kind kinds[] = {
  { "el", LODGE_FAMILY_EL, "9-stream", "10-stream", "el9", "rpmbuild" },
  { "debian", LODGE_FAMILY_DEBIAN, "trixie", "forky", "trixie", "dpkg-deb" },
};

typedef struct
{
  const Kind *kind;
  char *top;
  char *programs; /* what was compiled */
  char *file;     /* the package */
  char *result;   /* what is taken out of it */
  LodgeTemplate template;
  LodgeBuildOptions options;
  LodgeBuildPlan plan;
  LodgeBuild build;
} Fixture;

static void
put (const Fixture *fixture, const char *name, const char *text, int mode)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->top, name, NULL);

  lodge_file_replace (path, text, -1, mode, &error);
  g_assert_no_error (error);
}

/* A directory that is new for each package, as in a build. */
static void
renew_temporary (Fixture *fixture)
{
  if (fixture->build.temporary != NULL)
    remove_directory (fixture->build.temporary);
  g_free (fixture->build.temporary);
  fixture->build.temporary = g_build_filename (fixture->top, "temporary", NULL);
  g_assert_cmpint (g_mkdir (fixture->build.temporary, 0700), ==, 0);
  if (fixture->result != NULL)
    remove_directory (fixture->result);
  g_free (fixture->result);
  fixture->result = g_build_filename (fixture->top, "result", NULL);
  g_assert_cmpint (g_mkdir (fixture->result, 0700), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->kind = data;
  fixture->top = make_directory ();
  put (fixture, "lodge/common/error.c", "c", 0644);
  put (fixture, "lodge/firstboot/main.c", "c", 0644);
  put (fixture, "lodge/firstboot/units/lodge-firstboot.service", "[Unit]\n", 0644);
  put (fixture, "lodge/Makefile", "m", 0644);
  put (fixture, "programs/lodge-firstboot", "the program", 0755);
  put (fixture, "programs/lodge-proof-init", "the proof", 0755);
  fixture->programs = g_build_filename (fixture->top, "programs", NULL);
  fixture->template.name = (char *)"test";
  fixture->template.family = fixture->kind->family;
  fixture->template.release = (char *)fixture->kind->release;
  fixture->plan.template = &fixture->template;
  fixture->plan.options = &fixture->options;
  fixture->build.plan = &fixture->plan;
  fixture->build.source = g_build_filename (fixture->top, "lodge", NULL);
  fixture->build.epoch = 1700000000;
  fixture->file = g_build_filename (fixture->top, "package", NULL);
  renew_temporary (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->top);
  g_free (fixture->top);
  g_free (fixture->programs);
  g_free (fixture->file);
  g_free (fixture->result);
  g_free (fixture->build.source);
  g_free (fixture->build.temporary);
}

/* FALSE when this machine cannot; the test is skipped then. */
static gboolean
write_package (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tool = g_find_program_in_path (fixture->kind->tool);

  if (tool == NULL)
    {
      g_test_skip (fixture->kind->tool);
      return FALSE;
    }
  lodge_firstboot_package_write (&fixture->build, fixture->programs, fixture->file, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
assert_program (const Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->result, name, NULL);
  g_autofree char *found = NULL;
  GStatBuf status;

  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0755);
}

static void
assert_refused (Fixture *fixture, const char *sentence)
{
  g_autoptr (GError) error = NULL;

  renew_temporary (fixture);
  g_assert_false (
      lodge_firstboot_package_read (&fixture->build, fixture->file, fixture->result, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, sentence));
}

/* What was compiled comes out, and nothing else; the same inputs give the same package. */
static void
test_round (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *target = lodge_firstboot_package_target (&fixture->template);

  (void)data;
  g_assert_cmpstr (target, ==, fixture->kind->target);
  if (!write_package (fixture))
    return;
  first = lodge_file_sha256 (fixture->file, NULL);
  g_assert_true (
      lodge_firstboot_package_read (&fixture->build, fixture->file, fixture->result, &error));
  g_assert_no_error (error);
  assert_program (fixture, "lodge-firstboot", "the program");
  assert_program (fixture, "lodge-proof-init", "the proof");
  g_assert_cmpuint (count_entries (fixture->result), ==, 2);
  g_usleep (1100 * 1000); /* a clock's second must not be in it */
  renew_temporary (fixture);
  g_assert_true (write_package (fixture));
  second = lodge_file_sha256 (fixture->file, NULL);
  g_assert_cmpstr (first, ==, second);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;
  gsize length;

  (void)data;
  if (!write_package (fixture))
    return;
  fixture->template.release = (char *)fixture->kind->other;
  assert_refused (fixture, "was compiled for the release ");
  fixture->template.release = (char *)fixture->kind->release;
  put (fixture, "lodge/firstboot/main.c", "C", 0644);
  assert_refused (fixture, "from other sources of lodge-firstboot");
  put (fixture, "lodge/firstboot/main.c", "c", 0644);
  g_assert_true (g_file_get_contents (fixture->file, &text, &length, NULL));
  g_assert_true (g_file_set_contents (fixture->file, text, (gssize)length / 2, NULL));
  assert_refused (fixture, "needs a package that lodge package made");
  g_assert_true (g_file_set_contents (fixture->file, "", 0, NULL));
  assert_refused (fixture, "needs a package that lodge package made");
  g_assert_true (g_file_set_contents (fixture->file, "no package", -1, NULL));
  assert_refused (fixture, "cannot be read as an .rpm or .deb package");
}

/* Another package, and one whose program is a link that leads out of it. */
static void
test_other_package (Fixture *fixture, gconstpointer data)
{
  static const char control[] = "Package: other\nVersion: 1\nArchitecture: amd64\n"
                                "Maintainer: nobody <nobody@localhost>\nDescription: other\n";
  g_autofree char *tree = g_build_filename (fixture->top, "tree", NULL);
  g_autofree char *link = g_build_filename (tree, "usr/sbin/lodge-firstboot", NULL);
  g_autofree char *directory = g_path_get_dirname (link);
  const char *const argv[]
      = { "dpkg-deb", "--root-owner-group", "--build", tree, fixture->file, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  (void)data;
  put (fixture, "tree/DEBIAN/control", control, 0644);
  put (fixture, "tree/usr/share/lodge-firstboot/package.conf", "[Package]\n", 0644);
  put (fixture, "tree/usr/lib/lodge/proof-init", "proof", 0755);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_cmpint (symlink ("/etc/shadow", link), ==, 0);
  output = lodge_run (argv, NULL, NULL, &error);
  if (output == NULL)
    {
      g_test_skip (error->message);
      return;
    }
  assert_refused (fixture, "has no file /usr/sbin/lodge-firstboot");
  g_assert_cmpint (g_unlink (link), ==, 0);
  put (fixture, "tree/usr/sbin/lodge-firstboot", "program", 0755);
  g_free (output);
  output = lodge_run (argv, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_refused (fixture, "was compiled for the release (not said)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *round = g_strdup_printf ("/firstboot-package/%s/round", kinds[i].name);
      g_autofree char *refusals = g_strdup_printf ("/firstboot-package/%s/refusals", kinds[i].name);

      g_test_add (round, Fixture, &kinds[i], set_up, test_round, tear_down);
      g_test_add (refusals, Fixture, &kinds[i], set_up, test_refusals, tear_down);
    }
  g_test_add ("/firstboot-package/other", Fixture, &kinds[0], set_up, test_other_package,
              tear_down);
  return g_test_run ();
}
