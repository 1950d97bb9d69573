/* lodge doctor: processor, memory, space.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "builder/kvm.h"
#include "builder/output.h"
#include "builder/processor.h"
#include "builder/space.h"
#include "common/file.h"
#include "common/size.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

/* libguestfs' appliance takes 768 MiB or more, apt and dpkg a few hundred. */
#define MEMORY_MINIMUM (1024 * MEBIBYTE)
#define MEMORY_COMFORTABLE (2048 * MEBIBYTE)
/* Downloads of one release and a cached tree. */
#define CACHE_MINIMUM (1024 * MEBIBYTE)
#define CACHE_COMFORTABLE (4096 * MEBIBYTE)
/* A tree and the image made of it. */
#define OUTPUT_MINIMUM (3072 * MEBIBYTE)

enum
{
  MEMINFO_LIMIT = 64 * 1024, /* bytes */
};

void
lodge_doctor_kvm (LodgeDoctor *doctor)
{
  g_autofree char *reason = NULL;

  if (lodge_kvm_usable (&reason))
    {
      lodge_doctor_add (doctor, "kvm", LODGE_FINDING_PASS,
                        g_strdup ("KVM works: a guest ran under it"), NULL);
      return;
    }
  lodge_doctor_add (
      doctor, "kvm", LODGE_FINDING_WARNING,
      g_strdup_printf ("KVM does not work here (%s): emulation is used, which is slower", reason),
      g_strdup (
          "on bare metal switch VT-x or AMD-V on in the firmware and load kvm_intel or "
          "kvm_amd; in a virtual machine switch nested virtualization on; when the device may "
          "not be opened: usermod --append --groups kvm USER"));
}

void
lodge_doctor_processor (LodgeDoctor *doctor)
{
  const LodgeTemplate *template = doctor->template;
  g_autoptr (GError) error = NULL;

  if (template->processor_level == NULL)
    return;
  if (lodge_processor_check (template, &error))
    lodge_doctor_add (
        doctor, "processor", LODGE_FINDING_PASS,
        g_strdup_printf ("the processor is of level x86-64-v%s or better, as %s needs",
                         template->processor_level, template->os_name),
        NULL);
  else
    lodge_doctor_add (doctor, "processor", LODGE_FINDING_FAIL, g_strdup (error->message),
                      g_strdup ("build on another machine, or build a template of release 9"));
}

/* MemAvailable of /proc/meminfo (proc_meminfo(5)), in bytes. */
static gboolean
available_memory (guint64 *bytes, GError **error)
{
  g_autofree char *text = lodge_file_read ("/proc/meminfo", MEMINFO_LIMIT, NULL, error);
  const char *line = text == NULL ? NULL : strstr (text, "MemAvailable:");

  if (line == NULL)
    return FALSE;
  *bytes = g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024;
  return TRUE;
}

void
lodge_doctor_memory (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *size = NULL;
  guint64 bytes = 0;

  if (!available_memory (&bytes, &error))
    {
      lodge_doctor_add (doctor, "memory", LODGE_FINDING_WARNING,
                        g_strdup ("/proc/meminfo does not say how much memory is available"),
                        g_strdup ("have 2 GiB available"));
      return;
    }
  size = lodge_size_format (bytes);
  if (bytes >= MEMORY_COMFORTABLE)
    lodge_doctor_add (doctor, "memory", LODGE_FINDING_PASS,
                      g_strdup_printf ("%s of memory are available", size), NULL);
  else
    lodge_doctor_add (
        doctor, "memory", bytes >= MEMORY_MINIMUM ? LODGE_FINDING_WARNING : LODGE_FINDING_FAIL,
        g_strdup_printf ("only %s of memory are available; a build takes 1 to 2 GiB", size),
        g_strdup ("end other programs, or give the machine more memory"));
}

/* Whether something can be made in DIRECTORY, or what does not exist of it be made; errno is set
 * when not. */
static gboolean
can_be_written (const char *directory)
{
  g_autofree char *place = g_canonicalize_filename (directory, NULL);

  while (access (place, F_OK) != 0 && errno == ENOENT)
    {
      char *parent = g_path_get_dirname (place);

      g_free (place);
      place = parent;
    }
  if (access (place, W_OK | X_OK) != 0)
    return FALSE;
  errno = ENOTDIR;
  return g_file_test (place, G_FILE_TEST_IS_DIR);
}

static void
check_space (LodgeDoctor *doctor, const char *id, const char *directory, const char *option,
             guint64 minimum, guint64 comfortable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *size = NULL;
  g_autofree char *wanted = lodge_size_format (comfortable);
  guint64 bytes;

  if (!can_be_written (directory))
    {
      lodge_doctor_add (
          doctor, id, LODGE_FINDING_FAIL,
          g_strdup_printf ("%s cannot be written to: %s", directory, g_strerror (errno)),
          g_strdup_printf ("choose another directory with %s", option));
      return;
    }
  if (!lodge_space_available (directory, &bytes, &error))
    {
      lodge_doctor_add (doctor, id, LODGE_FINDING_FAIL, g_strdup (error->message),
                        g_strdup_printf ("choose another directory with %s", option));
      return;
    }
  size = lodge_size_format (bytes);
  if (bytes >= comfortable)
    lodge_doctor_add (doctor, id, LODGE_FINDING_PASS,
                      g_strdup_printf ("%s are free at %s", size, directory), NULL);
  else
    lodge_doctor_add (
        doctor, id, bytes >= minimum ? LODGE_FINDING_WARNING : LODGE_FINDING_FAIL,
        g_strdup_printf ("only %s are free at %s; %s are comfortable", size, directory, wanted),
        g_strdup_printf ("make room, or choose another directory with %s", option));
}

void
lodge_doctor_space (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_canonicalize_filename (doctor->output, NULL);
  g_autofree char *directory = g_path_get_dirname (file);

  check_space (doctor, "cache-space", doctor->cache, "--cache", CACHE_MINIMUM, CACHE_COMFORTABLE);
  if (!lodge_outputs_check_path (doctor->output, &error))
    lodge_doctor_add (doctor, "output", LODGE_FINDING_FAIL, g_strdup (error->message),
                      g_strdup ("choose another file with -o"));
  else
    check_space (doctor, "output-space", directory, "-o", OUTPUT_MINIMUM, OUTPUT_MINIMUM);
}
