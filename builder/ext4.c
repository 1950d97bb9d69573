/* The root file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "FILE?offset=N" is how e2fsprogs' programs take a file system inside a file
 * (ext2fs_open2() in lib/ext2fs/openfs.c); mke2fs has an option for it.
 */
#include "builder/ext4.h"

#include <string.h>
#include <unistd.h>

#include "builder/hash.h"
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

/* The file system's file PATH as a file outside; debugfs(8) is asked. */
static gboolean
dump (const LodgeExt4 *ext4, const char *program, const char *path, const char *target,
      GCancellable *cancellable, GError **error)
{
  g_autofree char *where = place (ext4);
  g_autofree char *command = g_strdup_printf ("dump %s \"%s\"", path, target);
  const char *const argv[] = { program, "-R", command, where, NULL };
  g_autofree char *output = lodge_run (argv, NULL, cancellable, error);

  return output != NULL;
}

/* debugfs goes on after a command that failed, with exit status 0: what it did is read back. */
static gboolean
check_content (const LodgeExt4 *ext4, const char *program, const char *path, const char *source,
               const char *work, GCancellable *cancellable, GError **error)
{
  g_autofree char *written = g_build_filename (work, "written", NULL);
  g_autofree char *wanted = lodge_hash_file (source, NULL, NULL, cancellable, error);
  g_autofree char *found = NULL;

  if (wanted == NULL || !dump (ext4, program, path, written, cancellable, error))
    return FALSE;
  found = lodge_hash_file (written, NULL, NULL, cancellable, NULL);
  unlink (written);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return g_strcmp0 (wanted, found) == 0
         || lodge_error_set (error, LODGE_ERROR_FAILED,
                             "debugfs did not write %s into the root file system", path);
}

/* FIRST is a command of debugfs that makes room for it, or "". */
static gboolean
write_file (const LodgeExt4 *ext4, const char *first, const char *path, const char *source,
            int mode, const char *work, GCancellable *cancellable, GError **error)
{
  g_autofree char *program = find_program ("debugfs", error);
  g_autofree char *where = place (ext4);
  /* sif: set_inode_field; the file came with the caller's uid and mode. */
  g_autofree char *commands
      = g_strdup_printf ("%s\nwrite \"%s\" %s\nsif %s mode 0100%03o\nsif %s uid 0\nsif %s gid 0\n",
                         first, source, path, path, (unsigned)mode, path, path);
  g_autofree char *time = fake_time (ext4);
  g_autofree char *variable = g_strconcat ("E2FSPROGS_FAKE_TIME=", time, NULL);
  const char *const argv[] = { "env", variable, program, "-w", "-f", "-", where, NULL };
  g_autofree char *output = NULL;

  if (program == NULL)
    return FALSE;
  output = lodge_run (argv, commands, cancellable, error);
  return output != NULL && check_content (ext4, program, path, source, work, cancellable, error);
}

gboolean
lodge_ext4_add (const LodgeExt4 *ext4, const char *path, const char *source, int mode,
                const char *work, GCancellable *cancellable, GError **error)
{
  return write_file (ext4, "", path, source, mode, work, cancellable, error);
}

gboolean
lodge_ext4_replace (const LodgeExt4 *ext4, const char *path, const char *text, const char *work,
                    GCancellable *cancellable, GError **error)
{
  g_autofree char *source = g_build_filename (work, "replacement", NULL);
  g_autofree char *first = g_strconcat ("rm ", path, NULL);
  gboolean done = lodge_file_replace (source, text, -1, 0644, error)
                  && write_file (ext4, first, path, source, 0644, work, cancellable, error);

  unlink (source);
  return done;
}
