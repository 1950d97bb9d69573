/* The libguestfs appliance: launched in a thread, watched, and killed when it must be.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libguestfs itself waits 20 minutes for an appliance that hangs, and while guestfs_launch() runs
 * the handle answers no other thread, guestfs_get_pid() included.  So QEMU is told to write its
 * process id to a file, and a watchdog kills that process; guestfs_launch() then returns.
 */
#include "builder/appliance.h"
#include "builder/interrupt.h"
#include "builder/kvm.h"
#include "builder/remove.h"
#include "common/error.h"
#include "common/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum
{
  /* A launch under a good KVM takes 2 to 5 s, in emulation 9 s on an idle machine.  The first
   * launch of a user also makes libguestfs' appliance (some 10 s).  These are bounds, not
   * expectations. */
  KVM_LAUNCH_SECONDS = 60,
  EMULATION_LAUNCH_SECONDS = 300,
  POLL_MILLISECONDS = 50, /* between two looks for QEMU's process id, once it shall be killed */
};

struct _LodgeAppliance
{
  char *image;
  char *format;
  LodgeApplianceAccess access;
  char *directory;         /* private, for libguestfs' files and QEMU's process id, or NULL */
  LodgeProgress *progress; /* not owned, or NULL */
  GThread *launcher;       /* NULL when joined */
  guestfs_h *g;            /* the launcher's until it is joined */
  GError *failure;         /* the same */
  GCancellable *cancellable;
  gulong cancel_handler;

  GMutex mutex; /* for what follows */
  GCond changed;
  char *pid_file; /* while a launch is on */
  int emulator;   /* QEMU once it is up, as of pidfd_open(2): never another process; else -1 */
  gboolean stop;  /* it shall end */
};

/* One guestfs_launch() under watch. */
typedef struct
{
  LodgeAppliance *appliance;
  guint seconds;
  gboolean ended; /* under appliance->mutex, as the rest of this */
  gboolean late;
} Launch;

/* Whether PID is our own child: process ids are used again. */
static gboolean
is_our_child (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int)pid);
  g_autofree char *stat = lodge_file_read (path, 4096, NULL, NULL);
  const char *fields = stat != NULL ? strrchr (stat, ')') : NULL; /* a name may hold spaces */
  int parent;

  return fields != NULL && sscanf (fields, ") %*c %d", &parent) == 1 && parent == getpid ();
}

/* Kills QEMU if its process id is known by now.  With the mutex held. */
static void
kill_emulator (LodgeAppliance *appliance)
{
  g_autofree char *text = NULL;
  pid_t pid;

  if (appliance->emulator != -1)
    {
      /* Fails when it has ended already. */
      syscall (SYS_pidfd_send_signal, appliance->emulator, SIGKILL, NULL, 0);
      return;
    }
  if (appliance->pid_file == NULL)
    return;
  text = lodge_file_read (appliance->pid_file, 64, NULL, NULL);
  pid = text != NULL ? atoi (text) : 0;
  if (pid > 1 && is_our_child (pid))
    kill (pid, SIGKILL);
}

/* The watchdog's thread: nothing until the launch is late or shall stop, then kills QEMU as soon as
 * there is one. */
static gpointer
watch (gpointer data)
{
  Launch *launch = data;
  LodgeAppliance *appliance = launch->appliance;
  gint64 deadline = g_get_monotonic_time () + launch->seconds * G_TIME_SPAN_SECOND;

  g_mutex_lock (&appliance->mutex);
  while (!launch->ended && !launch->late && !appliance->stop)
    launch->late = !g_cond_wait_until (&appliance->changed, &appliance->mutex, deadline)
                   && !launch->ended && !appliance->stop;
  while (!launch->ended)
    {
      kill_emulator (appliance);
      g_cond_wait_until (&appliance->changed, &appliance->mutex,
                         g_get_monotonic_time () + POLL_MILLISECONDS * G_TIME_SPAN_MILLISECOND);
    }
  g_mutex_unlock (&appliance->mutex);
  return NULL;
}

