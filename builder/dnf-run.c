/* Running the private dnf.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/dnf-private.h"

#include <string.h>

#include "builder/sandbox.h"
#include "common/syntax.h"

typedef struct
{
  GString *text;
  void (*line) (const char *text, gpointer data);
  gpointer data;
} Listener;

static void
hear (const char *text, gpointer data)
{
  Listener *listener = data;

  g_string_append (listener->text, text);
  g_string_append_c (listener->text, '\n');
  if (listener->line != NULL)
    listener->line (text, listener->data);
}

/* Proxies are the user's; nothing else of the environment is dnf's business. */
static char **
environment (const LodgeDnf *dnf)
{
  static const char *const passed[] = { "http_proxy", "https_proxy", "no_proxy", "all_proxy",
                                        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY" };
  char **variables = g_strdupv ((char **)lodge_sandbox_environment ());
  g_autofree char *home = g_build_filename (dnf->directory, "home", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (passed); i++)
    if (g_getenv (passed[i]) != NULL)
      variables = g_environ_setenv (variables, passed[i], g_getenv (passed[i]), TRUE);
  return g_environ_setenv (variables, "HOME", home, TRUE);
}

static void
add_option (GPtrArray *argv, const LodgeDnf *dnf, const char *option, const char *name)
{
  g_ptr_array_add (argv, g_strconcat (option, dnf->directory, "/", name, NULL));
}

/* LODGE_DNF_INSTALL as the first argument leaves the repositories for compiling out. */
static GPtrArray *
make_arguments (const LodgeDnf *dnf, const char *const *arguments)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *release = lodge_dnf_release (dnf->build->plan->template);
  gboolean install = g_str_equal (arguments[0], LODGE_DNF_INSTALL);

  g_ptr_array_add (argv, g_strdup ("dnf"));
  add_option (argv, dnf, "--config=", "dnf.conf");
  add_option (argv, dnf, "--installroot=", "root");
  add_option (argv, dnf, "--setopt=cachedir=", "cache");
  add_option (argv, dnf, "--setopt=reposdir=", install ? "repos/install" : "repos/compile");
  g_ptr_array_add (argv, g_strconcat ("--releasever=", release, NULL));
  if (dnf->offline)
    g_ptr_array_add (argv, g_strdup ("--cacheonly"));
  for (arguments += install; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, g_strdup (*arguments));
  g_ptr_array_add (argv, NULL);
  return argv;
}

gboolean
lodge_dnf_run (LodgeDnf *dnf, const char *const *arguments,
               void (*line) (const char *text, gpointer data), gpointer data, char **output,
               GError **error)
{
  LodgeBuild *build = dnf->build;
  g_autoptr (GPtrArray) argv = make_arguments (dnf, arguments);
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) variables = environment (dnf);
  Listener listener = { .text = text, .line = line, .data = data };
  LodgeSandbox sandbox
      = { .helper = build->helper, .network = TRUE, .environment = (const char *const *)variables };
  GError *failure = NULL;
  gboolean done = lodge_sandbox_run (&sandbox, (const char *const *)argv->pdata, hear, &listener,
                                     build->cancellable, &failure);
  /* dnf itself ends with 1 whatever is wrong; then its words tell.  Anything else is not about
   * packages. */
  gboolean own = !done && text->len > 0
                 && !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                 && strstr (failure->message, "lodge-sandbox: ") == NULL;

  /* It repeats URLs as the user gave them. */
  *output = lodge_text_without_logins (text->str);
  if (done || own)
    g_clear_error (&failure);
  else
    g_propagate_error (error, failure);
  return done;
}
