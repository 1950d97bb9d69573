/* Plans and refusals over made-up facts, compared whole with tests/fixtures/firstboot-plan.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LODGE_UPDATE_GOLDEN=1 rewrites the expected texts.
 */
#include "common/error.h"
#include "firstboot/plan.h"
#include "tests/unit/made-up-facts.h"

/* --- machines --- */

static LodgeFacts *
no_disk (void)
{
  LodgeFacts *facts = made_up_facts ();

  add_boot_disk (facts);
  add_port (facts, "enp1s0", 1, TRUE);
  return facts;
}

static LodgeFacts *
two_blank (void)
{
  LodgeFacts *facts = usual_facts ();

  add_disk (facts, "vdb", "S2", NULL);
  return facts;
}

static LodgeFacts *
disk_with (const char *type)
{
  LodgeFacts *facts = no_disk ();

  add_disk (facts, "vda", "S1", type);
  return facts;
}

static LodgeFacts *
with_ext4 (void)
{
  return disk_with ("ext4");
}

static LodgeFacts *
with_gpt (void)
{
  return disk_with ("gpt");
}

static LodgeFacts *
with_lvm (void)
{
  return disk_with ("LVM2_member");
}

static LodgeFacts *
with_md (void)
{
  return disk_with ("linux_raid_member");
}

static LodgeFacts *
with_zfs (void)
{
  return disk_with ("zfs_member");
}

/* A partition whose content is unknown to libblkid: no signature of its own, and not blank. */
static LodgeFacts *
with_partition (void)
{
  LodgeFacts *facts = disk_with ("gpt");
  LodgeDisk *disk = facts->disks->pdata[1];

  g_strfreev (disk->partitions);
  disk->partitions = g_strsplit ("vda1", " ", -1);
  return facts;
}

/* A raw image or a database: no signature, no partition, and data. */
static LodgeFacts *
with_unknown_data (void)
{
  LodgeFacts *facts = disk_with (NULL);
  LodgeDisk *disk = facts->disks->pdata[1];

  disk->unknown_data = TRUE;
  return facts;
}

/* What an earlier stick made: Lodge's VM storage. */
static LodgeFacts *
with_storage (void)
{
  LodgeFacts *facts = disk_with ("gpt");
  LodgeDisk *disk = facts->disks->pdata[1];
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  signature->device = g_strdup ("/dev/vda1");
  signature->type = g_strdup ("xfs");
  signature->usage = g_strdup ("filesystem");
  signature->label = g_strdup ("lodge-vms");
  signature->uuid = g_strdup ("d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55");
  signature->partition_name = g_strdup ("lodge-storage");
  g_ptr_array_add (disk->signatures, signature);
  g_strfreev (disk->partitions);
  disk->partitions = g_strsplit ("vda1", " ", -1);
  return facts;
}

/* The same with a file system of somebody else beside it. */
static LodgeFacts *
storage_and_other (void)
{
  LodgeFacts *facts = with_storage ();
  LodgeDisk *disk = facts->disks->pdata[1];
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  signature->device = g_strdup ("/dev/vda2");
  signature->type = g_strdup ("ext4");
  signature->usage = g_strdup ("filesystem");
  g_ptr_array_add (disk->signatures, signature);
  return facts;
}

/* The storage disk of FACTS, with NAMES saved on it. */
static LodgeFacts *
save_guests (LodgeFacts *facts, const char *names)
{
  LodgeDisk *disk = facts->disks->pdata[1];

  disk->saved_guests = names[0] != '\0' ? g_strsplit (names, " ", -1) : g_new0 (char *, 1);
  return facts;
}

static LodgeFacts *
partly_read (LodgeFacts *facts)
{
  LodgeDisk *disk = facts->disks->pdata[1];

  disk->saved_more = TRUE;
  return facts;
}

static LodgeFacts *
with_guests (void)
{
  return save_guests (with_storage (), "db web");
}

static LodgeFacts *
with_guest (void)
{
  return save_guests (with_storage (), "web");
}

