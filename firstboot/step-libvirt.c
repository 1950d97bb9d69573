/* The step "libvirt": its daemons run now and after every boot, and can start guests.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/step.h"

#include <string.h>
#include "common/error.h"
#include "common/run.h"
#include "firstboot/libvirt-handle.h"

/* A way to run libvirt: chosen by its first unit, the others are started where they are installed.
 * See libvirt.org/daemons.html. */
typedef struct
{
  const char *name;
  const char *const *units;
} DaemonSet;

/* Daemons are started through their sockets and end when idle; the services of those that hold
 * autostarted guests, networks and pools are enabled too, for nobody else starts these at boot. */
static const char *const modular_units[] = { "virtqemud.socket",      "virtnetworkd.socket",
                                             "virtstoraged.socket",   "virtnodedevd.socket",
                                             "virtsecretd.socket",    "virtnwfilterd.socket",
                                             "virtinterfaced.socket", "virtproxyd.socket",
                                             "virtlogd.socket",       "virtlockd.socket",
                                             "virtnetworkd.service",  "virtstoraged.service",
                                             "virtqemud.service",     NULL };
static const char *const monolithic_units[]
    = { "libvirtd.service", "libvirtd.socket", "virtlogd.socket", "virtlockd.socket", NULL };

static const DaemonSet daemon_sets[] = {
  { "modular", modular_units },
  { "libvirtd", monolithic_units },
};

/* Whether systemd has the unit. */
static gboolean
unit_exists (LodgeStepContext *context, const char *unit, gboolean *exists, GError **error)
{
  const char *argv[] = { "systemctl", "cat", "--", unit, NULL };
  int status;
  g_autofree char *text = lodge_run_status (argv, NULL, &status, context->cancellable, error);

  *exists = text != NULL && status == 0;
  return text != NULL;
}

/* Adds those of UNITS that exist to ARGV. */
static gboolean
add_units (LodgeStepContext *context, const char *const *units, GPtrArray *argv, GError **error)
{
  for (guint i = 0; units[i] != NULL; i++)
    {
      gboolean exists;

      if (!unit_exists (context, units[i], &exists, error))
        return FALSE;
      if (exists)
        g_ptr_array_add (argv, (gpointer)units[i]);
    }
  return TRUE;
}

static const DaemonSet *
find_daemons (LodgeStepContext *context, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (daemon_sets); i++)
    {
      gboolean exists;

      if (!unit_exists (context, daemon_sets[i].units[0], &exists, error))
        return NULL;
      if (exists)
        return &daemon_sets[i];
    }
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "libvirt is not installed: neither virtqemud nor libvirtd is a unit of systemd; "
                   "install libvirt-daemon-kvm (Debian: libvirt-daemon-system)");
  return NULL;
}

static gboolean
enable_and_start (LodgeStepContext *context, const DaemonSet *daemons, GError **error)
{
  /* Shuts guests down with the host, where the distribution has it. */
  static const char *const extra_units[] = { "libvirt-guests.service", NULL };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;

  g_ptr_array_add (argv, (gpointer) "systemctl");
  g_ptr_array_add (argv, (gpointer) "enable");
  g_ptr_array_add (argv, (gpointer) "--now");
  g_ptr_array_add (argv, (gpointer) "--");
  if (!add_units (context, daemons->units, argv, error)
      || !add_units (context, extra_units, argv, error))
    return FALSE;
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, context->cancellable, error);
  if (output == NULL)
    {
      g_prefix_error (error, "cannot start libvirt (%s): ", daemons->name);
      return FALSE;
    }
  return TRUE;
}

static void
measure_version (LodgeStepContext *context, const char *member, unsigned long version)
{
  g_autofree char *text
      = g_strdup_printf ("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);

  json_object_set_string_member (context->measured, member, text);
}

/* Whether guests of TYPE ("kvm", "qemu") can be started here. */
static gboolean
check_domain_type (virConnect *connection, const char *type, GError **error)
{
  g_autofree char *capabilities
      = virConnectGetDomainCapabilities (connection, NULL, "x86_64", NULL, type, 0);

  if (capabilities != NULL)
    return TRUE;
  lodge_libvirt_error (error, "libvirt cannot run guests of the type \"%s\"", type);
  if (strcmp (type, "kvm") == 0)
    g_prefix_error (error, "KVM was found but libvirt does not offer it; see \"lodge-firstboot "
                           "check\" and restart the host if it was switched on just now: ");
  return FALSE;
}

gboolean
lodge_step_libvirt (LodgeStepContext *context, GError **error)
{
  const DaemonSet *daemons = find_daemons (context, error);
  const char *type = context->plan->kvm ? "kvm" : "qemu";
  g_autoptr (virConnect) connection = NULL;
  g_autofree char *line = NULL;
  unsigned long version;

  if (daemons == NULL || !enable_and_start (context, daemons, error))
    return FALSE;
  connection = lodge_libvirt_open (context->cancellable, error);
  if (connection == NULL || !check_domain_type (connection, type, error))
    return FALSE;

  json_object_set_string_member (context->measured, "daemons", daemons->name);
  json_object_set_string_member (context->measured, "guest_type", type);
  if (virConnectGetLibVersion (connection, &version) == 0)
    measure_version (context, "libvirt", version);
  if (virConnectGetVersion (connection, &version) == 0)
    measure_version (context, "qemu", version);
  line = g_strdup_printf ("libvirt answers (%s daemon%s) and can run %s guests", daemons->name,
                          strcmp (daemons->name, "modular") == 0 ? "s" : "", type);
  context->tell (line, context->tell_data);
  return TRUE;
}
