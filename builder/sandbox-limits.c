/* What a program in the sandbox cannot do: privileges, and waiting for the disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sandbox-private.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Owners, modes, links of any user, file capabilities, chroot(2) for ldconfig -r.  Not among them:
 * CAP_MKNOD and CAP_SYS_ADMIN, so that a scriptlet run by real root has no way to a device of the
 * machine, and finds the same as in an ordinary user's sandbox. */
static const int kept[]
    = { CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,     CAP_KILL,       CAP_SETGID,
        CAP_SETUID, CAP_SETPCAP,      CAP_SETFCAP, CAP_SYS_CHROOT, CAP_AUDIT_WRITE };

static bool
is_kept (int capability)
{
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (kept[i] == capability)
      return true;
  return false;
}

void
lodge_sandbox_drop_capabilities (void)
{
  /* The bounding set is what a program of uid 0 gets when it is executed. */
  for (int capability = 0; prctl (PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (!is_kept (capability) && prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
      lodge_sandbox_die_errno ("cannot give up capability %d", capability);
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    lodge_sandbox_die_errno ("cannot give up ambient capabilities");
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    lodge_sandbox_die_errno ("cannot forbid new privileges");
}

#if defined(__x86_64__)
#  define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#  define NATIVE AUDIT_ARCH_AARCH64
#endif

/* In a BPF program: when the loaded word is NUMBER, return 0 to the caller without doing it. */
#define SUCCEED(number)                                                                            \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                            \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0)

void
lodge_sandbox_ignore_sync (void)
{
#ifdef NATIVE
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    SUCCEED (SYS_fsync),
    SUCCEED (SYS_fdatasync),
    SUCCEED (SYS_sync),
    SUCCEED (SYS_syncfs),
    SUCCEED (SYS_sync_file_range),
    SUCCEED (SYS_msync),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };

  /* SPEC_ALLOW: kernels before 5.16 otherwise slow down every program under a filter.  A kernel
   * without seccomp is merely slower, and so is an architecture that is not listed. */
  if (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) != 0
      && errno != ENOSYS && errno != EINVAL)
    lodge_sandbox_die_errno ("cannot install the filter of system calls");
#endif
}
