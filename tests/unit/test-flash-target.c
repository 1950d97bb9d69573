/* Which disks may be written to, decided on made-up machines.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/flash-target.h"

#include <string.h>

#include "common/error.h"
#include "tests/unit/hardware-tree.h"

#define GIBIBYTE (G_GUINT64_CONSTANT (1) << 30)

/* A machine that runs from sda2, with a stick sdb, and room for more. */
typedef struct
{
  char *root;
} Machine;

/* A disk of GIBIBYTES with nothing on it. */
static void
add_disk (const Machine *machine, const char *name, const char *number, const char *bus,
          guint gibibytes)
{
  g_autofree char *size = g_strdup_printf ("sys/class/block/%s/size", name);
  g_autofree char *ro = g_strdup_printf ("sys/class/block/%s/ro", name);
  g_autofree char *sector = g_strdup_printf ("sys/class/block/%s/queue/logical_block_size", name);
  g_autofree char *sectors = g_strdup_printf ("%u\n", gibibytes * 2097152);
  g_autofree char *signatures = g_strdup_printf ("run/lodge-capture/signatures/%s.json", name);

  tree_block (machine->root, name, number, NULL, bus);
  tree_file (machine->root, size, sectors);
  tree_file (machine->root, ro, "0\n");
  tree_file (machine->root, sector, "512\n");
  tree_file (machine->root, signatures, "{\"signatures\": []}\n");
}

static void
set_up (Machine *machine, gconstpointer data)
{
  (void)data;
  machine->root = tree_new ();
  add_disk (machine, "sda", "8:0", "pci0000:00/ata1/host0", 100);
  tree_block (machine->root, "sda2", "8:2", "sda", "pci0000:00/ata1/host0");
  add_disk (machine, "sdb", "8:16", "pci0000:00/usb1/1-1/host1", 16);
  tree_file (machine->root, "proc/self/mountinfo",
             "25 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n");
  tree_file (machine->root, "proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
  tree_file (machine->root, "run/lodge-capture/machine.conf",
             "[content]\nsda=empty\nsdb=empty\nsdc=empty\nloop0=empty\ndm-0=empty\nmd0=empty\n");
  tree_file (machine->root, "run/lodge-capture/signatures/sda2.json", "{\"signatures\": []}\n");
}

static void
tear_down (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_remove (machine->root);
  g_free (machine->root);
}

/* Why NAME is refused, "" when it is not. */
static char *
refusal (const Machine *machine, const char *name, guint64 image_size)
{
  const LodgeProbe probe = { .sysroot = machine->root };
  const LodgeDiskPurpose purpose = lodge_flash_purpose (image_size);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeDisk) disk = lodge_probe_disk (&probe, name, &purpose, &error);
  char *text;

  g_assert_no_error (error);
  text = lodge_flash_refusal (&probe, disk);
  return text != NULL ? text : g_strdup ("");
}

static void
assert_refused (const Machine *machine, const char *name, const char *words)
{
  g_autofree char *text = refusal (machine, name, GIBIBYTE);

  if (*words == '\0' ? *text != '\0' : strstr (text, words) == NULL)
    g_error ("%s: \"%s\" is not in \"%s\"", name, words, text);
}

static void
test_plain (Machine *machine, gconstpointer data)
{
  g_autofree char *large = refusal (machine, "sdb", 17 * GIBIBYTE);
  g_autofree char *exact = refusal (machine, "sdb", 16 * GIBIBYTE);

  (void)data;
  assert_refused (machine, "sdb", "");
  assert_refused (machine, "sda", "the running system is on it");
  g_assert_nonnull (strstr (large, "too small: the image needs 17.0 GiB"));
  g_assert_cmpstr (exact, ==, "");
}

static void
test_read_only (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_file (machine->root, "sys/class/block/sdb/ro", "1\n");
  assert_refused (machine, "sdb", "read-only");
}

static void
test_sectors (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_file (machine->root, "sys/class/block/sdb/queue/logical_block_size", "4096\n");
  assert_refused (machine, "sdb", "sectors are of 4096 bytes");
}