static LodgeFacts *
with_no_guest (void)
{
  return save_guests (with_storage (), "");
}

static LodgeFacts *
with_guests_and_more (void)
{
  return partly_read (with_guests ());
}

static LodgeFacts *
with_no_guest_but_more (void)
{
  return partly_read (with_no_guest ());
}

static LodgeFacts *
storage_and_blank (void)
{
  LodgeFacts *facts = with_guests ();

  add_disk (facts, "vdb", "S2", NULL);
  return facts;
}

static LodgeSignature *
storage_signature (LodgeFacts *facts)
{
  return ((LodgeDisk *)facts->disks->pdata[1])->signatures->pdata[1];
}

static void
set_string (char **string, const char *value)
{
  g_free (*string);
  *string = g_strdup (value);
}

/* Two disks, the second with UUID. */
static LodgeFacts *
add_second (LodgeFacts *facts, const char *uuid)
{
  g_autoptr (LodgeFacts) others = with_storage ();
  LodgeDisk *disk = g_ptr_array_steal_index (others->disks, 1);
  LodgeSignature *signature = disk->signatures->pdata[1];

  set_string (&disk->name, "vdb");
  set_string (&disk->device, "/dev/vdb");
  set_string (&disk->serial, "S2");
  set_string (&signature->uuid, uuid);
  set_string (&signature->device, "/dev/vdb1");
  set_string (&((LodgeSignature *)disk->signatures->pdata[0])->device, "/dev/vdb");
  set_string (&disk->partitions[0], "vdb1");
  g_ptr_array_add (facts->disks, disk);
  return facts;
}

static LodgeFacts *
two_storages (void)
{
  return add_second (with_guests (), "d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a56");
}

static LodgeFacts *
copied_storage (void)
{
  return add_second (with_guests (), "D2719C1E-8f3a-4f6e-9d3e-0c8b1d1f7a55");
}

static LodgeFacts *
mounted_storage (void)
{
  LodgeFacts *facts = with_storage ();

  ((LodgeDisk *)facts->disks->pdata[1])->unusable = g_strdup ("mounted at /srv");
  return facts;
}

static LodgeFacts *
relabelled_storage (void)
{
  LodgeFacts *facts = with_storage ();

  set_string (&storage_signature (facts)->label, "mine");
  return facts;
}

static LodgeFacts *
renamed_storage (void)
{
  LodgeFacts *facts = with_storage ();

  set_string (&storage_signature (facts)->partition_name, NULL);
  return facts;
}

/* A second partition with nothing in it that libblkid knows. */
static LodgeFacts *
storage_and_partition (void)
{
  LodgeFacts *facts = with_storage ();
  LodgeDisk *disk = facts->disks->pdata[1];

  g_strfreev (disk->partitions);
  disk->partitions = g_strsplit ("vda1 vda2", " ", -1);
  return facts;
}

static LodgeFacts *
blank_and_full (void)
{
  LodgeFacts *facts = usual_facts ();

  add_disk (facts, "vdb", "S2", "xfs");
  return facts;
}

static LodgeFacts *
two_full (void)
{
  LodgeFacts *facts = with_ext4 ();

  add_disk (facts, "vdb", "S2", "xfs");
  return facts;
}

static LodgeFacts *
full_without_serial (void)
{
  LodgeFacts *facts = no_disk ();

  add_disk (facts, "vda", NULL, "ext4");
  return facts;
}

static LodgeFacts *
same_serials (void)
{
  LodgeFacts *facts = no_disk ();

  add_disk (facts, "vda", "TWIN", NULL);
  add_disk (facts, "vdb", "TWIN", NULL);
  return facts;
}

static LodgeFacts *
same_serials_full (void)
{
  LodgeFacts *facts = no_disk ();

  add_disk (facts, "vda", "TWIN", "ext4");
  add_disk (facts, "vdb", "TWIN", "ext4");
  return facts;
}

static LodgeFacts *
mounted_disk (void)
{
  LodgeFacts *facts = with_ext4 ();
  LodgeDisk *disk = facts->disks->pdata[1];

  disk->unusable = g_strdup ("mounted at /srv");
  return facts;
}

