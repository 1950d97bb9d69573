/* What is found on disks: real file systems and tables made by their own tools, and the signatures
 * of what cannot be made here, byte by byte, all on image files; some on a loop device too.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "common/probe-signatures.h"
#include "tests/unit/hardware-tree.h"

#include <fcntl.h>
#include <string.h>

#define KIB 1024
#define MIB (1024 * KIB)
#define IMAGE_SIZE (64 * MIB)

/* One act on the image, in the order of a case's list. */
typedef struct
{
  const char *tool;  /* arguments separated by blanks, the image's path comes last; or NULL */
  const char *input; /* its standard input */
  gint64 offset;     /* else: LENGTH bytes are written here; negative: from the end */
  const char *bytes;
  gsize length;
  guint repeat, step; /* … REPEAT times more, each STEP bytes on */
} Act;

#define TOOL(command)                                                                              \
  {                                                                                                \
    .tool = (command)                                                                              \
  }
#define TOOL_INPUT(command, text)                                                                  \
  {                                                                                                \
    .tool = (command), .input = (text)                                                             \
  }
#define BYTES(where, text)                                                                         \
  {                                                                                                \
    .offset = (where), .bytes = (text), .length = sizeof (text) - 1                                \
  }

static const struct
{
  const char *name;
  Act acts[4];
  /* "DEVICE TYPE USAGE LABEL", one a line, sorted as found; "" and UNKNOWN_DATA decide of blank. */
  const char *expected;
  gboolean unknown_data;
} cases[] = {
  { "zeros", { { 0 } }, "", FALSE },
  { "data-at-start", { BYTES (17, "x") }, "", TRUE },
  { "data-at-end", { BYTES (-1, "x") }, "", TRUE },
  { "ext4", { TOOL ("mke2fs -q -F -t ext4 -L data") }, "/dev/sdb ext4 filesystem data\n", FALSE },
  { "ext4-wiped", { TOOL ("mke2fs -q -F -t ext4 -L data"), TOOL ("wipefs -q -a") }, "", TRUE },
  { "ext4-bad-checksum",
    { TOOL ("mke2fs -q -F -t ext4 -O metadata_csum -L data"), BYTES (KIB + 12, "\x01\x02\x03") },
    "/dev/sdb ext4 filesystem data\n",
    FALSE },
  { "vfat", { TOOL ("mkfs.vfat -n LODGE") }, "/dev/sdb vfat filesystem LODGE\n", FALSE },
  { "swap", { TOOL ("mkswap -q -L s") }, "/dev/sdb swap other s\n", FALSE },
  { "luks",
    { { .bytes = "LUKS\xba\xbe\x00\x01", .length = 8 } },
    "/dev/sdb crypto_LUKS crypto -\n",
    FALSE },
  { "lvm",
    { BYTES (512, "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001") },
    "/dev/sdb LVM2_member raid -\n",
    FALSE },
  /* Stale remains below a newer superblock: both must be named. */
  { "lvm-and-ext4",
    { TOOL ("mke2fs -q -F -t ext4 -L old"),
      BYTES (512, "LABELONE\1\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001") },
    "/dev/sdb LVM2_member raid -\n/dev/sdb ext4 filesystem old\n",
    FALSE },
  { "md-0.90",
    { BYTES (IMAGE_SIZE - 64 * KIB, "\xfc\x4e\x2b\xa9\0\0\0\0\x5a\0\0\0") },
    "/dev/sdb linux_raid_member raid -\n",
    FALSE },
  { "md-1.2",
    { BYTES (4 * KIB, "\xfc\x4e\x2b\xa9\1\0\0\0"), BYTES (4 * KIB + 144, "\x08") },
    "/dev/sdb linux_raid_member raid -\n",
    FALSE },
  { "zfs",
    { { .offset = 128 * KIB,
        .bytes = "\x0c\xb1\xba\0\0\0\0\0",
        .length = 8,
        .repeat = 7,
        .step = KIB } },
    "/dev/sdb zfs_member filesystem -\n",
    FALSE },
  { "vmfs-volume",
    { BYTES (MIB, "\x0d\xd0\x01\xc0\x05\0\0\0") },
    "/dev/sdb VMFS_volume_member raid -\n",
    FALSE },
  { "bcache",
    { BYTES (4 * KIB + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"),
      BYTES (4 * KIB + 8, "\x08") },
    "/dev/sdb bcache other -\n",
    FALSE },
  { "mbr",
    { TOOL_INPUT ("sfdisk -q", "label: dos\nsize=8M\nsize=8M, type=5\nsize=4M\n") },
    "/dev/sdb dos partition table -\n",
    FALSE },
  { "gpt-with-file-systems",
    {
        TOOL_INPUT ("sfdisk -q", "label: gpt\nstart=2048, size=8M, name=\"one\"\n"
                                 "start=20480, size=32M, name=\"two\"\n"),
        TOOL ("mke2fs -q -F -t ext4 -L inside -E offset=1048576"),
    },
    "/dev/sdb gpt partition table -\n/dev/sdb1 ext4 filesystem inside\n",
    FALSE },
  { "gpt-backup-only",
    { TOOL_INPUT ("sfdisk -q", "label: gpt\nsize=8M\n"),
      TOOL ("dd if=/dev/zero bs=512 count=34 conv=notrunc status=none") },
    "/dev/sdb gpt partition table -\n",
    FALSE },
  /* Neither header is left, only what keeps old programs away from a GPT disk. */
  { "protective-mbr-only",
    { TOOL_INPUT ("sfdisk -q", "label: gpt\nsize=8M\n"),
      { .offset = 512, .bytes = "\0\0\0\0\0\0\0\0", .length = 8 },
      { .offset = -512, .bytes = "\0\0\0\0\0\0\0\0", .length = 8 } },
    "/dev/sdb PMBR partition table -\n",
    FALSE },
};

static void
write_bytes (const char *path, const Act *act)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gint64 offset = act->offset < 0 ? IMAGE_SIZE + act->offset : act->offset;

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i <= act->repeat; i++)
    g_assert_cmpint (pwrite (fd, act->bytes, act->length, offset + i * act->step), ==,
                     (gssize)act->length);
  close (fd);
}

