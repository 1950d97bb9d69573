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
#include <sys/statvfs.h>
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
    lodge_sandbox_die ("the kernel is older than 5.2, which the sandbox needs");
  if (fd < 0)
    lodge_sandbox_die_errno ("cannot take %s into the sandbox", source);
  return fd;
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

/* What the file system was mounted with must be repeated: a user namespace may not take it off. */
static unsigned long
mount_flags (const char *path)
{
  static const struct
  {
    unsigned long has;
    unsigned long flag;
  } table[] = {
    { ST_NOSUID, MS_NOSUID },   { ST_NODEV, MS_NODEV },           { ST_NOEXEC, MS_NOEXEC },
    { ST_NOATIME, MS_NOATIME }, { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME },
  };
  struct statvfs status;
  unsigned long flags = 0;

  attempt (statvfs (path, &status), "look at", path);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if ((status.f_flag & table[i].has) != 0)
      flags |= table[i].flag;
  return flags;
}

static void
attach (int tree, const char *target, bool read_only)
{
  struct stat status;

  attempt (fstat (tree, &status), "look at what becomes", target);
  make_target (target, S_ISDIR (status.st_mode));
  attempt ((int)syscall (SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH),
           "mount", target);
  close (tree);
  if (read_only)
    attempt (
        mount (NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | mount_flags (target), NULL),
        "make read-only", target);
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
      attach (trees[i], below (&path, top, name), false);
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

static void
mount_proc (const char *top)
{
  Path path;

  make_target (below (&path, top, "/proc"), true);
  attempt (mount ("proc", path.text, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount",
           path.text);
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
    mount_proc ("");
  attempt (umount2 (old, DETACH), "take away", "the machine's own root");
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

void
lodge_sandbox_mount (LodgeSandboxView *view)
{
  int device_trees[N_DEVICES];

  attempt (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "cut off the mounts of", "/");
  for (size_t i = 0; i < view->n_binds; i++)
    view->binds[i].tree = clone_tree (view->binds[i].source);
  if (view->tree || view->nested != NULL)
    clone_devices (device_trees);
  if (view->root != NULL)
    enter_root (view->root, view->tree);
  else
    mount_proc ("");
  if (view->nested != NULL)
    mount_proc (view->nested);
  if (view->tree || view->nested != NULL)
    mount_tree (view->nested != NULL ? view->nested : "", device_trees);
  for (size_t i = 0; i < view->n_binds; i++)
    attach (view->binds[i].tree, view->binds[i].target, view->binds[i].read_only);
  if (chdir (view->directory) != 0)
    lodge_sandbox_die_errno ("cannot enter %s in the sandbox", view->directory);
}
