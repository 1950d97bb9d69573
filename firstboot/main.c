/* lodge-firstboot: turns the machine it runs on into a KVM host.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/command.h"

#include "common/error.h"
#include "common/version.h"

#include <locale.h>
#include <string.h>

static const LodgeCommand commands[] = {
  { NULL, "the wizard, on a terminal; once setup is complete, its status",
    LODGE_OPTION_ROOT | LODGE_OPTION_WIZARD | LODGE_OPTION_RECONFIGURE, lodge_command_start },
  { "wizard", "asks what to do, then does it",
    LODGE_OPTION_ROOT | LODGE_OPTION_WIZARD | LODGE_OPTION_RECONFIGURE, lodge_command_wizard },
  { "check", "whether this machine can virtualize: 0 ready, 1 not, 4 ready with warnings",
    LODGE_OPTION_ROOT | LODGE_OPTION_JSON, lodge_command_check },
  { "plan", "what would be done; writes nothing",
    LODGE_OPTION_ROOT | LODGE_OPTION_ANSWERS | LODGE_OPTION_RECONFIGURE, lodge_command_plan },
  { "apply", "set this host up, or go on with it",
    LODGE_OPTION_ANSWERS | LODGE_OPTION_NEW_PLAN | LODGE_OPTION_WITHOUT_KVM
        | LODGE_OPTION_RECONFIGURE | LODGE_OPTION_NO_ANNOUNCE | LODGE_OPTION_START_WIZARD
        | LODGE_OPTION_FROM_WIZARD,
    lodge_command_apply },
  { "status", "where setup stands: 0 complete, 1 not", LODGE_OPTION_ROOT | LODGE_OPTION_JSON,
    lodge_command_status },
  { "grow-root", NULL, 0, lodge_command_grow_root },
  { "boot-entries", NULL, LODGE_OPTION_ROOT, lodge_command_boot_entries },
  { "boot-loaders", NULL, LODGE_OPTION_ROOT, lodge_command_boot_loaders },
  { "kernel-messages", NULL, 0, lodge_command_kernel_messages },
  { "save-guests", NULL, 0, lodge_command_save_guests },
};

static char *
describe_commands (void)
{
  g_autoptr (GString) text = g_string_new ("Commands:\n");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].summary != NULL)
      g_string_append_printf (text, "  %-8s %s\n", commands[i].name != NULL ? commands[i].name : "",
                              commands[i].summary);
  g_string_append (text, "\nExit status: 0 done, 1 failed, 2 usage or wrong answers, 3 refused for "
                         "safety.\nThe manual, lodge-firstboot(8), comes with lodge, which builds "
                         "the images; it is not on this host.");
  return g_strdup (text->str);
}

static const LodgeCommand *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_strcmp0 (commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

/* An option that the command does not take is refused: ignored, it would promise something. */
static gboolean
check_options (const LodgeCommand *command, const LodgeOptions *options, GError **error)
{
  const struct
  {
    guint option;
    gboolean given;
    const char *name;
  } given[] = {
    { LODGE_OPTION_ROOT, options->root[0] != '\0', "root" },
    { LODGE_OPTION_ANSWERS, options->answers != NULL, "answers" },
    { LODGE_OPTION_JSON, options->json, "json" },
    { LODGE_OPTION_NEW_PLAN, options->new_plan, "new-plan" },
    { LODGE_OPTION_RECONFIGURE, options->reconfigure, "reconfigure" },
    { LODGE_OPTION_WITHOUT_KVM, options->without_kvm, "without-kvm" },
    { LODGE_OPTION_NO_ANNOUNCE, options->no_announce, "no-announce" },
    { LODGE_OPTION_FROM_WIZARD, options->from_wizard, "from-wizard" },
    { LODGE_OPTION_FROM_WIZARD, options->disks != NULL, "confirmed-disks" },
    { LODGE_OPTION_START_WIZARD, options->start_wizard, "start-wizard" },
    { LODGE_OPTION_WIZARD, options->console, "console" },
    { LODGE_OPTION_WIZARD, options->script != NULL, "script" },
    { LODGE_OPTION_WIZARD, options->program != NULL, "program" },
    { LODGE_OPTION_WIZARD, options->runtime != NULL, "runtime" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (given); i++)
    if (given[i].given && !(command->options & given[i].option))
      return lodge_error_set (error, LODGE_ERROR_USAGE, "%s does not take --%s",
                              command->name != NULL ? command->name : "lodge-firstboot alone",
                              given[i].name);
  return TRUE;
}

/* "" for the running machine, else an absolute path. */
static void
absolute_root (LodgeOptions *options)
{
  char *root
      = options->root != NULL ? g_canonicalize_filename (options->root, NULL) : g_strdup ("");

  g_free (options->root);
  if (g_str_equal (root, "/"))
    root[0] = '\0';
  options->root = root;
}

static int
run (int argc, char **argv, LodgeOptions *options, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("[COMMAND]");
  g_autofree char *description = describe_commands ();
  gboolean version = FALSE;
  const LodgeCommand *command;
  const GOptionEntry entries[] = {
    { "answers", 'a', 0, G_OPTION_ARG_FILENAME, &options->answers, "Take the answers from FILE",
      "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "Print JSON", NULL },
    { "reconfigure", 0, 0, G_OPTION_ARG_NONE, &options->reconfigure,
      "Change a host that is set up: its name, access, network; never its storage", NULL },
    { "new-plan", 0, 0, G_OPTION_ARG_NONE, &options->new_plan,
      "Forget the plan of a run that did not end", NULL },
    { "without-kvm", 0, 0, G_OPTION_ARG_NONE, &options->without_kvm,
      "Set up although a check fails; without KVM, guests are emulated", NULL },
    { "no-announce", 0, 0, G_OPTION_ARG_NONE, &options->no_announce,
      "Write nothing to the consoles", NULL },
    { "from-wizard", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->from_wizard, NULL,
      NULL },
    { "confirmed-disks", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->disks, NULL,
      NULL },
    { "start-wizard", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->start_wizard, NULL,
      NULL },
    { "console", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->console, NULL, NULL },
    { "script", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->script, NULL, NULL },
    { "program", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->program, NULL, NULL },
    { "runtime", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options->runtime, NULL, NULL },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options->root,
      "Look at the machine captured in DIR, not at this one", "DIR" },
    { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &options->root, "The same", "DIR" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    { NULL },
  };

  g_option_context_set_summary (context, "Turns this machine into a KVM host.");
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return 2;
  if (version)
    {
      g_print ("lodge-firstboot %s\n", LODGE_VERSION);
      return 0;
    }
  absolute_root (options);

  command = find_command (argc > 1 ? argv[1] : NULL);
  if (command == NULL)
    lodge_error_set (error, LODGE_ERROR_USAGE, "there is no command \"%s\": see --help", argv[1]);
  else if (argc > 2)
    lodge_error_set (error, LODGE_ERROR_USAGE, "\"%s\" is one argument too many: see --help",
                     argv[2]);
  else if (check_options (command, options, error))
    return command->run (options, error);
  return 2;
}

int
main (int argc, char **argv)
{
  LodgeOptions options = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  /* "12.3 s" in every language: programs read these lines too. */
  setlocale (LC_NUMERIC, "C");
  status = run (argc, argv, &options, &error);
  if (error != NULL)
    {
      g_printerr ("lodge-firstboot: %s\n", error->message);
      status = error->domain == G_OPTION_ERROR ? 2 : lodge_error_exit_status (error);
    }
  g_free (options.root);
  g_free (options.answers);
  g_free (options.script);
  g_free (options.program);
  g_free (options.runtime);
  g_free (options.disks);
  return status;
}
