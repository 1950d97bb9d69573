/* Checks of what the machine has to share out among VMs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/check.h"

#include "firstboot/i18n.h"
#include "common/probe-files.h"
#include "firstboot/probe-host.h"
#include "common/size.h"

#include <string.h>

/* MemTotal is what the kernel has left of the memory that is built in: up to an eighth less on
 * small machines. */
#define USABLE(bytes) ((bytes) / 8 * 7)
/* Below the first the host itself (about 400 MiB with libvirt running) leaves nothing for a guest;
 * below the second one guest of an ordinary distribution fits at most. */
#define MEMORY_FAIL (G_GUINT64_CONSTANT (1) << 30)
#define MEMORY_WARNING (G_GUINT64_CONSTANT (2) << 30)

/* Controllers that libvirt uses for VMs and virt-host-validate(1) looks for; V2 is their name in
 * the unified hierarchy, NULL where it needs none (device access is BPF's there, accounting is
 * built in). */
static const struct
{
  const char *v1;
  const char *v2;
} controllers[] = {
  { "cpu", "cpu" },       { "cpuacct", NULL }, { "cpuset", "cpuset" },
  { "memory", "memory" }, { "devices", NULL }, { "blkio", "io" },
};

static gboolean
has_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (text, " ,\n", -1);

  return g_strv_contains ((const char *const *)words, word);
}

/* Whether a line of /proc/self/mountinfo mounts the version 1 controller. */
static gboolean
v1_mounted (const char *mounts, const char *controller)
{
  g_auto (GStrv) lines = g_strsplit (mounts, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      /* "… - cgroup cgroup rw,cpu,cpuacct": proc_pid_mountinfo(5) */
      const char *kind = strstr (lines[i], " - cgroup ");

      if (kind != NULL && has_word (kind, controller))
        return TRUE;
    }
  return FALSE;
}

void
lodge_check_cgroups (const LodgeCheckContext *context, LodgeCheck *check)
{
  g_autofree char *unified = lodge_probe_read (context->probe, "/sys/fs/cgroup/cgroup.controllers");
  g_autofree char *mounts = lodge_probe_read (context->probe, "/proc/self/mountinfo");
  g_autoptr (GString) missing = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (controllers); i++)
    {
      const char *name = unified != NULL ? controllers[i].v2 : controllers[i].v1;

      if (name == NULL
          || (unified != NULL ? has_word (unified, name)
                              : mounts != NULL && v1_mounted (mounts, name)))
        continue;
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", name);
    }
  if (missing->len == 0)
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup_printf (_ ("Control groups (version %d) can share processor, memory "
                            "and disk among VMs."),
                         unified != NULL ? 2 : 1),
        NULL);
  else
    lodge_check_found (
        check, LODGE_CHECK_WARNING,
        g_strdup_printf (_ ("Control groups lack %s: VMs run, but cannot be limited in "
                            "what they use of the machine."),
                         missing->str),
        g_strdup (_ ("Remove \"cgroup_disable=\" and \"systemd.unified_cgroup_hierarchy"
                     "=\" from the kernel command line and restart.")));
}

void
lodge_check_memory (const LodgeCheckContext *context, LodgeCheck *check)
{
  guint64 bytes = lodge_probe_memory (context->probe);
  g_autofree char *size = lodge_size_format (bytes);

  if (bytes == 0)
    lodge_check_found (check, LODGE_CHECK_WARNING,
                       g_strdup (_ ("The size of the memory is not known: /proc/meminfo does not "
                                    "tell it.")),
                       g_strdup (_ ("Mount /proc.")));
  else if (bytes < USABLE (MEMORY_FAIL))
    lodge_check_found (
        check, LODGE_CHECK_FAIL,
        g_strdup_printf (_ ("The machine has %s of memory: too little for even one VM "
                            "beside the host itself."),
                         size),
        g_strdup (_ ("Give it at least 2 GiB, better 4 GiB or more.")));
  else if (bytes < USABLE (MEMORY_WARNING))
    lodge_check_found (check, LODGE_CHECK_WARNING,
                       g_strdup_printf (_ ("The machine has %s of memory: enough for one small VM "
                                           "only."),
                                        size),
                       g_strdup (_ ("Give it at least 2 GiB, better 4 GiB or more.")));
  else
    lodge_check_found (
        check, LODGE_CHECK_PASS,
        g_strdup_printf (_ ("The machine has %s of memory to share with its VMs."), size), NULL);
}