/* Errors are returned; libguestfs prints them too unless it is told, in each thread anew, not to.
 */
static void
be_quiet (guestfs_h *g)
{
  guestfs_set_error_handler (g, NULL, NULL);
}

/* Whether the user's environment asks for the backend setting NAME. */
static gboolean
is_set_by_user (guestfs_h *g, const char *name)
{
  g_autofree char *value = guestfs_get_backend_setting (g, name);

  return value != NULL;
}

/* Where a file lies on the disk must not depend on time or load: nothing is written, and so no
 * block chosen, before somebody asks for it.  Kernel parameters "sysctl.", since Linux 5.8;
 * vm.dirty_*: Documentation/admin-guide/sysctl/vm.rst.  The shares are of memory, in percent. */
#define WRITE_WHEN_ASKED                                                                           \
  "sysctl.vm.dirty_writeback_centisecs=0 sysctl.vm.dirty_background_ratio=80 "                     \
  "sysctl.vm.dirty_ratio=90"

/* QEMU translates code for the address that it runs at: a program that every process has at the
 * same one is translated once.  Measured: up in 6.3 s instead of 6.6 to 8.0.  Our own image attacks
 * nobody; one that only gets looked at may be a stranger's. */
#define ALWAYS_THE_SAME_ADDRESSES " nokaslr norandmaps"

static gboolean
set_kernel_parameters (const LodgeAppliance *appliance, guestfs_h *g, gboolean emulate)
{
  const char *user = guestfs_get_append (g); /* LIBGUESTFS_APPEND */
  gboolean same = emulate && appliance->access == LODGE_APPLIANCE_READ_WRITE;
  g_autofree char *parameters = g_strconcat (
      WRITE_WHEN_ASKED, same ? ALWAYS_THE_SAME_ADDRESSES : "", user != NULL ? " " : "", user, NULL);

  return guestfs_set_append (g, parameters) == 0;
}

static gboolean
configure (LodgeAppliance *appliance, guestfs_h *g, gboolean emulate, const char *pid_file,
           GError **error)
{
  gboolean direct;
  g_autofree char *backend = NULL;

  /* The libvirt backend, EL's default, needs a running daemon and more rights than an ordinary user
   * has; without it there is one process that we know how to end. */
  if (g_getenv ("LIBGUESTFS_BACKEND") == NULL && guestfs_set_backend (g, "direct") != 0)
    return lodge_guestfs_error (g, error, "set up the appliance");
  backend = guestfs_get_backend (g);
  direct = g_strcmp0 (backend, "direct") == 0;
  if (guestfs_set_tmpdir (g, appliance->directory) != 0
      || (emulate && guestfs_set_backend_setting (g, "force_tcg", "1") != 0)
      || !set_kernel_parameters (appliance, g, emulate)
      /* Ctrl-C in the terminal is ours to act on: QEMU shall not die under a call that cleans up.
       */
      || guestfs_set_pgroup (g, 1) != 0 || (direct && guestfs_config (g, "-pidfile", pid_file) != 0)
      || guestfs_add_drive_opts (g, appliance->image, GUESTFS_ADD_DRIVE_OPTS_FORMAT,
                                 appliance->format, GUESTFS_ADD_DRIVE_OPTS_READONLY,
                                 appliance->access == LODGE_APPLIANCE_READ_ONLY,
                                 GUESTFS_ADD_DRIVE_OPTS_CACHEMODE, "unsafe",
                                 GUESTFS_ADD_DRIVE_OPTS_LABEL, LODGE_APPLIANCE_DISK_LABEL, -1)
             != 0)
    return lodge_guestfs_error (g, error, "set up the appliance on %s", appliance->image);
  return TRUE;
}