/* The system's root is a volume on two disks and a loop file on a third. */
static void
test_ancestry (Machine *machine, gconstpointer data)
{
  (void)data;
  add_disk (machine, "sdc", "8:32", "pci0000:00/ata2/host2", 10);
  tree_block (machine->root, "sdb1", "8:17", "sdb", "pci0000:00/usb1/1-1/host1");
  tree_file (machine->root, "run/lodge-capture/signatures/sdb1.json", "{\"signatures\": []}\n");
  tree_block (machine->root, "dm-0", "253:0", NULL, NULL);
  tree_block (machine->root, "md0", "9:0", NULL, NULL);
  tree_stack (machine->root, "dm-0", "md0");
  tree_stack (machine->root, "md0", "sdb1");
  tree_stack (machine->root, "md0", "sdc");
  tree_file (machine->root, "proc/self/mountinfo",
             "25 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
  assert_refused (machine, "sda", "");
  assert_refused (machine, "sdb", "the running system is on it");
  assert_refused (machine, "sdc", "the running system is on it");
}

static void
test_loop_file (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_block (machine->root, "loop0", "7:0", NULL, NULL);
  tree_file (machine->root, "sys/class/block/loop0/loop/backing_file", "/media/stick/root.img\n");
  tree_file (machine->root, "proc/self/mountinfo",
             "25 1 7:0 / / rw - ext4 /dev/loop0 rw\n"
             "26 25 8:16 / /media/stick rw - vfat /dev/sdb rw\n");
  assert_refused (machine, "sdb", "the running system is on it");
}

static void
test_in_use (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_block (machine->root, "sdb1", "8:17", "sdb", "pci0000:00/usb1/1-1/host1");
  tree_file (machine->root, "run/lodge-capture/signatures/sdb1.json", "{\"signatures\": []}\n");
  assert_refused (machine, "sdb", "");
  tree_file (machine->root, "proc/swaps",
             "Filename\tType\tSize\tUsed\tPriority\n/dev/sdb1 partition 1000 0 -2\n");
  tree_file (machine->root, "dev/sdb1", "");
  assert_refused (machine, "sdb", "swaps to it");
  tree_file (machine->root, "proc/self/mountinfo",
             "25 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
             "26 25 8:17 / /media/photos rw - vfat /dev/sdb1 rw\n");
  assert_refused (machine, "sdb", "mounted at /media/photos");
}

static void
test_holders (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_block (machine->root, "dm-0", "253:0", NULL, NULL);
  tree_file (machine->root, "sys/class/block/dm-0/dm/name", "vg-data\n");
  tree_file (machine->root, "sys/class/block/dm-0/dm/uuid", "LVM-abc\n");
  tree_stack (machine->root, "dm-0", "sdb");
  assert_refused (machine, "sdb", "vg-data is built on it");
  tree_file (machine->root, "sys/class/block/dm-0/dm/uuid", "mpath-abc\n");
  assert_refused (machine, "sdb", "multipath");
  tree_file (machine->root, "sys/class/block/dm-0/size", "20971520\n");
  tree_file (machine->root, "run/lodge-capture/signatures/dm-0.json", "{\"signatures\": []}\n");
  assert_refused (machine, "dm-0", "not a whole disk");
}

/* Its own file is the disk, or a partition of it; another's is none of its business. */
static void
test_loop_on_disk (Machine *machine, gconstpointer data)
{
  (void)data;
  tree_block (machine->root, "sdb1", "8:17", "sdb", "pci0000:00/usb1/1-1/host1");
  tree_file (machine->root, "run/lodge-capture/signatures/sdb1.json", "{\"signatures\": []}\n");
  tree_file (machine->root, "dev/sda", "");
  tree_file (machine->root, "dev/sdb", "");
  tree_file (machine->root, "dev/sdb1", "");
  tree_block (machine->root, "loop3", "7:3", NULL, NULL);
  tree_file (machine->root, "sys/class/block/loop3/loop/backing_file", "/dev/sda\n");
  assert_refused (machine, "sdb", "");
  tree_file (machine->root, "sys/class/block/loop3/loop/backing_file", "/dev/sdb1\n");
  assert_refused (machine, "sdb", "the loop device /dev/loop3 stands on it");
  tree_file (machine->root, "sys/class/block/loop3/loop/backing_file", "/dev/sdb\n");
  assert_refused (machine, "sdb", "the loop device /dev/loop3 stands on it");
}

/* Of one disk that has two names the kernel knows for each what is mounted from it or built on it.
 */
static void
test_second_path (Machine *machine, gconstpointer data)
{
  const LodgeProbe probe = { .sysroot = machine->root };
  const LodgeDiskPurpose purpose = lodge_flash_purpose (GIBIBYTE);
  static const struct
  {
    const char *wwn; /* of sdc; sdb's is naa.ab1 */
    gboolean stacked;
    gboolean mounted;
    const char *words; /* NULL: not refused */
  } cases[] = {
    { "naa.ab1", FALSE, FALSE, NULL },
    { "naa.2", TRUE, TRUE, NULL },
    { "naa.ab1", TRUE, FALSE, "the same disk as /dev/sdc, over another path, and of that: " },
    { "naa.ab1", TRUE, FALSE, "vg-data is built on it" },
    { "naa.AB1", FALSE, TRUE, "mounted at /media/photos" },
  };

  (void)data;
  add_disk (machine, "sdc", "8:32", "pci0000:00/host2", 16);
  tree_file (machine->root, "sys/class/block/sdb/device/wwid", "naa.ab1\n");
  tree_block (machine->root, "dm-0", "253:0", NULL, NULL);
  tree_file (machine->root, "sys/class/block/dm-0/dm/name", "vg-data\n");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) all = NULL;
      g_autoptr (LodgeDisk) disk = NULL;
      g_autofree char *holder
          = g_build_filename (machine->root, "sys/class/block/sdc/holders/dm-0", NULL);
      g_autofree char *list = NULL;
      g_autofree char *own = NULL;
      g_autofree char *text = NULL;

      tree_file (machine->root, "sys/class/block/sdc/device/wwid", cases[i].wwn);
      tree_file (machine->root, "proc/self/mountinfo",
                 cases[i].mounted ? "25 1 8:2 / / rw - ext4 /dev/sda2 rw\n"
                                    "26 25 8:32 / /media/photos rw - vfat /dev/sdc rw\n"
                                  : "25 1 8:2 / / rw - ext4 /dev/sda2 rw\n");
      if (cases[i].stacked)
        tree_stack (machine->root, "dm-0", "sdc");
      else
        g_unlink (holder);
      all = lodge_probe_disks_for (&probe, &purpose, &error);
      g_assert_no_error (error);
      disk = lodge_probe_disk (&probe, "sdb", &purpose, &error);
      g_assert_no_error (error);
      list = lodge_flash_list (&probe, all);
      own = lodge_flash_refusal (&probe, disk);
      g_assert_cmpstr (own, ==, NULL);
      text = lodge_flash_second_path (&probe, all, disk);
      if (cases[i].words == NULL)
        g_assert_cmpstr (text, ==, NULL);
      else
        {
          g_assert_nonnull (text);
          g_assert_nonnull (strstr (text, cases[i].words));
          g_assert_nonnull (strstr (list, cases[i].words));
        }
    }
}

