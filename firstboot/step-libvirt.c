/* The step "libvirt": its daemons run now and after every boot, and can start guests.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/step.h"

#include <string.h>
#include "common/error.h"
#include "common/run.h"
#include "firstboot/libvirt-handle.h"
#include "firstboot/i18n.h"

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

/* Shuts guests down with the host, where the distribution has it. */
static const char *const extra_units[] = { "libvirt-guests.service", NULL };

/* Adds those of UNITS that systemd has to START, and those that it would not start at boot to
 * ENABLE: on Debian enabling takes long, for it goes through System V's run levels, and mostly it
 * is done. */
static gboolean
look_up_units (LodgeStepContext *context, const char *const *units, GPtrArray *start,
               GPtrArray *enable, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) answers = NULL;

  g_ptr_array_add (argv, (gpointer) "systemctl");
  g_ptr_array_add (argv, (gpointer) "show");
  g_ptr_array_add (argv, (gpointer) "--property=LoadState,UnitFileState");
  g_ptr_array_add (argv, (gpointer) "--");
  for (guint i = 0; units[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)units[i]);
  g_ptr_array_add (argv, NULL);
  text = lodge_run ((const char *const *)argv->pdata, NULL, context->cancellable, error);
  if (text == NULL)
    return FALSE;

  /* One paragraph for each, in the order of the arguments. */
  answers = g_strsplit (text, "\n\n", 0);
  for (guint i = 0; units[i] != NULL && answers[i] != NULL; i++)
    {
      g_auto (GStrv) lines = g_strsplit (answers[i], "\n", 0);

      if (!g_strv_contains ((const char *const *)lines, "LoadState=loaded"))
        continue;
      g_ptr_array_add (start, (gpointer)units[i]);
      if (g_strv_contains ((const char *const *)lines, "UnitFileState=disabled")
          || g_strv_contains ((const char *const *)lines, "UnitFileState=indirect"))
        g_ptr_array_add (enable, (gpointer)units[i]);
    }
  return TRUE;
}

/* `systemctl VERB UNITS…` */
static gboolean
systemctl (LodgeStepContext *context, const char *verb, const GPtrArray *units, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;

  if (units->len == 0)
    return TRUE;
  g_ptr_array_add (argv, (gpointer) "systemctl");
  g_ptr_array_add (argv, (gpointer)verb);
  g_ptr_array_add (argv, (gpointer) "--");
  for (guint i = 0; i < units->len; i++)
    g_ptr_array_add (argv, units->pdata[i]);
  g_ptr_array_add (argv, NULL);
  output = lodge_run ((const char *const *)argv->pdata, NULL, context->cancellable, error);
  if (output == NULL)
    g_prefix_error (error, N_ ("cannot %s libvirt: "), verb);
  return output != NULL;
}

/* Enables and starts the first set of daemons that is installed. */
static const DaemonSet *
enable_and_start (LodgeStepContext *context, GError **error)
{
  g_autoptr (GPtrArray) start = g_ptr_array_new ();
  g_autoptr (GPtrArray) enable = g_ptr_array_new ();
  const DaemonSet *daemons = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (daemon_sets) && daemons == NULL; i++)
    {
      g_ptr_array_set_size (start, 0);
      g_ptr_array_set_size (enable, 0);
      if (!look_up_units (context, daemon_sets[i].units, start, enable, error))
        return NULL;
      if (start->len > 0 && start->pdata[0] == daemon_sets[i].units[0])
        daemons = &daemon_sets[i];
    }
  if (daemons == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       N_ ("libvirt is not installed: neither virtqemud nor libvirtd is a unit of "
                           "systemd; install libvirt-daemon-kvm (Debian: libvirt-daemon-system)"));
      return NULL;
    }
  if (!look_up_units (context, extra_units, start, enable, error)
      || !systemctl (context, "enable", enable, error)
      || !systemctl (context, "start", start, error))
    return NULL;
  return daemons;
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
    g_prefix_error (error, N_ ("KVM was found but libvirt does not offer it; see \"lodge-firstboot "
                               "check\" and restart the host if it was switched on just now: "));
  return FALSE;
}

gboolean
lodge_step_libvirt (LodgeStepContext *context, GError **error)
{
  const DaemonSet *daemons = enable_and_start (context, error);
  const char *type = context->plan->kvm ? "kvm" : "qemu";
  g_autoptr (virConnect) connection = NULL;
  g_autofree char *line = NULL;
  unsigned long version;

  if (daemons == NULL)
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
