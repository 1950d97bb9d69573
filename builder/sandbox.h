/* The sandbox: a program in its own user, mount, PID, IPC, UTS and network namespaces.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The namespaces are made by the single-threaded helper lodge-sandbox (sandbox-main.c;
 * `lodge-sandbox --help` says what a program finds inside): the caller's whole uid range from
 * /etc/subuid and /etc/subgid through newuidmap(1)/newgidmap(1) when it is not root; as root the
 * user namespace is left out.  The helper's init is process 1: when the helper dies (also by
 * SIGKILL of lodge, prctl PR_SET_PDEATHSIG), the kernel kills everything inside and every mount is
 * gone.  fsync(2) and its kin do nothing inside: who keeps a result syncs it.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *helper;    /* path of lodge-sandbox */
  const char *root;      /* directory that becomes /, or NULL: the machine's own / */
  GPtrArray *binds;      /* of "SOURCE:TARGET" or "SOURCE:TARGET:ro" char* (TARGET inside, made when
                            missing), or NULL */
  const char *directory; /* working directory inside, or NULL: / */
  const char *const *environment; /* whole environment, or NULL: a minimal one */
  gboolean tree; /* `root` is a tree being made: /proc, an empty /sys, a small /dev, empty /run and
                    /tmp */
  const char *nested; /* a tree being made by a program outside it, with the same mounts in it;
                         `root` is NULL then */
  gboolean network; /* the caller's network is left: for what downloads, never for what installs */
} LodgeSandbox;

/* The environment that programs get when `environment` is NULL. */
const char *const *lodge_sandbox_environment (void);

/* Runs ARGV inside and waits.  Each line of its standard output and error goes to LINE (may be
 * NULL) as it comes. ERROR has the program's last words (see lodge_run()).  When CANCELLABLE is
 * triggered, everything inside has ended before this returns.  May be called from any thread. */
gboolean lodge_sandbox_run (const LodgeSandbox *sandbox, const char *const *argv,
                            void (*line) (const char *text, gpointer data), gpointer data,
                            GCancellable *cancellable, GError **error);

/* Removes PATH with all below it, whoever of the uid range owns it; a PATH that does not exist is
 * fine. */
gboolean lodge_sandbox_remove (const char *helper, const char *path, GError **error);

/* Whether a sandbox can be made here; the error says what is missing and the mend (no uid range,
 * newuidmap not installed, user namespaces forbidden …). */
gboolean lodge_sandbox_check (const char *helper, GError **error);
