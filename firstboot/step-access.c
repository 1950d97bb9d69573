/* The step "access": root's password, root's SSH keys, SSH login by password.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It ends by making sure that somebody can log in: a host that is set up and locked is of no use,
 * and before the storage step the mend is still cheap.
 */
#include "firstboot/step.h"

#include "common/error.h"
#include "common/file.h"
#include "common/run.h"
#include "firstboot/authorized-keys.h"
#include "firstboot/host-files.h"
#include "firstboot/present.h"
#include "firstboot/selinux.h"
#include "firstboot/i18n.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LIMIT (1024 * 1024)
#define ROOT_SSH "/root/.ssh"
#define ROOT_KEYS ROOT_SSH "/authorized_keys"
/* Before the image's own 50-lodge.conf and EL's 50-redhat.conf: sshd takes the first value it
 * reads. */
#define SSHD_DROP_IN "/etc/ssh/sshd_config.d/40-lodge-answers.conf"
/* The image's own, which says what ssh-password-login=no does. */
#define SSHD_IMAGE_DROP_IN "/etc/ssh/sshd_config.d/50-lodge.conf"

/* The hash goes in by standard input: arguments can be read by everybody. */
static gboolean
set_password (const LodgeStepContext *context, GError **error)
{
  const char *hash = context->plan->answers->root_password_hash;
  const char *argv[] = { "chpasswd", "--encrypted", NULL, NULL, NULL };
  g_autofree char *input = NULL;
  g_autofree char *output = NULL;

  if (hash == NULL)
    return TRUE;
  if (context->root[0] != '\0')
    {
      argv[2] = "--root";
      argv[3] = context->root;
    }
  input = g_strdup_printf ("root:%s\n", hash);
  output = lodge_run (argv, input, context->cancellable, error);
  g_prefix_error (error, N_ ("set root's password: "));
  return output != NULL;
}

static gboolean
add_keys (const LodgeStepContext *context, GError **error)
{
  const char *const *keys = (const char *const *)context->plan->answers->ssh_keys;
  g_autofree char *directory = lodge_host_path (context->root, ROOT_SSH);
  g_autofree char *path = lodge_host_path (context->root, ROOT_KEYS);
  g_autofree char *old = NULL;
  g_autofree char *merged = NULL;

  if (keys[0] == NULL)
    return TRUE;
  /* sshd refuses keys that others could have written (StrictModes). */
  if (g_mkdir_with_parents (directory, 0700) == -1 || chmod (directory, 0700) == -1)
    return lodge_error_set_errno (error, errno, "make %s", directory);
  if (lodge_host_has (context->root, ROOT_KEYS))
    {
      old = lodge_file_read (path, FILE_LIMIT, NULL, error);
      if (old == NULL)
        return FALSE;
    }
  merged = lodge_authorized_keys_merge (old, keys);
  if (!lodge_file_replace (path, merged, -1, 0600, error))
    return FALSE;
  /* Files made by a service get its own label, which sshd may not read. */
  return context->root[0] != '\0'
         || (lodge_selinux_relabel (directory, context->cancellable, error)
             && lodge_selinux_relabel (path, context->cancellable, error));
}

