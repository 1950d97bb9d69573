/* How setup ended, in the one line that consoles, journal, report and login prompt show.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/journal.h"
#include "firstboot/report.h"

/* "lodge: setup complete: host NAME, br0 ADDRESS, storage SIZE on DISK, proof guest N s with KVM",
 * from the journal's plan and REPORT's measurements.  ADDRESS is what stands for the bridge's
 * address (lodge_outcome_address()). */
char *lodge_outcome_complete_line (const LodgeJournal *journal, const LodgeReport *report,
                                   const char *host, const char *address);

/* "lodge: setup stopped at step 5 (storage): REASON". */
char *lodge_outcome_stopped_line (guint number, const char *step, const char *reason);

/* The first IPv4 address of INTERFACE, or its first global IPv6 address, or NULL. */
char *lodge_outcome_address (const char *interface);

/* Writes LINE to ROOT/etc/issue.d/lodge.issue, which agetty(8) shows above its login prompt.  When
 * INTERFACE and ADDRESS are given, ADDRESS in the line becomes agetty's escape for the interface's
 * current address: a lease may change. */
gboolean lodge_outcome_write_issue (const char *root, const char *line, const char *interface,
                                    const char *address, GError **error);
/* Writes LINE to ROOT/etc/motd.d/lodge, for those who log in over SSH and see no console. */
gboolean lodge_outcome_write_motd (const char *root, const char *line, GError **error);
