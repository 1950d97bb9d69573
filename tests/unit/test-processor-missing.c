/* Tests of builder/processor-missing.c and builder/root-processor.c: what a processor lacks, and
 * whether an initramfs begins with the program that says it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/processor-missing.h"
#include "builder/root-processor.h"
#include "common/error.h"

#include <string.h>

#define ALL 0xffffffffU

/* CPUID 1 ECX, 7 EBX, 0x80000001 ECX, and XCR0. */
static const struct
{
  const char *name;
  unsigned registers[LODGE_PROCESSOR_REGISTERS];
  unsigned level;
  const char *missing;
} cases[] = {
  { "Haswell", { 0x7ffafbff, 0x000027ab, 0x00000021, 7 }, 3, "" },
  { "Haswell",
    { 0x7ffafbff, 0x000027ab, 0x00000021, 7 },
    4,
    "AVX512F AVX512BW AVX512CD AVX512DQ AVX512VL ZMM-state" },
  { "Westmere", { 0x029ee3ff, 0, 0x00000001, ALL }, 2, "" },
  { "Westmere",
    { 0x029ee3ff, 0, 0x00000001, ALL },
    3,
    "AVX AVX2 BMI1 BMI2 F16C FMA LZCNT MOVBE OSXSAVE" },
  { "Ivy Bridge", { 0x7fbae3ff, 0x00000281, 0x00000001, 7 }, 3, "AVX2 BMI1 BMI2 FMA LZCNT MOVBE" },
  { "kernel without AVX", { 0x7ffafbff, 0x000027ab, 0x00000021, 3 }, 3, "YMM-state" },
  { "nothing", { 0, 0, 0, ALL }, 2, "CMPXCHG16B LAHF-SAHF POPCNT SSE3 SSE4.1 SSE4.2 SSSE3" },
  { "nothing", { 0, 0, 0, ALL }, 1, "" },
};

static void
test_missing (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *names[LODGE_PROCESSOR_MISSING_LIMIT + 1] = { NULL };
      unsigned count = lodge_processor_missing (cases[i].registers, cases[i].level, names);
      g_autofree char *joined = g_strjoinv (" ", (char **)names);

      g_test_message ("%s, level %u: %s", cases[i].name, cases[i].level, joined);
      g_assert_cmpstr (joined, ==, cases[i].missing);
      g_assert_cmpuint (g_strv_length ((char **)names), ==, count);
    }
}

static void
test_initramfs (void)
{
  static const char good[]
      = "-rwxr-xr-x   1 root     root        10808 Jan  1  1970 init\n"
        "lrwxrwxrwx   1 root     root           23 Jan  1  1970 init.next -> "
        "usr/lib/systemd/systemd\n"
        "-rw-r--r--   1 root     root           19 Jan  1  1970 usr/lib/lodge/processor-needs\n";
  static const char plain[] = "lrwxrwxrwx   1 root     root           23 Jan  1  1970 init -> "
                              "usr/lib/systemd/systemd\n";
  LodgeTemplate template = { .processor_level = (char *)"3" };
  g_autoptr (GError) error = NULL;

  g_assert_true (lodge_root_check_processor (&template, "6.12", good, &error));
  g_assert_no_error (error);
  g_assert_false (lodge_root_check_processor (&template, "6.12", plain, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "initramfs of Linux 6.12 does not begin with"));
  /* Every x86-64 processor has level 1. */
  template.processor_level = (char *)"1";
  g_assert_true (lodge_root_check_processor (&template, "6.12", plain, NULL));
  template.processor_level = NULL;
  g_assert_true (lodge_root_check_processor (&template, "6.12", plain, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/processor/missing", test_missing);
  g_test_add_func ("/processor/initramfs", test_initramfs);
  return g_test_run ();
}
