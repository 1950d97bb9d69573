/* What a program in the sandbox cannot do: privileges, also by namespaces of its own, waiting for
 * the disk, and sockets and keys that no namespace holds. Copyright (C) 2026 The Lodge developers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/sandbox-private.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

/* What a caller has made inheritable, a program of uid 0 gets past the bounding set
 * (capabilities(7)): P'(permitted) = P(inheritable) | P(bounding). */
static void
drop_inheritable (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

  if (syscall (SYS_capget, &header, data) != 0)
    lodge_sandbox_die_errno ("cannot ask for the own capabilities");
  for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
    data[i].inheritable = 0;
  if (syscall (SYS_capset, &header, data) != 0 || syscall (SYS_capget, &header, data) != 0)
    lodge_sandbox_die_errno ("cannot give up inheritable capabilities");
  for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
    if (data[i].inheritable != 0)
      lodge_sandbox_die ("inheritable capabilities are left");
}

void
lodge_sandbox_drop_capabilities (void)
{
  drop_inheritable ();
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
#else
#  error "name this architecture's AUDIT_ARCH_ constant here"
#endif

/* System calls of the x32 ABI come as AUDIT_ARCH_X86_64 with this bit set (<asm/unistd.h>). */
#define X32 0x40000000

/* In a BPF program: when the loaded word is NUMBER, fail with ERRNUM; 0 is success without doing
 * anything. */
#define ANSWER(number, errnum)                                                                     \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                            \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errnum))
#define SUCCEED(number) ANSWER (number, 0)
/* When the loaded word is NUMBER, fail with EPERM if the flags in its argument INDEX want a user
 * namespace.  They are in the lower half. */
#define REFUSE_USER_NAMESPACE(number, index)                                                       \
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 4),                                            \
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[index])),            \
      BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1),                                  \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),                                       \
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

void
lodge_sandbox_filter_system_calls (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, arch)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    /* Another architecture has other numbers, and socketcall(2), whose arguments a filter cannot
     * see: no way around what follows. */
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    SUCCEED (SYS_fsync),
    SUCCEED (SYS_fdatasync),
    SUCCEED (SYS_sync),
    SUCCEED (SYS_syncfs),
    SUCCEED (SYS_sync_file_range),
    SUCCEED (SYS_msync),
    ANSWER (SYS_io_uring_setup, ENOSYS), /* it makes sockets past this filter */
    /* Keys are the caller's whatever namespace asks; the other two are much of the kernel for no
     * scriptlet's use. */
    ANSWER (SYS_keyctl, ENOSYS),
    ANSWER (SYS_add_key, ENOSYS),
    ANSWER (SYS_request_key, ENOSYS),
    ANSWER (SYS_bpf, ENOSYS),
    ANSWER (SYS_userfaultfd, ENOSYS),
    /* In a user namespace of its own a program has every capability.  clone3(2) has its flags in
     * memory, where a filter cannot see them: the C library falls back to clone(2). */
    REFUSE_USER_NAMESPACE (SYS_unshare, 0),
    REFUSE_USER_NAMESPACE (SYS_clone, 0),
    ANSWER (SYS_clone3, ENOSYS),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    /* The family is an int: the lower half of the first argument on these little-endian machines.
     * A network namespace does not hold AF_VSOCK: it leads to the hypervisor's host, or to a guest
     * (vsock(7)). */
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
    ANSWER (AF_VSOCK, EAFNOSUPPORT),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = sizeof filter / sizeof *filter, .filter = filter };

  /* SPEC_ALLOW: kernels before 5.16 otherwise slow down every program under a filter. */
  if (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) != 0)
    lodge_sandbox_die_errno ("cannot install the filter of system calls (does the kernel have "
                             "CONFIG_SECCOMP_FILTER?)");
}
