/* The definition of a network that is replaced is kept.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "common/run.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/replaced-network.h"

/* As Debian's and Fedora's packages bring it, and libvirt gives it. */
static const char distribution[]
    = "<network><name>default</name><uuid>0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a05</uuid>"
      "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>"
      "<bridge name='virbr0' stp='on' delay='0'/><mac address='52:54:00:1a:2b:3c'/>"
      "<ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>"
      "<range start='192.168.122.2' end='192.168.122.254'/>%s</dhcp></ip>%s</network>";

static void
assert_more (const char *leases, const char *rest, gboolean wanted)
{
  g_autofree char *head = NULL;
  g_auto (GStrv) parts = g_strsplit (distribution, "%s", 3);

  head = g_strconcat (parts[0], leases, parts[1], rest, parts[2], NULL);
  g_assert_cmpint (lodge_replaced_network_has_more (head), ==, wanted);
}

static void
test_more (void)
{
  g_autofree char *own = lodge_libvirt_nat_network_xml (NULL, "default", "10.1.0.0/24", NULL);
  g_autofree char *bridged = lodge_libvirt_bridged_network_xml (NULL, "bridge", "br0");

  assert_more ("", "", FALSE);
  g_assert_false (lodge_replaced_network_has_more (own));
  g_assert_false (lodge_replaced_network_has_more (bridged));
  assert_more ("<host mac='52:54:00:77:00:01' ip='192.168.122.77'/>", "", TRUE);
  assert_more ("", "<dns><host ip='192.168.122.1'><hostname>gate</hostname></host></dns>", TRUE);
  assert_more ("", "<route address='10.2.0.0' prefix='16' gateway='192.168.122.9'/>", TRUE);
  assert_more ("", "<portgroup name='fast' default='yes'/>", TRUE);
}

static char *
keep (const char *root, const char *xml)
{
  g_autoptr (GError) error = NULL;
  char *path = lodge_replaced_network_keep (root, "default", xml, &error);

  g_assert_no_error (error);
  return path;
}

/* Each definition in a file of its own: nothing that was kept is written over. */
static void
test_keep (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-replaced-XXXXXX", &error);
  g_autofree char *once = keep (root, "<network>1</network>");
  g_autofree char *again = keep (root, "<network>1</network>");
  g_autofree char *other = keep (root, "<network>2</network>");
  g_autofree char *full = g_strconcat (root, once, NULL);
  g_autofree char *text = NULL;
  GStatBuf status;

  g_assert_true (g_str_has_prefix (once, LODGE_REPLACED_NETWORKS "/default-"));
  g_assert_cmpstr (once, ==, again);
  g_assert_cmpstr (once, !=, other);
  g_assert_true (g_file_get_contents (full, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "<network>1</network>");
  g_assert_cmpint (g_stat (full, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
  g_free (lodge_run_list (&error, "rm", "-r", root, NULL));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replaced-network/more", test_more);
  g_test_add_func ("/replaced-network/keep", test_keep);
  return g_test_run ();
}
