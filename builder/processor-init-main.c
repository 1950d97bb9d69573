/* The first program of an initramfs whose release needs more than the first level of x86-64: on a
 * processor that lacks something it says so and waits, else it becomes the initramfs's own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Without it such a machine ends with the kernel's panic, "Attempted to kill init": the release's C
 * library refuses to start any program.  So there is no library in this one and it is compiled for
 * the first level, whatever the compiler's own default is; root-processor.c puts it into place.
 */
#include <cpuid.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "builder/processor-missing.h"

#define NEXT "/init.next"
/* "LEVEL NAME": the level that the release NAME needs. */
#define NEEDS "/usr/lib/lodge/processor-needs"
#define CONSOLE_NODE "/lodge-console"
#define FRAME "  ==========================================================================\n"

enum
{
  INDENT = 15,
  WIDTH = 76,
};

typedef struct
{
  char text[4096];
  size_t length;
} Text;

typedef struct
{
  unsigned level;
  char name[64];
} Needs;

/* Called by _start with the stack as the kernel made it: argc, argv, NULL, envp, NULL. */
__attribute__ ((noreturn, used)) void lodge_processor_init (void **stack);

__asm__(".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call lodge_processor_init\n");

/* --- the kernel --- */

static long
call (long number, long a, long b, long c, long d, long e)
{
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;

  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

static long
open_file (const char *path, int flags)
{
  return call (SYS_open, (long)path, flags, 0, 0, 0);
}

/* At most SIZE - 1 bytes, and a NUL; an unreadable file is empty. */
static void
read_file (const char *path, char *text, size_t size)
{
  long fd = open_file (path, O_RDONLY);
  size_t length = 0;
  long got = 1;

  while (fd >= 0 && got > 0 && length < size - 1)
    {
      got = call (SYS_read, fd, (long)(text + length), (long)(size - 1 - length), 0, 0);
      if (got > 0)
        length += (size_t)got;
    }
  text[length] = '\0';
  if (fd >= 0)
    call (SYS_close, fd, 0, 0, 0, 0);
}

static void
write_all (long fd, const Text *text)
{
  size_t done = 0;

  while (done < text->length)
    {
      long written
          = call (SYS_write, fd, (long)(text->text + done), (long)(text->length - done), 0, 0);

      if (written <= 0)
        return;
      done += (size_t)written;
    }
}

/* --- text --- */

static void
add_character (Text *text, char character)
{
  if (text->length < sizeof text->text)
    text->text[text->length++] = character;
}

static void
add (Text *text, const char *more)
{
  while (*more != '\0')
    add_character (text, *more++);
}

static size_t
length_of (const char *text)
{
  size_t length = 0;

  while (text[length] != '\0')
    length++;
  return length;
}

/* After a label of INDENT columns. */
static void
add_names (Text *text, const char *const *names, unsigned count)
{
  size_t column = INDENT;

  for (unsigned i = 0; i < count; i++)
    {
      size_t length = length_of (names[i]);

      if (i > 0 && column + 1 + length > WIDTH)
        {
          add (text, "\n               ");
          column = INDENT;
        }
      else if (i > 0)
        {
          add (text, " ");
          column++;
        }
      add (text, names[i]);
      column += length;
    }
}

/* --- the processor --- */

static void
read_registers (unsigned registers[LODGE_PROCESSOR_REGISTERS])
{
  unsigned a, b, c, d;

  for (unsigned i = 0; i < LODGE_PROCESSOR_REGISTERS; i++)
    registers[i] = 0;
  if (__get_cpuid (1, &a, &b, &c, &d))
    registers[LODGE_PROCESSOR_LEAF_1_ECX] = c;
  if (__get_cpuid_count (7, 0, &a, &b, &c, &d))
    registers[LODGE_PROCESSOR_LEAF_7_EBX] = b;
  if (__get_cpuid (0x80000001, &a, &b, &c, &d))
    registers[LODGE_PROCESSOR_EXTENDED_1_ECX] = c;
  registers[LODGE_PROCESSOR_XCR0] = ~0U;
  if ((registers[LODGE_PROCESSOR_LEAF_1_ECX] & bit_OSXSAVE) != 0)
    {
      __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
      registers[LODGE_PROCESSOR_XCR0] = a;
    }
}

/* The name that the processor gives itself: CPUID leaves 0x80000002 to 4, 16 characters each. */
static void
add_brand (Text *text)
{
  unsigned words[4];
  size_t start = text->length;

  for (unsigned leaf = 0x80000002; leaf <= 0x80000004; leaf++)
    {
      if (!__get_cpuid (leaf, &words[0], &words[1], &words[2], &words[3]))
        break;
      for (unsigned i = 0; i < 16; i++)
        {
          char character = (char)(words[i / 4] >> (i % 4 * 8) & 0xff);

          /* Some begin with blanks. */
          if (character >= ' ' && character <= '~' && (character != ' ' || text->length > start))
            add_character (text, character);
        }
    }
  if (text->length == start)
    add (text, "without a name");
}

/* --- what is said --- */

static const char *
describe_level (unsigned level)
{
  switch (level)
    {
    case 2:
      return "x86-64-v2, as Intel's since Nehalem (2008) and AMD's since Bulldozer (2011)";
    case 3:
      return "x86-64-v3, as Intel's since Haswell (2013) and AMD's since Excavator\n"
             "               (2015), but for some Pentium, Celeron and Atom";
    default:
      return "x86-64-v4, which has AVX-512";
    }
}

static void
add_advice (Text *text, const unsigned registers[LODGE_PROCESSOR_REGISTERS], const Needs *needs)
{
  const char *names[LODGE_PROCESSOR_MISSING_LIMIT];

  if ((registers[LODGE_PROCESSOR_LEAF_1_ECX] & 1U << 31) != 0) /* "hypervisor present" */
    add (text, "  This is a virtual machine: switch it off, and give it its host's processor.\n"
               "    QEMU        -cpu host\n"
               "    libvirt     CPU mode host-passthrough\n"
               "    Proxmox VE  processor type host\n"
               "    VMware      the newest hardware version; EVC, if it is on, of a newer mode\n"
               "  Where that does not help, take an image of another release:\n");
  else
    add (text,
         "  Use this stick in a newer machine, or write an image of another release to it:\n");
  if (needs->level > 2 && lodge_processor_missing (registers, 2, names) == 0)
    add (text, "    lodge build centos-stream-9   runs on this processor\n");
  add (text, "    lodge build debian-13         runs on every x86-64 processor\n");
}

static void
explain (Text *text, const unsigned registers[LODGE_PROCESSOR_REGISTERS], const Needs *needs,
         const char *const *missing, unsigned count)
{
  add (text, "\n" FRAME "  This processor cannot run ");
  add (text, needs->name);
  add (text, ".\n\n  Processor:   ");
  add_brand (text);
  add (text, "\n  It lacks:    ");
  add_names (text, missing, count);
  add (text, "\n  Needed:      ");
  add (text, describe_level (needs->level));
  add (text, "\n\n");
  add_advice (text, registers, needs);
  add (text, "\n  Nothing was changed on this machine.  Ctrl-Alt-Del restarts it.\n" FRAME);
}

/* --- consoles --- */

/* The number at *PLACE, which is moved behind it. */
static unsigned
parse_number (const char **place)
{
  unsigned number = 0;

  while (**place >= '0' && **place <= '9')
    number = number * 10 + (unsigned)(*(*place)++ - '0');
  return number;
}

/* In a process of its own: a serial line that nobody reads may take it for good. */
static int
write_device (unsigned major, unsigned minor, const Text *text)
{
  long number = (long)((minor & 0xff) | major << 8 | (minor & ~0xffU) << 12);
  long fd;

  call (SYS_unlink, (long)CONSOLE_NODE, 0, 0, 0, 0);
  call (SYS_mknod, (long)CONSOLE_NODE, S_IFCHR | 0600, number, 0, 0);
  fd = open_file (CONSOLE_NODE, O_WRONLY | O_NOCTTY);
  if (fd < 0)
    return 0;
  if (call (SYS_fork, 0, 0, 0, 0, 0) == 0)
    {
      write_all (fd, text);
      call (SYS_exit, 0, 0, 0, 0, 0);
    }
  call (SYS_close, fd, 0, 0, 0, 0);
  return 1;
}

/* On every console of the kernel: /dev/console is only one of them.  A line of /proc/consoles ends
 * with the device's number, "4:64". */
static void
say (const Text *text)
{
  static char consoles[4096];
  const char *word = consoles;
  int said = 0;

  call (SYS_mkdir, (long)"/proc", 0755, 0, 0, 0);
  call (SYS_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
  read_file ("/proc/consoles", consoles, sizeof consoles);
  for (const char *place = consoles; *place != '\0'; place++)
    if (*place == ' ')
      word = place + 1;
    else if (*place == '\n' && *word >= '0' && *word <= '9')
      {
        unsigned major = parse_number (&word);

        if (*word++ == ':')
          said |= write_device (major, parse_number (&word), text);
      }
  if (!said)
    write_all (1, text);
}

/* --- the whole --- */

static void
read_needs (Needs *needs)
{
  static char text[sizeof needs->name + 2];
  size_t i = 0;

  read_file (NEEDS, text, sizeof text);
  needs->level = text[0] >= '1' && text[0] <= '4' ? (unsigned)(text[0] - '0') : 1;
  if (text[0] != '\0' && text[1] == ' ')
    for (; text[i + 2] != '\0' && text[i + 2] != '\n'; i++)
      needs->name[i] = text[i + 2];
  needs->name[i] = '\0';
}

void
lodge_processor_init (void **stack)
{
  static Text text;
  static Needs needs;
  static unsigned registers[LODGE_PROCESSOR_REGISTERS];
  static const char *missing[LODGE_PROCESSOR_MISSING_LIMIT];
  void **argv = stack + 1;
  void **environment = argv + (size_t)*stack + 1;
  unsigned count;

  /* Run by hand on a host it must not wait for good. */
  if (call (SYS_getpid, 0, 0, 0, 0, 0) != 1)
    {
      add (&text, "lodge-processor-init is the first program of an initramfs and nothing else\n");
      write_all (2, &text);
      for (;;)
        call (SYS_exit_group, 2, 0, 0, 0, 0);
    }
  read_needs (&needs);
  read_registers (registers);
  count = lodge_processor_missing (registers, needs.level, missing);
  if (count > 0)
    explain (&text, registers, &needs, missing, count);
  else
    {
      call (SYS_execve, (long)NEXT, (long)argv, (long)environment, 0, 0);
      add (&text, "\n  Lodge: this initramfs is broken: its " NEXT " cannot be started.\n"
                  "  Choose another kernel in the boot menu, or write the stick again.\n"
                  "  Ctrl-Alt-Del restarts this machine.\n");
    }
  say (&text);
  call (SYS_reboot, (long)0xfee1dead, 672274793, RB_ENABLE_CAD, 0, 0);
  /* A first process that ends is a panic, which takes the screen. */
  for (;;)
    call (SYS_pause, 0, 0, 0, 0, 0);
}
