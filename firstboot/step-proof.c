/* The step "proof": a throw-away guest shows that this host runs guests.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It boots the host's own kernel, as nothing must be downloaded, with one program as its initramfs.
 */
#include "firstboot/step.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "common/error.h"
#include "common/file.h"
#include "firstboot/libvirt-handle.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/proof-guest.h"
#include "firstboot/proof-initramfs.h"
#include "firstboot/i18n.h"

/* The guest's only program, proof-init-main.c. */
#ifndef LODGE_PROOF_INIT
#  define LODGE_PROOF_INIT "/usr/lib/lodge/proof-init"
#endif

#define NAME "lodge-proof"
/* Where libvirt and its SELinux and AppArmor rules expect kernels to boot guests from.  Copies: the
 * security drivers change owner and label of what a guest opens. */
#define BOOT_DIRECTORY "/var/lib/libvirt/boot"
#define KERNEL BOOT_DIRECTORY "/" NAME "-vmlinuz"
#define INITRAMFS BOOT_DIRECTORY "/" NAME "-initramfs"
/* Beside QEMU's logs, where virtlogd may write whatever the security driver. */
#define CONSOLE "/var/log/libvirt/qemu/" NAME "-console.log"

#define MEMORY_MIB 256
/* Also for a host that is itself a guest, of an emulator at that. */
#define KVM_SECONDS 180
#define EMULATION_SECONDS 300

static gboolean
remove_files (GError **error)
{
  static const char *const files[] = { KERNEL, INITRAMFS, CONSOLE };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_unlink (files[i]) < 0 && errno != ENOENT)
      return lodge_error_set_errno (error, errno, "remove %s", files[i]);
  return TRUE;
}

static gboolean
copy_kernel (GCancellable *cancellable, GError **error)
{
  static const char *const places[] = { "/boot/vmlinuz-%s", "/usr/lib/modules/%s/vmlinuz" };
  g_autoptr (GFile) target = g_file_new_for_path (KERNEL);
  struct utsname system;

  if (uname (&system) < 0)
    return lodge_error_set_errno (error, errno, N_ ("ask for the kernel's version"));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (GStrv) parts = g_strsplit (places[i], "%s", 2);
      g_autofree char *path = g_strconcat (parts[0], system.release, parts[1], NULL);
      g_autoptr (GFile) source = g_file_new_for_path (path);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      if (!g_file_copy (source, target, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS,
                        cancellable, NULL, NULL, error))
        {
          g_prefix_error (error, N_ ("copy the kernel for the proof guest: "));
          return FALSE;
        }
      if (g_chmod (KERNEL, 0644) < 0)
        return lodge_error_set_errno (error, errno, N_ ("make %s readable"), KERNEL);
      return TRUE;
    }
  return lodge_error_set (
      error, LODGE_ERROR_FAILED,
      N_ ("the running kernel %s is neither in /boot nor in /usr/lib/modules; after "
          "an update of the kernel, restart the host"),
      system.release);
}

static gboolean
write_initramfs (GError **error)
{
  gsize length;
  g_autofree char *init = lodge_file_read (LODGE_PROOF_INIT, 16 * 1024 * 1024, &length, error);

  return init != NULL && lodge_proof_initramfs_write (INITRAMFS, init, length, error);
}

static gboolean
judge (LodgeStepContext *context, const LodgeProofResult *result, GError **error)
{
  g_autofree char *line = NULL;

  json_object_set_string_member (context->measured, "hypervisor", result->hypervisor);
  json_object_set_int_member (context->measured, "line_ms", result->line_ms);
  json_object_set_int_member (context->measured, "total_ms", result->total_ms);
  if (context->plan->kvm && strcmp (result->hypervisor, "KVMKVMKVM") != 0)
    return lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("the proof guest ran, but not under KVM: it found the hypervisor \"%s\""),
        result->hypervisor);
  line = g_strdup_printf ("a guest ran under %s: alive after %.1f s, off after %.1f s",
                          context->plan->kvm ? "KVM" : "emulation (no KVM: slow)",
                          (double)result->line_ms / 1000, (double)result->total_ms / 1000);
  context->tell (line, context->tell_data);
  json_object_set_boolean_member (context->measured, "stopped", result->stopped);
  if (result->stopped)
    context->tell ("the guest ran, but did not power itself off when it should have, and was "
                   "stopped",
                   context->tell_data);
  return TRUE;
}

static gboolean
prove (LodgeStepContext *context, virConnect *connection, GError **error)
{
  LodgeProofDomain domain = { .name = NAME,
                              .kernel = KERNEL,
                              .initramfs = INITRAMFS,
                              .console = CONSOLE,
                              .kvm = context->plan->kvm,
                              .memory = MEMORY_MIB };
  g_autofree char *xml = lodge_libvirt_proof_domain_xml (&domain);
  LodgeProofResult result = { .line_ms = 0 };

  return copy_kernel (context->cancellable, error) && write_initramfs (error)
         && lodge_proof_guest_run (connection, NAME, xml, CONSOLE,
                                   context->plan->kvm ? KVM_SECONDS : EMULATION_SECONDS,
                                   context->cancellable, &result, error)
         && judge (context, &result, error);
}

gboolean
lodge_step_proof (LodgeStepContext *context, GError **error)
{
  g_autoptr (virConnect) connection = NULL;
  gboolean ok;

  if (!context->plan->answers->proof)
    {
      context->tell ("left out (proof=no)", context->tell_data);
      return TRUE;
    }
  connection = lodge_libvirt_open (context->cancellable, error);
  if (connection == NULL)
    return FALSE;
  if (g_mkdir_with_parents (BOOT_DIRECTORY, 0711) < 0)
    return lodge_error_set_errno (error, errno, "make %s", BOOT_DIRECTORY);
  ok = prove (context, connection, error);
  /* Of two errors the first is the one to tell. */
  return remove_files (ok ? error : NULL) && ok;
}
