/* Outputs: claimed, put in place together, or nothing left of them.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/output.h"
#include "common/error.h"
#include "tests/unit/fixture.h"
#include "tests/unit/valgrind.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What may be replaced. */
#define OLD "QFI\373old"

typedef struct
{
  char *directory;
  LodgeTemplate *template;
  LodgeBuildOptions *options;
  LodgeBuildPlan *plan;
} Fixture;

static LodgeBuildPlan *
make_plan (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  LodgeBuildPlan *plan
      = lodge_build_plan_make (fixture->template, fixture->options, NULL, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("tests/fixtures/templates");

  (void)data;
  fixture->directory = make_directory ();
  fixture->template = lodge_template_load (root, "inherits", &error);
  g_assert_no_error (error);
  fixture->options = g_new0 (LodgeBuildOptions, 1);
  fixture->options->output = g_build_filename (fixture->directory, "kvm.raw", NULL);
  fixture->options->formats = g_strsplit ("raw,qcow2", ",", -1);
  fixture->plan = make_plan (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  remove_directory (fixture->directory);
  g_free (fixture->directory);
  lodge_build_plan_free (fixture->plan);
  lodge_build_options_free (fixture->options);
  lodge_template_free (fixture->template);
}

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_content (const Fixture *fixture, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  g_autofree char *text = lodge_file_read (path, 1024, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static LodgeOutputs *
claim (const Fixture *fixture, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *outputs = lodge_outputs_claim (fixture->plan, cancellable, &error);

  g_assert_no_error (error);
  return outputs;
}

static const char *
output_path (const Fixture *fixture, guint index)
{
  return ((LodgeOutput *)g_ptr_array_index (fixture->plan->outputs, index))->path;
}

static void
test_place (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *outputs = claim (fixture, NULL);
  g_autofree char *inside = g_build_filename (lodge_outputs_work (outputs), "tree", NULL);
  struct stat status;

  (void)data;
  g_assert_cmpint (stat (lodge_outputs_work (outputs), &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpint (g_mkdir_with_parents (inside, 0500), ==, 0);
  write_file (output_path (fixture, 0), OLD);
  write_file (lodge_outputs_part (outputs, output_path (fixture, 0)), "new");
  write_file (lodge_outputs_part (outputs, output_path (fixture, 1)), "other");
  assert_content (fixture, "kvm.raw", OLD);
  g_assert_true (lodge_outputs_place (outputs, &error));
  g_assert_no_error (error);
  g_assert_true (lodge_outputs_release (outputs, &error));
  g_assert_no_error (error);
  lodge_outputs_free (outputs);
  assert_content (fixture, "kvm.raw", "new");
  assert_content (fixture, "kvm.qcow2", "other");
  g_assert_cmpuint (count_entries (fixture->directory), ==, 2);
}

/* Given up half-way: the old image stays, nothing else does. */
static void
test_abandon (Fixture *fixture, gconstpointer data)
{
  LodgeOutputs *outputs = claim (fixture, NULL);

  (void)data;
  write_file (output_path (fixture, 0), OLD);
  write_file (lodge_outputs_part (outputs, output_path (fixture, 0)), "half");
  lodge_outputs_free (outputs);
  assert_content (fixture, "kvm.raw", OLD);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);
}

/* Nobody else can open a file while it is written: an image may hold a password's hash, and
 * programs like qemu-img create it by their own rules. */
static void
test_part_is_private (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LodgeOutputs) outputs = claim (fixture, NULL);
  const char *part = lodge_outputs_part (outputs, output_path (fixture, 1));
  g_autofree char *directory = g_path_get_dirname (part);
  struct stat status;

  (void)data;
  g_assert_cmpint (stat (directory, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpuint (status.st_uid, ==, geteuid ());
}

/* Together or nothing: what is in the way of the last one is found before anything is done. */
static void
test_claim_all (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "kvm.manifest.json", "kvm.sha256", "kvm.map", "kvm.qcow2" };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_build_filename (fixture->directory, names[i], NULL);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      g_assert_null (lodge_outputs_claim (fixture->plan, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, names[i]));
      g_assert_cmpint (g_rmdir (path), ==, 0);
      g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
    }
}

/* What gets in the way later undoes what was in place already, whether there was an old one
 * (kvm.raw) or not (kvm.qcow2). */
static void
test_undo (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *outputs = claim (fixture, NULL);
  g_autofree char *checksums = g_build_filename (fixture->directory, "kvm.sha256", NULL);
  struct stat before;
  struct stat after;

  (void)data;
  write_file (output_path (fixture, 0), OLD);
  g_assert_cmpint (stat (output_path (fixture, 0), &before), ==, 0);
  write_file (lodge_outputs_part (outputs, output_path (fixture, 0)), "new");
  write_file (lodge_outputs_part (outputs, output_path (fixture, 1)), "other");
  write_file (lodge_outputs_part (outputs, checksums), "sum");
  g_assert_cmpint (g_mkdir (checksums, 0700), ==, 0);
  g_assert_false (lodge_outputs_place (outputs, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "kvm.sha256"));
  lodge_outputs_free (outputs);
  assert_content (fixture, "kvm.raw", OLD);
  g_assert_cmpint (stat (output_path (fixture, 0), &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 2);
}

/* A part that was never written fails the whole, before anything is in place. */
static void
test_missing_part (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *outputs = claim (fixture, NULL);

  (void)data;
  write_file (lodge_outputs_part (outputs, output_path (fixture, 0)), "new");
  lodge_outputs_part (outputs, output_path (fixture, 1));
  g_assert_false (lodge_outputs_place (outputs, &error));
  g_assert_nonnull (strstr (error->message, "kvm.qcow2.part"));
  lodge_outputs_free (outputs);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
}

/* Two builds whose names differ by the format only would still share the manifest. */
static void
test_two_builds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *first = claim (fixture, NULL);
  g_autoptr (LodgeBuildPlan) plan = NULL;
  g_autofree char *process = g_strdup_printf ("another build, process %d,", (int)getpid ());

  (void)data;
  g_free (fixture->options->output);
  fixture->options->output = g_build_filename (fixture->directory, "kvm.qcow2", NULL);
  plan = make_plan (fixture);
  g_assert_null (lodge_outputs_claim (plan, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_true (g_str_has_prefix (error->message, process));
  /* The refused one took nothing of the other's away. */
  g_assert_true (g_file_test (lodge_outputs_work (first), G_FILE_TEST_IS_DIR));
  lodge_outputs_free (first);
  lodge_outputs_free (claim (fixture, NULL));
  g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
}

/* A build that was killed outright holds no lock; what it left is cleared. */
static void
test_after_kill (Fixture *fixture, gconstpointer data)
{
  g_autofree char *stale = g_build_filename (fixture->directory, ".kvm.work", NULL);
  pid_t child = fork ();
  int status;

  (void)data;
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      LodgeOutputs *outputs = lodge_outputs_claim (fixture->plan, NULL, NULL);
      g_autofree char *file = g_build_filename (lodge_outputs_work (outputs), "file", NULL);

      g_file_set_contents (file, "x", 1, NULL);
      g_file_set_contents (lodge_outputs_part (outputs, output_path (fixture, 0)), "x", 1, NULL);
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_true (g_file_test (stale, G_FILE_TEST_EXISTS));
  lodge_outputs_free (claim (fixture, NULL));
  g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
}

/* In this process no two names can be exchanged and no links be made, as on exFAT; when KILL is not
 * NULL the process is killed as it renames the file of that very pointer. */
static void
forbid_links (const char *kill)
{
#define ANSWER(number, errnum)                                                                     \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                            \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errnum))
#ifdef SYS_rename
  enum
  {
    RENAME = SYS_rename,
    OLD_NAME = 0,
  };
#else
  enum
  {
    RENAME = SYS_renameat,
    OLD_NAME = 1,
  };
#endif
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    ANSWER (SYS_renameat2, EINVAL),
#ifdef SYS_link
    ANSWER (SYS_link, EPERM),
#endif
    ANSWER (SYS_linkat, EPERM),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, RENAME, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[OLD_NAME])),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (guint32)(guintptr)kill, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = G_N_ELEMENTS (filter), .filter = filter };

#undef ANSWER
  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

/* Places two files, the first over an old one, in a process of its own. */
static int
place_without_links (Fixture *fixture, gboolean killed)
{
  pid_t child;
  int status;

  write_file (output_path (fixture, 0), OLD);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      LodgeOutputs *outputs = claim (fixture, NULL);
      const char *part = lodge_outputs_part (outputs, output_path (fixture, 0));

      write_file (part, "new");
      write_file (lodge_outputs_part (outputs, output_path (fixture, 1)), "other");
      forbid_links (killed ? part : NULL);
      if (lodge_outputs_place (outputs, NULL))
        lodge_outputs_free (outputs);
      else
        {
          lodge_outputs_free (outputs);
          _exit (EXIT_FAILURE);
        }
      _exit (EXIT_SUCCESS);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

/* Killed where the old file has lost its name and the new one has not got it yet: the next build
 * gives it back, before it clears what the first one left. */
static void
test_without_links (Fixture *fixture, gconstpointer data)
{
  int status;

  (void)data;
  if (skip_under_valgrind ("valgrind makes system calls of its own"))
    return;
  status = place_without_links (fixture, TRUE);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSYS);
  g_assert_false (g_file_test (output_path (fixture, 0), G_FILE_TEST_EXISTS));
  lodge_outputs_free (claim (fixture, NULL));
  assert_content (fixture, "kvm.raw", OLD);
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);
  g_assert_cmpint (place_without_links (fixture, FALSE), ==, 0);
  assert_content (fixture, "kvm.raw", "new");
  assert_content (fixture, "kvm.qcow2", "other");
  g_assert_cmpuint (count_entries (fixture->directory), ==, 2);
}

/* A lock file of the same name that is not ours any more is the next build's. */
static void
test_next_lock (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LodgeOutputs *outputs = claim (fixture, NULL);
  g_autofree char *lock = g_build_filename (fixture->directory, ".kvm.lock", NULL);

  (void)data;
  g_assert_cmpint (unlink (lock), ==, 0);
  write_file (lock, "next");
  g_assert_true (lodge_outputs_release (outputs, &error));
  g_assert_no_error (error);
  lodge_outputs_free (outputs);
  assert_content (fixture, ".kvm.lock", "next");
  g_assert_cmpuint (count_entries (fixture->directory), ==, 1);
}

static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *output;
    int code;
    const char *message; /* part of it */
  } cases[] = {
    { "/nonexistent/kvm.raw", LODGE_ERROR_FAILED, "the directory /nonexistent does not exist" },
    { "/proc/self/status/kvm.raw", LODGE_ERROR_FAILED, "is not a directory" },
    { "/dev/null", LODGE_ERROR_REFUSED, "/dev/null is a device" },
    { "/usr", LODGE_ERROR_FAILED, "is there and is not a file" },
    { "/sys/kernel/kvm.raw", LODGE_ERROR_FAILED, "cannot" },
  };

  (void)data;
  g_clear_pointer (&fixture->options->formats, g_strfreev);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeBuildPlan) plan = NULL;

      g_free (fixture->options->output);
      fixture->options->output = g_strdup (cases[i].output);
      plan = make_plan (fixture);
      g_assert_null (lodge_outputs_claim (plan, NULL, &error));
      g_assert_error (error, LODGE_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

static void
write_bytes (const char *path, const char *bytes, gsize length)
{
  g_assert_true (g_file_set_contents (path, bytes, (gssize)length, NULL));
}

/* Refused before the work and after it, and as it was. */
static void
assert_kept (const Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) later = NULL;
  g_autoptr (LodgeOutputs) outputs = NULL;
  g_autofree char *content = NULL;
  g_autofree char *after = NULL;
  gsize length;
  gsize after_length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  g_assert_false (lodge_outputs_check (fixture->plan, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, "move it away or choose another name with -o"));
  g_assert_null (lodge_outputs_claim (fixture->plan, NULL, NULL));
  g_assert_cmpint (unlink (path), ==, 0);
  outputs = claim (fixture, NULL);
  write_file (lodge_outputs_part (outputs, path), "new");
  write_bytes (path, content, length);
  g_assert_false (lodge_outputs_place (outputs, &later));
  g_assert_error (later, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_true (g_file_get_contents (path, &after, &after_length, NULL));
  g_assert_cmpmem (content, length, after, after_length);
}

/* Whoever mistypes -o loses nothing. */
static void
test_foreign_images (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    gsize length;
    gsize offset;
    gsize size; /* of the file, zeros around the text */
    gboolean replaced;
  } cases[] = {
    { "", 0, 0, 0, TRUE },
    { "QFI\373", 4, 0, 4, TRUE },
    { "KDMV", 4, 0, 512, TRUE },
    /* A master boot record that protects a GPT, and one of another machine. */
    { "\0\0\2\0\356\377\377\377\1\0\0\0\377\377\377\377", 16, 446, 512, TRUE },
    { "\200\0\2\0\203\377\377\377\1\0\0\0\377\377\377\377", 16, 446, 8192, TRUE },
    /* A boot sector without partitions. */
    { "\353\74\220MSDOS5.0", 11, 0, 512, FALSE },
    { "No system disk. Press any key", 29, 440, 512, FALSE },
    { "# Images\n", 9, 0, 9, FALSE },
    { "-----BEGIN OPENSSH PRIVATE KEY-----\n", 36, 0, 36, FALSE },
    { "", 0, 0, 1, FALSE },
    { "", 0, 0, 1048576, FALSE },
    { "\50\265\57\375", 4, 0, 400, FALSE },
    { "diary", 5, 0, 512, FALSE },
    { "ustar", 5, 257, 512, FALSE },
    { "\0\1", 2, 0, 2, FALSE },
  };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *bytes = g_malloc0 (cases[i].size + 1);

      memcpy (bytes + cases[i].offset, cases[i].text, cases[i].length);
      if (cases[i].size % 512 == 0 && cases[i].size > 0 && i < 7)
        memcpy (bytes + 510, "\x55\xaa", 2);
      write_bytes (output_path (fixture, 0), bytes, cases[i].size);
      if (cases[i].replaced)
        lodge_outputs_free (claim (fixture, NULL));
      else
        assert_kept (fixture, output_path (fixture, 0));
      g_assert_cmpint (unlink (output_path (fixture, 0)), ==, 0);
    }
  g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
}

