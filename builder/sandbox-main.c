/* lodge-sandbox: runs a program in namespaces of its own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three processes: the caller's child, which makes the namespaces and waits; process 1 inside,
 * which makes the mounts, reaps orphans and waits; and the program.  Each dies with the one before
 * it, and with process 1 the kernel kills everything inside and takes the mounts away.
 */
#include "builder/sandbox-private.h"
#include "common/version.h"

#include <errno.h>
#include <getopt.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off */
static const char help[] =
"Usage: lodge-sandbox [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
"Runs PROGRAM in its own user, mount, PID, IPC, UTS, cgroup and network namespaces, for lodge(1).\n"
"\n"
"  --root DIRECTORY         DIRECTORY becomes /; without it the machine's own / is seen\n"
"  --tree                   DIRECTORY is a system's tree: mount /proc, an empty /sys, a small /dev,\n"
"                           and an empty /run and /tmp in it\n"
"  --nested DIRECTORY       the same in DIRECTORY, which does not become /: a program of the machine\n"
"                           makes a system there, and runs its scripts with chroot(2).  / is then in\n"
"                           memory; of the machine's own it has /usr and a little of /etc, read-only\n"
"  --network                leave the network as it is outside\n"
"  --bind SOURCE:TARGET     SOURCE is seen as TARGET inside, which is made when it does not exist\n"
"  --bind SOURCE:TARGET:ro  the same, read-only with all that is mounted below it\n"
"  --chdir DIRECTORY        working directory inside (default: /)\n"
"  --parent PID             end at once when the parent is not PID any more\n"
"  --help, --version\n"
"\n"
"Run by root, no user namespace is made.  Run by another user, that user is root inside, and 1 to\n"
"65535 inside are the user's range in /etc/subuid and /etc/subgid, by newuidmap(1) and newgidmap(1).\n"
"\n"
"Without --network the network namespace has a loopback interface and nothing else; AF_VSOCK is\n"
"refused.  The host name inside is \"localhost\".  fsync(2), sync(2) and the like succeed and do\n"
"nothing: who keeps a result syncs it.  System calls of another architecture, io_uring, bpf(2),\n"
"userfaultfd(2) and those of keyrings fail, and no user namespace can be made.\n"
"The program has CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID,\n"
"CAP_SETUID, CAP_SETPCAP, CAP_SETFCAP, CAP_SYS_CHROOT and CAP_AUDIT_WRITE inside, and no_new_privs.\n"
"When the caller dies, everything inside is killed, and no mount is ever seen outside.\n"
"\n"
"Exit status: the program's; 128+N when signal N killed it; 125 when the sandbox could not be made,\n"
"126 when the program could not be run, 127 when it does not exist.\n";
/* clang-format on */

static void
complain (const char *format, va_list arguments, int errnum)
{
  char message[4096];

  vsnprintf (message, sizeof message, format, arguments);
  fprintf (stderr, "lodge-sandbox: %s%s%s\n", message, errnum != 0 ? ": " : "",
           errnum != 0 ? strerror (errnum) : "");
}

_Noreturn void
lodge_sandbox_die (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments, 0);
  va_end (arguments);
  exit (LODGE_SANDBOX_FAILED);
}

_Noreturn void
lodge_sandbox_die_errno (const char *format, ...)
{
  int saved = errno;
  va_list arguments;

  va_start (arguments, format);
  complain (format, arguments, saved);
  va_end (arguments);
  exit (LODGE_SANDBOX_FAILED);
}

/* SOURCE:TARGET[:ro], taken apart from the right: a SOURCE may hold colons. */
static void
add_bind (LodgeSandboxView *view, char *text)
{
  LodgeSandboxBind *bind = &view->binds[view->n_binds];
  size_t length = strlen (text);
  char *colon;

  if (view->n_binds == LODGE_SANDBOX_BINDS)
    lodge_sandbox_die ("more than %d binds", LODGE_SANDBOX_BINDS);
  bind->read_only = length > 3 && strcmp (text + length - 3, ":ro") == 0;
  if (bind->read_only)
    text[length - 3] = '\0';
  colon = strrchr (text, ':');
  if (colon == NULL || colon == text || colon[1] != '/')
    lodge_sandbox_die ("--bind %s: SOURCE:/TARGET is expected", text);
  *colon = '\0';
  bind->source = text;
  bind->target = colon + 1;
  bind->tree = -1;
  view->n_binds++;
}

static void
parse (int argc, char **argv, LodgeSandboxView *view, long *parent)
{
  static const struct option options[]
      = { { "root", required_argument, NULL, 'r' },   { "tree", no_argument, NULL, 't' },
          { "nested", required_argument, NULL, 'n' }, { "network", no_argument, NULL, 'N' },
          { "bind", required_argument, NULL, 'b' },   { "chdir", required_argument, NULL, 'd' },
          { "parent", required_argument, NULL, 'p' }, { "help", no_argument, NULL, 'h' },
          { "version", no_argument, NULL, 'v' },      { NULL, 0, NULL, 0 } };
  int option;

  while ((option = getopt_long (argc, argv, "+", options, NULL)) != -1)
    switch (option)
      {
      case 'r':
        view->root = optarg;
        break;
      case 't':
        view->tree = true;
        break;
      case 'n':
        view->nested = optarg;
        break;
      case 'N':
        view->network = true;
        break;
      case 'b':
        add_bind (view, optarg);
        break;
      case 'd':
        view->directory = optarg;
        break;
      case 'p':
        *parent = strtol (optarg, NULL, 10);
        break;
      case 'h':
        fputs (help, stdout);
        exit (0);
      case 'v':
        puts ("lodge-sandbox " LODGE_VERSION);
        exit (0);
      default:
        exit (LODGE_SANDBOX_FAILED);
      }
  if (optind == argc)
    lodge_sandbox_die ("no program is given; see lodge-sandbox --help");
  if (view->tree && view->root == NULL)
    lodge_sandbox_die ("--tree needs --root");
  if (view->nested != NULL && (view->root != NULL || *view->nested != '/'))
    lodge_sandbox_die ("--nested needs a full path, and no --root");
}

