/* The virtualization check on captured machines and on small made-up ones.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LODGE_UPDATE_GOLDEN=1 rewrites the expected texts.
 */
#include "firstboot/check-report.h"
#include "firstboot/hypervisor.h"
#include "firstboot/kvm-trial.h"
#include "firstboot/processor.h"
#include "tests/unit/hardware-tree.h"
#include "tests/unit/network-golden.h"

#include <string.h>

static const LodgeCheck *
find_check (const GPtrArray *checks, const char *id)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = g_ptr_array_index (checks, i);

      if (g_str_equal (check->id, id))
        return check;
    }
  g_assert_not_reached ();
}

/* What holds for the checks of every machine. */
static void
assert_well_formed (const GPtrArray *checks)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const LodgeCheck *check = g_ptr_array_index (checks, i);

      g_assert_true (g_str_has_suffix (check->sentence, "."));
      g_assert_null (strstr (check->sentence, "  "));
      if (check->level != LODGE_CHECK_PASS)
        g_assert_nonnull (check->mend);
      if (check->mend != NULL)
        {
          g_assert_true (g_str_has_suffix (check->mend, "."));
          g_assert_null (strstr (check->mend, "  "));
        }
    }
}

static void
test_captured (gconstpointer name)
{
  g_autofree char *root = captured_machine (name);
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GPtrArray) checks = lodge_probe_virtualization (&probe);
  g_autofree char *text = lodge_checks_format (checks, LODGE_CHECKS_COLUMNS, FALSE);
  g_autofree char *golden = g_strdup_printf ("hardware/%s.check", (const char *)name);

  assert_well_formed (checks);
  assert_golden (golden, text);
}

/* A small machine that is in order: an AMD processor with everything, or an Intel one. */
#define AMD_FLAGS "lm svm npt cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
#define INTEL_FLAGS "lm vmx ept cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
#define CPUINFO(vendor, flags)                                                                     \
  "processor : 0\nvendor_id : " vendor "\nmodel name : Test  Processor\nflags : " flags "\n"
#define AMD CPUINFO ("AuthenticAMD", AMD_FLAGS)
#define WORKS "[kvm]\nstage=works\nerrno=0\ninterface=12\n"
#define NO_DEVICE "[kvm]\nstage=open\nerrno=2\n"
#define CAPTURE "run/lodge-capture/machine.conf"
#define KERNEL_LOG "run/lodge-capture/kernel-log"