/* FALSE when the tool is not installed. */
static gboolean
perform (const char *path, const Act *act)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *program = NULL;
  g_autofree char *of = NULL;
  g_auto (GStrv) words = NULL;
  GPtrArray *arguments;

  if (act->tool == NULL)
    {
      if (act->length > 0)
        write_bytes (path, act);
      return TRUE;
    }
  words = g_strsplit (act->tool, " ", -1);
  program = g_find_program_in_path (words[0]);
  if (program == NULL)
    {
      g_autofree char *reason = g_strdup_printf ("%s is not installed", words[0]);

      g_test_skip (reason);
      return FALSE;
    }
  arguments = g_ptr_array_new ();
  for (gsize i = 0; words[i] != NULL; i++)
    g_ptr_array_add (arguments, words[i]);
  of = g_strconcat ("of=", path, NULL);
  g_ptr_array_add (arguments, g_str_equal (words[0], "dd") ? of : (char *)path);
  if (strstr (act->tool, "-E offset") != NULL)
    g_ptr_array_add (arguments, (char *)"8192");
  g_ptr_array_add (arguments, NULL);
  output = lodge_run ((const char *const *)arguments->pdata, act->input, NULL, &error);
  g_ptr_array_free (arguments, TRUE);
  g_assert_no_error (error);
  return TRUE;
}

static char *
make_image (const char *root)
{
  char *path = g_build_filename (root, "image", NULL);

  tree_file (root, "image", "");
  g_assert_cmpint (truncate (path, IMAGE_SIZE), ==, 0);
  return path;
}

static char *
format_signatures (const LodgeContent *content)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < content->signatures->len; i++)
    {
      const LodgeSignature *signature = g_ptr_array_index (content->signatures, i);

      g_string_append_printf (text, "%s %s %s %s\n", signature->device, signature->type,
                              signature->usage, signature->label == NULL ? "-" : signature->label);
    }
  return g_string_free (text, FALSE);
}

