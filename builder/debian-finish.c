/* What is done to a Debian tree after its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"

#include <string.h>

#include "builder/root-check.h"
#include "builder/sandbox.h"
#include "builder/tree.h"
#include "common/error.h"

/* --- services --- */

/* Debian's packages enable their own services; here the template has its say on those it names.
 * Not preset-all: Debian has no preset that disables the rest, so that would switch on every unit
 * which a package deliberately left off. */
static gboolean
apply_presets (LodgeDebianTree *tree, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (!lodge_root_check_units (tree->build, tree->path, error))
    return FALSE;
  g_ptr_array_add (argv, (gpointer) "systemctl");
  g_ptr_array_add (argv, (gpointer) "--root=/");
  g_ptr_array_add (argv, (gpointer) "preset");
  for (char **unit = template->enable; *unit != NULL; unit++)
    if (lodge_root_has_unit (tree->path, *unit))
      g_ptr_array_add (argv, *unit);
  for (char **unit = template->disable; *unit != NULL; unit++)
    if (lodge_root_has_unit (tree->path, *unit))
      g_ptr_array_add (argv, *unit);
  if (argv->len == 3)
    return TRUE;
  g_ptr_array_add (argv, NULL);
  return lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, (const char *const *)argv->pdata,
                                error);
}

/* --- nothing of the build, nothing that hosts would share --- */

static const char *const removed[] = {
  "/usr/sbin/policy-rc.d",
  "/etc/resolv.conf", /* NetworkManager writes it */
  "/etc/lvm/devices",
  "/etc/hostid",
  "/var/lib/dbus/machine-id", /* systemd's tmpfiles link it to /etc/machine-id */
  "/var/lib/systemd/random-seed",
  "/var/lib/systemd/credential.secret",
  "/var/lib/NetworkManager/secret_key",
  "/var/lib/dpkg/status-old",
  "/var/lib/dpkg/available",
  "/var/lib/dpkg/diversions-old",
  "/var/lib/dpkg/statoverride-old",
  "/var/cache/debconf/config.dat-old",
  "/var/cache/debconf/passwords.dat-old",
  "/var/cache/debconf/templates.dat-old",
  "/var/cache/ldconfig/aux-cache",
  "/etc/passwd-",
  "/etc/group-",
  "/etc/shadow-",
  "/etc/gshadow-",
  "/etc/subuid-",
  "/etc/subgid-",
  "/root/.bash_history",
};

static gboolean
remove_traces (LodgeDebianTree *tree, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const keys[]
      = { "find", "/etc/ssh", "-maxdepth", "1", "-name", "ssh_host_*", "-delete", NULL };
  /* Logs with something in them; those that are empty have the modes that their packages want. */
  const char *const files[] = { "find",     "/var/log", "/var/cache/apt", "/var/lib/apt/lists",
                                "/var/tmp", "/tmp",     "-type",          "f",
                                "-size",    "+0",       "-delete",        NULL };

  g_ptr_array_add (argv, (gpointer) "rm");
  g_ptr_array_add (argv, (gpointer) "-rf");
  for (gsize i = 0; i < G_N_ELEMENTS (removed); i++)
    g_ptr_array_add (argv, (gpointer)removed[i]);
  g_ptr_array_add (argv, NULL);
  return lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, (const char *const *)argv->pdata,
                                error)
         && (!lodge_tree_has (tree->path, "etc/ssh")
             || lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, keys, error))
         && lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, files, error);
}

/* AppArmor's package brings a hundred profiles of desktop programs that allow everything and only
 * give the program a name.  Each is compiled at the first boot, which takes longer than all else
 * that the boot does; a host of virtual machines has use for libvirt's alone.  A link in disable/
 * is AppArmor's own way to leave a profile out (aa-disable(8)), and stays when the package is
 * upgraded. */
static gboolean
disable_profiles_that_allow_everything (LodgeDebianTree *tree, GError **error)
{
  const char *const argv[] = { "find",
                               "/etc/apparmor.d",
                               "-maxdepth",
                               "1",
                               "-type",
                               "f",
                               "-exec",
                               "grep",
                               "-q",
                               "^profile .* flags=(unconfined) {",
                               "{}",
                               ";",
                               "-exec",
                               "ln",
                               "-s",
                               "-t",
                               "/etc/apparmor.d/disable",
                               "{}",
                               "+",
                               NULL };

  return !lodge_tree_has (tree->path, "etc/apparmor.d/disable")
         || lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, argv, error);
}

static gboolean
write_identity (LodgeDebianTree *tree, const char *sources, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autofree char *hostname = g_strconcat (template->hostname, "\n", NULL);
  const struct
  {
    const char *path;
    const char *text;
    int mode;
  } files[] = {
    /* Empty: systemd makes one at the first boot (machine-id(5)). */
    { "etc/machine-id", "", 0444 },
    { "etc/hostname", hostname, 0644 },
    { "etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n", 0644 },
    { "etc/apt/sources.list.d/debian.sources", sources, 0644 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!lodge_tree_write (tree->path, files[i].path, files[i].text, files[i].mode, error))
      return FALSE;
  return TRUE;
}

/* --- checks --- */

/* "NAME STATUS" of each package, as dpkg sees it at the end. */
static gboolean
check_packages (LodgeDebianTree *tree, GError **error)
{
  const char *const argv[] = { "dpkg", "--audit", NULL };
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };
  g_autoptr (GString) text = g_string_new (NULL);

  if (!lodge_sandbox_run (&sandbox, argv, lodge_root_append_line, text, tree->build->cancellable,
                          error))
    return FALSE;
  if (text->len == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "dpkg is not content with the packages it installed: %s",
                          g_strdelimit (g_strstrip (text->str), "\n", ' '));
}

gboolean
lodge_debian_finish (LodgeDebianTree *tree, const char *sources, GError **error)
{
  return apply_presets (tree, error) && check_packages (tree, error)
         && disable_profiles_that_allow_everything (tree, error) && remove_traces (tree, error)
         && write_identity (tree, sources, error)
         && lodge_root_check_locked (tree->build, tree->path, error);
}
