/* What a program in the sandbox sees of file systems.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources on the machine are cloned into descriptors (open_tree(2)) before the new root is entered
 * and attached after it, so that no link in a tree leads a mount out of it.
 */
#include "builder/sandbox-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> exclude each other in glibc before 2.37. */
int mount (const char *source, const char *target, const char *type, unsigned long flags,
           const void *data);
int umount2 (const char *target, int flags);

enum
{
  DETACH = 2, /* MNT_DETACH */
};

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#  define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif
#ifndef OPEN_TREE_CLONE
#  define OPEN_TREE_CLONE 1
#endif
#ifndef SYS_mount_setattr
#  define SYS_mount_setattr 442 /* on every architecture */
#endif

#define TOO_OLD "the kernel is older than 5.12, which the sandbox needs"

static void
attempt (int result, const char *what, const char *path)
{
  if (result != 0 && (errno == EPERM || errno == EACCES))
    {
      char action[PATH_MAX + 64];

      snprintf (action, sizeof action, "%s %s", what, path);
      lodge_sandbox_die_forbidden (action);
    }
  if (result != 0)
    lodge_sandbox_die_errno ("cannot %s %s", what, path);
}

static int
clone_tree (const char *source)
{
  int fd
      = (int)syscall (SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE);

  if (fd < 0 && errno == ENOSYS)
    lodge_sandbox_die (TOO_OLD);
  if (fd < 0)
    lodge_sandbox_die_errno ("cannot take %s into the sandbox", source);
  return fd;
}

/* The mount TREE and all those on it: mount(2) would change the topmost alone. */
static void
make_read_only (int tree, const char *source)
{
  struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
  int result = (int)syscall (SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                             sizeof attributes);

  if (result != 0 && errno == ENOSYS)
    lodge_sandbox_die (TOO_OLD);
  attempt (result, "make read-only", source);
}

/* PATH's directories, and PATH itself as a directory when DIRECTORY, else as an empty file. */
static void
make_target (const char *path, bool directory)
{
  char part[PATH_MAX];
  int fd;

  if (snprintf (part, sizeof part, "%s", path) >= (int)sizeof part)
    lodge_sandbox_die ("the path %s is too long", path);
  for (char *slash = strchr (part + 1, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      *slash = '\0';
      if (mkdir (part, 0755) != 0 && errno != EEXIST)
        lodge_sandbox_die_errno ("cannot make %s in the sandbox", part);
      *slash = '/';
    }
  if (directory)
    {
      if (mkdir (part, 0755) != 0 && errno != EEXIST)
        lodge_sandbox_die_errno ("cannot make %s in the sandbox", part);
      return;
    }
  fd = open (part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0 && errno != EISDIR && access (part, F_OK) != 0)
    lodge_sandbox_die_errno ("cannot make %s in the sandbox", part);
  if (fd >= 0)
    close (fd);
}

/* TARGET exists. */
static void
attach_to (int tree, const char *target)
{
  attempt ((int)syscall (SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH),
           "mount", target);
  close (tree);
}

static void
attach (int tree, const char *target)
{
  struct stat status;

  attempt (fstat (tree, &status), "look at what becomes", target);
  make_target (target, S_ISDIR (status.st_mode));
  attach_to (tree, target);
}

static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };
enum
{
  N_DEVICES = sizeof devices / sizeof *devices,
};

static void
clone_devices (int *trees)
{
  char path[32];

  for (int i = 0; i < N_DEVICES; i++)
    {
      snprintf (path, sizeof path, "/dev/%s", devices[i]);
      trees[i] = clone_tree (path);
    }
}