/* One difference from a machine that is in order, and what the check named then says. */
static const struct
{
  const char *name;
  const char *files[8]; /* path and text in turn; they replace those of the machine in order */
  const char *check;
  LodgeCheckLevel level;
  const char *sentence; /* part of it */
  const char *mend;     /* part of it, NULL: none */
} cases[] = {
  { "in-order", { NULL }, "cpu-virtualization", LODGE_CHECK_PASS, "(Test Processor) has", NULL },
  { "physical", { NULL }, "machine", LODGE_CHECK_PASS, "physical machine", NULL },
  { "amd-register",
    { CAPTURE, NO_DEVICE "[msr]\nc0010114=0000000000000018\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "has switched it off",
    "SVM Mode" },
  { "amd-register-not-set",
    { CAPTURE, NO_DEVICE "[msr]\nc0010114=0000000000000008\n" },
    "kvm-device",
    LODGE_CHECK_FAIL,
    "kvm_amd is not loaded",
    "modprobe kvm_amd" },
  { "amd-kernel-log",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "lm npt"), CAPTURE, NO_DEVICE, KERNEL_LOG,
      "x86/cpu: SVM disabled (by BIOS) in MSR_VM_CR\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "(AMD-V), but the firmware",
    "SVM Mode" },
  { "amd-instruction",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "lm npt"), CAPTURE,
      NO_DEVICE "[cpuid]\n80000001=00000000 00000000 00000004 00000000\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "has switched it off",
    "SVM Mode" },
  { "intel-old-kernel-log",
    { "proc/cpuinfo", CPUINFO ("GenuineIntel", INTEL_FLAGS), CAPTURE, NO_DEVICE, KERNEL_LOG,
      "kvm: disabled by bios\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "(Intel VT-x), but the firmware",
    "Intel Virtualization Technology" },
  { "intel-register-locked",
    { "proc/cpuinfo", CPUINFO ("GenuineIntel", "lm"), CAPTURE,
      NO_DEVICE "[msr]\n0000003a=0000000000000001\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "has switched it off",
    "Intel Virtualization Technology" },
  { "intel-register-open",
    { "proc/cpuinfo", CPUINFO ("GenuineIntel", "lm"), CAPTURE,
      NO_DEVICE "[msr]\n0000003a=0000000000000000\n" },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "neither Intel VT-x nor AMD-V",
    "another machine" },
  { "absent",
    { "proc/cpuinfo", CPUINFO ("GenuineIntel", "lm"), CAPTURE, NO_DEVICE },
    "cpu-virtualization",
    LODGE_CHECK_FAIL,
    "neither Intel VT-x nor AMD-V",
    "another machine" },
  { "works-without-flag",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "lm") },
    "cpu-virtualization",
    LODGE_CHECK_WARNING,
    "yet KVM ran an instruction",
    "proof guest" },
  { "works-although-logged",
    { KERNEL_LOG, "kvm: disabled by bios\n" },
    "cpu-virtualization",
    LODGE_CHECK_PASS,
    "AMD-V",
    NULL },
  { "device-denied",
    { CAPTURE, "[kvm]\nstage=open\nerrno=13\n" },
    "kvm-device",
    LODGE_CHECK_FAIL,
    "may not open",
    "as root" },
  { "device-other",
    { CAPTURE, "[kvm]\nstage=open\nerrno=19\n" },
    "kvm-device",
    LODGE_CHECK_FAIL,
    "No such device",
    "modprobe kvm_amd" },
  { "device-interface",
    { CAPTURE, "[kvm]\nstage=interface\ninterface=11\n" },
    "kvm-device",
    LODGE_CHECK_FAIL,
    "version 11",
    "own kernel" },
  { "device-unknown",
    { CAPTURE, "[content]\n" },
    "kvm-device",
    LODGE_CHECK_WARNING,
    "does not tell",
    "as root" },
  { "guest-busy",
    { CAPTURE, "[kvm]\nstage=create\nerrno=16\n" },
    "kvm-guest",
    LODGE_CHECK_FAIL,
    "cannot create a VM: Device or resource busy",
    "VirtualBox" },
  { "guest-does-not-run",
    { CAPTURE, "[kvm]\nstage=run\nerrno=14\n" },
    "kvm-guest",
    LODGE_CHECK_FAIL,
    "cannot run it: Bad address",
    "journalctl" },
  { "guest-without-device",
    { CAPTURE, NO_DEVICE },
    "kvm-guest",
    LODGE_CHECK_FAIL,
    "No VM could be tried",
    "/dev/kvm first" },
  { "paging-absent",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "lm svm") },
    "nested-paging",
    LODGE_CHECK_WARNING,
    "no nested paging (NPT)",
    "No setting" },
  { "paging-off",
    { "sys/module/kvm_amd/parameters/npt", "0" },
    "nested-paging",
    LODGE_CHECK_WARNING,
    "does not use it",
    "npt=0" },
  { "level-0",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "svm npt") },
    "architecture-level",
    LODGE_CHECK_FAIL,
    "not a 64-bit x86",
    "64-bit" },
  { "level-1",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", "svm npt lm") },
    "architecture-level",
    LODGE_CHECK_WARNING,
    "below level x86-64-v2",
    "newer" },
  { "level-2", { NULL }, "architecture-level", LODGE_CHECK_PASS, "x86-64-v2", NULL },
  { "level-3",
    { "proc/cpuinfo",
      CPUINFO ("AuthenticAMD", AMD_FLAGS " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave") },
    "architecture-level",
    LODGE_CHECK_PASS,
    "x86-64-v3",
    NULL },
  { "level-4",
    { "proc/cpuinfo",
      CPUINFO ("AuthenticAMD", AMD_FLAGS " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave avx512f "
                                         "avx512bw avx512cd avx512dq avx512vl") },
    "architecture-level",
    LODGE_CHECK_PASS,
    "x86-64-v4",
    NULL },
  { "memory-2-gib",
    { "proc/meminfo", "MemTotal: 1900000 kB\n" },
    "memory",
    LODGE_CHECK_PASS,
    "1.8 GiB",
    NULL },
  { "memory-below-2-gib",
    { "proc/meminfo", "MemTotal: 1500000 kB\n" },
    "memory",
    LODGE_CHECK_WARNING,
    "one small VM",
    "4 GiB" },
  { "memory-below-1-gib",
    { "proc/meminfo", "MemTotal: 700000 kB\n" },
    "memory",
    LODGE_CHECK_FAIL,
    "too little",
    "4 GiB" },
  { "memory-unknown", { "proc/meminfo", "" }, "memory", LODGE_CHECK_WARNING, "not known", "/proc" },
  { "tun-missing",
    { "-dev/net/tun", "" },
    "tun",
    LODGE_CHECK_FAIL,
    "cannot be connected",
    "modprobe tun" },
  { "vhost-missing",
    { "-dev/vhost-net", "" },
    "vhost-net",
    LODGE_CHECK_WARNING,
    "slower",
    "modprobe vhost_net" },
  { "cgroup-2-lacks",
    { "sys/fs/cgroup/cgroup.controllers", "cpuset cpu pids" },
    "cgroups",
    LODGE_CHECK_WARNING,
    "lack memory, io:",
    "cgroup_disable" },
  { "cgroup-1",
    { "-sys/fs/cgroup/cgroup.controllers", "", "proc/self/mountinfo",
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "30 27 0:25 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "31 27 0:26 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
      "32 27 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "33 27 0:28 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices\n"
      "34 27 0:29 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n" },
    "cgroups",
    LODGE_CHECK_PASS,
    "version 1",
    NULL },
  { "cgroup-1-lacks",
    { "-sys/fs/cgroup/cgroup.controllers", "", "proc/self/mountinfo",
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "30 27 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" },
    "cgroups",
    LODGE_CHECK_WARNING,
    "lack cpuset, memory, devices, blkio:",
    "unified" },
  { "nested-off",
    { "sys/module/kvm_amd/parameters/nested", "0" },
    "nested-guests",
    LODGE_CHECK_PASS,
    "is off",
    "options kvm_amd nested=1" },
  { "nested-on", { NULL }, "nested-guests", LODGE_CHECK_PASS, "is on", NULL },
  { "iommu-absent", { NULL }, "iommu", LODGE_CHECK_PASS, "firmware names no IOMMU", "AMD-Vi" },
  { "iommu-off",
    { "sys/firmware/acpi/tables/IVRS", "" },
    "iommu",
    LODGE_CHECK_PASS,
    "does not use it",
    "amd_iommu=on iommu=pt" },
  { "iommu-one-group",
    { "sys/kernel/iommu_groups/0", "" },
    "iommu",
    LODGE_CHECK_PASS,
    "1 group of devices",
    NULL },
  { "iommu-groups",
    { "sys/kernel/iommu_groups/0", "", "sys/kernel/iommu_groups/1", "" },
    "iommu",
    LODGE_CHECK_PASS,
    "2 groups of devices",
    NULL },
  { "sev-absent", { NULL }, "secure-guests", LODGE_CHECK_PASS, "do not need it", NULL },
  { "sev-off",
    { "proc/cpuinfo", CPUINFO ("AuthenticAMD", AMD_FLAGS " sev") },
    "secure-guests",
    LODGE_CHECK_PASS,
    "but it is off",
    "kvm_amd.sev=1" },
  { "sev-on",
    { "sys/module/kvm_amd/parameters/sev", "Y", "sys/module/kvm_amd/parameters/sev_es", "Y",
      "dev/sev", "" },
    "secure-guests",
    LODGE_CHECK_PASS,
    "AMD SEV, SEV-ES.",
    NULL },
  { "tdx",
    { "sys/module/kvm_intel/parameters/tdx", "Y" },
    "secure-guests",
    LODGE_CHECK_PASS,
    "Intel TDX.",
    NULL },
};

