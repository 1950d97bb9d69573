/* The parts of the program lodge-sandbox.  Plain C: the program starts some fifty times in a build,
 * has one thread, and nothing in it may allocate or log behind its back between the namespaces.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum
{
  LODGE_SANDBOX_FAILED = 125,       /* exit status: the sandbox could not be made */
  LODGE_SANDBOX_NOT_RUNNABLE = 126, /* the program could not be executed */
  LODGE_SANDBOX_NOT_FOUND = 127,    /* the program does not exist */
  LODGE_SANDBOX_BINDS = 32,         /* at most so many --bind */
};

typedef struct
{
  const char *source; /* on the machine */
  const char *target; /* inside, absolute */
  bool read_only;
  int tree; /* descriptor of the source's cloned mount, -1 before */
} LodgeSandboxBind;

typedef struct
{
  const char *root;      /* directory that becomes /, or NULL */
  bool tree;             /* mount /proc, /sys, /dev, /run and /tmp in it */
  const char *nested;    /* directory to mount the same in, without moving into it, or NULL */
  bool network;          /* the caller's network namespace is left */
  const char *directory; /* working directory inside */
  LodgeSandboxBind binds[LODGE_SANDBOX_BINDS];
  size_t n_binds;
} LodgeSandboxView;

/* Prints "lodge-sandbox: MESSAGE" and ends the program with LODGE_SANDBOX_FAILED. */
_Noreturn void lodge_sandbox_die (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
/* As above, with ": strerror (errno)". */
_Noreturn void lodge_sandbox_die_errno (const char *format, ...)
    __attribute__ ((format (printf, 1, 2)));

/* Puts the calling process, which is not root, into a new user namespace: itself becomes 0 there,
 * and 1 to 65535 are the caller's range of subordinate ids. */
void lodge_sandbox_enter_user_namespace (void);
/* Ends the program with what forbids namespaces on this machine and how to allow them; ACTION is
 * what failed, errno why. */
_Noreturn void lodge_sandbox_die_forbidden (const char *action);

/* Makes the file systems that VIEW asks for in the calling process' own mount namespace and moves
 * into them; the process must be the first of its PID namespace. */
void lodge_sandbox_mount (LodgeSandboxView *view);

/* Gives up every capability that installing packages does not need, for good. */
void lodge_sandbox_drop_capabilities (void);
/* In this process and its children, fsync(2) and its kin succeed without doing anything, and there
 * are neither sockets of AF_VSOCK, nor io_uring, keyrings, bpf(2), userfaultfd(2), user namespaces
 * to make, nor system calls of another architecture. */
void lodge_sandbox_filter_system_calls (void);
