/* Making the plan of a build.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/plan.h"

#include <string.h>

#include "builder/apt-mirror.h"
#include "builder/format.h"
#include "builder/answers-notes.h"
#include "builder/layout-gpt.h"
#include "common/answers.h"
#include "common/error.h"
#include "common/size.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
/* A file on an ext4 with blocks of 4 KiB ends a block before 16 TiB. */
#define MAXIMUM (G_GUINT64_CONSTANT (15) << 40)
/* The format that --compress=zst makes of "raw". */
#define COMPRESSED "raw.zst"

void
lodge_build_options_free (LodgeBuildOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->template);
  g_free (options->output);
  g_strfreev (options->formats);
  g_strfreev (options->sources);
  g_free (options->firstboot);
  g_free (options->mirror);
  g_free (options->answers);
  g_strfreev (options->ssh_key_files);
  g_free (options->root_password_hash);
  g_free (options->cache);
  g_free (options);
}

static void
output_free (gpointer data)
{
  LodgeOutput *output = data;

  g_free (output->path);
  g_free (output);
}

void
lodge_build_plan_free (LodgeBuildPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->outputs);
  g_free (plan->base);
  g_free (plan->ssh_keys);
  g_free (plan->answers);
  g_free (plan);
}

/* The format that PATH is named after, or NULL. */
static const LodgeFormat *
format_of_path (const char *path)
{
  g_autofree char *file = g_path_get_basename (path);
  g_autofree char *names = lodge_format_names ();
  g_auto (GStrv) list = g_strsplit (names, ", ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      const LodgeFormat *format = lodge_format_find (list[i]);

      if (g_str_has_suffix (file, format->suffix) && strlen (file) > strlen (format->suffix))
        return format;
    }
  return NULL;
}

static gboolean
add_output (LodgeBuildPlan *plan, const char *name, const LodgeFormat *named, gboolean only,
            GError **error)
{
  gboolean compress = plan->options->compress && strcmp (name, "raw") == 0;
  const LodgeFormat *format = lodge_format_find (compress ? COMPRESSED : name);
  const char *output_path = plan->options->output;
  LodgeOutput *output;

  if (format == NULL)
    {
      g_autofree char *names = lodge_format_names ();

      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "--format: there is no format \"%s\"; there are %s", name, names);
    }
  for (guint i = 0; i < plan->outputs->len; i++)
    if (strcmp (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->format, format->name) == 0)
      return lodge_error_set (error, LODGE_ERROR_USAGE, "--format names %s twice", format->name);
  /* The name of what is compressed gets the suffix after its own. */
  if (compress && named != NULL && strcmp (named->name, "raw") == 0)
    only = FALSE;
  if (only && named != NULL && named != format)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "the output %s is named as a %s image, but --format asks for %s; "
                            "write -o %s%s",
                            output_path, named->name, format->name, plan->base, format->suffix);
  output = g_new0 (LodgeOutput, 1);
  output->format = format->name;
  output->path = only ? g_strdup (output_path) : g_strconcat (plan->base, format->suffix, NULL);
  g_ptr_array_add (plan->outputs, output);
  return TRUE;
}

/* --compress that would compress nothing is refused. */
static gboolean
check_compressed (const LodgeBuildPlan *plan, GError **error)
{
  if (!plan->options->compress)
    return TRUE;
  for (guint i = 0; i < plan->outputs->len; i++)
    if (strcmp (((LodgeOutput *)g_ptr_array_index (plan->outputs, i))->format, COMPRESSED) == 0)
      return TRUE;
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "--compress is for the format raw, which is not among those to write");
}

/* One format: the file is called as the user said.  Several: its suffix is replaced by each one's.
 */
static gboolean
plan_outputs (LodgeBuildPlan *plan, GError **error)
{
  const LodgeBuildOptions *options = plan->options;
  const LodgeFormat *named = format_of_path (options->output);
  gsize base_length = strlen (options->output) - (named == NULL ? 0 : strlen (named->suffix));
  guint count = options->formats == NULL ? 0 : g_strv_length (options->formats);
  g_autofree char *name = g_path_get_basename (options->output);

  if (*options->output == '\0' || g_str_has_suffix (options->output, "/") || strcmp (name, ".") == 0
      || strcmp (name, "..") == 0)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "the output \"%s\" is not a file name; write for instance -o %s.raw",
                            options->output, plan->template->name);
  if (!lodge_format_check_name (options->output, error))
    return FALSE;
  plan->base = g_strndup (options->output, base_length);
  if (count == 0)
    return add_output (plan, named == NULL ? "raw" : named->name, named, TRUE, error)
           && check_compressed (plan, error);
  for (guint i = 0; i < count; i++)
    if (!add_output (plan, options->formats[i], named, count == 1, error))
      return FALSE;
  return check_compressed (plan, error);
}

/* What can be known of it without asking it. */
static gboolean
check_mirror (const LodgeBuildPlan *plan, GError **error)
{
  g_autoptr (LodgeAptMirror) mirror = NULL;

  if (plan->template->family != LODGE_FAMILY_DEBIAN || plan->options->mirror == NULL)
    return TRUE;
  mirror = lodge_apt_mirror_new (plan->options->mirror, error);
  return mirror != NULL;
}

