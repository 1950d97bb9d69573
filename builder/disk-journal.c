/* The journal of a finished ext4 file system.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/disk-journal.h"

#include "builder/ext2-handle.h"
#include "common/error.h"

/* A hole in the file, or zeros in it where the machine's file system has no holes. */
static errcode_t
empty_piece (ext2_filsys fs, blk64_t start, int length)
{
  /* unix_discard() in lib/ext2fs/unix_io.c: of a file, by fallocate(2). */
  return io_channel_discard (fs->io, start, (unsigned long long)length) == 0
             ? 0
             : ext2fs_zero_blocks2 (fs, start, length, NULL, NULL);
}

/* Zeros from the journal's second block on, in as few pieces as it has. */
static errcode_t
empty_blocks (ext2_filsys fs, ext2_ino_t journal, blk64_t count)
{
  blk64_t start = 0;
  int length = 0;
  errcode_t code = 0;

  for (blk64_t i = 1; code == 0 && i < count; i++)
    {
      blk64_t block = 0;

      code = ext2fs_bmap2 (fs, journal, NULL, NULL, 0, i, NULL, &block);
      if (code == 0 && length > 0 && block != start + (blk64_t)length)
        {
          code = empty_piece (fs, start, length);
          length = 0;
        }
      start = length == 0 ? block : start;
      length++;
    }
  if (code == 0 && length > 0)
    code = empty_piece (fs, start, length);
  ext2fs_zero_blocks2 (NULL, 0, 0, NULL, NULL); /* frees its buffer */
  return code;
}

/* The journal's superblock, in its first block. */
static errcode_t
write_superblock (ext2_filsys fs, ext2_ino_t journal, blk64_t count)
{
  char *buffer = NULL;
  blk64_t block = 0;
  errcode_t code = ext2fs_bmap2 (fs, journal, NULL, NULL, 0, 0, NULL, &block);

  if (code == 0)
    code = ext2fs_create_journal_superblock (fs, (__u32)count, 0, &buffer);
  if (code == 0)
    code = io_channel_write_blk64 (fs->io, block, 1, buffer);
  ext2fs_free_mem (&buffer);
  return code;
}

static errcode_t
renew (ext2_filsys fs)
{
  ext2_ino_t journal = fs->super->s_journal_inum;
  struct ext2_inode inode;
  errcode_t code = ext2fs_read_inode (fs, journal, &inode);
  blk64_t count = code == 0 ? EXT2_I_SIZE (&inode) / fs->blocksize : 0;

  if (code == 0)
    code = empty_blocks (fs, journal, count);
  return code == 0 ? write_superblock (fs, journal, count) : code;
}

gboolean
lodge_disk_journal_renew (const char *image, guint64 offset, GError **error)
{
  ext2_filsys fs = lodge_ext2_open (image, offset, error);
  g_autoptr (GError) failure = NULL;
  errcode_t code;
  gboolean closed;

  if (fs == NULL)
    return FALSE;
  if (ext2fs_has_feature_journal_needs_recovery (fs->super))
    lodge_error_set (&failure, LODGE_ERROR_FAILED,
                     "the appliance left changes in the journal of the root file system in %s",
                     image);
  else if ((code = renew (fs)) != 0)
    lodge_ext2_error (&failure, code, "empty the journal of the root file system in %s", image);
  closed = lodge_ext2_close (fs, failure == NULL ? error : NULL);
  if (failure == NULL)
    return closed;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
