/* Whether KVM works on the build machine.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/kvm.h"
#include "builder/qemu.h"
#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum
{
  /* The firmware and our boot sector need 0.1 s in emulation, and no longer under a healthy KVM.  A
   * KVM that is slower than emulation (a nested one without nested paging took 3.8 s) is of no use.
   */
  TIMEOUT_SECONDS = 3,
  /* What the guest writes to the isa-debug-exit device at port 0xf4, and what QEMU makes its exit
   * status of that: (value << 1) | 1 (hw/misc/debugexit.c). */
  GUEST_VALUE = 0x2a,
  GUEST_STATUS = GUEST_VALUE << 1 | 1,
  DISK_SIZE = 1024 * 1024, /* SeaBIOS does not boot from a disk of one sector */
  SECTOR_SIZE = 512,
};

/* The guest's disk, in memory: a boot sector.  -1 with errno set when it cannot be made. */
static int
make_guest_disk (void)
{
  static const guint8 program[] = {
    0xb0, GUEST_VALUE,       /* mov $GUEST_VALUE, %al */
    0xba, 0xf4,        0x00, /* mov $0xf4, %dx */
    0xee,                    /* out %al, %dx */
    0xf4,                    /* hlt */
    0xeb, 0xfd,              /* jmp to the hlt */
  };
  guint8 sector[SECTOR_SIZE] = { 0 };
  int fd = memfd_create ("lodge-kvm-guest", MFD_CLOEXEC);
  int saved;

  if (fd < 0)
    return -1;
  memcpy (sector, program, sizeof program);
  sector[SECTOR_SIZE - 2] = 0x55;
  sector[SECTOR_SIZE - 1] = 0xaa;
  if (ftruncate (fd, DISK_SIZE) == 0 && pwrite (fd, sector, sizeof sector, 0) == sizeof sector)
    return fd;
  saved = errno;
  close (fd);
  errno = saved;
  return -1;
}

typedef struct
{
  GSubprocess *process;
  GMutex mutex;
  GCond ended_or_late;
  gboolean ended;
  gboolean killed;
} Watchdog;

/* Kills the guest when it has not ended in time.  A thread and not a main loop: nobody here runs
 * one. */
static gpointer
watch (gpointer data)
{
  Watchdog *watchdog = data;
  gint64 deadline = g_get_monotonic_time () + TIMEOUT_SECONDS * G_TIME_SPAN_SECOND;

  g_mutex_lock (&watchdog->mutex);
  while (!watchdog->ended && !watchdog->killed)
    if (!g_cond_wait_until (&watchdog->ended_or_late, &watchdog->mutex, deadline))
      {
        watchdog->killed = TRUE;
        g_subprocess_force_exit (watchdog->process);
      }
  g_mutex_unlock (&watchdog->mutex);
  return NULL;
}

/* Waits for PROCESS within the bound.  Returns NULL when the guest's own exit status came back,
 * else what happened. */
static char *
wait_for_guest (GSubprocess *process)
{
  Watchdog watchdog = { .process = process };
  g_autoptr (GBytes) messages = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;
  GThread *thread;
  gsize length;
  const char *data;
  const char *words;

  g_mutex_init (&watchdog.mutex);
  g_cond_init (&watchdog.ended_or_late);
  thread = g_thread_new ("kvm-watchdog", watch, &watchdog);
  g_subprocess_communicate (process, NULL, NULL, NULL, &messages, &failure);
  g_mutex_lock (&watchdog.mutex);
  watchdog.ended = TRUE;
  g_cond_signal (&watchdog.ended_or_late);
  g_mutex_unlock (&watchdog.mutex);
  g_thread_join (thread);
  g_mutex_clear (&watchdog.mutex);
  g_cond_clear (&watchdog.ended_or_late);

  if (failure != NULL)
    return g_strdup (failure->message);
  if (watchdog.killed)
    return g_strdup_printf ("a test guest did not run within %d seconds", TIMEOUT_SECONDS);
  if (g_subprocess_get_if_exited (process)
      && g_subprocess_get_exit_status (process) == GUEST_STATUS)
    return NULL;
  data = g_bytes_get_data (messages, &length);
  text = g_strndup (data != NULL ? data : "", length);
  /* The first line is the cause ("qemu-system-x86_64: error: failed to set MSR ..."); an assertion
   * or a usage hint may follow it. */
  text[strcspn (text, "\n")] = '\0';
  words = strstr (text, ": ") != NULL ? strstr (text, ": ") + 2 : text;
  if (g_str_has_prefix (words, "error: "))
    words += strlen ("error: ");
  return *words == '\0' ? g_strdup ("QEMU ended without running a test guest")
                        : g_strdup_printf ("QEMU: %s", words);
}

/* Between fork and exec, where only system calls are safe.  The guest does not outlive us (the
 * thread that forks waits for it), and Ctrl-C in the terminal does not reach it: it would look like
 * a KVM that does not work. */
static void
prepare_child (gpointer data)
{
  pid_t parent = (pid_t)GPOINTER_TO_INT (data);
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  setsid ();
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent) /* it ended before prctl() */
    _exit (127);
}

/* NULL when a guest ran under KVM, else why not. */
static char *
run_guest (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *emulator = lodge_qemu_find_emulator (&error);
  int disk;

  if (emulator == NULL)
    return g_strdup (error->message);
  disk = make_guest_disk ();
  if (disk < 0)
    return g_strdup_printf ("no room for a test guest: %s", g_strerror (errno));
  g_subprocess_launcher_take_fd (launcher, disk, 3);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER ((int)getpid ()),
                                         NULL);
  /* The processor model that `lodge boot` and libguestfs ask for: it is what QEMU may fail to set
   * up. */
  process = g_subprocess_launcher_spawn (
      launcher, &error, emulator, "-nodefaults", "-no-user-config", "-machine", "q35", "-accel",
      "kvm", "-cpu", "host", "-m", "32", "-display", "none", "-no-reboot", "-device",
      "isa-debug-exit,iobase=0xf4,iosize=4", "-drive", "file=/proc/self/fd/3,format=raw,if=ide",
      NULL);
  if (process == NULL)
    return g_strdup (error->message);
  return wait_for_guest (process);
}

static char *
find_reason (void)
{
  int fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);

  if (fd >= 0)
    {
      close (fd);
      return run_guest ();
    }
  switch (errno)
    {
    case ENOENT:
      return g_strdup ("/dev/kvm does not exist");
    case EACCES:
    case EPERM:
      return g_strdup ("/dev/kvm may not be opened by this user; join the group kvm");
    default:
      return g_strdup_printf ("/dev/kvm: %s", g_strerror (errno));
    }
}

gboolean
lodge_kvm_usable (char **reason)
{
  static char *found; /* as long as the process lives */
  static gsize asked;

  if (g_once_init_enter (&asked))
    {
      found = find_reason ();
      g_once_init_leave (&asked, 1);
    }
  if (reason != NULL)
    *reason = g_strdup (found);
  return found == NULL;
}