/* Puts a file of a case: "-path" means that it is not there. */
static void
put_file (const char *root, const char *path, const char *text)
{
  if (path[0] == '-')
    {
      g_autofree char *file = g_build_filename (root, path + 1, NULL);

      g_assert_cmpint (unlink (file), ==, 0);
    }
  else
    tree_file (root, path, text);
}

static char *
machine_in_order (void)
{
  char *root = tree_new ();

  tree_file (root, "proc/cpuinfo", AMD);
  tree_file (root, "proc/meminfo", "MemTotal: 8000000 kB\n");
  tree_file (root, CAPTURE, WORKS);
  tree_file (root, "sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids");
  tree_file (root, "sys/module/kvm_amd/parameters/npt", "Y");
  tree_file (root, "sys/module/kvm_amd/parameters/nested", "1");
  tree_file (root, "dev/kvm", "");
  tree_file (root, "dev/net/tun", "");
  tree_file (root, "dev/vhost-net", "");
  return root;
}

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *root = machine_in_order ();
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GPtrArray) checks = NULL;
  const LodgeCheck *check;

  for (gsize j = 0; j < G_N_ELEMENTS (cases[i].files) && cases[i].files[j] != NULL; j += 2)
    put_file (root, cases[i].files[j], cases[i].files[j + 1]);
  checks = lodge_probe_virtualization (&probe);
  assert_well_formed (checks);
  check = find_check (checks, cases[i].check);
  g_test_message ("%s / %s", check->sentence, check->mend);
  g_assert_cmpint (check->level, ==, cases[i].level);
  g_assert_nonnull (strstr (check->sentence, cases[i].sentence));
  if (cases[i].mend == NULL)
    g_assert_null (check->mend);
  else
    g_assert_nonnull (strstr (check->mend, cases[i].mend));
  tree_remove (root);
}