static LodgeFacts *
no_carrier (void)
{
  LodgeFacts *facts = made_up_facts ();

  add_boot_disk (facts);
  add_disk (facts, "vda", "S1", NULL);
  add_port (facts, "enp1s0", 1, FALSE);
  return facts;
}

static LodgeFacts *
no_port (void)
{
  LodgeFacts *facts = made_up_facts ();

  add_disk (facts, "vda", "S1", NULL);
  return facts;
}

static LodgeFacts *
two_ports (void)
{
  LodgeFacts *facts = usual_facts ();

  add_port (facts, "enp2s0", 2, TRUE);
  return facts;
}

static LodgeFacts *
second_port_dark (void)
{
  LodgeFacts *facts = usual_facts ();

  add_port (facts, "enp2s0", 2, FALSE);
  return facts;
}

/* Inside another libvirt's default network; 192.168.123.0/24 is part of a wider route. */
static LodgeFacts *
nested_in_libvirt (void)
{
  LodgeFacts *facts = usual_facts ();

  g_ptr_array_add (facts->kernel_routes, g_strdup ("192.168.122.0/24"));
  g_ptr_array_add (facts->kernel_routes, g_strdup ("192.168.123.128/25"));
  return facts;
}

static LodgeFacts *
all_private_taken (void)
{
  LodgeFacts *facts = usual_facts ();

  g_ptr_array_add (facts->kernel_routes, g_strdup ("192.168.0.0/16"));
  return facts;
}

static LodgeFacts *
no_kvm (void)
{
  LodgeFacts *facts = usual_facts ();

  add_check (facts, "cpu-virtualization", LODGE_CHECK_FAIL, "The processor cannot virtualize.",
             "Turn it on.");
  add_check (facts, "memory", LODGE_CHECK_PASS, "4 GiB.", NULL);
  return facts;
}

static LodgeFacts *
other_check_fails (void)
{
  LodgeFacts *facts = usual_facts ();

  add_check (facts, "kvm-device", LODGE_CHECK_WARNING, "/dev/kvm is slow.", "Wait.");
  add_check (facts, "tun", LODGE_CHECK_FAIL, "No tun.", "Load it.");
  return facts;
}

/* --- whole plans and refusals --- */

