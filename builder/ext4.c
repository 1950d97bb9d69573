/* The root file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "FILE?offset=N" is how e2fsprogs' programs take a file system inside a file
 * (ext2fs_open2() in lib/ext2fs/openfs.c); mke2fs has an option for it.
 */
#include "builder/ext4.h"

#include <string.h>
#include <unistd.h>

#include "builder/paths.h"
#include "builder/sandbox.h"
#include "common/error.h"
#include "common/file.h"
#include "common/run.h"

enum
{
  BLOCK = 4096,
};

/* Not among them: metadata_csum_seed (GRUB 2.06 refuses it), orphan_file (Linux 5.15). */
#define FEATURES                                                                                   \
  "has_journal,ext_attr,resize_inode,dir_index,sparse_super,filetype,extent,64bit,flex_bg,"        \
  "large_file,huge_file,dir_nlink,extra_isize,metadata_csum"

/* An empty value is a syntax error to e2fsprogs' parser: ext4 names again what it has anyway. */
static const char configuration[] = "[defaults]\n"
                                    "\tbase_features = " FEATURES "\n"
                                    "\tdefault_features = \"\"\n"
                                    "\tenable_periodic_fsck = 0\n"
                                    "\tdefault_mntopts = acl,user_xattr\n"
                                    "\tblocksize = 4096\n"
                                    "\tinode_size = 256\n"
                                    "\tinode_ratio = 16384\n"
                                    "[fs_types]\n"
                                    "\text4 = {\n"
                                    "\t\tfeatures = \"\"\n"
                                    "\t}\n";

/* sbin is not in an ordinary user's PATH. */
static char *
find_program (const char *name, GError **error)
{
  char *path = lodge_paths_program (name);

  if (path == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED,
                     "%s is not installed; install it with: apt-get install e2fsprogs, or: dnf "
                     "install e2fsprogs",
                     name);
  return path;
}

/* For e2fsprogs' programs; 0 is no time to them. */
static char *
fake_time (const LodgeExt4 *ext4)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, ext4->epoch);
}

static char *
place (const LodgeExt4 *ext4)
{
  return g_strdup_printf ("%s?offset=%" G_GUINT64_FORMAT, ext4->file, ext4->offset);
}

gboolean
lodge_ext4_make (const LodgeExt4 *ext4, const char *tree, const char *hash_seed, const char *helper,
                 const char *work, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = find_program ("mke2fs", error);
  g_autofree char *config = g_build_filename (work, "mke2fs.conf", NULL);
  /* The file is all holes there, which mke2fs finds out by punching one: inode tables count as
   * zeroed, and the kernel does not write them on the first boot. */
  g_autofree char *options
      = g_strdup_printf ("offset=%" G_GUINT64_FORMAT
                         ",hash_seed=%s,root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1",
                         ext4->offset, hash_seed);
  g_autofree char *blocks = g_strdup_printf ("%" G_GUINT64_FORMAT, ext4->size / BLOCK);
  const char *const argv[]
      = { program,     "-q", "-F",       "-t", "ext4", "-b", "4096",  "-m",       "1",    "-L",
          ext4->label, "-U", ext4->uuid, "-d", tree,   "-E", options, ext4->file, blocks, NULL };
  g_autofree char *time = fake_time (ext4);
  g_auto (GStrv) environment = NULL;
  LodgeSandbox sandbox = { .helper = helper };

  if (program == NULL || !lodge_file_replace (config, configuration, -1, 0600, error))
    return FALSE;
  environment = g_strdupv ((char **)lodge_sandbox_environment ());
  environment = g_environ_setenv (environment, "MKE2FS_CONFIG", config, TRUE);
  environment = g_environ_setenv (environment, "E2FSPROGS_FAKE_TIME", time, TRUE);
  sandbox.environment = (const char *const *)environment;
  return lodge_sandbox_run (&sandbox, argv, NULL, NULL, cancellable, error);
}

gboolean
lodge_ext4_set_uuid (const LodgeExt4 *ext4, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = find_program ("tune2fs", error);
  g_autofree char *where = place (ext4);
  g_autofree char *time = fake_time (ext4);
  g_autofree char *variable = g_strconcat ("E2FSPROGS_FAKE_TIME=", time, NULL);
  const char *const argv[] = { "env", variable, program, "-U", ext4->uuid, where, NULL };
  g_autofree char *output = NULL;

  if (program == NULL)
    return FALSE;
  output = lodge_run (argv, NULL, cancellable, error);
  return output != NULL;
}

/* debugfs(8) goes on after a command that failed, with exit status 0: what it did is read back. */
static gboolean
check_content (const char *program, const char *where, const char *path, const char *text,
               GCancellable *cancellable, GError **error)
{
  g_autofree char *command = g_strconcat ("cat ", path, NULL);
  const char *const argv[] = { program, "-R", command, where, NULL };
  g_autofree char *found = lodge_run (argv, NULL, cancellable, error);
  gsize length = strlen (text);

  if (found == NULL)
    return FALSE;
  if (length > 0 && text[length - 1] == '\n') /* which lodge_run() takes off */
    length--;
  if (strlen (found) == length && strncmp (found, text, length) == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "debugfs did not write %s into the root file "
                          "system",
                          path);
}

gboolean
lodge_ext4_replace (const LodgeExt4 *ext4, const char *path, const char *text, const char *work,
                    GCancellable *cancellable, GError **error)
{
  g_autofree char *program = find_program ("debugfs", error);
  g_autofree char *where = place (ext4);
  g_autofree char *source = g_build_filename (work, "replacement", NULL);
  /* sif: set_inode_field; the file came with the caller's uid and mode. */
  g_autofree char *commands = g_strdup_printf (
      "rm %s\nwrite \"%s\" %s\nsif %s mode 0100644\nsif %s uid 0\nsif %s gid 0\n", path, source,
      path, path, path, path);
  g_autofree char *time = fake_time (ext4);
  g_autofree char *variable = g_strconcat ("E2FSPROGS_FAKE_TIME=", time, NULL);
  const char *const argv[] = { "env", variable, program, "-w", "-f", "-", where, NULL };
  g_autofree char *output = NULL;

  if (program == NULL || !lodge_file_replace (source, text, -1, 0644, error))
    return FALSE;
  output = lodge_run (argv, commands, cancellable, error);
  unlink (source);
  return output != NULL && check_content (program, where, path, text, cancellable, error);
}
