/* What is done to a Debian tree after its packages.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/debian-tree.h"

#include <string.h>

#include "builder/sandbox.h"
#include "builder/tree.h"
#include "common/error.h"

/* --- services --- */

static gboolean
tree_has_unit (const LodgeDebianTree *tree, const char *unit)
{
  static const char *const directories[] = { "usr/lib/systemd/system", "etc/systemd/system", NULL };

  for (const char *const *directory = directories; *directory != NULL; directory++)
    {
      g_autofree char *path = g_build_filename (*directory, unit, NULL);

      if (lodge_tree_has (tree->path, path))
        return TRUE;
    }
  return FALSE;
}

/* Whether the unit comes with what is laid over the root later. */
static gboolean
overlay_has_unit (const LodgeBuild *build, const char *unit)
{
  g_autofree char *own = g_build_filename (build->source, "firstboot", "units", unit, NULL);
  char **directory = build->plan->template->files_directories;

  if (g_file_test (own, G_FILE_TEST_EXISTS))
    return TRUE;
  for (; *directory != NULL; directory++)
    {
      g_autofree char *vendor
          = g_build_filename (*directory, "usr", "lib", "systemd", "system", unit, NULL);
      g_autofree char *local
          = g_build_filename (*directory, "etc", "systemd", "system", unit, NULL);

      if (g_file_test (vendor, G_FILE_TEST_EXISTS) || g_file_test (local, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

/* Debian's packages enable their own services; here the template has its say on those it names.
 * Not preset-all: Debian has no preset that disables the rest, so that would switch on every unit
 * which a package deliberately left off. */
static gboolean
apply_presets (LodgeDebianTree *tree, GError **error)
{
  const LodgeTemplate *template = tree->build->plan->template;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) "systemctl");
  g_ptr_array_add (argv, (gpointer) "--root=/");
  g_ptr_array_add (argv, (gpointer) "preset");
  for (char **unit = template->enable; *unit != NULL; unit++)
    if (tree_has_unit (tree, *unit))
      g_ptr_array_add (argv, *unit);
    else if (!overlay_has_unit (tree->build, *unit))
      return lodge_error_set (
          error, LODGE_ERROR_FAILED,
          "the template %s enables %s, which neither a package nor a file of it "
          "brings",
          template->name, *unit);
  for (char **unit = template->disable; *unit != NULL; unit++)
    if (tree_has_unit (tree, *unit))
      g_ptr_array_add (argv, *unit);
  if (argv->len == 3)
    return TRUE;
  g_ptr_array_add (argv, NULL);
  return lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, (const char *const *)argv->pdata,
                                error);
}

/* --- initramfs --- */

/* What lsinitrd(1) lists of the initramfs. */
static char *
list_initramfs (LodgeDebianTree *tree, const char *path, GError **error)
{
  const char *const argv[] = { "lsinitrd", path, NULL };
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };
  GString *text = g_string_new (NULL);

  if (lodge_sandbox_run (&sandbox, argv, lodge_debian_append_line, text, tree->build->cancellable,
                         error))
    return g_string_free (text, FALSE);
  g_string_free (text, TRUE);
  return NULL;
}

void
lodge_debian_append_line (const char *line, gpointer text)
{
  g_string_append (text, line);
  g_string_append_c (text, '\n');
}

/* A module's file has dashes or underscores as its author liked. */
static char *
plain_module_name (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *suffix = strstr (name, ".ko");

  if (suffix == NULL || (suffix[3] != '\0' && suffix[3] != '.'))
    return NULL;
  return g_strdelimit (g_strndup (name, (gsize)(suffix - name)), "_", '-');
}

gboolean
lodge_debian_has_module (const char *list, const char *name)
{
  g_autofree char *wanted = g_strdelimit (g_strdup (name), "_", '-');
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *found = plain_module_name (*line);

      if (g_strcmp0 (found, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_drivers (LodgeDebianTree *tree, const char *version, const char *path, GError **error)
{
  g_autofree char *builtin_path
      = g_build_filename ("usr/lib/modules", version, "modules.builtin", NULL);
  g_autofree char *builtin = lodge_tree_read (tree->path, builtin_path, error);
  g_autofree char *list = builtin != NULL ? list_initramfs (tree, path, error) : NULL;
  char **driver = tree->build->plan->template->initramfs_drivers;

  if (list == NULL)
    return FALSE;
  for (; *driver != NULL; driver++)
    if (!lodge_debian_has_module (list, *driver) && !lodge_debian_has_module (builtin, *driver))
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              "the initramfs of Linux %s lacks the driver %s", version, *driver);
  return TRUE;
}

static gboolean
make_initramfs (LodgeDebianTree *tree, GError **error)
{
  g_auto (GStrv) versions = lodge_tree_list (tree->path, "usr/lib/modules", "");

  for (char **version = versions; *version != NULL; version++)
    {
      g_autofree char *kernel = g_strconcat ("boot/vmlinuz-", *version, NULL);
      g_autofree char *path = g_strconcat ("/boot/initrd.img-", *version, NULL);
      const char *const argv[] = { "dracut", "--force", "--quiet", "--kver", *version, path, NULL };

      if (!lodge_tree_has (tree->path, kernel))
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the root has modules of Linux %s, but no /%s", *version, kernel);
      if (!lodge_debian_tree_run (tree, LODGE_DEBIAN_INSTALLED, argv, error))
        return FALSE;
      /* dracut's exit status does not tell: it goes on after much. */
      if (!lodge_tree_has (tree->path, path + 1))
        return lodge_error_set (error, LODGE_ERROR_FAILED, "dracut made no %s", path);
      if (!check_drivers (tree, *version, path, error))
        return FALSE;
    }
  return TRUE;
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

static gboolean
check_root_is_locked (const LodgeDebianTree *tree, GError **error)
{
  g_autofree char *shadow = lodge_tree_read (tree->path, "etc/shadow", error);
  g_auto (GStrv) lines = shadow != NULL ? g_strsplit (shadow, "\n", -1) : NULL;

  if (shadow == NULL)
    return FALSE;
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, ":", 3);

      if (g_strv_length (fields) == 3 && fields[1][0] != '*' && fields[1][0] != '!')
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                "the packages left the account %s without a locked password",
                                fields[0]);
    }
  return TRUE;
}

/* "NAME STATUS" of each package, as dpkg sees it at the end. */
static gboolean
check_packages (LodgeDebianTree *tree, GError **error)
{
  const char *const argv[] = { "dpkg", "--audit", NULL };
  LodgeSandbox sandbox = { .helper = tree->build->helper, .root = tree->path, .tree = TRUE };
  g_autoptr (GString) text = g_string_new (NULL);

  if (!lodge_sandbox_run (&sandbox, argv, lodge_debian_append_line, text, tree->build->cancellable,
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
  lodge_progress_step (tree->build->progress, "initramfs", "Make the initramfs");
  return apply_presets (tree, error) && make_initramfs (tree, error) && check_packages (tree, error)
         && disable_profiles_that_allow_everything (tree, error) && remove_traces (tree, error)
         && write_identity (tree, sources, error) && check_root_is_locked (tree, error);
}
