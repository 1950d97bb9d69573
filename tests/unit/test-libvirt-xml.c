/* The XML that libvirt is given, and what is read out of its own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/libvirt-xml.h"

#include "tests/unit/network-golden.h"

#define UUID "0b6a3d7e-1f0e-4f0d-8d4b-3d5f3f0f7a11"

static void
test_golden (void)
{
  g_autoptr (GError) error = NULL;
  LodgeProofDomain domain = { .name = "lodge-proof",
                              .kernel = "/var/lib/libvirt/boot/kernel",
                              .initramfs = "/var/lib/libvirt/boot/initramfs",
                              .console = "/var/log/libvirt/qemu/console.log",
                              .kvm = TRUE,
                              .memory = 256 };
  g_autofree char *pool = lodge_libvirt_pool_xml (NULL, "default", "/var/lib/libvirt/images");
  g_autofree char *bridged = lodge_libvirt_bridged_network_xml (UUID, "bridge", "br0");
  g_autofree char *nat
      = lodge_libvirt_nat_network_xml (NULL, "default", "192.168.122.0/24", &error);
  g_autofree char *kvm = lodge_libvirt_proof_domain_xml (&domain);
  g_autofree char *emulated = NULL;

  g_assert_no_error (error);
  domain.kvm = FALSE;
  emulated = lodge_libvirt_proof_domain_xml (&domain);
  assert_golden ("libvirt/pool.xml", pool);
  assert_golden ("libvirt/network-bridge.xml", bridged);
  assert_golden ("libvirt/network-nat.xml", nat);
  assert_golden ("libvirt/proof-kvm.xml", kvm);
  assert_golden ("libvirt/proof-emulated.xml", emulated);
}

static void
test_escaping (void)
{
  static const char *const nasty = "a<b>&'\"c";
  g_autofree char *xml = lodge_libvirt_pool_xml (NULL, nasty, "/x");
  g_autofree char *name = lodge_libvirt_xml_get (xml, "pool/name", NULL);
  g_autofree char *network = lodge_libvirt_bridged_network_xml (NULL, "n", nasty);
  g_autofree char *bridge = lodge_libvirt_xml_get (network, "network/bridge", "name");

  g_assert_cmpstr (name, ==, nasty);
  g_assert_cmpstr (bridge, ==, nasty);
}

static void
test_subnets (void)
{
  static const struct
  {
    const char *subnet, *address, *netmask, *start, *end;
  } cases[] = {
    { "10.0.0.0/8", "10.0.0.1", "255.0.0.0", "10.0.0.2", "10.255.255.254" },
    { "172.16.4.0/22", "172.16.4.1", "255.255.252.0", "172.16.4.2", "172.16.7.254" },
    { "192.168.7.8/29", "192.168.7.9", "255.255.255.248", "192.168.7.10", "192.168.7.14" },
  };
  static const char *const wrong[]
      = { "",          "192.168.122.0", "192.168.122.1/24", "10.0.0.0/30",
          "0.0.0.0/0", "fd00::/64",     "nonsense/24" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = lodge_libvirt_nat_network_xml (NULL, "n", cases[i].subnet, NULL);
      g_autofree char *address = lodge_libvirt_xml_get (xml, "network/ip", "address");
      g_autofree char *netmask = lodge_libvirt_xml_get (xml, "network/ip", "netmask");
      g_autofree char *start = lodge_libvirt_xml_get (xml, "network/ip/dhcp/range", "start");
      g_autofree char *end = lodge_libvirt_xml_get (xml, "network/ip/dhcp/range", "end");

      g_assert_cmpstr (address, ==, cases[i].address);
      g_assert_cmpstr (netmask, ==, cases[i].netmask);
      g_assert_cmpstr (start, ==, cases[i].start);
      g_assert_cmpstr (end, ==, cases[i].end);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (lodge_libvirt_nat_network_xml (NULL, "n", wrong[i], &error));
      g_assert_nonnull (error);
    }
}

static void
test_get (void)
{
  static const char *const xml = "<network connections='2'><name>a</name><ip address='1'/>"
                                 "<x><ip address='3'/></x><ip address='2'/></network>";
  g_autofree char *name = lodge_libvirt_xml_get (xml, "network/name", NULL);
  g_autofree char *first = lodge_libvirt_xml_get (xml, "network/ip", "address");
  g_autofree char *deep = lodge_libvirt_xml_get (xml, "network/x/ip", "address");
  g_autofree char *root = lodge_libvirt_xml_get (xml, "network", "connections");

  g_assert_cmpstr (name, ==, "a");
  g_assert_cmpstr (first, ==, "1");
  g_assert_cmpstr (deep, ==, "3");
  g_assert_cmpstr (root, ==, "2");
  g_assert_null (lodge_libvirt_xml_get (xml, "network/ip", "netmask"));
  g_assert_null (lodge_libvirt_xml_get (xml, "network/forward", "mode"));
  g_assert_null (lodge_libvirt_xml_get ("<network><name>a</name", "network/forward", "mode"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/libvirt-xml/golden", test_golden);
  g_test_add_func ("/libvirt-xml/escaping", test_escaping);
  g_test_add_func ("/libvirt-xml/subnets", test_subnets);
  g_test_add_func ("/libvirt-xml/get", test_get);
  return g_test_run ();
}
