/* Times and random numbers in a finished ext4 file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-times.h"

#include <ext2fs/ext2fs.h>
#include <string.h>

#include "common/error.h"

typedef struct
{
  ext2_filsys fs;
  gint64 epoch;
  GArray *directories; /* of ext2_ino_t: those whose blocks' checksums have to be made anew */
} Pass;

/* Of a large inode; by the size that it says, all have them (inode_size in ext4.c). */
typedef union
{
  struct ext2_inode_large inode;
  guint8 bytes[256];
} Inode;

/* SECONDS and EXTRA: as the kernel's Documentation/filesystems/ext4/inodes.rst, "Inode Timestamps".
 */
static void
set (const Pass *pass, __u32 *seconds, __u32 *extra)
{
  *seconds = (__u32)pass->epoch;
  *extra = (__u32)((pass->epoch - (gint32)(guint32)pass->epoch) >> 32) & 3;
}

static void
clamp (const Pass *pass, __u32 *seconds, __u32 *extra)
{
  gint64 time = (gint64)(gint32)*seconds + ((gint64)(*extra & 3) << 32);

  if (time >= pass->epoch)
    set (pass, seconds, extra);
}

/* Whether the blocks that INODE's extents are in hold checksums over its generation. */
static gboolean
has_extent_blocks (const struct ext2_inode_large *inode)
{
  struct ext3_extent_header header;

  if ((inode->i_flags & EXT4_EXTENTS_FL) == 0)
    return FALSE;
  memcpy (&header, inode->i_block, sizeof header);
  return header.eh_depth != 0;
}

static void
change_inode (Pass *pass, ext2_ino_t number, Inode *inode)
{
  struct ext2_inode_large *large = &inode->inode;

  if (!ext2fs_test_inode_bitmap2 (pass->fs->inode_map, number))
    {
      memset (inode, 0, sizeof *inode);
      return;
    }
  set (pass, &large->i_atime, &large->i_atime_extra); /* who read it on the build machine */
  clamp (pass, &large->i_ctime, &large->i_ctime_extra);
  clamp (pass, &large->i_mtime, &large->i_mtime_extra);
  clamp (pass, &large->i_crtime, &large->i_crtime_extra);
  /* Packages are unpacked side by side: a directory that several have keeps the time of one of
   * them, or gets that of the last file in it, by chance. */
  if (LINUX_S_ISDIR (large->i_mode))
    set (pass, &large->i_mtime, &large->i_mtime_extra);
  /* How often it was changed since it was made (i_version, for NFS). */
  large->osd1.linux1.l_i_version = 0;
  large->i_version_hi = 0;
  /* A file in more than four pieces keeps the number that its blocks were signed with. */
  if (large->i_generation == 0 || has_extent_blocks (large))
    return;
  large->i_generation = 0;
  if (LINUX_S_ISDIR (large->i_mode))
    g_array_append_val (pass->directories, number);
}

static errcode_t
change_inodes (Pass *pass)
{
  ext2_inode_scan scan;
  ext2_ino_t number;
  Inode inode;
  Inode before;
  errcode_t code = ext2fs_open_inode_scan (pass->fs, 0, &scan);

  if (code != 0)
    return code;
  for (;;)
    {
      code = ext2fs_get_next_inode_full (scan, &number, (struct ext2_inode *)&inode, sizeof inode);
      if (code != 0 || number == 0)
        break;
      before = inode;
      change_inode (pass, number, &inode);
      /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): libext2fs filled every byte. */
      if (memcmp (&before, &inode, sizeof inode) != 0)
        code
            = ext2fs_write_inode_full (pass->fs, number, (struct ext2_inode *)&inode, sizeof inode);
      if (code != 0)
        break;
    }
  ext2fs_close_inode_scan (scan);
  return code;
}

typedef struct
{
  const Pass *pass;
  ext2_ino_t number;
  char *buffer;
  errcode_t code;
} Directory;

static int
sign_block (ext2_filsys fs, blk64_t *block, e2_blkcnt_t count, blk64_t parent, int offset,
            void *data)
{
  Directory *directory = data;

  (void)count;
  (void)parent;
  (void)offset;
  directory->code = ext2fs_read_dir_block4 (fs, *block, directory->buffer, 0, directory->number);
  if (directory->code == 0)
    directory->code = ext2fs_write_dir_block4 (fs, *block, directory->buffer, 0, directory->number);
  return directory->code != 0 ? BLOCK_ABORT : 0;
}

/* A directory's blocks have checksums over its inode's generation. */
static errcode_t
sign_directories (const Pass *pass)
{
  g_autofree char *buffer = g_malloc (pass->fs->blocksize);
  errcode_t code = 0;

  pass->fs->flags |= EXT2_FLAG_IGNORE_CSUM_ERRORS; /* they are wrong until they are written */
  for (guint i = 0; code == 0 && i < pass->directories->len; i++)
    {
      Directory directory = { .pass = pass,
                              .number = g_array_index (pass->directories, ext2_ino_t, i),
                              .buffer = buffer };

      code = ext2fs_block_iterate3 (pass->fs, directory.number,
                                    BLOCK_FLAG_READ_ONLY | BLOCK_FLAG_DATA_ONLY, NULL, sign_block,
                                    &directory);
      if (code == 0)
        code = directory.code;
    }
  pass->fs->flags &= ~EXT2_FLAG_IGNORE_CSUM_ERRORS;
  return code;
}

static void
change_superblock (const Pass *pass)
{
  struct ext2_super_block *super = pass->fs->super;

  super->s_mkfs_time = super->s_lastcheck = super->s_wtime = (__u32)pass->epoch;
  super->s_mkfs_time_hi = super->s_lastcheck_hi = super->s_wtime_hi = (__u8)(pass->epoch >> 32);
  super->s_mtime = 0;
  super->s_mtime_hi = 0;
  super->s_mnt_count = 0;
  super->s_kbytes_written = 0;
  memset (super->s_last_mounted, 0, sizeof super->s_last_mounted);
  pass->fs->now = (time_t)pass->epoch; /* libext2fs' own writing of it */
  ext2fs_mark_super_dirty (pass->fs);
}

static errcode_t
run (Pass *pass)
{
  errcode_t code = ext2fs_read_bitmaps (pass->fs);

  if (code == 0)
    code = change_inodes (pass);
  if (code == 0)
    code = sign_directories (pass);
  change_superblock (pass);
  return code;
}

gboolean
lodge_disk_times_ext4 (const char *image, guint64 offset, gint64 epoch, GError **error)
{
  g_autofree char *options = g_strdup_printf ("offset=%" G_GUINT64_FORMAT, offset);
  Pass pass = { .epoch = epoch };
  errcode_t code;

  initialize_ext2_error_table ();
  code = ext2fs_open2 (image, options, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0, unix_io_manager,
                       &pass.fs);
  if (code == 0)
    {
      errcode_t closed;

      pass.directories = g_array_new (FALSE, FALSE, sizeof (ext2_ino_t));
      code = run (&pass);
      g_array_unref (pass.directories);
      closed = ext2fs_close_free (&pass.fs);
      code = code != 0 ? code : closed;
    }
  if (code == 0)
    return TRUE;
  return lodge_error_set (error, LODGE_ERROR_FAILED,
                          "put the times of the root file system in %s in order: %s", image,
                          error_message (code));
}
