/* Disks of captured machines, which disk the system stands on, and disks in words.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LODGE_UPDATE_GOLDEN=1 rewrites the expected texts.
 */
#include "firstboot/probe.h"
#include "common/error.h"
#include "common/boot-disk.h"
#include "tests/unit/hardware-tree.h"
#include "tests/unit/made-up-facts.h"
#include "tests/unit/network-golden.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define ROOT_ON(number, source) "1 0 " number " / / rw shared:1 - ext4 " source " rw\n"

static const char *
or_dash (const char *text)
{
  return text == NULL ? "-" : text;
}

static void
append_disk (GString *text, const LodgeDisk *disk)
{
  g_autofree char *described = lodge_disk_describe (disk);
  g_autofree char *content = lodge_disk_describe_content (disk);
  g_autofree char *paths = g_strjoinv (" ", disk->paths);
  g_autofree char *holders = g_strjoinv (" ", disk->holders);

  g_string_append_printf (
      text, "disk %s\n  %s, %s%s%s%u bytes a sector\n  wwn: %s\n  paths: %s\n", described,
      disk->transport, disk->rotational ? "rotational, " : "", disk->removable ? "removable, " : "",
      disk->read_only ? "read-only, " : "", disk->logical_sector_size, or_dash (disk->wwn), paths);
  g_string_append_printf (text, "  content: %s%s\n  holders: %s\n  unusable: %s\n", content,
                          lodge_disk_is_blank (disk) ? " (blank)" : "", holders,
                          or_dash (disk->unusable));
}

/* Host, disks, ports and routes of a captured machine, whole. */
static void
test_captured (gconstpointer name)
{
  g_autofree char *root = captured_machine (name);
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeFacts) facts = lodge_probe_all (&probe, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *golden = g_strdup_printf ("hardware/%s.facts", (const char *)name);
  g_autofree char *macs = NULL;
  const LodgeHost *host;

  g_assert_no_error (error);
  host = facts->host;
  macs = g_strjoinv (" ", host->identity->macs);
  g_string_append_printf (
      text, "host %s, %s\n  hypervisor: %s\n  memory: %" G_GUINT64_FORMAT "\n  processors: %u\n",
      or_dash (host->system_vendor), or_dash (host->product_name), or_dash (host->hypervisor),
      host->memory, host->processors);
  g_string_append_printf (text, "  serial: %s\n  uuid: %s\n  macs: %s\n",
                          or_dash (host->identity->serial), or_dash (host->identity->uuid), macs);
  for (guint i = 0; i < facts->disks->len; i++)
    append_disk (text, g_ptr_array_index (facts->disks, i));
  for (guint i = 0; i < facts->ports->len; i++)
    {
      const LodgePort *port = g_ptr_array_index (facts->ports, i);
      g_autofree char *described = lodge_port_describe (port);

      g_string_append_printf (text, "port %s%s\n", described,
                              port->virtual_guest ? ", paravirtual" : "");
    }
  for (guint i = 0; i < facts->kernel_routes->len; i++)
    g_string_append_printf (text, "route %s\n",
                            (const char *)g_ptr_array_index (facts->kernel_routes, i));
  assert_golden (golden, text->str);
}

/* --- which disk the system stands on --- */

/* Two SATA disks with two partitions each, one USB stick. */
static char *
machine_with_disks (const char *mountinfo, const char *swaps)
{
  char *root = tree_new ();

  tree_block (root, "sda", "8:0", NULL, "pci0/ata1");
  tree_block (root, "sda1", "8:1", "sda", "pci0/ata1");
  tree_block (root, "sda2", "8:2", "sda", "pci0/ata1");
  tree_block (root, "sdb", "8:16", NULL, "pci0/ata2");
  tree_block (root, "sdb1", "8:17", "sdb", "pci0/ata2");
  tree_block (root, "sdc", "8:32", NULL, "pci0/usb1");
  tree_file (root, "proc/self/mountinfo", mountinfo);
  if (swaps != NULL)
    tree_file (root, "proc/swaps", swaps);
  return root;
}

static void
add_lvm (const char *root, const char *lower)
{
  tree_block (root, "dm-0", "253:0", NULL, NULL);
  tree_file (root, "sys/devices/virtual/block/dm-0/dm/name", "vg-root");
  tree_file (root, "sys/devices/virtual/block/dm-0/dm/uuid", "LVM-abc");
  tree_stack (root, "dm-0", lower);
}