static const struct
{
  const char *name;
  LodgeFacts *(*facts) (void);
  const char *answers;
} cases[] = {
  { "defaults", usual_facts, "" },
  { "everything", usual_facts,
    "[host]\nhostname=kvm1.example.org\ntimezone=Europe/Vienna\nkeyboard=de-latin1\n"
    "language=en_US.UTF-8\n"
    "[access]\nroot-password-hash=$6$saltsalt$"
    "qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/\n"
    "ssh-password-login=yes\n"
    "[storage]\ndisks=serial:S1\n"
    "[network]\nport=mac:52:54:00:00:00:01\nbridge=br7\nvlan=7\nmtu=9000\nipv4=static\n"
    "address=192.0.2.10/24\ngateway=192.0.2.1\nipv6=static\naddress6=2001:db8::10/64\n"
    "gateway6=2001:db8::1\ndns=192.0.2.1;2001:db8::1\nsearch=example.org\nntp=ntp.example.org\n"
    "[finish]\naction=reboot\nwebhook=https://example.org/lodge\n" },
  { "off", usual_facts,
    "[storage]\nlayout=none\n[network]\nipv4=off\nipv6=off\n[libvirt]\nnat=no\nproof=no\n"
    "[finish]\naction=poweroff\n" },
  { "no-disk", no_disk, "" },
  { "no-disk-layout-none", no_disk, "[storage]\nlayout=none\n" },
  { "two-blank-auto", two_blank, "" },
  { "two-blank-by-serial", two_blank, "[storage]\ndisks=serial:S2\n" },
  { "two-blank-by-path", two_blank, "[storage]\ndisks=path:pci-0000:00:05.0-vdb\n" },
  { "two-blank-by-name", two_blank, "[storage]\ndisks=name:vda\n" },
  { "ext4-auto", with_ext4, "" },
  { "ext4-named", with_ext4, "[storage]\ndisks=serial:S1\n" },
  { "ext4-erase", with_ext4, "[storage]\ndisks=serial:S1\nerase=S1\n" },
  { "ext4-erase-auto", with_ext4, "[storage]\nerase=S0;S1\n" },
  { "ext4-erase-by-name", with_ext4, "[storage]\ndisks=serial:S1\nerase=vda\n" },
  { "ext4-erase-other", with_ext4, "[storage]\ndisks=serial:S1\nerase=S11;s1;vdz\n" },
  { "gpt", with_gpt, "[storage]\ndisks=serial:S1\n" },
  { "lvm", with_lvm, "[storage]\ndisks=serial:S1\n" },
  { "md", with_md, "[storage]\ndisks=serial:S1\n" },
  { "zfs", with_zfs, "[storage]\ndisks=serial:S1\n" },
  { "partition", with_partition, "[storage]\ndisks=serial:S1\n" },
  { "unknown-data", with_unknown_data, "[storage]\ndisks=serial:S1\n" },
  { "storage", with_storage, "[storage]\ndisks=serial:S1\n" },
  { "storage-erase-serial", with_storage, "[storage]\ndisks=serial:S1\nerase=S1\n" },
  { "storage-erase-serial-auto", with_storage, "[storage]\nerase=S1\n" },
  { "storage-erase-uuid", with_storage,
    "[storage]\ndisks=serial:S1\nerase=D2719C1E-8f3a-4f6e-9d3e-0c8b1d1f7a55\n" },
  { "storage-erase-other-uuid", with_storage,
    "[storage]\ndisks=serial:S1\nerase=d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a56;S1\n" },
  { "storage-and-other-erase-uuid", storage_and_other,
    "[storage]\ndisks=serial:S1\nerase=d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55\n" },
  { "storage-and-other-erase-both", storage_and_other,
    "[storage]\ndisks=serial:S1\nerase=d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55;S1\n" },
  { "blank-beside-full", blank_and_full, "" },
  { "blank-beside-erasable", blank_and_full, "[storage]\nerase=S2\n" },
  { "two-full", two_full, "" },
  { "no-serial", full_without_serial, "[storage]\ndisks=name:vda\n" },
  { "no-serial-erase", full_without_serial, "[storage]\ndisks=name:vda\nerase=vda\n" },
  { "ambiguous-serial", same_serials, "[storage]\ndisks=serial:TWIN\n" },
  { "twins-erase-auto", same_serials_full, "[storage]\nerase=TWIN\n" },
  { "twins-erase-by-name", same_serials_full, "[storage]\ndisks=name:vdb\nerase=TWIN\n" },
  { "twins-erase-by-path", same_serials_full,
    "[storage]\ndisks=path:pci-0000:00:05.0-vdb\nerase=TWIN\n" },
  { "missing-disk", usual_facts, "[storage]\ndisks=serial:NOSUCH\n" },
  { "boot-disk", usual_facts, "[storage]\ndisks=serial:STICK\nerase=STICK\n" },
  { "mounted", mounted_disk, "[storage]\ndisks=serial:S1\nerase=S1\n" },
  { "mounted-auto", mounted_disk, "[storage]\nerase=S1\n" },
  { "layout-unknown", usual_facts, "[storage]\nlayout=lvm\ndisks=serial:S1\n" },
  { "adopt", with_guests, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-auto", with_guest, "[storage]\nlayout=adopt\n" },
  { "adopt-no-guest", with_no_guest, "[storage]\nlayout=adopt\n" },
  { "adopt-partly-read", with_guests_and_more, "[storage]\nlayout=adopt\n" },
  { "adopt-nothing-read", with_no_guest_but_more, "[storage]\nlayout=adopt\n" },
  { "adopt-not-looked-into", with_storage, "[storage]\nlayout=adopt\n" },
  { "adopt-beside-blank", storage_and_blank, "[storage]\nlayout=adopt\n" },
  { "adopt-two-auto", two_storages, "[storage]\nlayout=adopt\n" },
  { "adopt-two-named", two_storages, "[storage]\nlayout=adopt\ndisks=serial:S2\n" },
  { "adopt-copy", copied_storage, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-mounted", mounted_storage, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-blank", usual_facts, "[storage]\nlayout=adopt\n" },
  { "adopt-blank-named", usual_facts, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-ext4", with_ext4, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-other-label", relabelled_storage, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-other-partition-name", renamed_storage, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-more-beside-it", storage_and_other, "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-unknown-partition", storage_and_partition,
    "[storage]\nlayout=adopt\ndisks=serial:S1\n" },
  { "adopt-boot-disk", with_storage, "[storage]\nlayout=adopt\ndisks=serial:STICK\n" },
  { "storage-auto", with_guests, "" },
  { "two-storages-auto", two_storages, "" },
  { "storage-beside-blank-auto", storage_and_blank, "" },
  { "no-carrier-auto", no_carrier, "" },
  { "no-carrier-named", second_port_dark, "[network]\nport=name:enp2s0\n" },
  { "no-port", no_port, "" },
  { "missing-port", usual_facts, "[network]\nport=mac:52:54:00:00:00:99\n" },
  { "two-ports-auto", two_ports, "" },
  { "two-ports-by-mac", two_ports, "[network]\nport=mac:52:54:00:00:00:02\n" },
  { "two-ports-bond-twice", two_ports,
    "[network]\nport=name:enp1s0;mac:52:54:00:00:00:01\nbond=802.3ad\n" },
  { "two-ports-bond", two_ports, "[network]\nport=name:enp1s0;name:enp2s0\nbond=active-backup\n" },
  { "dark-port-auto", second_port_dark, "" },
  { "bridge-is-port", usual_facts, "[network]\nbridge=enp1s0\n" },
  { "nat-moves", nested_in_libvirt, "" },
  { "nat-avoids-static", usual_facts,
    "[network]\nipv4=static\naddress=192.168.122.7/22\ngateway=192.168.120.1\n" },
  { "nat-none-free", all_private_taken, "" },
  { "nat-none-wanted", all_private_taken, "[libvirt]\nnat=no\n" },
  { "no-kvm", no_kvm, "" },
  { "other-check-fails", other_check_fails, "" },
};

static const char *
status_name (const GError *error)
{
  static const char *const names[] = { "", "failed", "usage", "refused" };

  return names[lodge_error_exit_status (error)];
}

static void
check_golden (const char *name, const char *text)
{
  const char *top = g_getenv ("LODGE_TOP");
  g_autofree char *file = g_strconcat (name, ".expected", NULL);
  g_autofree char *path = g_build_filename (top != NULL ? top : ".", "tests", "fixtures",
                                            "firstboot-plan", file, NULL);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  if (g_getenv ("LODGE_UPDATE_GOLDEN") != NULL)
    g_file_set_contents (path, text, -1, &error);
  else
    g_file_get_contents (path, &expected, NULL, &error);
  g_assert_no_error (error);
  if (expected != NULL)
    g_assert_cmpstr (text, ==, expected);
}

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (LodgeFacts) facts = cases[i].facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers (cases[i].answers);
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgePlan) plan = lodge_plan_make (facts, answers, TEST_SEED, &error);
  g_autofree char *text = NULL;

  if (plan == NULL)
    text = g_strdup_printf ("%s: %s\n", status_name (error), error->message);
  else
    {
      g_autofree char *sentences = lodge_plan_describe (plan);
      g_autofree char *file = lodge_plan_serialize (plan);
      g_autoptr (LodgePlan) copy = lodge_plan_deserialize ("plan", file, &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = lodge_plan_serialize (copy);
      g_assert_cmpstr (again, ==, file);
      text = g_strconcat (sentences, "\n", file, NULL);
    }
  check_golden (cases[i].name, text);
}

