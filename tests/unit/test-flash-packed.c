/* How long packed images are, as their files say: made by the real programs.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-packed.h"
#include "common/file.h"
#include "common/run.h"

#include <glib/gstdio.h>
#include <string.h>

enum
{
  LENGTH = 300001, /* bytes: several blocks, and an odd one */
};

/* SCRIPT makes "out" from "in", LENGTH bytes, where it runs. */
static guint64
find (const char *script, const char *compression)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-packed-XXXXXX", &error);
  g_autofree char *in = g_build_filename (directory, "in", NULL);
  g_autofree char *out = g_build_filename (directory, "out", NULL);
  g_autofree char *bytes = g_malloc (LENGTH);
  g_autofree char *command = g_strdup_printf ("cd %s && %s", directory, script);
  const char *argv[] = { "sh", "-ec", command, NULL };
  g_autofree char *output = NULL;
  guint64 length;

  g_assert_no_error (error);
  for (guint i = 0; i < LENGTH; i++) /* half of it is a run of one byte */
    bytes[i] = i < LENGTH / 2 ? 'x' : (char)g_test_rand_int ();
  g_assert_true (lodge_file_replace (in, bytes, LENGTH, 0600, &error));
  output = lodge_run (argv, NULL, NULL, &error);
  g_assert_no_error (error);
  length = lodge_flash_packed_length (out, compression);
  g_unlink (in);
  g_unlink (out);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  return length;
}

static void
test_lengths (void)
{
  static const struct
  {
    const char *script;
    const char *compression;
    guint64 length;
  } cases[] = {
    { "zstd -q in -o out", ".zst", LENGTH },
    { "zstd -q --no-check -19 in -o out", ".zst", LENGTH },
    /* A length of one, two and four bytes. */
    { "head -c 200 in >part; zstd -q part -o out; rm part", ".zst", 200 },
    { "head -c 256 in >part; zstd -q part -o out; rm part", ".zst", 256 },
    { "head -c 70000 in >part; zstd -q part -o out; rm part", ".zst", 70000 },
    { "zstd -q --stream-size=300001 -c <in >out", ".zst", LENGTH },
    { "zstd -q -c <in >out", ".zst", 0 },
    { "zstd -q -c in >out; zstd -q -c in >>out", ".zst", 2 * LENGTH },
    { "zstd -q -c in >out; zstd -q -c <in >>out", ".zst", 0 },
    { "printf 'P*M\\030\\003\\000\\000\\000abc' >out; zstd -q -c in >>out", ".zst", LENGTH },
    { "zstd -q -c in | head -c -1 >out", ".zst", 0 },
    { "zstd -q -c in >out; printf x >>out", ".zst", 0 },
    { "xz -c in >out", ".xz", LENGTH },
    { "xz -c <in >out", ".xz", LENGTH },
    { "xz --block-size=4096 -c in >out", ".xz", LENGTH },
    { "xz -c in >out; xz -c in >>out", ".xz", 2 * LENGTH },
    { "xz -c in >out; printf '\\0\\0\\0\\0' >>out", ".xz", LENGTH },
    { "xz -c in | head -c -4 >out", ".xz", 0 },
    { "xz -c in | tail -c +5 >out", ".xz", 0 },
    { "gzip -c in >out", ".gz", 0 },
    { ": >out", ".zst", 0 },
    { ": >out", ".xz", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].script);
      g_assert_cmpuint (find (cases[i].script, cases[i].compression), ==, cases[i].length);
    }
}

/* Bytes of anything after a true beginning: no crash, and no reading beyond. */
static void
test_noise (void)
{
  static const struct
  {
    const char *start;
    const char *compression;
  } kinds[] = { { "\x28\xb5\x2f\xfd", ".zst" },
                { "\xfd"
                  "7zXZ",
                  ".xz" } };
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-packed-XXXXXX", &error);
  g_autofree char *path = g_build_filename (directory, "out", NULL);

  g_assert_no_error (error);
  for (guint round = 0; round < 400; round++)
    {
      const char *start = kinds[round % 2].start;
      char bytes[64];
      gint length = g_test_rand_int_range (6, sizeof bytes);

      for (gint i = 0; i < length; i++)
        bytes[i] = (char)g_test_rand_int ();
      memcpy (bytes, start, strlen (start));
      g_assert_true (g_file_set_contents (path, bytes, length, &error));
      g_assert_cmpuint (lodge_flash_packed_length (path, kinds[round % 2].compression), <,
                        G_GUINT64_CONSTANT (1) << 61);
    }
  g_unlink (path);
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash-packed/lengths", test_lengths);
  g_test_add_func ("/flash-packed/noise", test_noise);
  return g_test_run ();
}