/* guestfs_launch() with the watchdog beside it. */
static gboolean
launch_watched (LodgeAppliance *appliance, guestfs_h *g, const char *pid_file, guint seconds,
                GError **error)
{
  Launch launch = { .appliance = appliance, .seconds = seconds };
  GThread *watchdog;
  pid_t pid;
  int result;

  g_mutex_lock (&appliance->mutex);
  appliance->pid_file = g_strdup (pid_file);
  g_mutex_unlock (&appliance->mutex);
  watchdog = g_thread_new ("appliance-watchdog", watch, &launch);
  result = guestfs_launch (g);
  g_mutex_lock (&appliance->mutex);
  launch.ended = TRUE;
  g_clear_pointer (&appliance->pid_file, g_free);
  /* The libvirt backend does not tell. */
  if (result == 0 && (pid = guestfs_get_pid (g)) > 0)
    appliance->emulator = (int)syscall (SYS_pidfd_open, pid, 0);
  g_cond_broadcast (&appliance->changed);
  g_mutex_unlock (&appliance->mutex);
  g_thread_join (watchdog);

  if (result == 0)
    return TRUE;
  if (launch.late)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "the libguestfs appliance did not start within %u seconds; "
                            "libguestfs-test-tool shows why",
                            seconds);
  lodge_guestfs_error (g, error, "start the libguestfs appliance");
  return FALSE;
}

/* One attempt; the handle when the appliance is up. */
static guestfs_h *
launch (LodgeAppliance *appliance, gboolean emulate, guint seconds, GError **error)
{
  g_autoptr (guestfs_h) g = guestfs_create ();
  g_autofree char *pid_file = NULL;
  gboolean up;

  if (g == NULL)
    {
      lodge_error_set_errno (error, errno, "create a libguestfs handle");
      return NULL;
    }
  be_quiet (g);
  pid_file = g_build_filename (appliance->directory, "qemu.pid", NULL);
  up = configure (appliance, g, emulate, pid_file, error)
       && launch_watched (appliance, g, pid_file, seconds, error);
  g_unlink (pid_file);
  return up ? g_steal_pointer (&g) : NULL;
}

static void
note (LodgeAppliance *appliance, const char *text)
{
  if (appliance->progress != NULL)
    lodge_progress_note (appliance->progress, "%s", text);
}

static gboolean
shall_stop (LodgeAppliance *appliance)
{
  gboolean stop;

  g_mutex_lock (&appliance->mutex);
  stop = appliance->stop;
  g_mutex_unlock (&appliance->mutex);
  return stop;
}

/* Why KVM is not to be used, or NULL. */
static char *
find_reason_to_emulate (void)
{
  g_autoptr (guestfs_h) g = guestfs_create (); /* it has parsed the environment */
  char *reason = NULL;

  if (g != NULL)
    {
      be_quiet (g);
      if (is_set_by_user (g, "force_tcg"))
        return g_strdup ("LIBGUESTFS_BACKEND_SETTINGS says so");
      if (is_set_by_user (g, "force_kvm"))
        return NULL;
    }
  lodge_kvm_usable (&reason);
  return reason;
}

/* The launcher's thread. */
static gpointer
run_launch (gpointer data)
{
  LodgeAppliance *appliance = data;
  g_autofree char *reason = find_reason_to_emulate ();
  g_autofree char *text = NULL;

  if (reason == NULL)
    {
      appliance->g = launch (appliance, FALSE, KVM_LAUNCH_SECONDS, &appliance->failure);
      if (appliance->g != NULL || shall_stop (appliance))
        {
          if (appliance->g != NULL)
            note (appliance, "libguestfs works under KVM");
          return NULL;
        }
      reason = g_strdup (appliance->failure->message);
      g_clear_error (&appliance->failure);
    }
  text = g_strdup_printf ("KVM is not used (%s): libguestfs works in emulation, which is slower",
                          reason);
  note (appliance, text);
  if (!shall_stop (appliance))
    appliance->g = launch (appliance, TRUE, EMULATION_LAUNCH_SECONDS, &appliance->failure);
  return NULL;
}

/* Ends a launch that is on, too. */
void
lodge_appliance_kill (LodgeAppliance *appliance)
{
  g_mutex_lock (&appliance->mutex);
  appliance->stop = TRUE;
  kill_emulator (appliance);
  g_cond_broadcast (&appliance->changed);
  g_mutex_unlock (&appliance->mutex);
}