static void
add_signature (LodgeDisk *disk, const char *type, const char *uuid)
{
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  signature->device = g_strdup ("/dev/sdb");
  signature->type = g_strdup (type);
  signature->usage = g_strdup ("filesystem");
  signature->uuid = g_strdup (uuid);
  g_ptr_array_add (disk->signatures, signature);
}

/* What is on it when it is opened, beside what was confirmed. */
static void
test_change (Machine *machine, gconstpointer data)
{
  static const struct
  {
    const char *before;
    const char *after;
    const char *words; /* NULL: nothing was changed */
  } cases[] = {
    { NULL, NULL, NULL },
    { "ext4 1", "ext4 1", NULL },
    { NULL, "ext4 1", "on it now: ext4 file system on sdb" },
    { "ext4 1", NULL, "on it now: nothing" },
    { "ext4 1", "xfs 1", "on it now: xfs file system on sdb" },
    { "ext4 1", "ext4 2", "on it now: ext4 file system on sdb" },
  };
  const LodgeProbe probe = { .sysroot = machine->root };
  const LodgeDiskPurpose purpose = lodge_flash_purpose (GIBIBYTE);

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeDisk) before = lodge_probe_disk (&probe, "sdb", &purpose, &error);
      g_autoptr (LodgeDisk) after = lodge_probe_disk (&probe, "sdb", &purpose, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      for (guint j = 0; j < 2; j++)
        {
          const char *content = j == 0 ? cases[i].before : cases[i].after;
          g_auto (GStrv) words = content != NULL ? g_strsplit (content, " ", 2) : NULL;

          if (words != NULL)
            add_signature (j == 0 ? before : after, words[0], words[1]);
        }
      text = lodge_flash_change (before, after);
      if (cases[i].words == NULL)
        g_assert_cmpstr (text, ==, NULL);
      else
        g_assert_nonnull (strstr (text, cases[i].words));
    }
}