/* --- the plan's file --- */

static void
test_damaged_file (void)
{
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) answers = parse_answers ("");
  g_autoptr (LodgePlan) plan = lodge_plan_make (facts, answers, TEST_SEED, NULL);
  g_autofree char *text = lodge_plan_serialize (plan);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint refused = 0;

  /* Any required line left out is noticed. */
  for (guint leave_out = 0; lines[leave_out] != NULL; leave_out++)
    {
      g_autoptr (GString) damaged = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgePlan) copy = NULL;

      for (guint i = 0; lines[i] != NULL; i++)
        if (i != leave_out)
          g_string_append_printf (damaged, "%s\n", lines[i]);
      copy = lodge_plan_deserialize ("/var/lib/lodge/journal.conf", damaged->str, &error);
      if (copy == NULL)
        {
          g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
          g_assert_true (g_str_has_prefix (error->message, "/var/lib/lodge/journal.conf: "));
          refused++;
        }
    }
  /* [plan], answers-source, answers, filesystem-uuid, port-name, port-mac, kvm, disks; [disk 1],
   * name, size, content, erase.  The NAT network, the serial and the path may be missing. */
  g_assert_cmpuint (refused, ==, 13);
}

static void
test_uuid (void)
{
  g_autoptr (LodgeFacts) facts = two_blank ();
  g_autoptr (LodgeAnswers) first = parse_answers ("[storage]\ndisks=serial:S1\n");
  g_autoptr (LodgeAnswers) second = parse_answers ("[storage]\ndisks=serial:S2\n");
  g_autoptr (LodgePlan) a = lodge_plan_make (facts, first, TEST_SEED, NULL);
  g_autoptr (LodgePlan) b = lodge_plan_make (facts, first, TEST_SEED, NULL);
  g_autoptr (LodgePlan) other_disk = lodge_plan_make (facts, second, TEST_SEED, NULL);
  g_autoptr (LodgePlan) other_host = lodge_plan_make (facts, first, "another", NULL);

  g_assert_true (g_uuid_string_is_valid (a->filesystem_uuid));
  g_assert_cmpint (a->filesystem_uuid[14], ==, '5');
  g_assert_cmpstr (a->filesystem_uuid, ==, b->filesystem_uuid);
  g_assert_cmpstr (a->filesystem_uuid, !=, other_disk->filesystem_uuid);
  g_assert_cmpstr (a->filesystem_uuid, !=, other_host->filesystem_uuid);
}

