/* The VMware guest variable guestinfo.lodge.answers: a line of the .vmx file, an advanced setting
 * in vSphere. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is asked for through open-vm-tools.  With guestinfo.lodge.answers.encoding = base64, the
 * convention of other programs for text of several lines, the value is base64.
 */
#include "firstboot/answer-sources.h"

#include "common/error.h"
#include "common/run.h"

#include <string.h>

#define VARIABLE "guestinfo.lodge.answers"
#define ENCODING VARIABLE ".encoding"
/* What both programs say of a variable that is not set. */
#define NOT_SET "No value found"

/* Either is part of open-vm-tools, in this place in all distributions. */
static const struct
{
  const char *path;
  const char *option; /* before the command, or NULL */
} tools[] = {
  { "/usr/bin/vmware-rpctool", NULL },
  { "/usr/bin/vmtoolsd", "--cmd" },
};

static gboolean
is_on_vmware (const LodgeSourceContext *context)
{
  const LodgeProbe probe = { .sysroot = context->root };
  g_autoptr (LodgeHost) host = lodge_probe_host (&probe, NULL);

  return host != NULL && g_strcmp0 (host->hypervisor, "vmware") == 0;
}

/* The value of NAME, with its line ends; NULL without ERROR when it is not set. */
static char *
ask (const LodgeSourceContext *context, gsize tool, const char *name, GError **error)
{
  g_autofree char *program = g_strconcat (context->root, tools[tool].path, NULL);
  g_autofree char *command = g_strconcat ("info-get ", name, NULL);
  const char *argv[4] = { program };
  g_autoptr (GError) failure = NULL;
  char *value;
  guint count = 1;

  if (tools[tool].option != NULL)
    argv[count++] = tools[tool].option;
  argv[count] = command;
  value = lodge_run (argv, NULL, context->cancellable, &failure);
  if (value == NULL && !g_str_has_suffix (failure->message, NOT_SET))
    g_propagate_error (error, g_steal_pointer (&failure));
  return value;
}

static LodgeSourceResult
decode (LodgeAnswerText *text, const char *encoding, GError **error)
{
  g_autofree char *packed = NULL;
  g_autofree guchar *plain = NULL;

  if (encoding == NULL || *encoding == '\0')
    return LODGE_SOURCE_FOUND;
  if (strcmp (encoding, "base64") != 0)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       ENCODING " is \"%s\"; expected base64, or nothing for plain text", encoding);
      return LODGE_SOURCE_ERROR;
    }
  packed = g_steal_pointer (&text->text);
  plain = g_base64_decode (packed, &text->length);
  text->text = g_strndup ((const char *)plain, text->length);
  return LODGE_SOURCE_FOUND;
}

static LodgeSourceResult
read_variable (const LodgeSourceContext *context, gsize tool, LodgeAnswerText *text, GError **error)
{
  g_autofree char *encoding = NULL;
  g_autoptr (GError) failure = NULL;

  text->text = ask (context, tool, VARIABLE, &failure);
  if (text->text != NULL && *text->text != '\0')
    encoding = ask (context, tool, ENCODING, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return LODGE_SOURCE_ERROR;
    }
  /* An empty variable is one that was taken back. */
  if (text->text == NULL || *text->text == '\0')
    {
      lodge_answer_text_clear (text);
      return LODGE_SOURCE_NOTHING;
    }
  text->name = g_strdup (VARIABLE);
  text->length = strlen (text->text);
  return decode (text, encoding, error);
}

LodgeSourceResult
lodge_source_guestinfo (const LodgeSourceContext *context, LodgeAnswerText *text, GError **error)
{
  if (!is_on_vmware (context))
    return LODGE_SOURCE_NOTHING;
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *program = g_strconcat (context->root, tools[i].path, NULL);

      if (g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
        return read_variable (context, i, text, error);
    }
  /* Whether it is set cannot be known, and most often it is not: no reason to stop. */
  lodge_watcher_tell (context->watcher, VARIABLE
                      " cannot be read, as open-vm-tools is not installed: build the image "
                      "from a template that has it");
  return LODGE_SOURCE_NOTHING;
}
