/* lodge doctor: sandbox, programs, a kernel for libguestfs' appliance.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/doctor.h"

#include <string.h>
#include <unistd.h>

#include "builder/requirements.h"
#include "builder/sandbox.h"

void
lodge_doctor_sandbox (LodgeDoctor *doctor)
{
  g_autoptr (GError) error = NULL;

  if (lodge_sandbox_check (doctor->paths->helper, &error))
    lodge_doctor_add (
        doctor, "sandbox", LODGE_FINDING_PASS,
        g_strdup_printf ("the sandbox works (%s)",
                         geteuid () == 0 ? "as root" : "user namespace with a range of user ids"),
        NULL);
  else
    lodge_doctor_add (doctor, "sandbox", LODGE_FINDING_FAIL,
                      g_strdup ("the sandbox that packages are configured in cannot be made"),
                      g_strdup (error->message));
}

void
lodge_doctor_programs (LodgeDoctor *doctor)
{
  gsize count;
  const LodgeRequirement *requirements = lodge_requirements (&count);

  for (gsize i = 0; i < count; i++)
    {
      const LodgeRequirement *row = &requirements[i];
      g_autofree char *path = NULL;

      if (!lodge_requirement_applies (row, doctor->template->family))
        continue;
      path = lodge_requirement_find (row);
      if (path != NULL)
        lodge_doctor_add (doctor, "program", LODGE_FINDING_PASS,
                          g_strdup_printf ("%s: %s", row->program, path), NULL);
      else
        lodge_doctor_add (
            doctor, "program", row->optional ? LODGE_FINDING_WARNING : LODGE_FINDING_FAIL,
            g_strdup_printf ("%s, which %s, is not installed", row->program, row->purpose),
            lodge_requirement_mend (row));
    }
}

/* A kernel is of use to supermin(1) when it can be read and its modules are there. */
static gboolean
is_usable_kernel (const char *path, const char *version)
{
  g_autofree char *modules = g_build_filename ("/lib/modules", version, "modules.dep", NULL);

  return access (path, R_OK) == 0 && access (modules, R_OK) == 0;
}

/* Looks for a kernel as supermin does: /boot/vmlinuz-VERSION, /lib/modules/VERSION/vmlinuz.
 * UNREADABLE receives one that is there and may not be read. */
static char *
find_kernel (char **unreadable)
{
  g_autoptr (GDir) directory = g_dir_open ("/lib/modules", 0, NULL);
  const char *version;

  while (directory != NULL && (version = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *boot = g_strconcat ("/boot/vmlinuz-", version, NULL);
      g_autofree char *modules = g_build_filename ("/lib/modules", version, "vmlinuz", NULL);

      if (is_usable_kernel (boot, version))
        return g_steal_pointer (&boot);
      if (is_usable_kernel (modules, version))
        return g_steal_pointer (&modules);
      if (*unreadable == NULL && access (boot, F_OK) == 0 && access (boot, R_OK) != 0)
        *unreadable = g_steal_pointer (&boot);
    }
  return NULL;
}

void
lodge_doctor_kernel (LodgeDoctor *doctor)
{
  const char *fixed = g_getenv ("LIBGUESTFS_PATH");
  g_autofree char *unreadable = NULL;
  g_autofree char *kernel = NULL;

  if (fixed != NULL && *fixed != '\0')
    {
      lodge_doctor_add (
          doctor, "kernel", LODGE_FINDING_PASS,
          g_strdup_printf ("libguestfs takes its appliance from LIBGUESTFS_PATH=%s", fixed), NULL);
      return;
    }
  kernel = find_kernel (&unreadable);
  if (kernel != NULL)
    lodge_doctor_add (doctor, "kernel", LODGE_FINDING_PASS,
                      g_strdup_printf ("libguestfs' appliance can use %s", kernel), NULL);
  else if (unreadable != NULL)
    lodge_doctor_add (doctor, "kernel", LODGE_FINDING_FAIL,
                      g_strdup_printf ("the kernel for libguestfs' appliance, %s, may be read by "
                                       "root only",
                                       unreadable),
                      g_strdup_printf ("chmod 0644 %s", unreadable));
  else
    lodge_doctor_add (doctor, "kernel", LODGE_FINDING_FAIL,
                      g_strdup ("there is no kernel with its modules for libguestfs' appliance"),
                      g_strdup ("apt-get install linux-image-amd64, or dnf install kernel"));
}