static void
die_with_parent (void)
{
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    lodge_sandbox_die_errno ("cannot be tied to the parent's life");
}

/* A new and empty one in the place of the session's.  The filter of system calls keeps programs
 * from keys as well, so that it does not matter where there are no keyrings, a container forbids
 * them, or the caller has as many as it may. */
static void
leave_keyring (void)
{
  if (syscall (SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0L, 0L, 0L) < 0 && errno != ENOSYS
      && errno != EPERM && errno != EACCES && errno != EDQUOT)
    lodge_sandbox_die_errno ("cannot leave the session's keyring");
}

/* Nothing of the caller but the three standard streams, whatever it had opened or ignored. */
static void
forget_caller (void)
{
  sigset_t none;

  if (syscall (SYS_close_range, 3U, ~0U, 0U) != 0)
    for (int fd = (int)sysconf (_SC_OPEN_MAX) - 1; fd >= 3; fd--) /* before Linux 5.9 */
      close (fd);
  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  umask (022);
  /* No controlling terminal: Ctrl-C is for the caller, who winds up in order. */
  setsid ();
  leave_keyring ();
}

static void
bring_loopback_up (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || ioctl (fd, SIOCSIFFLAGS, &request) != 0)
    lodge_sandbox_die_errno ("cannot switch the loopback interface on");
  close (fd);
}

static void
make_namespaces (const LodgeSandboxView *view)
{
  int network = view->network ? 0 : CLONE_NEWNET;

  if (geteuid () != 0)
    lodge_sandbox_enter_user_namespace ();
  if (unshare (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | network) != 0)
    lodge_sandbox_die_forbidden ("make namespaces");
  if (unshare (CLONE_NEWCGROUP) != 0 && errno != EINVAL) /* a kernel without control groups */
    lodge_sandbox_die_forbidden ("make a cgroup namespace");
  if (sethostname ("localhost", strlen ("localhost")) != 0)
    lodge_sandbox_die_errno ("cannot set the host name");
  if (!view->network)
    bring_loopback_up ();
}

static int
exit_status (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* Process 1: waits for CHILD, reaping whatever else ends meanwhile, and exits as it did. */
static _Noreturn void
reap_and_exit (pid_t child)
{
  int status;

  for (;;)
    {
      pid_t ended = waitpid (-1, &status, 0);

      if (ended == child)
        _exit (exit_status (status));
      if (ended < 0 && errno != EINTR)
        lodge_sandbox_die_errno ("cannot wait for the program");
    }
}

/* Outside: waits for process 1.  Asked to end, kills it and still waits, which the kernel answers
 * only when nothing inside is left: the caller can then remove the tree at once. */
static _Noreturn void
wait_and_exit (pid_t init, const sigset_t *signals)
{
  int status;

  for (;;)
    {
      int number = sigwaitinfo (signals, NULL);

      if (number > 0 && number != SIGCHLD)
        kill (init, SIGKILL);
      if (waitpid (init, &status, WNOHANG) == init)
        _exit (exit_status (status));
    }
}

static _Noreturn void
execute (char **argv)
{
  execvp (argv[0], argv);
  fprintf (stderr, "lodge-sandbox: cannot run %s: %s\n", argv[0], strerror (errno));
  _exit (errno == ENOENT ? LODGE_SANDBOX_NOT_FOUND : LODGE_SANDBOX_NOT_RUNNABLE);
}

/* Process 1 of the sandbox.  LIFE is the reading end of a pipe that nobody but the parent holds. */
static _Noreturn void
run_init (LodgeSandboxView *view, int life, char **argv)
{
  struct pollfd parent = { .fd = life };
  pid_t child;

  die_with_parent ();
  if (poll (&parent, 1, 0) != 0) /* it ended before prctl() */
    _exit (LODGE_SANDBOX_FAILED);
  lodge_sandbox_mount (view);
  close (life);
  lodge_sandbox_drop_capabilities ();
  lodge_sandbox_filter_system_calls ();
  child = fork ();
  if (child < 0)
    lodge_sandbox_die_errno ("cannot start a process");
  if (child == 0)
    execute (argv);
  reap_and_exit (child);
}

int
main (int argc, char **argv)
{
  LodgeSandboxView view = { .directory = "/" };
  long parent = 0;
  sigset_t signals;
  int life[2];
  pid_t child;

  parse (argc, argv, &view, &parent);
  forget_caller ();
  make_namespaces (&view);
  /* Not earlier: becoming another user clears it. */
  die_with_parent ();
  if (parent != 0 && getppid () != parent)
    return LODGE_SANDBOX_FAILED;
  if (pipe (life) != 0)
    lodge_sandbox_die_errno ("cannot make a pipe");
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  child = fork ();
  if (child < 0)
    lodge_sandbox_die_errno ("cannot start a process");
  if (child == 0)
    {
      sigprocmask (SIG_UNBLOCK, &signals, NULL);
      close (life[1]);
      run_init (&view, life[0], argv + optind);
    }
  close (life[0]);
  wait_and_exit (child, &signals);
}
