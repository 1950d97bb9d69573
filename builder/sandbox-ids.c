/* User and group ids of the sandbox of an ordinary user.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A process may map more than itself into its user namespace only through the set-uid programs
 * newuidmap(1) and newgidmap(1), which look the range up in /etc/subuid and /etc/subgid and must be
 * run from outside the namespace: a child that was forked before runs them.
 */
#include "builder/sandbox-private.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  IDS = 65535, /* 1 to 65535: nobody is 65534 */
};

/* The first number in FILE, or MISSING when it does not exist. */
static long
read_setting (const char *file, long missing)
{
  FILE *stream = fopen (file, "re");
  char text[32] = "";
  char *end;
  long value;

  if (stream == NULL)
    return missing;
  if (fgets (text, sizeof text, stream) == NULL)
    text[0] = '\0';
  fclose (stream);
  value = strtol (text, &end, 10);
  return end == text ? missing : value;
}

_Noreturn void
lodge_sandbox_die_forbidden (const char *action)
{
  int saved = errno;

  if (read_setting ("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
    lodge_sandbox_die ("user namespaces are switched off for ordinary users; switch them on as "
                       "root with: sysctl -w kernel.unprivileged_userns_clone=1");
  if (read_setting ("/proc/sys/user/max_user_namespaces", 1) == 0)
    lodge_sandbox_die ("this machine allows no user namespaces; allow them as root with: "
                       "sysctl -w user.max_user_namespaces=10000");
  if (read_setting ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) != 0)
    lodge_sandbox_die ("AppArmor keeps ordinary users out of user namespaces; allow them as root "
                       "with: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
  errno = saved;
  if (geteuid () == 0 && saved == EPERM)
    lodge_sandbox_die ("cannot %s: Operation not permitted; a container must be started with "
                       "the privilege to make namespaces (--privileged, or CAP_SYS_ADMIN)",
                       action);
  lodge_sandbox_die_errno ("cannot %s", action);
}

/* The first range of at least IDS ids that FILE gives to NAME or to the number ID. */
static unsigned long
find_range (const char *file, const char *option, const char *name, unsigned long id)
{
  FILE *stream = fopen (file, "re");
  char *line = NULL;
  size_t size = 0;
  unsigned long found = 0;
  char number[24];

  snprintf (number, sizeof number, "%lu", id);
  while (stream != NULL && found == 0 && getline (&line, &size, stream) >= 0)
    {
      char *rest = line;
      const char *owner = strsep (&rest, ":");
      const char *start = strsep (&rest, ":");

      if (rest != NULL && (strcmp (owner, name) == 0 || strcmp (owner, number) == 0)
          && strtoul (rest, NULL, 10) >= IDS)
        found = strtoul (start, NULL, 10);
    }
  free (line);
  if (stream != NULL)
    fclose (stream);
  if (found == 0)
    lodge_sandbox_die ("%s gives the user %s no range of 65536 ids, which the files of the image "
                       "need; give one as root with: usermod %s 100000-165535 %s",
                       file, name, option, name);
  return found;
}

/* Runs PROGRAM to map OUTSIDE to 0 and START to 1 and on in the namespace of the process PID; the
 * program says itself what it does not like. */
static void
run_mapper (const char *program, pid_t pid, unsigned long outside, unsigned long start)
{
  char target[24];
  char caller[24];
  char first[24];
  char count[24];
  pid_t child = fork ();
  int status;

  if (child < 0)
    lodge_sandbox_die_errno ("cannot run %s", program);
  if (child == 0)
    {
      snprintf (target, sizeof target, "%d", (int)pid);
      snprintf (caller, sizeof caller, "%lu", outside);
      snprintf (first, sizeof first, "%lu", start);
      snprintf (count, sizeof count, "%d", IDS);
      execlp (program, program, target, "0", caller, "1", "1", first, count, (char *)NULL);
      if (errno == ENOENT)
        lodge_sandbox_die ("%s is not installed; install it with: apt-get install uidmap, or: "
                           "dnf install shadow-utils",
                           program);
      lodge_sandbox_die_errno ("cannot run %s", program);
    }
  while (waitpid (child, &status, 0) < 0)
    if (errno != EINTR)
      lodge_sandbox_die_errno ("cannot wait for %s", program);
  if (WIFEXITED (status) && WEXITSTATUS (status) == LODGE_SANDBOX_FAILED)
    exit (LODGE_SANDBOX_FAILED);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    lodge_sandbox_die ("%s could not give the sandbox its ids from /etc/subuid and /etc/subgid",
                       program);
}

/* The child that stays outside: maps ids when the parent says that its namespace is there. */
static pid_t
start_mapper (int *ready)
{
  const struct passwd *user = getpwuid (getuid ());
  char name[64];
  unsigned long uids;
  unsigned long gids;
  pid_t parent = getpid ();
  pid_t child;
  int ends[2];
  char byte;

  snprintf (name, sizeof name, "%s", user != NULL ? user->pw_name : "");
  if (user == NULL)
    snprintf (name, sizeof name, "%lu", (unsigned long)getuid ());
  uids = find_range ("/etc/subuid", "--add-subuids", name, getuid ());
  gids = find_range ("/etc/subgid", "--add-subgids", name, getuid ());
  if (pipe (ends) != 0)
    lodge_sandbox_die_errno ("cannot make a pipe");
  child = fork ();
  if (child < 0)
    lodge_sandbox_die_errno ("cannot start a process");
  if (child == 0)
    {
      close (ends[1]);
      if (read (ends[0], &byte, 1) != 1)
        _exit (LODGE_SANDBOX_FAILED); /* the parent gave up, and said why */
      run_mapper ("newuidmap", parent, getuid (), uids);
      run_mapper ("newgidmap", parent, getgid (), gids);
      _exit (0);
    }
  close (ends[0]);
  *ready = ends[1];
  return child;
}

void
lodge_sandbox_enter_user_namespace (void)
{
  int ready;
  int status;
  pid_t mapper = start_mapper (&ready);

  if (unshare (CLONE_NEWUSER) != 0)
    lodge_sandbox_die_forbidden ("make a user namespace");
  if (write (ready, "", 1) != 1)
    lodge_sandbox_die_errno ("cannot reach the process that maps ids");
  close (ready);
  while (waitpid (mapper, &status, 0) < 0)
    if (errno != EINTR)
      lodge_sandbox_die_errno ("cannot wait for the process that maps ids");
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    exit (LODGE_SANDBOX_FAILED);
  if (setgroups (0, NULL) != 0 || setresgid (0, 0, 0) != 0 || setresuid (0, 0, 0) != 0)
    lodge_sandbox_die_forbidden ("become root of the user namespace");
}
