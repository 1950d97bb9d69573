/* Plans of builds: golden files for what Lodge ships, and what is refused.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/layout-gpt.h"
#include "builder/plan.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <string.h>

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

#define SSH_KEYS                                                                                   \
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl one\n"         \
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl two\n"

static LodgeTemplate *
load (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("templates");
  LodgeTemplate *template = lodge_template_load (root, name, &error);

  g_assert_no_error (error);
  return template;
}

static LodgeBuildOptions *
make_options (const char *output, const char *formats)
{
  LodgeBuildOptions *options = g_new0 (LodgeBuildOptions, 1);

  options->output = g_strdup (output);
  options->formats = formats == NULL ? NULL : g_strsplit (formats, ",", -1);
  options->source_date_epoch = -1;
  return options;
}

static void
test_golden (gconstpointer data)
{
  const char *name = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeTemplate) template = load (name);
  g_autofree char *golden = g_strdup_printf ("plans/%s.plan", name);
  g_autoptr (LodgeBuildOptions) options = make_options ("images/kvm-host.raw", NULL);
  g_autoptr (LodgeBuildPlan) plan = lodge_build_plan_make (template, options, NULL, NULL, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = lodge_build_plan_describe (plan);
  assert_golden (golden, text);
}

static void
test_golden_options (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeTemplate) template = load ("debian-13");
  g_autoptr (LodgeBuildOptions) options = make_options ("out/host.qcow2", "raw,qcow2,vmdk,ova");
  g_autoptr (LodgeBuildPlan) plan = NULL;
  g_autofree char *text = NULL;

  options->mirror = g_strdup ("http://joe:s3cret@mirror.example/debian");
  options->answers = g_strdup ("answers.conf");
  options->root_password_hash = g_strdup ("$6$x$y");
  options->size = 8 * 1024 * MEBIBYTE;
  options->compress = TRUE;
  plan = lodge_build_plan_make (template, options, SSH_KEYS, "[host]\nhostname=a\n", &error);
  g_assert_no_error (error);
  text = lodge_build_plan_describe (plan);
  /* Secrets are not shown. */
  g_assert_null (strstr (text, "$6$"));
  g_assert_null (strstr (text, "s3cret"));
  assert_golden ("plans/debian-13-options.plan", text);
}

/* The contract's table, whatever the size. */
static void
test_geometry (void)
{
  guint64 sizes[] = { 0, 2048 * MEBIBYTE, 3072 * MEBIBYTE, 1024 * 1024 * MEBIBYTE };

  sizes[0] = lodge_layout_gpt_minimum ();
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      LodgePartition partitions[LODGE_N_PARTITIONS];
      guint64 end = MEBIBYTE;

      lodge_layout_gpt (sizes[i], partitions);
      for (guint j = 0; j < LODGE_N_PARTITIONS; j++)
        {
          g_assert_cmpuint (partitions[j].start, ==, end);
          g_assert_cmpuint (partitions[j].size % MEBIBYTE, ==, 0);
          end += partitions[j].size;
        }
      /* The backup table has its place. */
      g_assert_cmpuint (end, ==, sizes[i] - MEBIBYTE);
      g_assert_cmpuint (partitions[LODGE_PARTITION_BIOS].size, ==, MEBIBYTE);
      g_assert_cmpuint (partitions[LODGE_PARTITION_ESP].size, ==, 256 * MEBIBYTE);
      g_assert_cmpuint (partitions[LODGE_PARTITION_LODGE].size, ==, 64 * MEBIBYTE);
      g_assert_cmpuint (partitions[LODGE_PARTITION_ROOT].size, >=, 1024 * MEBIBYTE);
    }
}

