/* What is looked at after dnf is done, on a tree that is damaged in each way in turn.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/family-el.h"
#include "builder/root-check.h"
#include "common/error.h"
#include "tests/unit/el-fixture.h"

#define UUID "5f0f3a52-9f0e-5d35-8a0b-7d6f3a4b1c2d"
#define MACHINE_ID "5f0f3a529f0e5d358a0b7d6f3a4b1c2d"

/* Inside the tree, whose files may be another's outside. */
static void
run_shell (LodgeElTree *tree, const char *command)
{
  g_autoptr (GError) error = NULL;
  const char *const argv[] = { "sh", "-ec", command, NULL };

  lodge_el_tree_run (tree, argv, &error);
  g_assert_no_error (error);
}

static gboolean
check_kernels (LodgeElTree *tree, GError **error)
{
  return lodge_el_check_kernels (tree, UUID, error);
}

typedef struct
{
  const char *damage; /* commands, in the tree */
  const char *mend;
  gboolean (*check) (LodgeElTree *tree, GError **error);
  const char *sentence; /* a part of the error */
} Damage;

/* V: the kernel's version. */
static const Damage damages[] = {
  { "mv /boot/initramfs-$V.img /boot/aside", "mv /boot/aside /boot/initramfs-$V.img", check_kernels,
    "no /boot/initramfs-" },
  { "mkdir /aside; mv /boot/loader/entries/*.conf /aside",
    "mv /aside/*.conf /boot/loader/entries; rmdir /aside", check_kernels,
    "kernel-install made no boot loader entry for Linux " },
  { "cp -a /boot/loader/entries /aside; sed -i s/console=ttyS0,115200// "
    "/boot/loader/entries/*.conf",
    "mv /aside/*.conf /boot/loader/entries; rmdir /aside", check_kernels,
    "lacks \"console=ttyS0,115200\"" },
  { "cp -a /boot/loader/entries /aside; sed -i 's/root=UUID=[^ ]*/root=LABEL=x/' "
    "/boot/loader/entries/*.conf",
    "mv /aside/*.conf /boot/loader/entries; rmdir /aside", check_kernels,
    "lacks \"root=UUID=" UUID "\"" },
  { "cp -a /boot/loader/entries /aside; sed -i 's|^linux .*|linux /boot/none|' "
    "/boot/loader/entries/*.conf",
    "mv /aside/*.conf /boot/loader/entries; rmdir /aside", check_kernels,
    "has \"linux /boot/none\", which is not in the image" },
  { "mv /boot/vmlinuz-$V /boot/aside", "mv /boot/aside /boot/vmlinuz-$V", check_kernels,
    "but no /boot/vmlinuz-" },
  { "mv /usr/lib/modules/$V/modules.dep /aside", "mv /aside /usr/lib/modules/$V/modules.dep",
    check_kernels, "depmod" },
  { "sed -i.aside s/SELINUX=enforcing/SELINUX=permissive/ /etc/selinux/config",
    "mv /etc/selinux/config.aside /etc/selinux/config", lodge_el_check_selinux,
    "without \"SELINUX=enforcing\"" },
  /* Last: it is not put back. */
  { "rpm --erase --nodeps --noscripts less", ":", lodge_el_check_packages,
    "dnf did not install the package less-" },
};

static char *
fill (const char *commands, const char *version)
{
  return g_strdup_printf ("V='%s'; %s", version, commands);
}

static void
test_damages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeElTree) tree = NULL;
  g_auto (GStrv) versions = NULL;

  (void)data;
  lodge_el_fetch (&fixture->build, &error);
  g_assert_no_error (error);
  tree = lodge_el_tree_new (&fixture->build, &error);
  g_assert_no_error (error);
  g_assert_true (lodge_el_prepare (tree, UUID, MACHINE_ID, &error));
  g_assert_true (lodge_el_install (tree, &error));
  g_assert_true (lodge_el_check_packages (tree, &error));
  g_assert_true (lodge_el_check_kernels (tree, UUID, &error));
  g_assert_true (lodge_el_check_selinux (tree, &error));
  versions = lodge_root_kernels (tree->path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (versions), ==, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *damage = fill (damages[i].damage, versions[0]);
      g_autofree char *mend = fill (damages[i].mend, versions[0]);

      run_shell (tree, damage);
      g_assert_false (damages[i].check (tree, &error));
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, damages[i].sentence));
      g_clear_error (&error);
      run_shell (tree, mend);
    }
  /* What was mended is right again: it was the damage that was refused. */
  g_assert_true (lodge_el_check_kernels (tree, UUID, &error));
  g_assert_true (lodge_el_check_selinux (tree, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (standin_is_missing ())
    return 0;
  g_test_add ("/el-check/damages", Fixture, NULL, standin_set_up, test_damages, standin_tear_down);
  return g_test_run ();
}
