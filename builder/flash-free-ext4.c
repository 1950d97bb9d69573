/* Free space of an ext4 file system, by its block bitmap.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-free.h"

#include "builder/ext2-handle.h"
#include "builder/spans.h"

/* Its journal would be replayed into blocks that we take for free, or it is of a kind whose bitmap
 * does not count in blocks. */
static gboolean
is_unclear (ext2_filsys filesystem)
{
  return ext2fs_has_feature_journal_needs_recovery (filesystem->super)
         || ext2fs_has_feature_bigalloc (filesystem->super)
         || (filesystem->super->s_state & EXT2_VALID_FS) == 0
         || (filesystem->super->s_state & EXT2_ERROR_FS) != 0;
}

gboolean
lodge_flash_free_ext4 (const char *image, guint64 offset, guint64 size, GArray *free,
                       GError **error)
{
  g_auto (ext2_filsys) filesystem = lodge_ext2_open_to_read (image, offset, error);
  blk64_t block;
  blk64_t count;

  if (filesystem == NULL)
    return FALSE;
  count = ext2fs_blocks_count (filesystem->super);
  if (is_unclear (filesystem) || count > size / filesystem->blocksize)
    return TRUE;
  block = filesystem->super->s_first_data_block;
  while (block < count)
    {
      blk64_t start;
      blk64_t end;

      /* Both fail when there is none. */
      if (ext2fs_find_first_zero_block_bitmap2 (filesystem->block_map, block, count - 1, &start)
          != 0)
        return TRUE;
      if (ext2fs_find_first_set_block_bitmap2 (filesystem->block_map, start, count - 1, &end) != 0)
        end = count;
      lodge_spans_add (free, offset + start * filesystem->blocksize,
                       offset + end * filesystem->blocksize);
      block = end;
    }
  return TRUE;
}
