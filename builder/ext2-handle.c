/* libext2fs' handle.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/ext2-handle.h"

#include <et/com_err.h>

#include "common/error.h"

gboolean
lodge_ext2_error (GError **error, errcode_t code, const char *format, ...)
{
  g_autofree char *action = NULL;
  va_list arguments;

  va_start (arguments, format);
  action = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", action, error_message (code));
}

static ext2_filsys
open_with (const char *file, guint64 offset, int flags, GError **error)
{
  g_autofree char *options = g_strdup_printf ("offset=%" G_GUINT64_FORMAT, offset);
  g_auto (ext2_filsys) filesystem = NULL;
  errcode_t code;

  initialize_ext2_error_table ();
  code = ext2fs_open2 (file, options, flags | EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &filesystem);
  if (code == 0)
    code = ext2fs_read_bitmaps (filesystem);
  if (code == 0)
    {
      ext2_filsys opened = filesystem;

      filesystem = NULL;
      return opened;
    }
  lodge_ext2_error (error, code, "open the root file system in %s", file);
  return NULL;
}

ext2_filsys
lodge_ext2_open (const char *file, guint64 offset, GError **error)
{
  return open_with (file, offset, EXT2_FLAG_RW, error);
}

ext2_filsys
lodge_ext2_open_to_read (const char *file, guint64 offset, GError **error)
{
  return open_with (file, offset, 0, error);
}

gboolean
lodge_ext2_close (ext2_filsys filesystem, GError **error)
{
  errcode_t code = ext2fs_close_free (&filesystem);

  return code == 0 || lodge_ext2_error (error, code, "write the root file system");
}

static char *
read_all (ext2_file_t file, gsize limit, errcode_t *code)
{
  __u64 size;
  unsigned int got = 0;
  g_autofree char *text = NULL;

  *code = ext2fs_file_get_lsize (file, &size);
  if (*code == 0 && size > limit)
    *code = EXT2_ET_FILE_TOO_BIG;
  if (*code != 0)
    return NULL;
  text = g_malloc0 (size + 1);
  *code = ext2fs_file_read (file, text, (unsigned int)size, &got);
  if (*code == 0 && got != size)
    *code = EXT2_ET_SHORT_READ;
  return *code == 0 ? g_steal_pointer (&text) : NULL;
}

char *
lodge_ext2_read (ext2_filsys filesystem, const char *path, gsize limit, GError **error)
{
  ext2_ino_t inode;
  ext2_file_t file;
  errcode_t code = ext2fs_namei_follow (filesystem, EXT2_ROOT_INO, EXT2_ROOT_INO, path, &inode);
  char *text = NULL;

  if (code == EXT2_ET_FILE_NOT_FOUND)
    return NULL;
  if (code == 0)
    code = ext2fs_file_open (filesystem, inode, 0, &file);
  if (code == 0)
    {
      text = read_all (file, limit, &code);
      ext2fs_file_close (file);
    }
  if (code != 0)
    lodge_ext2_error (error, code, "read %s in the image", path);
  return text;
}