static void
test_members (Machine *machine, gconstpointer data)
{
  static const struct
  {
    const char *type;
    const char *usage;
    const char *words;
  } cases[] = {
    { "LVM2_member", "raid", "an LVM physical volume" },
    { "linux_raid_member", "raid", "a member of a software RAID" },
    { "zfs_member", "filesystem", "a member of a ZFS pool" },
    { "isw_raid_member", "raid", "a member of a RAID" },
    { "multipath_member", "raid", "a path of a multipath disk" },
    { "swap", "other", "swap space" },
    { "ext4", "filesystem", "" },
    { "crypto_LUKS", "crypto", "" },
    { "vfat", "filesystem", "" },
  };

  (void)data;
  tree_block (machine->root, "sdb1", "8:17", "sdb", "pci0000:00/usb1/1-1/host1");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const LodgeProbe probe = { .sysroot = machine->root };
      const LodgeDiskPurpose purpose = lodge_flash_purpose (GIBIBYTE);
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeDisk) disk = NULL;
      g_autofree char *text = NULL;
      LodgeSignature *signature = g_new0 (LodgeSignature, 1);

      tree_file (machine->root, "run/lodge-capture/signatures/sdb1.json", "{\"signatures\": []}\n");
      disk = lodge_probe_disk (&probe, "sdb", &purpose, &error);
      g_assert_no_error (error);
      signature->device = g_strdup ("/dev/sdb1");
      signature->type = g_strdup (cases[i].type);
      signature->usage = g_strdup (cases[i].usage);
      g_ptr_array_add (disk->signatures, signature);
      text = lodge_flash_refusal (&probe, disk);
      if (*cases[i].words == '\0')
        g_assert_cmpstr (text, ==, NULL);
      else
        {
          g_assert_nonnull (text);
          g_assert_nonnull (strstr (text, cases[i].words));
          g_assert_nonnull (strstr (text, "/dev/sdb1"));
        }
    }
}

static void
test_names (Machine *machine, gconstpointer data)
{
  const LodgeProbe probe = { .sysroot = machine->root };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *linked = NULL;

  (void)data;
  tree_block (machine->root, "sdb1", "8:17", "sdb", "pci0000:00/usb1/1-1/host1");
  tree_file (machine->root, "dev/sdb", "");
  tree_file (machine->root, "dev/sdb1", "");
  tree_link (machine->root, "dev/disk/by-id/usb-Stick", "../../sdb");
  name = lodge_flash_target_name (&probe, "/dev/sdb", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "sdb");
  linked = lodge_flash_target_name (&probe, "/dev/disk/by-id/usb-Stick", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (linked, ==, "sdb");
  g_assert_null (lodge_flash_target_name (&probe, "/dev/sdb1", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "give /dev/sdb"));
  g_clear_error (&error);
  g_assert_null (lodge_flash_target_name (&probe, "/dev/sdz", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_null (lodge_flash_target_name (&probe, "sdb", &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
}

static void
test_word (void)
{
  LodgeDisk disk = { .name = (char *)"sdb", .device = (char *)"/dev/sdb" };

  g_assert_cmpstr (lodge_flash_word (&disk), ==, "sdb");
  g_assert_true (lodge_flash_word_matches (&disk, "sdb"));
  g_assert_true (lodge_flash_word_matches (&disk, "/dev/sdb"));
  g_assert_false (lodge_flash_word_matches (&disk, "sda"));
  g_assert_false (lodge_flash_word_matches (&disk, ""));
  disk.serial = (char *)"AbC1";
  g_assert_cmpstr (lodge_flash_word (&disk), ==, "AbC1");
  g_assert_true (lodge_flash_word_matches (&disk, "aBc1"));
  g_assert_false (lodge_flash_word_matches (&disk, "sdb"));
  g_assert_false (lodge_flash_word_matches (&disk, "AbC"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Machine *machine, gconstpointer data);
  } tests[] = {
    { "/flash-target/plain", test_plain },
    { "/flash-target/read-only", test_read_only },
    { "/flash-target/sectors", test_sectors },
    { "/flash-target/ancestry", test_ancestry },
    { "/flash-target/loop-file", test_loop_file },
    { "/flash-target/in-use", test_in_use },
    { "/flash-target/holders", test_holders },
    { "/flash-target/members", test_members },
    { "/flash-target/names", test_names },
    { "/flash-target/loop", test_loop_on_disk },
    { "/flash-target/change", test_change },
    { "/flash-target/second-path", test_second_path },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Machine, NULL, set_up, tests[i].run, tear_down);
  g_test_add_func ("/flash-target/word", test_word);
  return g_test_run ();
}