static void
test_outputs (void)
{
  static const struct
  {
    const char *output;
    const char *formats;
    const char *expected; /* "FORMAT:PATH …" */
    const char *base;
  } cases[] = {
    { "a/kvm.raw", NULL, "raw:a/kvm.raw", "a/kvm" },
    { "kvm.qcow2", NULL, "qcow2:kvm.qcow2", "kvm" },
    { "kvm.img", NULL, "raw:kvm.img", "kvm.img" },
    { "kvm", "qcow2", "qcow2:kvm", "kvm" },
    { "kvm.raw.zst", NULL, "raw.zst:kvm.raw.zst", "kvm" },
    { "kvm.vmdk", NULL, "vmdk:kvm.vmdk", "kvm" },
    { "kvm.ova", NULL, "ova:kvm.ova", "kvm" },
    { "kvm.vmdk", "raw,vmdk", "raw:kvm.raw vmdk:kvm.vmdk", "kvm" },
    { "kvm.raw", "qcow2,raw", "qcow2:kvm.qcow2 raw:kvm.raw", "kvm" },
    { "kvm", "raw,qcow2", "raw:kvm.raw qcow2:kvm.qcow2", "kvm" },
    /* Nothing would be left of the name. */
    { "a/.raw", "raw", "raw:a/.raw", "a/.raw" },
  };
  g_autoptr (LodgeTemplate) template = load ("debian-13");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeBuildOptions) options = make_options (cases[i].output, cases[i].formats);
      g_autoptr (LodgeBuildPlan) plan
          = lodge_build_plan_make (template, options, NULL, NULL, &error);
      g_autoptr (GString) text = g_string_new (NULL);

      g_assert_no_error (error);
      for (guint j = 0; j < plan->outputs->len; j++)
        {
          const LodgeOutput *output = g_ptr_array_index (plan->outputs, j);

          g_string_append_printf (text, "%s%s:%s", j == 0 ? "" : " ", output->format, output->path);
        }
      g_assert_cmpstr (text->str, ==, cases[i].expected);
      g_assert_cmpstr (plan->base, ==, cases[i].base);
    }
}

/* Of formats for VMware alone, and only when the template lacks what VMware talks to. */
static void
test_vmware_note (void)
{
  static const struct
  {
    const char *template;
    const char *formats;
    gboolean noted;
  } cases[] = {
    { "debian-13", "raw,qcow2", FALSE },      { "debian-13", "vmdk", TRUE },
    { "debian-13", "raw,ova", TRUE },         { "debian-13-vmware", "vmdk,ova", FALSE },
    { "centos-stream-9", "vmdk,ova", FALSE }, { "centos-stream-9-vmware", "ova", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeTemplate) template = load (cases[i].template);
      g_autoptr (LodgeBuildOptions) options = make_options ("kvm", cases[i].formats);
      g_autoptr (LodgeBuildPlan) plan
          = lodge_build_plan_make (template, options, NULL, NULL, &error);
      const char *note;

      g_assert_no_error (error);
      note = lodge_build_plan_vmware_note (plan);
      g_assert_cmpint (note != NULL, ==, cases[i].noted);
      g_assert_true (note == NULL || strstr (note, "has no open-vm-tools") != NULL);
    }
}

static void
test_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeTemplate) template = load ("debian-13");
  g_autoptr (LodgeBuildOptions) options = make_options ("kvm.raw", NULL);
  g_autoptr (LodgeBuildPlan) plan = NULL;

  options->size = lodge_layout_gpt_minimum () - 1;
  g_assert_null (lodge_build_plan_make (template, options, NULL, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "--size"));
  g_clear_error (&error);

  options->size = G_MAXUINT64;
  g_assert_null (lodge_build_plan_make (template, options, NULL, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_clear_error (&error);

  /* Rounded up to a whole MiB. */
  options->size = 4000 * 1000 * 1000ULL;
  plan = lodge_build_plan_make (template, options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->size, ==, 3815 * MEBIBYTE);
}

static void
test_compress (void)
{
  static const struct
  {
    const char *output;
    const char *formats;
    const char *path; /* NULL: refused */
  } cases[] = {
    { "a/kvm.raw", NULL, "a/kvm.raw.zst" },  { "a/kvm.raw.zst", NULL, "a/kvm.raw.zst" },
    { "a/kvm.raw", "raw", "a/kvm.raw.zst" }, { "a/kvm.raw", "raw,qcow2", "a/kvm.raw.zst" },
    { "a/image", NULL, "a/image" },          { "a/kvm.qcow2", NULL, NULL },
    { "a/kvm", "qcow2,vmdk", NULL },
  };
  g_autoptr (LodgeTemplate) template = load ("debian-13");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeBuildOptions) options = make_options (cases[i].output, cases[i].formats);
      g_autoptr (LodgeBuildPlan) plan = NULL;
      const LodgeOutput *output;

      options->compress = TRUE;
      plan = lodge_build_plan_make (template, options, NULL, NULL, &error);
      if (cases[i].path == NULL)
        {
          g_assert_null (plan);
          g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
          g_assert_nonnull (strstr (error->message, "--compress"));
          continue;
        }
      g_assert_no_error (error);
      output = g_ptr_array_index (plan->outputs, 0);
      g_assert_cmpstr (output->format, ==, "raw.zst");
      g_assert_cmpstr (output->path, ==, cases[i].path);
    }
}

