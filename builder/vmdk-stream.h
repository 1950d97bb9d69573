/* VMDK files of the kind streamOptimized: what stands around the compressed grains of a disk.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Written here and not by qemu-img: that leaves out the end-of-stream marker, and what VMware's
 * importers make of its files then has another digest than the manifest says, so that they refuse
 * the OVA (siderolabs/image-factory#232, osbuild/image-builder#431,
 * home-assistant/operating-system#2121).
 *
 * Source: VMware, Virtual Disk Format 5.0, "Hosted Sparse Extents" and "Stream-Optimized Compressed
 * Sparse Extents"; the order of the parts is that of VMware's own open-vmdk: header, descriptor,
 * grain directory, grain tables, grains, end-of-stream marker.
 */
#pragma once

#include <glib.h>

enum
{
  LODGE_VMDK_GRAIN = 64 * 1024, /* bytes of the disk in one grain */
  /* Bytes before a compressed grain: which one it is, and its length. */
  LODGE_VMDK_MARKER = 12,
};

typedef struct _LodgeVmdkStream LodgeVmdkStream;

/* Begins the VMDK of a disk of SIZE bytes, a multiple of 512, in the empty file FD (not owned),
 * which is PATH in messages.  CONTENT_ID, hexadecimal and at least 32 digits long, tells this
 * content from others. */
LodgeVmdkStream *lodge_vmdk_stream_new (int fd, const char *path, guint64 size,
                                        const char *content_id, GError **error);

/* Appends grain NUMBER of the disk: the LENGTH bytes of DATA, in zlib's format (RFC 1950), stand
 * behind LODGE_VMDK_MARKER bytes that are filled in, and there is room for a sector behind them.
 * Grains come in order; those left out are zeros. */
gboolean lodge_vmdk_stream_add (LodgeVmdkStream *stream, guint64 number, guint8 *data, gsize length,
                                GError **error);

/* Ends the file.  Not fsynced. */
gboolean lodge_vmdk_stream_finish (LodgeVmdkStream *stream, GError **error);

void lodge_vmdk_stream_free (LodgeVmdkStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeVmdkStream, lodge_vmdk_stream_free)
