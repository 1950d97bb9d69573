/* A VM is made through /dev/kvm and runs one instruction.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The interface: the kernel's Documentation/virt/kvm/api.rst.
 */
#include "firstboot/kvm-trial.h"
#include "common/probe-files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERFACE_VERSION 12 /* "12 since Linux 2.6.22", the only one there is */
#define TIME_LIMIT_MS 5000
#define PAGE 4096
#define GUEST_ADDRESS 0x1000

#if defined(__x86_64__)
/* Puts VCPU before a halt instruction in real mode, where a processor needs no tables. */
static gboolean
place_instruction (int vcpu, unsigned char *memory)
{
  struct kvm_sregs special;
  struct kvm_regs registers = { .rip = GUEST_ADDRESS, .rflags = 2 };

  memory[0] = 0xf4; /* hlt */
  if (ioctl (vcpu, KVM_GET_SREGS, &special) != 0)
    return FALSE;
  special.cs.base = 0;
  special.cs.selector = 0;
  return ioctl (vcpu, KVM_SET_SREGS, &special) == 0 && ioctl (vcpu, KVM_SET_REGS, &registers) == 0;
}
#else
static gboolean
place_instruction (int vcpu, unsigned char *memory)
{
  (void)vcpu, (void)memory;
  errno = ENOSYS;
  return FALSE;
}
#endif

/* The trial itself.  Runs in a forked child of a process that may have threads: system calls only.
 */
static void
try_in_child (LodgeKvmTrial *trial)
{
  struct kvm_userspace_memory_region region
      = { .guest_phys_addr = GUEST_ADDRESS, .memory_size = PAGE };
  struct kvm_run *run;
  void *memory;
  int kvm, vm, vcpu, size;

  kvm = open ("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (kvm < 0)
    return;

  trial->stage = LODGE_KVM_INTERFACE;
  trial->interface = ioctl (kvm, KVM_GET_API_VERSION, 0);
  if (trial->interface != INTERFACE_VERSION)
    return;

  trial->stage = LODGE_KVM_CREATE;
  vm = ioctl (kvm, KVM_CREATE_VM, 0);
  if (vm < 0)
    return;
  memory = mmap (NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return;
  region.userspace_addr = (guint64)(gsize)memory;
  if (ioctl (vm, KVM_SET_USER_MEMORY_REGION, &region) != 0)
    return;
  vcpu = ioctl (vm, KVM_CREATE_VCPU, 0);
  if (vcpu < 0 || !place_instruction (vcpu, memory))
    return;
  size = ioctl (kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  if (size < (int)sizeof *run)
    return;
  run = mmap (NULL, (gsize)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  if (run == MAP_FAILED)
    return;

  trial->stage = LODGE_KVM_RUN;
  if (ioctl (vcpu, KVM_RUN, 0) != 0)
    return;
  trial->exit_reason = run->exit_reason;
  errno = 0;
  if (run->exit_reason == KVM_EXIT_HLT)
    trial->stage = LODGE_KVM_WORKS;
}

/* Waits for CHILD's answer on FD; a child that gives none in time is killed. */
static void
wait_for_child (pid_t child, int fd, LodgeKvmTrial *trial)
{
  struct pollfd answer = { .fd = fd, .events = POLLIN };
  LodgeKvmTrial got;
  gint64 deadline = g_get_monotonic_time () + TIME_LIMIT_MS * 1000;
  gint64 left;
  int ready;

  do
    {
      left = MAX (0, (deadline - g_get_monotonic_time ()) / 1000);
      ready = poll (&answer, 1, (int)left);
    }
  while (ready < 0 && errno == EINTR);

  if (ready > 0 && TEMP_FAILURE_RETRY (read (fd, &got, sizeof got)) == (gssize)sizeof got)
    *trial = got;
  else
    {
      /* Where it hung is not known, but that it opened the device is: only KVM itself can hang. */
      trial->stage = LODGE_KVM_RUN;
      trial->timed_out = ready == 0;
      trial->errnum = 0;
      kill (child, SIGKILL);
    }
  /* A child stuck inside the kernel cannot be reaped; waiting for it would hang us too.  It hangs
   * up the pipe when it has ended. */
  answer.events = 0;
  if (TEMP_FAILURE_RETRY (poll (&answer, 1, 1000)) > 0)
    (void)TEMP_FAILURE_RETRY (waitpid (child, NULL, 0));
}

static void
try_here (LodgeKvmTrial *trial)
{
  int ends[2];
  pid_t child;

  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      trial->errnum = errno;
      return;
    }
  child = fork ();
  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      errno = 0;
      try_in_child (trial);
      trial->errnum = errno;
      /* One write below PIPE_BUF is whole or not at all. */
      _exit (write (ends[1], trial, sizeof *trial) == (gssize)sizeof *trial ? 0 : 1);
    }
  close (ends[1]);
  if (child < 0)
    trial->errnum = errno;
  else
    wait_for_child (child, ends[0], trial);
  close (ends[0]);
}

static const struct
{
  const char *name;
  LodgeKvmStage stage;
} stage_names[] = {
  { "open", LODGE_KVM_OPEN }, { "interface", LODGE_KVM_INTERFACE }, { "create", LODGE_KVM_CREATE },
  { "run", LODGE_KVM_RUN },   { "works", LODGE_KVM_WORKS },
};

static void
read_captured (const LodgeProbe *probe, LodgeKvmTrial *trial)
{
  g_autofree char *stage = lodge_capture_value (probe, "kvm", "stage");
  g_autofree char *errnum = lodge_capture_value (probe, "kvm", "errno");
  g_autofree char *interface = lodge_capture_value (probe, "kvm", "interface");

  trial->stage = LODGE_KVM_UNKNOWN;
  for (gsize i = 0; i < G_N_ELEMENTS (stage_names); i++)
    if (g_strcmp0 (stage, stage_names[i].name) == 0)
      trial->stage = stage_names[i].stage;
  if (errnum != NULL)
    trial->errnum = (int)g_ascii_strtoll (errnum, NULL, 10);
  if (interface != NULL)
    trial->interface = (int)g_ascii_strtoll (interface, NULL, 10);
}

void
lodge_kvm_try (const LodgeProbe *probe, LodgeKvmTrial *trial)
{
  memset (trial, 0, sizeof *trial);
  trial->interface = -1;
  if (lodge_probe_is_captured (probe))
    read_captured (probe, trial);
  else
    try_here (trial);
}
