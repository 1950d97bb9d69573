/* The only process of the proof guest: says one line on its console and powers the guest off.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linked statically, as nothing else is in its initramfs.  The line is read by proof-guest.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#if defined(__x86_64__) || defined(__i386__)
#  include <cpuid.h>
#endif

/* What the processor says it is emulated by ("KVMKVMKVM", "TCGTCGTCGTCG"; CPUID leaf 0x40000000):
 * from inside, where nobody can be mistaken about it. */
static void
find_hypervisor (char name[13])
{
  strcpy (name, "none");
#if defined(__x86_64__) || defined(__i386__)
  unsigned a, b, c, d;

  __cpuid (1, a, b, c, d);
  if ((c & 1U << 31) == 0) /* "hypervisor present" */
    return;
  __cpuid (0x40000000, a, b, c, d);
  memcpy (name, &b, 4);
  memcpy (name + 4, &c, 4);
  memcpy (name + 8, &d, 4);
  name[12] = '\0';
#endif
}

/* The serial line itself: the kernel opens /dev/console for the first process only when the
 * initramfs has the node. */
static int
open_console (void)
{
  int fd = open ("/dev/console", O_WRONLY | O_NOCTTY);

  if (fd < 0 && mknod ("/ttyS0", S_IFCHR | 0600, makedev (4, 64)) == 0)
    fd = open ("/ttyS0", O_WRONLY | O_NOCTTY);
  return fd >= 0 ? fd : STDOUT_FILENO;
}

int
main (void)
{
  char hypervisor[13];
  struct utsname system;
  int console;

  /* Run by hand on a host it must not switch that off. */
  if (getpid () != 1)
    {
      fputs ("lodge-proof-init is the first process of the proof guest and nothing else\n", stderr);
      return 2;
    }
  find_hypervisor (hypervisor);
  if (uname (&system) < 0)
    strcpy (system.release, "unknown");
  console = open_console ();
  dprintf (console, "\nlodge-proof: guest is alive, hypervisor %s, Linux %s\n", hypervisor,
           system.release);
  tcdrain (console); /* powering off does not wait for what the serial line has not sent yet */
  sync ();
  reboot (RB_POWER_OFF);
  /* There was no way to power off: a first process that ends makes the kernel panic, which the
   * guest's definition turns into its end. */
  return 1;
}
