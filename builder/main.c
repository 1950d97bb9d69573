/* lodge: builds images that turn a machine into a KVM host.  The table of commands, and what
 * becomes of an error. Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier:
 * GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "builder/command.h"
#include "builder/interrupt.h"
#include "builder/say.h"
#include "common/error.h"
#include "common/version.h"

static const struct
{
  const char *name;
  LodgeCommandFunction run;
  const char *summary;
} commands[] = {
  { "build", lodge_command_build, "build a bootable image from a template" },
  { "package", lodge_command_package, "compile lodge-firstboot for a release, into a package" },
  { "boot", lodge_command_boot, "boot an image in a virtual machine, without changing it" },
  { "flash", lodge_command_flash, "write an image to USB sticks or other disks, and verify it" },
  { "inspect", lodge_command_inspect, "show what is in an image" },
  { "diff", lodge_command_diff, "show what differs between two images" },
  { "answers", lodge_command_answers, "check a file of answers for hosts that set themselves up" },
  { "doctor", lodge_command_doctor, "check what this machine can do, and say how to mend it" },
};

static void
print_help (FILE *stream)
{
  fprintf (stream, "Usage:\n"
                   "  lodge COMMAND [OPTION…] …\n"
                   "\n"
                   "Builds images that turn a machine into a KVM host.\n"
                   "\n"
                   "Commands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (stream, "  %-10s%s\n", commands[i].name, commands[i].summary);
  fprintf (stream, "\n"
                   "Options:\n"
                   "  -h, --help     show this help; lodge COMMAND --help shows the command's\n"
                   "  --version      show the version\n");
}

static gboolean
run_command (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  if (argc < 2)
    {
      print_help (stderr);
      fputs ("\n", stderr);
      return lodge_error_set (error, LODGE_ERROR_USAGE, "no command is given");
    }
  if (strcmp (argv[1], "help") == 0 || strcmp (argv[1], "--help") == 0
      || strcmp (argv[1], "-h") == 0)
    {
      print_help (stdout);
      return TRUE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      printf ("lodge %s\n", LODGE_VERSION);
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 1, argv + 1, cancellable, error);
  return lodge_error_set (error, LODGE_ERROR_USAGE,
                          "there is no command or option \"%s\"; see lodge --help", argv[1]);
}

/* A full disk or a closed pipe under standard output shows only when it is flushed. */
static gboolean
flush_output (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  return lodge_error_set_errno (error, errno, "write standard output");
}

/* After a signal whatever failed did so because of it; the signal is what is worth telling. */
static void
report (const GError *error, int signal_number)
{
  if (signal_number != 0)
    lodge_say_error (signal_number == SIGINT    ? "stopped by Ctrl-C"
                     : signal_number == SIGTERM ? "stopped by SIGTERM"
                                                : "stopped by SIGHUP");
  else if (!g_error_matches (error, LODGE_ERROR, LODGE_ERROR_DIFFERENT))
    lodge_say_error (error->message);
}

/* Without one the next file that is opened would be standard input, for QEMU too. */
static void
fill_standard_input (void)
{
  if (fcntl (STDIN_FILENO, F_GETFD) < 0 && errno == EBADF)
    (void)!open ("/dev/null", O_RDONLY);
}

int
main (int argc, char **argv)
{
  g_autoptr (LodgeInterrupt) interrupt = NULL;
  g_autoptr (GError) error = NULL;

  fill_standard_input ();
  setlocale (LC_ALL, "");
  g_set_prgname ("lodge");
  /* A reader that goes away must not end us before the cleaning. */
  signal (SIGPIPE, SIG_IGN);
  interrupt = lodge_interrupt_new ();
  if (run_command (argc, argv, lodge_interrupt_cancellable (interrupt), &error)
      && flush_output (&error))
    return 0;
  report (error, lodge_interrupt_signal (interrupt));
  /* A comparison that was stopped has no answer, which 1 would be. */
  if (lodge_interrupt_signal (interrupt) != 0
      && !g_error_matches (error, LODGE_ERROR, LODGE_ERROR_USAGE))
    return 1;
  return lodge_error_exit_status (error);
}