static void
test_bad_outputs (void)
{
  static const struct
  {
    const char *output;
    const char *formats;
    const char *message; /* part of it */
  } cases[] = {
    { "kvm.raw", "qcow2", "write -o kvm.qcow2" },
    { "kvm.raw", "qcow3", "no format \"qcow3\"; there are raw, raw.zst, qcow2" },
    { "kvm.raw", "", "no format \"\"" },
    { "kvm.raw", "raw,raw", "names raw twice" },
    { "", NULL, "not a file name" },
    { "images/", NULL, "not a file name" },
    { "images/..", NULL, "not a file name" },
  };
  g_autoptr (LodgeTemplate) template = load ("debian-13");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeBuildOptions) options = make_options (cases[i].output, cases[i].formats);

      /* g_strsplit() makes nothing of an empty string. */
      if (g_strcmp0 (cases[i].formats, "") == 0)
        {
          const char *const empty[] = { "", NULL };

          g_strfreev (options->formats);
          options->formats = g_strdupv ((char **)empty);
        }
      g_assert_null (lodge_build_plan_make (template, options, NULL, NULL, &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

/* An image that nobody could log in to or set up. */
static void
test_access (void)
{
  static const struct
  {
    const char *answers;
    const char *ssh_keys;
    const char *hash;
    gboolean firstboot;
    gboolean accepted;
  } cases[] = {
    { NULL, NULL, NULL, TRUE, TRUE },
    { NULL, NULL, NULL, FALSE, FALSE },
    { NULL, SSH_KEYS, NULL, FALSE, TRUE },
    { "[host]\nhostname=a\n", NULL, NULL, TRUE, FALSE },
    { "", NULL, NULL, TRUE, FALSE },
    { "", SSH_KEYS, NULL, TRUE, TRUE },
    { "", NULL, "$6$x$y", TRUE, TRUE },
    { "[access]\nssh-keys=ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
      NULL, NULL, TRUE, TRUE },
    /* Each host has its own. */
    { "[match mac=52:54:00:00:00:01]\naccess.ssh-keys=ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
      NULL, NULL, TRUE, TRUE },
    { "[match mac=52:54:00:00:00:01]\nhost.hostname=a\n", NULL, NULL, TRUE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeTemplate) template = load ("debian-13");
      g_autoptr (LodgeBuildOptions) options = make_options ("kvm.raw", NULL);
      g_autoptr (LodgeBuildPlan) plan = NULL;

      if (!cases[i].firstboot)
        {
          g_strfreev (template->disable);
          template->disable = g_strsplit ("x.service lodge-firstboot.service", " ", -1);
        }
      options->answers = g_strdup (cases[i].answers == NULL ? NULL : "answers.conf");
      options->root_password_hash = g_strdup (cases[i].hash);
      plan = lodge_build_plan_make (template, options, cases[i].ssh_keys, cases[i].answers, &error);
      if (cases[i].accepted)
        g_assert_no_error (error);
      else
        {
          g_assert_null (plan);
          g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
          g_assert_true (g_str_has_prefix (error->message, "nobody could log in"));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/plan/debian-13", "debian-13", test_golden);
  g_test_add_data_func ("/plan/debian-13-vmware", "debian-13-vmware", test_golden);
  g_test_add_func ("/plan/golden-options", test_golden_options);
  g_test_add_func ("/plan/geometry", test_geometry);
  g_test_add_func ("/plan/outputs", test_outputs);
  g_test_add_func ("/plan/vmware-note", test_vmware_note);
  g_test_add_func ("/plan/size", test_size);
  g_test_add_func ("/plan/compress", test_compress);
  g_test_add_func ("/plan/bad-outputs", test_bad_outputs);
  g_test_add_func ("/plan/access", test_access);
  return g_test_run ();
}