static gboolean
make_directory (LodgeAppliance *appliance, const char *parent, GError **error)
{
  char *path = g_build_filename (parent != NULL ? parent : g_get_tmp_dir (), "lodge-XXXXXX", NULL);

  /* 0755: libvirt, if the user wants that backend, runs QEMU as another user. */
  if (g_mkdtemp_full (path, 0755) == NULL)
    {
      lodge_error_set_errno (error, errno, "make the directory %s", path);
      g_free (path);
      return FALSE;
    }
  appliance->directory = path;
  lodge_interrupt_clean (appliance->cancellable, path);
  return TRUE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  (void)cancellable;
  lodge_appliance_kill (data);
}

LodgeAppliance *
lodge_appliance_start (const char *image, const char *format, LodgeApplianceAccess access,
                       const char *directory, LodgeProgress *progress, GCancellable *cancellable)
{
  LodgeAppliance *appliance = g_new0 (LodgeAppliance, 1);

  appliance->image = g_strdup (image);
  appliance->format = g_strdup (format);
  appliance->access = access;
  appliance->emulator = -1;
  appliance->progress = progress;
  appliance->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_mutex_init (&appliance->mutex);
  g_cond_init (&appliance->changed);
  lodge_interrupt_hold (appliance->cancellable);
  if (!make_directory (appliance, directory, &appliance->failure))
    return appliance;
  appliance->launcher = g_thread_new ("appliance", run_launch, appliance);
  if (cancellable != NULL)
    appliance->cancel_handler
        = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), appliance, NULL);
  return appliance;
}

guestfs_h *
lodge_appliance_wait (LodgeAppliance *appliance, GError **error)
{
  if (appliance->launcher != NULL)
    g_thread_join (g_steal_pointer (&appliance->launcher));
  if (g_cancellable_set_error_if_cancelled (appliance->cancellable, error))
    return NULL;
  if (appliance->g != NULL)
    be_quiet (appliance->g);
  else
    g_propagate_error (error, appliance->failure != NULL
                                  ? g_error_copy (appliance->failure)
                                  : g_error_new_literal (LODGE_ERROR, LODGE_ERROR_FAILED,
                                                         "the libguestfs appliance was stopped"));
  return appliance->g;
}

gboolean
lodge_appliance_shutdown (LodgeAppliance *appliance, GError **error)
{
  if (guestfs_shutdown (appliance->g) != 0)
    return lodge_guestfs_error (appliance->g, error, "shut the libguestfs appliance down");
  return TRUE;
}

void
lodge_appliance_free (LodgeAppliance *appliance)
{
  if (appliance == NULL)
    return;
  if (appliance->cancel_handler != 0)
    g_cancellable_disconnect (appliance->cancellable, appliance->cancel_handler);
  if (appliance->launcher != NULL)
    {
      lodge_appliance_kill (appliance); /* it is not up yet, or nobody asked */
      g_thread_join (appliance->launcher);
    }
  if (appliance->g != NULL)
    {
      be_quiet (appliance->g);
      guestfs_set_autosync (appliance->g, 0); /* what is half done need not be on the disk */
      guestfs_close (appliance->g);
    }
  /* What cannot be removed is the second signal's, or stays: there is nobody to tell. */
  if (appliance->directory != NULL && lodge_remove_tree (appliance->directory, NULL))
    lodge_interrupt_keep (appliance->cancellable, appliance->directory);
  lodge_interrupt_release (appliance->cancellable);
  g_clear_object (&appliance->cancellable);
  g_clear_error (&appliance->failure);
  g_free (appliance->image);
  g_free (appliance->format);
  g_free (appliance->directory);
  g_free (appliance->pid_file);
  if (appliance->emulator != -1)
    close (appliance->emulator);
  g_mutex_clear (&appliance->mutex);
  g_cond_clear (&appliance->changed);
  g_free (appliance);
}