/* An option that would be ignored is refused. */
static gboolean
check_sources (const LodgeBuildPlan *plan, GError **error)
{
  const LodgeBuildOptions *options = plan->options;

  if (plan->template->family == LODGE_FAMILY_DEBIAN && options->sources != NULL
      && options->sources[0] != NULL)
    return lodge_error_set (
        error, LODGE_ERROR_USAGE,
        "--source is for templates of the family el; %s takes its packages from "
        "one mirror: --mirror http://HOST/debian or --mirror file:///DIRECTORY",
        plan->template->name);
  return check_mirror (plan, error);
}

/* GRUB's command blscfg puts the values of variables into a boot loader entry's options, even
 * between quotes (expand_val() in grub-core/commands/blscfg.c of Enterprise Linux's grub2): the
 * kernel would get something else. */
static gboolean
check_command_line (const LodgeTemplate *template, GError **error)
{
  if (template->family == LODGE_FAMILY_EL && strchr (template->kernel_command_line, '$') != NULL)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "the template %s has a \"$\" in KernelCommandLine=, which the boot "
                            "loader of Enterprise Linux takes for a variable; give that parameter "
                            "without it",
                            template->name);
  return TRUE;
}

static gboolean
plan_size (LodgeBuildPlan *plan, GError **error)
{
  guint64 wanted = plan->options->size != 0 ? plan->options->size : plan->template->size;
  guint64 minimum = lodge_layout_gpt_minimum ();

  if (wanted < minimum)
    {
      g_autofree char *wanted_text = lodge_size_format (wanted);

      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "the image's size of %s (%s) is too small; the partitions need at "
                              "least %" G_GUINT64_FORMAT "M",
                              wanted_text,
                              plan->options->size != 0 ? "--size" : "Size= of the template",
                              minimum / MEBIBYTE);
    }
  if (wanted > MAXIMUM)
    {
      g_autofree char *wanted_text = lodge_size_format (wanted);

      return lodge_error_set (error, LODGE_ERROR_USAGE,
                              "the image's size of %s (%s) is too large; 15T is the largest. The "
                              "root file system grows to the disk that the image is written to",
                              wanted_text,
                              plan->options->size != 0 ? "--size" : "Size= of the template");
    }
  plan->size = (wanted + MEBIBYTE - 1) / MEBIBYTE * MEBIBYTE;
  lodge_layout_gpt (plan->size, plan->partitions);
  return TRUE;
}

/* An image without any answers sets itself up by the person at its console or by answers.conf on
 * the LODGE partition.  Nobody can log in to or set up: one that is set up by answers that give no
 * access, and one that does not run lodge-firstboot. */
static gboolean
check_access (const LodgeBuildPlan *plan, GError **error)
{
  gboolean access = plan->ssh_keys != NULL || plan->options->root_password_hash != NULL;

  if (plan->answers != NULL)
    {
      gboolean from_answers = FALSE;

      if (!lodge_answers_give_access (plan->options->answers, plan->answers, &from_answers, error))
        return FALSE;
      if (!access && !from_answers)
        return lodge_error_set (
            error, LODGE_ERROR_USAGE,
            "nobody could log in to this image: %s sets the host up without a password or SSH key; "
            "give root-password-hash= or ssh-keys= in its [access], or --ssh-key or "
            "--root-password-hash",
            plan->options->answers);
    }
  if (!access && lodge_template_disables (plan->template, LODGE_FIRSTBOOT_UNIT))
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            "nobody could log in to or set up this image: the template %s "
                            "disables " LODGE_FIRSTBOOT_UNIT
                            "; give --ssh-key or --root-password-hash",
                            plan->template->name);
  return TRUE;
}

const char *
lodge_build_plan_vmware_note (const LodgeBuildPlan *plan)
{
  gboolean wanted = FALSE;

  for (guint i = 0; i < plan->outputs->len; i++)
    {
      const LodgeOutput *output = g_ptr_array_index (plan->outputs, i);

      wanted
          = wanted || g_str_equal (output->format, "vmdk") || g_str_equal (output->format, "ova");
    }
  if (!wanted || lodge_template_has_vmware_tools (plan->template))
    return NULL;
  return "this image for VMware has no open-vm-tools, so that it reads no answers from "
         "guestinfo.lodge.answers, and VMware neither sees its addresses nor can shut it down in "
         "order; debian-13-vmware and centos-stream-9-vmware are templates that have them";
}

LodgeBuildPlan *
lodge_build_plan_make (const LodgeTemplate *template, const LodgeBuildOptions *options,
                       const char *ssh_keys, const char *answers, GError **error)
{
  g_autoptr (LodgeBuildPlan) plan = g_new0 (LodgeBuildPlan, 1);

  plan->template = template;
  plan->options = options;
  plan->ssh_keys = g_strdup (ssh_keys);
  plan->answers = g_strdup (answers);
  plan->outputs = g_ptr_array_new_with_free_func (output_free);
  if (!plan_outputs (plan, error) || !check_sources (plan, error)
      || !check_command_line (plan->template, error) || !plan_size (plan, error)
      || !check_access (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}