/* --- plans remade --- */

typedef struct
{
  LodgeFacts *facts;
  LodgePlan *plan;
} Earlier;

/* What the first run of the usual machine left: its disk is no longer blank, its NAT network is
 * routed. */
static Earlier
earlier_run (const char *answers_text)
{
  Earlier earlier = { .facts = usual_facts () };
  g_autoptr (LodgeAnswers) answers = parse_answers (answers_text);
  g_autoptr (GError) error = NULL;
  LodgeDisk *disk = earlier.facts->disks->pdata[1];
  LodgeSignature *signature = g_new0 (LodgeSignature, 1);

  earlier.plan = lodge_plan_make (earlier.facts, answers, TEST_SEED, &error);
  g_assert_no_error (error);
  signature->device = g_strdup ("/dev/vda1");
  signature->type = g_strdup ("xfs");
  signature->usage = g_strdup ("filesystem");
  g_ptr_array_add (disk->signatures, signature);
  g_ptr_array_add (earlier.facts->kernel_routes, g_strdup ("192.168.122.0/24"));
  return earlier;
}

static void
earlier_clear (Earlier *earlier)
{
  lodge_facts_free (earlier->facts);
  lodge_plan_free (earlier->plan);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Earlier, earlier_clear)

static void
test_remake_network (void)
{
  g_auto (Earlier) earlier = earlier_run ("");
  g_autoptr (LodgeAnswers) answers
      = parse_answers ("[network]\nipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\n");
  LodgePlanEarlier what = {
    .plan = earlier.plan, .storage_begun = TRUE, .storage_done = TRUE, .guest_networks_begun = TRUE
  };
  g_autoptr (GError) error = NULL;
  gboolean kept = FALSE;
  g_autoptr (LodgePlan) plan
      = lodge_plan_remake (earlier.facts, answers, "another-seed", &what, &kept, &error);
  const LodgePlanDisk *disk;

  g_assert_no_error (error);
  g_assert_true (kept);
  g_assert_cmpstr (plan->filesystem_uuid, ==, earlier.plan->filesystem_uuid);
  disk = plan->disks->pdata[0];
  g_assert_cmpstr (disk->serial, ==, "S1");
  g_assert_cmpstr (plan->answers->address, ==, "192.0.2.10/24");
  g_assert_cmpstr (plan->nat_network, ==, "192.168.122.0/24");
}