/* A machine in order has nothing to warn of: IOMMU and SEV, which it lacks, are notes. */
static void
test_ready (void)
{
  g_autofree char *root = machine_in_order ();
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GPtrArray) checks = lodge_probe_virtualization (&probe);

  g_assert_cmpint (lodge_checks_level (checks), ==, LODGE_CHECK_PASS);
  tree_remove (root);
}

#define VM CPUINFO ("GenuineIntel", "lm hypervisor")

/* How each hypervisor is known; SIGNATURE as CPUID gives it, least significant byte first. */
static const struct
{
  const char *id; /* NULL: physical */
  const char *cpuinfo;
  const char *signature;
  const char *vendor;
  const char *mend; /* a setting's exact name, when the VM has no virtualization */
} hypervisors[] = {
  { "kvm", VM, "40000001 4b4d564b 564b4d56 0000004d", "QEMU", "-cpu host" },
  { "vmware", VM, "40000010 61774d56 4d566572 65726177", "VMware, Inc.", "vhv.enable = \"TRUE\"" },
  { "vmware", VM, NULL, "VMware, Inc.", "Expose hardware assisted virtualization to the guest OS" },
  { "vmware", VM, NULL, "VMware, Inc.", "Virtualize Intel VT-x/EPT or AMD-V/RVI" },
  { "microsoft", VM, "4000000b 7263694d 666f736f 76482074", "Microsoft Corporation",
    "-ExposeVirtualizationExtensions $true" },
  { "oracle", VM, "40000001 4b4d564b 564b4d56 0000004d", "innotek GmbH", "--nested-hw-virt on" },
  { "xen", VM, "40000005 566e6558 65584d4d 4d4d566e", "Xen", "nestedhvm=1" },
  { "qemu", VM, "40000001 54474354 43544743 47435447", "QEMU", "-cpu max" },
  { "amazon", VM, "40000001 4b4d564b 564b4d56 0000004d", "Amazon EC2", ".metal" },
  { NULL, CPUINFO ("GenuineIntel", "lm"), NULL, "Amazon EC2", "another machine" },
  { "google", VM, "40000001 4b4d564b 564b4d56 0000004d", "Google Compute Engine",
    "--enable-nested-virtualization" },
  { "parallels", VM, "40000000 206c7270 65707968 20207672", "Parallels", "nested virtualization" },
  { "bhyve", VM, "40000000 76796862 68622065 20657679", "BHYVE", "physical machine" },
  { "vm-other", VM, "40000000 64636261 68676665 6c6b6a69", "Acme", "in its hypervisor" },
  { NULL, CPUINFO ("GenuineIntel", "lm"), "00000000 61774d56 4d566572 65726177", "Acme",
    "another machine" },
};