static void
test_foreign_companions (Fixture *fixture, gconstpointer data)
{
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  static const struct
  {
    const char *name;
    const char *text;
    gboolean replaced;
  } cases[] = {
    { "kvm.map", "", TRUE },
    { "kvm.map", "lodge-flash-map 1\nsize 1\n", TRUE },
    { "kvm.map", "# the way to the lodge\n", FALSE },
    { "kvm.sha256", DIGEST "  kvm.raw\n", TRUE },
    { "kvm.sha256", "\\" DIGEST "  kvm.\\n.raw\n", TRUE },
    { "kvm.sha256", DIGEST " *kvm.raw\n" DIGEST "  images/kvm.qcow2\n", TRUE },
    { "kvm.sha256", DIGEST "  holiday.iso\n", FALSE },
    { "kvm.sha256", DIGEST "  kvm.raw\n" DIGEST "  holiday.iso\n", FALSE },
    { "kvm.sha256", DIGEST, FALSE },
    { "kvm.sha256", "0 kvm.raw\n", FALSE },
    { "kvm.manifest.json", "{\n  \"build_hash\" : \"00\"\n}\n", TRUE },
    { "kvm.manifest.json", "{\n  \"name\" : \"00\"\n}\n", FALSE },
    { "kvm.manifest.json", "\"build_hash\"", FALSE },
  };
#undef DIGEST

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_build_filename (fixture->directory, cases[i].name, NULL);

      write_file (path, cases[i].text);
      if (cases[i].replaced)
        lodge_outputs_free (claim (fixture, NULL));
      else
        assert_kept (fixture, path);
      g_assert_cmpint (unlink (path), ==, 0);
    }
}