static void
test_remake_storage_done (void)
{
  g_auto (Earlier) earlier = earlier_run ("");
  g_autoptr (LodgeAnswers) answers = parse_answers ("[storage]\ndisks=serial:S2\n");
  LodgePlanEarlier what = { .plan = earlier.plan, .storage_begun = TRUE, .storage_done = TRUE };
  g_autoptr (GError) error = NULL;
  gboolean kept = FALSE;

  add_disk (earlier.facts, "vdb", "S2", NULL);
  g_assert_null (lodge_plan_remake (earlier.facts, answers, TEST_SEED, &what, &kept, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

/* The first disk died in the step: another one may be named, by the rules for any disk. */
static void
test_remake_storage_begun (void)
{
  g_auto (Earlier) earlier = earlier_run ("");
  g_autoptr (LodgeAnswers) blank = parse_answers ("[storage]\ndisks=serial:S2\n");
  g_autoptr (LodgeAnswers) full = parse_answers ("[storage]\ndisks=serial:S3\n");
  LodgePlanEarlier what = { .plan = earlier.plan, .storage_begun = TRUE };
  g_autoptr (GError) error = NULL;
  gboolean kept = TRUE;
  g_autoptr (LodgePlan) plan = NULL;

  add_disk (earlier.facts, "vdb", "S2", NULL);
  add_disk (earlier.facts, "vdc", "S3", "ext4");
  plan = lodge_plan_remake (earlier.facts, blank, TEST_SEED, &what, &kept, &error);
  g_assert_no_error (error);
  g_assert_false (kept);
  g_assert_cmpstr (((const LodgePlanDisk *)plan->disks->pdata[0])->serial, ==, "S2");
  g_assert_cmpstr (plan->filesystem_uuid, !=, earlier.plan->filesystem_uuid);

  g_assert_null (lodge_plan_remake (earlier.facts, full, TEST_SEED, &what, &kept, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
}

/* layout=none made nothing: there is nothing to keep. */
static void
test_remake_after_none (void)
{
  g_autoptr (LodgeFacts) facts = usual_facts ();
  g_autoptr (LodgeAnswers) none = parse_answers ("[storage]\nlayout=none\n");
  g_autoptr (LodgeAnswers) answers = parse_answers ("[storage]\ndisks=serial:S1\n");
  g_autoptr (LodgePlan) first = lodge_plan_make (facts, none, TEST_SEED, NULL);
  LodgePlanEarlier what = { .plan = first, .storage_begun = TRUE, .storage_done = TRUE };
  g_autoptr (GError) error = NULL;
  gboolean kept = TRUE;
  g_autoptr (LodgePlan) plan = lodge_plan_remake (facts, answers, TEST_SEED, &what, &kept, &error);

  g_assert_no_error (error);
  g_assert_false (kept);
  g_assert_cmpuint (plan->disks->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/plan/case/", cases[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/plan/damaged-file", test_damaged_file);
  g_test_add_func ("/plan/uuid", test_uuid);
  g_test_add_func ("/plan/remake/network", test_remake_network);
  g_test_add_func ("/plan/remake/storage-done", test_remake_storage_done);
  g_test_add_func ("/plan/remake/storage-begun", test_remake_storage_begun);
  g_test_add_func ("/plan/remake/after-none", test_remake_after_none);
  return g_test_run ();
}