static void
add_raid (const char *root)
{
  tree_block (root, "md0", "9:0", NULL, NULL);
  tree_stack (root, "md0", "sda2");
  tree_stack (root, "md0", "sdb1");
}

/* dm-0 on md0 on sda2 and sdb1 */
static void
add_lvm_on_raid (const char *root)
{
  add_raid (root);
  add_lvm (root, "md0");
}

static void
add_lvm_on_partition (const char *root)
{
  add_lvm (root, "sdb1");
}

static void
add_loop_on_file (const char *root)
{
  tree_block (root, "loop0", "7:0", NULL, NULL);
  tree_file (root, "sys/devices/virtual/block/loop0/loop/backing_file",
             "/run/initramfs/live/LiveOS/squashfs.img");
}

static void
add_loop_on_device (const char *root)
{
  tree_block (root, "loop0", "7:0", NULL, NULL);
  tree_file (root, "sys/devices/virtual/block/loop0/loop/backing_file", "/dev/sdc");
}

static void
add_btrfs (const char *root)
{
  tree_file (root, "sys/fs/btrfs/11111111-2222/devices/sda1", "");
  tree_file (root, "sys/fs/btrfs/11111111-2222/devices/sdb1", "");
  tree_file (root, "sys/fs/btrfs/33333333-4444/devices/sdc", "");
}

