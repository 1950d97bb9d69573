/* What `apply` said is found again in the translations, whatever stands in its places.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/i18n.h"
#include "firstboot/network-failure.h"
#include "firstboot/said.h"
#include "tests/unit/made-up-facts.h"

static const struct
{
  const char *said;
  const char *chinese;
} cases[] = {
  { "no carrier on enp1s0; check its cable and the switch, or name another port",
    "enp1s0 没有链路；请检查网线和交换机，或选择另一个接口" },
  /* Places change their order. */
  { "NetworkManager could not bring up br0 on enp1s0 (ip-config-unavailable); see \"journalctl -u "
    "NetworkManager\"",
    "NetworkManager 无法在 enp1s0 上启用 br0（ip-config-unavailable）；请查看“journalctl -u "
    "NetworkManager”" },
  /* What came of the rollback, behind it. */
  { "the gateway 192.0.2.1 does not answer on br0 within 10 s (ARP); check the address and what "
    "the "
    "port is plugged into (the network is as it was before)",
    "网关 192.0.2.1 在 10 秒内没有在 br0 上应答（ARP）；请检查地址以及接口所连接的设备"
    "（网络已恢复原状）" },
  /* A caller's words before, the C library's behind. */
  { "mount the VM storage at /var/lib/libvirt/images: make the directory "
    "/var/lib/libvirt/images/x: Read-only file system",
    "将虚拟机存储挂载到 /var/lib/libvirt/images：建立目录 /var/lib/libvirt/images/x: Read-only "
    "file system" },
  { "cannot talk to NetworkManager: Could not connect: No such file or directory",
    "无法与 NetworkManager 通信：Could not connect: No such file or directory" },
  /* Regular expressions' own characters, percent signs, blanks in names. */
  { "/var/lib (x) holds files (a [b] 100%s, c.d) that the VM storage would hide; move them away "
    "and "
    "try again",
    "/var/lib (x) 中有文件（a [b] 100%s, c.d），会被虚拟机存储遮住；请将其移走后重试" },
  /* The plan's, which the screens show too. */
  { "the planned disk vda (8.0 GiB, serial S1) is not there; connect it and try again",
    "计划中的磁盘 vda (8.0 GiB, serial S1) 不在；请接好后重试" },
  /* How setup ended well. */
  { "setup complete: host kvm1, br0 192.0.2.10, storage 8.0 GiB on vda, proof guest 12.3 s with "
    "KVM",
    "设置完成：主机 kvm1，br0 192.0.2.10，虚拟机存储 8.0 GiB（位于 vda），验证用虚拟机 12.3 "
    "秒（KVM）" },
  { "setup complete: host kvm1, br0 without address, no VM storage, no proof guest",
    "设置完成：主机 kvm1，br0 没有地址，没有虚拟机存储，没有运行验证用虚拟机" },
  { "setup complete: host kvm1, br0 fec0::20, storage 8.0 GiB on vda with 2 virtual machines (1 "
    "warning: see lodge-firstboot status), proof guest 12.3 s in emulation",
    "设置完成：主机 kvm1，br0 fec0::20，虚拟机存储 8.0 GiB（位于 vda，含 2 台虚拟机（1 个警告：见 "
    "lodge-firstboot status）），验证用虚拟机 12.3 秒（软件模拟）" },
  /* Nobody's. */
  { "qemu: could not load PC BIOS", "qemu: could not load PC BIOS" },
  { "", "" },
  { "vda", "vda" },
  { "100 % (of) something", "100 % (of) something" },
};

static void
test_cases (void)
{
  lodge_language_use ("zh_CN");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = lodge_said_translate (cases[i].said);

      g_assert_cmpstr (text, ==, cases[i].chinese);
    }
  lodge_language_use ("en");
}

static void
test_english (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = lodge_said_translate (cases[i].said);

      g_assert_cmpstr (text, ==, cases[i].said);
    }
}

/* Every way that the bridge can fail: of three Latin words in a row none is left but commands. */
static void
test_network (void)
{
  static const char *const answers[] = {
    "[network]\n",
    "[network]\nipv4=static\naddress=192.0.2.10/24\n",
    "[network]\nipv4=off\n",
    "[network]\nipv4=off\nipv6=dhcp\n",
  };
  static const NMDeviceState states[] = { NM_DEVICE_STATE_IP_CONFIG, NM_DEVICE_STATE_CONFIG };
  static const NMDeviceStateReason reasons[]
      = { NM_DEVICE_STATE_REASON_NONE, NM_DEVICE_STATE_REASON_CONFIG_FAILED };

  char port[] = "enp1s0 (52:54:00:00:00:01)";

  lodge_language_use ("zh_CN");
  for (guint i = 0; i < G_N_ELEMENTS (answers) * 8; i++)
    {
      const LodgeNetworkFailure failure = { .port = port,
                                            .carrier = i / 4 % 2 == 0,
                                            .reached = states[i / 8 % 2],
                                            .reason = reasons[i / 16 % 2],
                                            .seconds = 60 };
      g_autoptr (LodgeAnswers) parsed = parse_answers (answers[i % G_N_ELEMENTS (answers)]);
      g_autofree char *said = lodge_network_failure_explain (&failure, parsed);
      g_autofree char *text = lodge_said_translate (said);

      if (g_regex_match_simple ("[a-z]{2,} +[a-z]{2,} +[a-z]{2,}", text, 0, 0))
        g_error ("%s", text);
      g_assert_cmpstr (text, !=, said);
    }
  lodge_language_use ("en");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/said/cases", test_cases);
  g_test_add_func ("/said/english", test_english);
  g_test_add_func ("/said/network", test_network);
  return g_test_run ();
}