/* What another user may have put where a build works is neither removed nor written to. */
static void
test_not_ours (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { ".kvm.work", ".kvm.lock" };

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_build_filename (fixture->directory, names[i], NULL);
      g_autofree char *other = g_build_filename (fixture->directory, "other", NULL);

      /* With a second name: as a lock it may be any file of ours that a link was made to. */
      write_file (other, "precious");
      g_assert_cmpint (link (other, path), ==, 0);
      g_assert_null (lodge_outputs_claim (fixture->plan, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, names[i]));
      assert_content (fixture, "other", "precious");
      assert_content (fixture, names[i], "precious");
      g_assert_cmpint (unlink (path), ==, 0);
      g_assert_cmpint (unlink (other), ==, 0);
      g_assert_cmpuint (count_entries (fixture->directory), ==, 0);
      if (geteuid () != 0)
        continue;
      g_clear_error (&error);
      if (i == 0)
        g_assert_cmpint (g_mkdir (path, 0777), ==, 0);
      else
        write_file (path, "");
      g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
      g_assert_null (lodge_outputs_claim (fixture->plan, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_assert_cmpint (remove (path), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/output/place", test_place);
  ADD ("/output/abandon", test_abandon);
  ADD ("/output/part-is-private", test_part_is_private);
  ADD ("/output/claim-all", test_claim_all);
  ADD ("/output/undo", test_undo);
  ADD ("/output/missing-part", test_missing_part);
  ADD ("/output/two-builds", test_two_builds);
  ADD ("/output/after-kill", test_after_kill);
  ADD ("/output/without-links", test_without_links);
  ADD ("/output/next-lock", test_next_lock);
  ADD ("/output/refusals", test_refusals);
  ADD ("/output/foreign-images", test_foreign_images);
  ADD ("/output/foreign-companions", test_foreign_companions);
  ADD ("/output/not-ours", test_not_ours);
#undef ADD
  return g_test_run ();
}
