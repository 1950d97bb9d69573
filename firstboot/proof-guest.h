/* Runs the proof guest and listens to its console.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/libvirt-handle.h"

typedef struct
{
  char hypervisor[13]; /* what the guest saw: "KVMKVMKVM", "TCGTCGTCGTCG" or "none" */
  gint64 line_ms;      /* from its processor's first instruction to its line */
  gint64 total_ms;     /* from the order to start it until it was off */
  gboolean stopped;    /* it did not power itself off in time, and was stopped */
} LodgeProofResult;

/* Creates the transient domain XML called NAME (an earlier one of that name is destroyed first),
 * waits up to SECONDS for its line (proof-init-main.c) and its powering off.  Whatever happens,
 * also when this process is killed, the domain is gone afterwards: libvirt destroys it with the
 * connection. */
gboolean lodge_proof_guest_run (virConnect *connection, const char *name, const char *xml,
                                const char *console_path, guint seconds, GCancellable *cancellable,
                                LodgeProofResult *result, GError **error);

/* Finds the guest's whole line in CONSOLE and copies the hypervisor it names; FALSE when it is not
 * (or not wholly) there. */
gboolean lodge_proof_find_line (const char *console, char hypervisor[13]);

/* The last lines of CONSOLE as one printable line, for an error; "nothing" when it is empty.  Free
 * with g_free. */
char *lodge_proof_last_words (const char *console);
