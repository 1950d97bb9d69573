/* The libguestfs appliance: a small virtual machine that holds one disk image.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It launches in a thread of its own.  KVM is used when lodge_kvm_usable() says so; a launch under
 * KVM that fails or hangs is done again in emulation.  What the user set in LIBGUESTFS_BACKEND and
 * LIBGUESTFS_BACKEND_SETTINGS (guestfs(3), "ENVIRONMENT VARIABLES") is respected.
 */
#pragma once

#include <gio/gio.h>
#include "builder/guestfs-handle.h"
#include "builder/progress.h"

/* The image for programs that run inside the appliance (guestfs_command).  libguestfs' own calls
 * take /dev/sda and mean the image; the kernel may have given that name to the appliance's own
 * disk. */
#define LODGE_APPLIANCE_DISK_LABEL "lodge"
#define LODGE_APPLIANCE_DISK "/dev/disk/guestfs/" LODGE_APPLIANCE_DISK_LABEL

typedef struct _LodgeAppliance LodgeAppliance;

typedef enum
{
  LODGE_APPLIANCE_READ_WRITE, /* nothing is flushed to the disk until the caller fsyncs the file */
  LODGE_APPLIANCE_READ_ONLY,
} LodgeApplianceAccess;

/* Starts launching on IMAGE in FORMAT ("raw", "qcow2").  What it needs for itself is in a private
 * directory below DIRECTORY (NULL: the one for temporary files), which is gone when APPLIANCE is
 * freed, and which the second signal removes (interrupt.h).  How it launched goes to PROGRESS (may
 * be NULL) in one note.  Until APPLIANCE is freed, CANCELLABLE (or NULL) kills it: a call that is
 * in progress on the handle then fails, whatever it was doing. */
LodgeAppliance *lodge_appliance_start (const char *image, const char *format,
                                       LodgeApplianceAccess access, const char *directory,
                                       LodgeProgress *progress, GCancellable *cancellable);

/* Waits until the appliance is up.  The handle belongs to APPLIANCE; the image is /dev/sda in its
 * calls. */
guestfs_h *lodge_appliance_wait (LodgeAppliance *appliance, GError **error);

/* Kills the appliance: the call that is in progress on the handle fails.  From any thread. */
void lodge_appliance_kill (LodgeAppliance *appliance);

/* Ends the appliance in order; all it wrote is in the image file (fsync is the caller's). */
gboolean lodge_appliance_shutdown (LodgeAppliance *appliance, GError **error);

/* Ends the appliance whatever it is doing; NULL is accepted. */
void lodge_appliance_free (LodgeAppliance *appliance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAppliance, lodge_appliance_free)