static void
mount_devices (const int *trees)
{
  char path[32];

  attempt (mount ("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64m"), "mount",
           "/dev");
  for (int i = 0; i < N_DEVICES; i++)
    {
      snprintf (path, sizeof path, "/dev/%s", devices[i]);
      attach (trees[i], path);
    }
  make_target ("/dev/pts", true);
  attempt (mount ("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                  "newinstance,ptmxmode=0666,mode=620"),
           "mount", "/dev/pts");
  make_target ("/dev/shm", true);
  attempt (chmod ("/dev/shm", 01777), "open", "/dev/shm");
  attempt (symlink ("pts/ptmx", "/dev/ptmx"), "make", "/dev/ptmx");
  attempt (symlink ("/proc/self/fd", "/dev/fd"), "make", "/dev/fd");
  attempt (symlink ("fd/0", "/dev/stdin"), "make", "/dev/stdin");
  attempt (symlink ("fd/1", "/dev/stdout"), "make", "/dev/stdout");
  attempt (symlink ("fd/2", "/dev/stderr"), "make", "/dev/stderr");
}

/* What in /proc belongs to the whole machine and not to the sandbox's processes.  The kernel lets
 * real root write there by its uid, whatever capabilities it gave up (test_perm() in
 * fs/proc/proc_sysctl.c): with core_pattern a scriptlet could run a program outside.  The same
 * places that container runtimes close ("maskedPaths" and "readonlyPaths" of the OCI runtime
 * specification); a kernel has not all of them. */
static const char *const proc_read_only[]
    = { "/proc/acpi", "/proc/asound", "/proc/bus",  "/proc/driver",        "/proc/dynamic_debug",
        "/proc/fs",   "/proc/irq",    "/proc/scsi", "/proc/sysrq-trigger", "/proc/sys" };

/* The machine's memory, and its keys. */
static const char *const proc_unreadable[] = { "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                                               "/proc/sched_debug", "/proc/timer_list" };

static void
bind_read_only (const char *path)
{
  int tree = clone_tree (path);

  make_read_only (tree, path);
  attach_to (tree, path);
}

static void
mount_proc (void)
{
  attempt (mount ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount",
           "/proc");
  for (size_t i = 0; i < sizeof proc_read_only / sizeof *proc_read_only; i++)
    if (access (proc_read_only[i], F_OK) == 0)
      bind_read_only (proc_read_only[i]);
}

/* Needs /dev. */
static void
hide_proc (void)
{
  for (size_t i = 0; i < sizeof proc_unreadable / sizeof *proc_unreadable; i++)
    if (access (proc_unreadable[i], F_OK) == 0)
      attempt (mount ("/dev/null", proc_unreadable[i], NULL, MS_BIND, NULL), "hide",
               proc_unreadable[i]);
}

/* The build machine's kernel command line is none of the image's business, and scripts that make
 * boot entries copy it. */
static void
hide_command_line (void)
{
  make_target ("/run/lodge/empty", false);
  attempt (mount ("/run/lodge/empty", "/proc/cmdline", NULL, MS_BIND, NULL), "hide",
           "/proc/cmdline");
}

/* Makes ROOT the root of the mount namespace.  The machine's own root hangs below OLD until the
 * new proc is mounted: the kernel gives a user namespace one only beside one that it can see. */
static void
enter_root (const char *root, bool tree)
{
  const char *old = "/run";

  attempt (mount (root, root, NULL, MS_BIND | MS_REC, NULL), "mount", root);
  attempt (chdir (root), "enter", root);
  if (mkdir ("run", 0755) != 0 && errno != EEXIST)
    lodge_sandbox_die_errno ("cannot make %s/run", root);
  attempt ((int)syscall (SYS_pivot_root, ".", "run"), "make a root of", root);
  attempt (chdir ("/"), "enter", root);
  if (tree)
    {
      make_target ("/proc", true);
      mount_proc ();
    }
  attempt (umount2 (old, DETACH), "take away", "the machine's own root");
}

/* No hardware: what a script finds in sysfs would be the build machine's. */
static void
mount_tree (const int *device_trees)
{
  make_target ("/sys", true);
  attempt (mount ("tmpfs", "/sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
                  "mode=555,size=4k"),
           "mount", "/sys");
  make_target ("/dev", true);
  mount_devices (device_trees);
  attempt (mount ("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"), "mount", "/run");
  make_target ("/run/lock", true);
  make_target ("/tmp", true);
  attempt (mount ("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "mount", "/tmp");
  hide_command_line ();
}

void
lodge_sandbox_mount (LodgeSandboxView *view)
{
  int device_trees[N_DEVICES];

  attempt (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "cut off the mounts of", "/");
  for (size_t i = 0; i < view->n_binds; i++)
    {
      view->binds[i].tree = clone_tree (view->binds[i].source);
      if (view->binds[i].read_only)
        make_read_only (view->binds[i].tree, view->binds[i].source);
    }
  if (view->tree)
    clone_devices (device_trees);
  if (view->root != NULL)
    enter_root (view->root, view->tree);
  else
    mount_proc ();
  if (view->tree)
    mount_tree (device_trees);
  hide_proc ();
  for (size_t i = 0; i < view->n_binds; i++)
    attach (view->binds[i].tree, view->binds[i].target);
  if (chdir (view->directory) != 0)
    lodge_sandbox_die_errno ("cannot enter %s in the sandbox", view->directory);
}
