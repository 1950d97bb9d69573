/* The OVF descriptor: golden files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/ovf.h"
#include "tests/unit/fixture.h"

#include <string.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *
describe (LodgeTemplate *template)
{
  const LodgeOvf ovf = {
    .template = template,
    .build_hash = HASH,
    .disk_file = "lodge-disk1.vmdk",
    .disk_file_size = 411513344,
    .disk_size = G_GUINT64_CONSTANT (3) << 30,
  };

  return lodge_ovf_format (&ovf);
}

/* Only what open-vm-tools can read is promised. */
static void
test_answers (void)
{
  char *packages[] = { (char *)"open-vm-tools", NULL };
  LodgeTemplate template = { .name = (char *)"host", .install = packages };
  g_autofree char *with = describe (&template);
  g_autofree char *without = NULL;

  template.install = packages + 1;
  without = describe (&template);
  g_assert_nonnull (strstr (with, "guestinfo.lodge.answers"));
  g_assert_null (strstr (without, "guestinfo"));
}

static void
test_golden (gconstpointer data)
{
  const char *name = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *root = top_file ("templates");
  g_autoptr (LodgeTemplate) template = lodge_template_load (root, name, &error);
  g_autofree char *golden = g_strdup_printf ("plans/%s.ovf", name);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = describe (template);
  assert_golden (golden, text);
}

/* What a template says is text, whatever is in it. */
static void
test_escaped (void)
{
  char *nothing[] = { NULL };
  LodgeTemplate template = {
    .name = (char *)"a host & more/ü",
    .description = (char *)"<KVM> & \"more\"",
    .release = (char *)"1",
    .os_name = (char *)"Système",
    .family = LODGE_FAMILY_EL,
    .install = nothing,
  };
  g_autofree char *name = lodge_ovf_name (&template);
  g_autofree char *text = describe (&template);

  g_assert_cmpstr (name, ==, "lodge-a-host---more---");
  g_assert_nonnull (strstr (text, "<Product>Lodge: &lt;KVM&gt; &amp; &quot;more&quot;</Product>"));
  g_assert_nonnull (strstr (text, "<Description>Système</Description>"));
  g_assert_nonnull (strstr (text, "<Name>lodge-a-host---more---</Name>"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ovf/debian-13", "debian-13", test_golden);
  g_test_add_data_func ("/ovf/debian-13-vmware", "debian-13-vmware", test_golden);
  g_test_add_data_func ("/ovf/centos-stream-9", "centos-stream-9", test_golden);
  g_test_add_func ("/ovf/answers", test_answers);
  g_test_add_func ("/ovf/escaped", test_escaped);
  return g_test_run ();
}
