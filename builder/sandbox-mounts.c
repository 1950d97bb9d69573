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

/* TOP is "" when the tree is the root, else where it is. */
typedef struct
{
  char text[PATH_MAX];
} Path;

static const char *
below (Path *path, const char *top, const char *name)
{
  /* cppcheck-suppress ctuuninitvar; this is what fills it */
  if (snprintf (path->text, sizeof path->text, "%s%s", top, name) >= (int)sizeof path->text)
    lodge_sandbox_die ("the path %s%s is too long", top, name);
  return path->text;
}

static void
make_link (const char *top, const char *target, const char *name)
{
  Path path;

  attempt (symlink (target, below (&path, top, name)), "make", path.text);
}

static void
mount_memory (const char *top, const char *name, unsigned long flags, const char *options)
{
  Path path;

  make_target (below (&path, top, name), true);
  attempt (mount ("tmpfs", path.text, "tmpfs", flags, options), "mount", path.text);
}

static void
mount_devices (const char *top, const int *trees)
{
  Path path;
  char name[32];

  mount_memory (top, "/dev", MS_NOSUID | MS_NOEXEC, "mode=755,size=64m");
  for (int i = 0; i < N_DEVICES; i++)
    {
      snprintf (name, sizeof name, "/dev/%s", devices[i]);
      attach (trees[i], below (&path, top, name));
    }
  make_target (below (&path, top, "/dev/pts"), true);
  attempt (mount ("devpts", path.text, "devpts", MS_NOSUID | MS_NOEXEC,
                  "newinstance,ptmxmode=0666,mode=620"),
           "mount", path.text);
  make_target (below (&path, top, "/dev/shm"), true);
  attempt (chmod (path.text, 01777), "open", path.text);
  make_link (top, "pts/ptmx", "/dev/ptmx");
  make_link (top, "/proc/self/fd", "/dev/fd");
  make_link (top, "fd/0", "/dev/stdin");
  make_link (top, "fd/1", "/dev/stdout");
  make_link (top, "fd/2", "/dev/stderr");
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
mount_proc (const char *top)
{
  Path path;

  make_target (below (&path, top, "/proc"), true);
  attempt (mount ("proc", path.text, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount",
           path.text);
  for (size_t i = 0; i < sizeof proc_read_only / sizeof *proc_read_only; i++)
    if (access (below (&path, top, proc_read_only[i]), F_OK) == 0)
      bind_read_only (path.text);
}

/* Needs /dev. */
static void
hide_proc (const char *top)
{
  Path null;
  Path path;

  below (&null, top, "/dev/null");
  for (size_t i = 0; i < sizeof proc_unreadable / sizeof *proc_unreadable; i++)
    if (access (below (&path, top, proc_unreadable[i]), F_OK) == 0)
      attempt (mount (null.text, path.text, NULL, MS_BIND, NULL), "hide", path.text);
}

/* The build machine's kernel command line is none of the image's business, and scripts that make
 * boot entries copy it. */
static void
hide_command_line (const char *top)
{
  Path empty;
  Path path;

  make_target (below (&empty, top, "/run/lodge/empty"), false);
  attempt (mount (empty.text, below (&path, top, "/proc/cmdline"), NULL, MS_BIND, NULL), "hide",
           path.text);
}

/* No hardware: what a script finds in sysfs would be the build machine's. */
static void
mount_tree (const char *top, const int *device_trees)
{
  Path path;

  mount_memory (top, "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "mode=555,size=4k");
  make_target (below (&path, top, "/dev"), true);
  mount_devices (top, device_trees);
  mount_memory (top, "/run", MS_NOSUID | MS_NODEV, "mode=755");
  make_target (below (&path, top, "/run/lock"), true);
  mount_memory (top, "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
  hide_command_line (top);
}

/* Moves into ROOT, a mount, with the machine's own root on the directory OLD in it. */
static void
pivot (const char *root, const char *old)
{
  attempt (chdir (root), "enter", root);
  if (mkdir (old, 0755) != 0 && errno != EEXIST)
    lodge_sandbox_die_errno ("cannot make %s/%s", root, old);
  attempt ((int)syscall (SYS_pivot_root, ".", old), "make a root of", root);
  attempt (chdir ("/"), "enter", root);
}

static void
forget_machine (const char *old)
{
  attempt (umount2 (old, DETACH), "take away", "the machine's own root");
}

/* Makes ROOT the root of the mount namespace.  The machine's own root hangs below /run until the
 * new proc is mounted: the kernel gives a user namespace one only beside one that it can see. */
static void
enter_root (const char *root, bool tree)
{
  attempt (mount (root, root, NULL, MS_BIND | MS_REC, NULL), "mount", root);
  pivot (root, "run");
  if (tree)
    mount_proc ("");
  forget_machine ("/run");
}

/* --- a tree that a program outside it makes --- */

/* What the machine's programs are and look at: no secrets, no devices, no sockets of its services,
 * no files of its users.  A script in the tree has CAP_SYS_CHROOT, with which it can leave the
 * tree: this is then what it finds, and it can change none of it. */
/* clang-format off */
static const char *const machine_parts[] = {
  "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
  "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime",
  "/etc/group", "/etc/nsswitch.conf", "/etc/passwd",
  "/etc/crypto-policies", "/etc/dnf", "/etc/rpm",
};
/* clang-format on */
enum
{
  N_MACHINE_PARTS = sizeof machine_parts / sizeof *machine_parts,
};

/* A part that is a link stays one; TREE is -1 then, and when the machine has no such part. */
typedef struct
{
  char link[PATH_MAX];
  int tree;
} MachinePart;

static void
take_machine (MachinePart *parts)
{
  for (int i = 0; i < N_MACHINE_PARTS; i++)
    {
      const char *path = machine_parts[i];
      ssize_t length = readlink (path, parts[i].link, sizeof parts[i].link - 1);

      parts[i].link[length > 0 ? length : 0] = '\0';
      parts[i].tree = -1;
      if (length > 0 || access (path, F_OK) != 0)
        continue;
      parts[i].tree = clone_tree (path);
      make_read_only (parts[i].tree, path);
    }
}

static void
attach_machine (const MachinePart *parts)
{
  make_target ("/etc", true);
  for (int i = 0; i < N_MACHINE_PARTS; i++)
    if (parts[i].tree >= 0)
      attach (parts[i].tree, machine_parts[i]);
    else if (parts[i].link[0] != '\0')
      attempt (symlink (parts[i].link, machine_parts[i]), "make", machine_parts[i]);
}

/* A root in memory that has the machine's programs, and TREE at its own path with all that
 * mount_tree() mounts. */
static void
enter_nested (const char *tree)
{
  static const char old[] = "/.machine";
  MachinePart parts[N_MACHINE_PARTS];
  int devices_of_root[N_DEVICES];
  int devices_of_tree[N_DEVICES];
  int fd = clone_tree (tree);

  take_machine (parts);
  clone_devices (devices_of_root);
  clone_devices (devices_of_tree);
  /* Any directory would do: it is the root a moment later. */
  attempt (mount ("tmpfs", tree, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755"), "mount", tree);
  pivot (tree, old + 1);
  mount_proc ("");
  attach_machine (parts);
  mount_tree ("", devices_of_root);
  make_target ("/var/tmp", true);
  attempt (chmod ("/var/tmp", 01777), "open", "/var/tmp");
  attach (fd, tree);
  mount_proc (tree);
  mount_tree (tree, devices_of_tree);
  forget_machine (old);
  hide_proc (tree);
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
  if (view->nested != NULL)
    enter_nested (view->nested);
  else if (view->root != NULL)
    enter_root (view->root, view->tree);
  else
    mount_proc ("");
  if (view->tree)
    mount_tree ("", device_trees);
  hide_proc ("");
  for (size_t i = 0; i < view->n_binds; i++)
    attach (view->binds[i].tree, view->binds[i].target);
  if (chdir (view->directory) != 0)
    lodge_sandbox_die_errno ("cannot enter %s in the sandbox", view->directory);
}