static const struct
{
  const char *name;
  void (*add) (const char *root);
  const char *mountinfo;
  const char *swaps;
  const char *expected; /* "DISK: sentence" one a line, sorted; NULL: refused */
} stacks[] = {
  { "partition", NULL, ROOT_ON ("8:1", "/dev/sda1"), NULL,
    "sda: this is the boot disk: the running system is on it\n" },
  { "whole-disk", NULL, ROOT_ON ("8:32", "/dev/sdc"), NULL,
    "sdc: this is the boot disk: the running system is on it\n" },
  { "second-mount-on-root-wins", NULL,
    "1 0 8:17 / / rw - ext4 /dev/sdb1 rw\n" ROOT_ON ("8:1", "/dev/sda1"), NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdb: it is in use: mounted at /\n" },
  { "lvm", add_lvm_on_partition, ROOT_ON ("253:0", "/dev/mapper/vg-root"), NULL,
    "sdb: this is the boot disk: the running system is on it\n" },
  { "lvm-on-raid", add_lvm_on_raid, ROOT_ON ("253:0", "/dev/mapper/vg-root"), NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdb: this is the boot disk: the running system is on it\n" },
  { "btrfs", add_btrfs, "1 0 0:30 /root / rw - btrfs /dev/sda1 rw\n", NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdb: this is the boot disk: the running system is on it\n" },
  { "live-image-in-file", add_loop_on_file,
    ROOT_ON ("7:0", "/dev/loop0") "2 1 8:32 / /run/initramfs/live ro - vfat /dev/sdc ro\n", NULL,
    "sdc: this is the boot disk: the running system is on it\n" },
  { "loop-on-device", add_loop_on_device,
    ROOT_ON ("8:1", "/dev/sda1") "2 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n", NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdc: it is in use: mounted at /mnt\n" },
  { "boot-partitions", NULL,
    ROOT_ON ("8:1", "/dev/sda1") "2 1 8:32 / /boot/efi rw - vfat /dev/sdc rw\n", NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdc: this is a boot disk: /boot/efi of the running system is on it\n" },
  { "mounted-elsewhere", NULL,
    ROOT_ON ("8:1", "/dev/sda1") "2 1 8:17 / /srv/with\\040blank rw - xfs /dev/sdb1 rw\n", NULL,
    "sda: this is the boot disk: the running system is on it\n"
    "sdb: it is in use: mounted at /srv/with blank\n" },
  { "swap", NULL, ROOT_ON ("8:1", "/dev/sda1"),
    "Filename Type Size Used Priority\n/dev/sdb1 partition 1 0 -2\n/swapfile file 1 0 -3\n",
    "sda: this is the boot disk: the running system is on it\n"
    "sdb: it is in use: the running system swaps to it\n" },
  { "network-root", NULL, "1 0 0:30 / / rw - nfs4 server:/export rw\n", NULL, "" },
  { "memory-root", NULL, "1 0 0:2 / / rw - rootfs rootfs rw\n", NULL, "" },
  { "root-not-found", NULL, ROOT_ON ("8:99", "/dev/sdx1"), NULL, NULL },
  { "no-root", NULL, "2 1 8:17 / /srv rw - xfs /dev/sdb1 rw\n", NULL, NULL },
};

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static char *
format_uses (GHashTable *uses)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (uses), compare_text);
  GString *text = g_string_new (NULL);

  for (const GList *item = names; item != NULL; item = item->next)
    if (g_str_has_prefix (item->data, "sd"))
      g_string_append_printf (text, "%s: %s\n", (const char *)item->data,
                              (const char *)g_hash_table_lookup (uses, item->data));
  return g_string_free (text, FALSE);
}

static void
test_stack (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *root = machine_with_disks (stacks[i].mountinfo, stacks[i].swaps);
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) uses = NULL;

  if (stacks[i].add != NULL)
    stacks[i].add (root);
  uses = lodge_disks_in_use (&probe, &error);
  if (stacks[i].expected == NULL)
    {
      g_assert_null (uses);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
    }
  else
    {
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = format_uses (uses);
      g_assert_cmpstr (text, ==, stacks[i].expected);
    }
  tree_remove (root);
}

/* Without a list of mounts no disk may pass for free. */
static void
test_no_mounts (void)
{
  g_autofree char *root = machine_with_disks ("", NULL);
  g_autofree char *mountinfo = g_build_filename (root, "proc/self/mountinfo", NULL);
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (unlink (mountinfo), ==, 0);
  g_assert_null (lodge_probe_disks (&probe, &error));
  g_assert_nonnull (error);
  tree_remove (root);
}

/* --- which devices are disks, and which of them can be used --- */

#define SECTORS_8_GIB "16777216"

static void
add_sized (const char *root, const char *name, const char *number, const char *bus,
           const char *sectors)
{
  g_autofree char *size
      = g_strdup_printf ("sys/devices/%s/block/%s/size", bus == NULL ? "virtual" : bus, name);

  tree_block (root, name, number, NULL, bus);
  tree_file (root, size, sectors);
}

static void
test_kinds (void)
{
  g_autofree char *root = tree_new ();
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  tree_file (root, "proc/self/mountinfo", "1 0 0:2 / / rw - rootfs rootfs rw\n");
  /* Never shown. */
  add_sized (root, "loop0", "7:0", NULL, SECTORS_8_GIB);
  add_sized (root, "ram0", "1:0", NULL, SECTORS_8_GIB);
  add_sized (root, "zram0", "252:0", NULL, SECTORS_8_GIB);
  add_sized (root, "nbd0", "43:0", NULL, SECTORS_8_GIB);
  add_sized (root, "dm-0", "253:0", NULL, SECTORS_8_GIB);
  add_sized (root, "md0", "9:0", NULL, SECTORS_8_GIB);
  add_sized (root, "sr0", "11:0", "pci0/ata1", SECTORS_8_GIB);
  add_sized (root, "fd0", "2:0", "platform/floppy.0", SECTORS_8_GIB);
  add_sized (root, "mmcblk0boot0", "179:8", "pci0/mmc_host/mmc0", "8192");
  add_sized (root, "nvme0c0n1", "259:9", "pci0/nvme/nvme0", SECTORS_8_GIB);
  tree_file (root, "sys/devices/pci0/nvme/nvme0/block/nvme0c0n1/hidden", "1");
  /* Shown, most with a reason. */
  add_sized (root, "mmcblk0", "179:0", "pci0/mmc_host/mmc0", SECTORS_8_GIB);
  add_sized (root, "nvme0n1", "259:0", "virtual/nvme-subsystem/nvme-subsys0", SECTORS_8_GIB);
  add_sized (root, "sda", "8:0", "pci0/usb1", "0");
  add_sized (root, "sdb", "8:16", "pci0/ata1", "8388607");
  add_sized (root, "sdc", "8:32", "pci0/ata2", SECTORS_8_GIB);
  tree_file (root, "sys/devices/pci0/ata2/block/sdc/ro", "1");
  add_sized (root, "sdd", "8:48", "pci0/ata3", SECTORS_8_GIB);
  tree_stack (root, "dm-0", "sdd");
  tree_file (root, "sys/devices/virtual/block/dm-0/dm/name", "mpatha");
  tree_file (root, "sys/devices/virtual/block/dm-0/dm/uuid", "mpath-3600");
  add_sized (root, "sde", "8:64", "pci0/ata4", SECTORS_8_GIB);
  add_sized (root, "sdf", "8:80", "pci0/ata5", SECTORS_8_GIB);
  tree_stack (root, "md0", "sdf");
  add_sized (root, "sdz", "65:144", "pci0/ata6", SECTORS_8_GIB);
  add_sized (root, "sdaa", "65:160", "pci0/ata7", SECTORS_8_GIB);
  tree_file (root, "run/lodge-capture/machine.conf",
             "[content]\nmmcblk0=empty\nnvme0n1=empty\nsdb=empty\nsdc=empty\nsdd=empty\n"
             "sdf=data\nsdz=empty\nsdaa=data\n");
  for (const char *const *name = (const char *const[]){ "mmcblk0", "nvme0n1", "sdb", "sdc", "sdd",
                                                        "sdf", "sdz", "sdaa", NULL };
       *name != NULL; name++)
    {
      g_autofree char *path = g_strdup_printf ("run/lodge-capture/signatures/%s.json", *name);

      tree_file (root, path, "{ \"signatures\": [ ] }");
    }

  disks = lodge_probe_disks (&probe, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < disks->len; i++)
    append_disk (text, g_ptr_array_index (disks, i));
  assert_golden ("hardware/made-up-disks.facts", text->str);
  tree_remove (root);
}

/* On the machine that runs this test: the disk that stat() says / is on is the boot disk. */
static void
test_running_machine (void)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = lodge_probe_disks (&probe, &error);
  g_autofree char *link = NULL;
  g_autofree char *place = NULL;
  struct stat root;
  guint found = 0;

  g_assert_no_error (error);
  g_assert_cmpint (stat ("/", &root), ==, 0);
  link = g_strdup_printf ("/sys/dev/block/%u:%u", major (root.st_dev), minor (root.st_dev));
  place = realpath (link, NULL);
  if (place == NULL || strstr (place, "/virtual/") != NULL)
    {
      g_test_skip ("/ is not directly on a disk or partition here");
      return;
    }
  for (guint i = 0; i < disks->len; i++)
    {
      const LodgeDisk *disk = g_ptr_array_index (disks, i);
      g_autofree char *component = g_strdup_printf ("/block/%s/", disk->name);
      g_autofree char *with_end = g_strconcat (place, "/", NULL);
      gboolean here = strstr (with_end, component) != NULL;

      if (here)
        {
          found++;
          g_assert_nonnull (disk->unusable);
          g_assert_nonnull (strstr (disk->unusable, "boot disk"));
        }
      else if (disk->unusable != NULL)
        g_assert_null (strstr (disk->unusable, "this is the boot disk"));
    }
  g_assert_cmpuint (found, ==, 1);
}

/* --- selectors and words --- */

static void
test_matches (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  LodgeDisk *disk = add_disk (facts, "vdb", "S1-Ab", NULL);
  const struct
  {
    LodgeSelectorKind kind;
    const char *value;
    gboolean matches;
  } selectors[] = {
    { LODGE_SELECT_SERIAL, "S1-Ab", TRUE },
    { LODGE_SELECT_SERIAL, "s1-aB", TRUE },
    { LODGE_SELECT_SERIAL, "S1-A", FALSE },
    { LODGE_SELECT_NAME, "vdb", TRUE },
    { LODGE_SELECT_NAME, "/dev/vdb", TRUE },
    { LODGE_SELECT_NAME, "vdb1", FALSE },
    { LODGE_SELECT_PATH, "pci-0000:00:05.0-vdb", TRUE },
    { LODGE_SELECT_PATH, "/dev/disk/by-path/pci-0000:00:05.0-vdb", TRUE },
    { LODGE_SELECT_PATH, "virtio-pci-0000:00:05.0", TRUE },
    { LODGE_SELECT_PATH, "pci-0000:00:05.0", FALSE },
    { LODGE_SELECT_WWN, "0x5000c50015ea71ac", TRUE },
    { LODGE_SELECT_WWN, "0x5000C50015EA71AC", TRUE },
    { LODGE_SELECT_WWN, "wwn-0x5000c50015ea71ac", TRUE },
    { LODGE_SELECT_WWN, "/dev/disk/by-id/wwn-0x5000c50015ea71ac", TRUE },
    { LODGE_SELECT_WWN, "0x5000c50015ea71ad", FALSE },
    { LODGE_SELECT_MAC, "vdb", FALSE },
  };

  disk->wwn = g_strdup ("0x5000c50015ea71ac");
  g_strfreev (disk->paths);
  disk->paths = g_strsplit ("pci-0000:00:05.0-vdb virtio-pci-0000:00:05.0", " ", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      LodgeSelector selector = { .kind = selectors[i].kind, .value = (char *)selectors[i].value };

      g_test_message ("%s", selector.value);
      g_assert_cmpint (lodge_disk_matches (disk, &selector), ==, selectors[i].matches);
    }
}

/* A disk that does not tell its serial number is found by none. */
static void
test_matches_nothing (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  const LodgeDisk *disk = add_disk (facts, "vdb", NULL, NULL);
  const LodgeSelector serial = { .kind = LODGE_SELECT_SERIAL, .value = (char *)"" };
  const LodgeSelector wwn = { .kind = LODGE_SELECT_WWN, .value = (char *)"" };

  g_assert_false (lodge_disk_matches (disk, &serial));
  g_assert_false (lodge_disk_matches (disk, &wwn));
}

static void
test_blank (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  LodgeDisk *disk = add_disk (facts, "vdb", "S1", NULL);
  g_auto (GStrv) name = g_strsplit ("vdb1", " ", -1);
  GStrv nothing;

  g_assert_true (lodge_disk_is_blank (disk));
  disk->unknown_data = TRUE;
  g_assert_false (lodge_disk_is_blank (disk));
  disk->unknown_data = FALSE;
  nothing = disk->partitions;
  disk->partitions = name;
  g_assert_false (lodge_disk_is_blank (disk));
  disk->partitions = nothing;
  nothing = disk->holders;
  disk->holders = name;
  g_assert_false (lodge_disk_is_blank (disk));
  disk->holders = nothing;
  g_assert_true (lodge_disk_is_blank (disk));
  g_assert_false (lodge_disk_is_blank (add_disk (facts, "vdc", "S2", "ext4")));
}

static void
test_describe (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  LodgeDisk *disk = add_disk (facts, "vdb", "S1", NULL);
  g_autofree char *with_serial = lodge_disk_describe (disk);
  g_autofree char *with_path = NULL;
  g_autofree char *bare = NULL;

  g_assert_cmpstr (with_serial, ==, "vdb (MADE UP, 8.0 GiB, serial S1)");
  g_clear_pointer (&disk->serial, g_free);
  g_clear_pointer (&disk->model, g_free);
  with_path = lodge_disk_describe (disk);
  g_assert_cmpstr (with_path, ==, "vdb (virtio disk, 8.0 GiB, path pci-0000:00:05.0-vdb)");
  g_clear_pointer (&disk->path, g_free);
  bare = lodge_disk_describe (disk);
  g_assert_cmpstr (bare, ==, "vdb (virtio disk, 8.0 GiB)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (captured_machines); i++)
    {
      g_autofree char *name = g_strdup_printf ("/probe-disks/captured/%s", captured_machines[i]);

      g_test_add_data_func (name, captured_machines[i], test_captured);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      g_autofree char *name = g_strdup_printf ("/probe-disks/stack/%s", stacks[i].name);

      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_stack);
    }
  g_test_add_func ("/probe-disks/no-mounts", test_no_mounts);
  g_test_add_func ("/probe-disks/kinds", test_kinds);
  g_test_add_func ("/probe-disks/running-machine", test_running_machine);
  g_test_add_func ("/probe-disks/matches", test_matches);
  g_test_add_func ("/probe-disks/matches-nothing", test_matches_nothing);
  g_test_add_func ("/probe-disks/blank", test_blank);
  g_test_add_func ("/probe-disks/describe", test_describe);
  return g_test_run ();
}