static void
test_image (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *root = tree_new ();
  g_autofree char *path = make_image (root);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeContent) content = NULL;
  g_autofree char *found = NULL;
  gboolean made = TRUE;

  for (gsize j = 0; made && j < G_N_ELEMENTS (cases[i].acts); j++)
    made = perform (path, &cases[i].acts[j]);
  if (made)
    {
      content = lodge_content_probe (path, "/dev/sdb", &error);
      g_assert_no_error (error);
      found = format_signatures (content);
      g_assert_cmpstr (found, ==, cases[i].expected);
      g_assert_cmpint (content->unknown_data, ==, cases[i].unknown_data);
    }
  tree_remove (root);
}

/* Erased flash reads as ones. */
static void
test_ones (void)
{
  g_autofree char *root = tree_new ();
  g_autofree char *path = make_image (root);
  g_autofree char *ones = g_malloc (MIB);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeContent) content = NULL;
  Act act = { .bytes = ones, .length = MIB, .repeat = IMAGE_SIZE / MIB - 1, .step = MIB };

  memset (ones, 0xff, MIB);
  write_bytes (path, &act);
  content = lodge_content_probe (path, "/dev/sdb", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (content->signatures->len, ==, 0);
  g_assert_false (content->unknown_data);
  tree_remove (root);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_content_probe ("/nonexistent/image", "/dev/sdb", &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/dev/sdb"));
}

/* The image as a loop device, or NULL with the test skipped. */
static char *
attach (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *device = lodge_run_list (&error, "losetup", "--find", "--show", path, NULL);

  if (device == NULL)
    {
      g_autofree char *reason = g_strdup_printf ("no loop device: %s", error->message);

      g_test_skip (reason);
    }
  return device;
}

static void
detach (const char *device)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "losetup", "--detach", device, NULL);

  g_assert_no_error (error);
}

static void
test_block_device (void)
{
  g_autofree char *root = tree_new ();
  g_autofree char *path = make_image (root);
  const Act acts[] = { TOOL ("mke2fs -q -F -t ext4 -L loop") };
  g_autofree char *device = NULL;
  g_autoptr (GError) error = NULL;

  if (perform (path, &acts[0]))
    device = attach (path);
  if (device != NULL)
    {
      g_autoptr (LodgeContent) content = lodge_content_probe (device, device, &error);
      const LodgeSignature *signature;

      g_assert_no_error (error);
      g_assert_cmpuint (content->signatures->len, ==, 1);
      signature = g_ptr_array_index (content->signatures, 0);
      g_assert_cmpstr (signature->device, ==, device);
      g_assert_cmpstr (signature->label, ==, "loop");
      detach (device);
    }
  tree_remove (root);
}

/* The file behind the device is cut off: the kernel answers EIO there. */
static void
test_unreadable (void)
{
  g_autofree char *root = tree_new ();
  g_autofree char *path = make_image (root);
  g_autofree char *device = attach (path);
  g_autoptr (GError) error = NULL;

  if (device != NULL)
    {
      g_assert_cmpint (truncate (path, IMAGE_SIZE / 2), ==, 0);
      g_assert_null (lodge_content_probe (device, "/dev/sdb", &error));
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, "/dev/sdb"));
      detach (device);
    }
  tree_remove (root);
}

static void
test_partition_names (void)
{
  static const struct
  {
    const char *disk;
    int number;
    const char *expected;
  } names[] = {
    { "/dev/sdb", 1, "/dev/sdb1" },
    { "/dev/nvme0n1", 2, "/dev/nvme0n1p2" },
    { "/dev/mmcblk0", 10, "/dev/mmcblk0p10" },
    { "/dev/vdaa", 3, "/dev/vdaa3" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = lodge_partition_device (names[i].disk, names[i].number);

      g_assert_cmpstr (name, ==, names[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/probe-signatures/image/%s", cases[i].name);

      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_image);
    }
  g_test_add_func ("/probe-signatures/ones", test_ones);
  g_test_add_func ("/probe-signatures/missing", test_missing);
  g_test_add_func ("/probe-signatures/block-device", test_block_device);
  g_test_add_func ("/probe-signatures/unreadable", test_unreadable);
  g_test_add_func ("/probe-signatures/partition-names", test_partition_names);
  return g_test_run ();
}
