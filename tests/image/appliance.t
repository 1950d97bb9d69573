#!/bin/sh
# libguestfs' appliance: coherence with writes from outside, cancelling, the watchdog (about a minute of it is waiting).
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
LODGE_TEST_APPLIANCE=1
export LODGE_TEST_APPLIANCE
exec "${LODGE_BUILD:-build}/tests/test-appliance"
