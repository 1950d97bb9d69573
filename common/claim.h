/* Looking again at a device that is claimed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who reads the disks claims each for a moment, to see whether the kernel gives it away (O_EXCL),
 * or to look into its file system.  Two readers at once, on two consoles or beside one that was
 * left behind, would call each other's disks in use: EBUSY counts when it has lasted.  No lock of
 * ours orders them, which one that a disk holds up would keep for ever.
 */
#pragma once

#include <glib.h>

enum
{
  LODGE_CLAIM_MILLISECONDS = 2000, /* longer than a reader has a disk that answers */
  LODGE_CLAIM_PERIOD_MILLISECONDS = 20,
};

/* Until when a claim may be a reader's, from now on. */
static inline gint64
lodge_claim_deadline (void)
{
  return g_get_monotonic_time () + LODGE_CLAIM_MILLISECONDS * G_TIME_SPAN_MILLISECOND;
}

/* Waits a moment before another look; FALSE when it is DEADLINE. */
static inline gboolean
lodge_claim_wait (gint64 deadline)
{
  if (g_get_monotonic_time () >= deadline)
    return FALSE;
  /* The kernel tells nobody that a claim has ended. */
  g_usleep (LODGE_CLAIM_PERIOD_MILLISECONDS * 1000);
  return TRUE;
}
