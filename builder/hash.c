/* SHA-256 of large, sparse files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/sha256.h"
#include "common/error.h"

enum
{
  CHUNK = 4 * 1024 * 1024, /* bytes */
};

typedef struct
{
  const char *path;
  int fd;
  LodgeSha256 *digest;
  guint8 *buffer;      /* CHUNK bytes */
  const guint8 *zeros; /* CHUNK bytes */
  off_t size;
  off_t offset;
  void (*done) (guint64 bytes, guint64 total, gpointer data);
  gpointer data;
} Hash;

/* The next byte at or after OFFSET that is of the kind WHENCE (SEEK_DATA, SEEK_HOLE), at most the
 * file's size; a file system that knows no holes says that all is data. */
static off_t
seek_kind (const Hash *hash, int whence)
{
  off_t found = lseek (hash->fd, hash->offset, whence);

  if (found < 0 && errno == ENXIO)
    return hash->size; /* no data up to the end */
  if (found < 0)
    return whence == SEEK_DATA ? hash->offset : hash->size;
  return MIN (found, hash->size);
}

static gboolean
add_data (Hash *hash, const guint8 *data, gsize length, GError **error)
{
  if (!lodge_sha256_add (hash->digest, data, length, error))
    return FALSE;
  hash->offset += (off_t)length;
  if (hash->done != NULL)
    hash->done ((guint64)hash->offset, (guint64)hash->size, hash->data);
  return TRUE;
}

/* One chunk of zeros up to END, or of what is in the file. */
static gboolean
add_chunk (Hash *hash, off_t end, gboolean hole, GError **error)
{
  gsize length = (gsize)MIN (end - hash->offset, (off_t)CHUNK);
  ssize_t got;

  if (hole)
    return add_data (hash, hash->zeros, length, error);
  got = TEMP_FAILURE_RETRY (pread (hash->fd, hash->buffer, length, hash->offset));
  if (got < 0)
    return lodge_error_set_errno (error, errno, "read %s", hash->path);
  if (got == 0)
    return lodge_error_set (error, LODGE_ERROR_FAILED, "%s became shorter while it was read",
                            hash->path);
  return add_data (hash, hash->buffer, (gsize)got, error);
}

static gboolean
add_file (Hash *hash, GCancellable *cancellable, GError **error)
{
  while (hash->offset < hash->size)
    {
      off_t data = seek_kind (hash, SEEK_DATA);
      gboolean hole = data > hash->offset;
      off_t end = hole ? data : seek_kind (hash, SEEK_HOLE);

      while (hash->offset < end)
        if (g_cancellable_set_error_if_cancelled (cancellable, error)
            || !add_chunk (hash, end, hole, error))
          return FALSE;
    }
  return TRUE;
}

static char *
finish (Hash *hash, GError **error)
{
  char text[LODGE_SHA256_DIGITS + 1];

  return lodge_sha256_finish (hash->digest, text, error) ? g_strdup (text) : NULL;
}

char *
lodge_hash_file (const char *path, void (*done) (guint64 bytes, guint64 total, gpointer data),
                 gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (LodgeSha256) digest = lodge_sha256_new (error);
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  g_autofree guint8 *zeros = g_malloc0 (CHUNK);
  char *text = NULL;
  struct stat status;
  Hash hash = {
    .path = path, .digest = digest, .buffer = buffer, .zeros = zeros, .done = done, .data = data
  };

  if (digest == NULL)
    return NULL;
  hash.fd = open (path, O_RDONLY | O_CLOEXEC);
  if (hash.fd < 0 || fstat (hash.fd, &status) != 0)
    lodge_error_set_errno (error, errno, "open %s", path);
  else
    {
      hash.size = status.st_size;
      if (add_file (&hash, cancellable, error))
        text = finish (&hash, error);
    }
  if (hash.fd >= 0)
    close (hash.fd);
  return text;
}