/* Whether sshd_config reads the drop-ins: without that line ours would say nothing, in silence. */
static gboolean
sshd_reads_drop_ins (const char *root)
{
  g_autofree char *path = lodge_host_path (root, "/etc/ssh/sshd_config");
  g_autofree char *text = lodge_file_read (path, FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strchug (lines[i]);

      if (g_ascii_strncasecmp (line, "include", strlen ("include")) == 0
          && strstr (line, "sshd_config.d/") != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
reload_sshd (const LodgeStepContext *context, GError **error)
{
  /* Debian's name, everybody else's. */
  static const char *const units[] = { "ssh.service", "sshd.service" };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autofree char *file = g_strconcat ("/usr/lib/systemd/system/", units[i], NULL);
      const char *const argv[] = { "systemctl", "try-reload-or-restart", units[i], NULL };
      g_autofree char *output = NULL;

      if (!lodge_host_has (context->root, file))
        continue;
      output = lodge_run (argv, NULL, context->cancellable, error);
      return output != NULL;
    }
  return TRUE;
}

static gboolean
set_password_login (const LodgeStepContext *context, GError **error)
{
  static const char on[] = "# ssh-password-login=yes in answers.conf, by lodge-firstboot.\n"
                           "PermitRootLogin yes\n"
                           "PasswordAuthentication yes\n";
  static const char off[] = "# ssh-password-login=no in answers.conf, by lodge-firstboot.\n"
                            "PermitRootLogin prohibit-password\n"
                            "PasswordAuthentication no\n"
                            "KbdInteractiveAuthentication no\n";
  gboolean wanted = context->plan->answers->ssh_password_login;

  if (!lodge_host_has (context->root, "/etc/ssh/sshd_config"))
    {
      if (!wanted)
        return TRUE;
      return lodge_error_set (error, LODGE_ERROR_FAILED,
                              N_ ("ssh-password-login=yes, but this image has no SSH server"));
    }
  if (!sshd_reads_drop_ins (context->root))
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("/etc/ssh/sshd_config does not include /etc/ssh/sshd_config.d/*.conf: add "
            "that line to the template's file"));
  if (!wanted && !lodge_host_has (context->root, SSHD_DROP_IN)
      && lodge_host_has (context->root, SSHD_IMAGE_DROP_IN))
    return TRUE;
  /* The same file may be there of a run that stopped before sshd had read it. */
  return lodge_host_write (context->root, SSHD_DROP_IN, wanted ? on : off, NULL, error)
         && (context->root[0] != '\0' || reload_sshd (context, error));
}

/* --- can anybody log in? --- */

/* Whether an account's second field in /etc/shadow lets somebody in: shadow(5), '!' and '*' do not.
 */
static gboolean
some_account_opens (const char *root)
{
  g_autofree char *path = lodge_host_path (root, "/etc/shadow");
  g_autofree char *text = lodge_file_read (path, FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *field = strchr (lines[i], ':');

      if (field != NULL && field[1] != '!' && field[1] != '*')
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_keys (const char *root, const char *home)
{
  g_autofree char *path
      = g_build_filename (root[0] ? root : "/", home, ".ssh/authorized_keys", NULL);
  g_autofree char *text = lodge_file_read (path, FILE_LIMIT, NULL, NULL);

  return text != NULL && strstr (text, " AAAA") != NULL;
}

static gboolean
some_key_opens (const char *root)
{
  g_autofree char *homes = lodge_host_path (root, "/home");
  g_autoptr (GDir) directory = g_dir_open (homes, 0, NULL);
  const char *name;

  if (has_keys (root, "/root"))
    return TRUE;
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *home = g_build_filename ("/home", name, NULL);

      if (has_keys (root, home))
        return TRUE;
    }
  return FALSE;
}

gboolean
lodge_access_exists (const char *root)
{
  return some_key_opens (root) || some_account_opens (root);
}

GStrv
lodge_present_access (const char *root, LodgeAnswers *answers)
{
  g_autofree char *drop_in_path = lodge_host_path (root, SSHD_DROP_IN);
  g_autofree char *drop_in = lodge_file_read (drop_in_path, FILE_LIMIT, NULL, NULL);
  g_autofree char *keys_path = lodge_host_path (root, ROOT_KEYS);
  g_autofree char *keys = lodge_file_read (keys_path, FILE_LIMIT, NULL, NULL);

  answers->ssh_password_login
      = drop_in != NULL && strstr (drop_in, "\nPasswordAuthentication yes\n") != NULL;
  return lodge_authorized_keys_names (keys);
}

gboolean
lodge_step_access (LodgeStepContext *context, GError **error)
{
  if (!set_password (context, error) || !add_keys (context, error)
      || !set_password_login (context, error))
    return FALSE;
  if (some_key_opens (context->root))
    return TRUE;
  if (some_account_opens (context->root))
    {
      if (!context->plan->answers->ssh_password_login)
        context->tell ("root can log in at the console only: neither an SSH key nor "
                       "ssh-password-login=yes was given",
                       context->tell_data);
      return TRUE;
    }
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      N_ ("nobody could log in to this host: give root-password-hash= or ssh-keys= in "
          "the answers' [access] section"));
}