static void
test_hypervisor (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *root = machine_in_order ();
  g_autofree char *capture
      = g_strdup_printf (NO_DEVICE "[cpuid]\n40000000=%s\n",
                         hypervisors[i].signature == NULL ? "00000000 00000000 00000000 00000000"
                                                          : hypervisors[i].signature);
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GPtrArray) checks = NULL;
  g_autoptr (LodgeHost) host = NULL;
  g_autoptr (GError) error = NULL;
  const LodgeCheck *check;

  tree_file (root, "proc/cpuinfo", hypervisors[i].cpuinfo);
  tree_file (root, CAPTURE, capture);
  tree_file (root, "sys/class/dmi/id/sys_vendor", hypervisors[i].vendor);
  host = lodge_probe_host (&probe, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (host->hypervisor, ==, hypervisors[i].id);
  checks = lodge_probe_virtualization (&probe);
  assert_well_formed (checks);
  check = find_check (checks, "cpu-virtualization");
  g_assert_cmpint (check->level, ==, LODGE_CHECK_FAIL);
  g_assert_nonnull (strstr (check->mend, hypervisors[i].mend));
  tree_remove (root);
}

/* The machine that runs this test, whatever it is: every fact is asked of the real kernel, the
 * trial is made, and a VM that runs is found by both the trial and the check. */
static void
test_running_machine (void)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GPtrArray) checks = lodge_probe_virtualization (&probe);
  g_autoptr (GPtrArray) log = lodge_kernel_log (&probe);
  g_autoptr (LodgeProcessor) processor = lodge_processor_read (&probe, log);
  LodgeKvmTrial trial;
  gint64 begin = g_get_monotonic_time ();

  lodge_kvm_try (&probe, &trial);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * G_USEC_PER_SEC);
  assert_well_formed (checks);
  g_assert_cmpuint (processor->count, >=, g_get_num_processors ());
  g_assert_cmpint (trial.stage, !=, LODGE_KVM_UNKNOWN);
  g_assert_cmpint (find_check (checks, "kvm-guest")->level == LODGE_CHECK_PASS, ==,
                   trial.stage == LODGE_KVM_WORKS);
  if (access ("/dev/kvm", R_OK | W_OK) != 0)
    {
      g_assert_cmpint (trial.stage, ==, LODGE_KVM_OPEN);
      g_assert_cmpint (trial.errnum, !=, 0);
    }
  else
    g_assert_cmpint (trial.interface, ==, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (captured_machines); i++)
    {
      g_autofree char *name
          = g_strdup_printf ("/probe-virtualization/captured/%s", captured_machines[i]);

      g_test_add_data_func (name, captured_machines[i], test_captured);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/probe-virtualization/case/%s", cases[i].name);

      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_case);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (hypervisors); i++)
    {
      g_autofree char *name
          = g_strdup_printf ("/probe-virtualization/hypervisor/%02" G_GSIZE_FORMAT "-%s", i,
                             hypervisors[i].id == NULL ? "none" : hypervisors[i].id);

      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_hypervisor);
    }
  g_test_add_func ("/probe-virtualization/ready", test_ready);
  g_test_add_func ("/probe-virtualization/running-machine", test_running_machine);
  return g_test_run ();
}
