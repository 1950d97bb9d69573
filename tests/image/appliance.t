#!/bin/bash
# libguestfs' appliance: coherence with writes from outside, the image's checks, cancelling, the watchdog (about a minute of it is
# waiting), a full disk.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
export LODGE_TEST_APPLIANCE=1
program=$LODGE_BUILD/tests/test-appliance
[ -x "$program" ] || skip_all "test-appliance is not built: run 'make check-fast'"
mkdir "$tmp/small"
map=
if [ "$(id -u)" != 0 ]; then
  # Root of a user namespace looks for libguestfs' cache under root's name.
  map=--map-root-user
  export LIBGUESTFS_CACHEDIR=$tmp
fi
# A small file system of our own, gone with the last process in its namespace.
unshare $map --mount true 2>/dev/null && full=yes || full=no

for test in coherence checks lost-writes cancel-launch cancel-call cancel-shutdown free-early fall-back missing-image; do
  "$program" -p /appliance/$test >"$tmp/log" 2>&1
  ok $? "$test" || diag "$(cat "$tmp/log")"
done
if [ "$full" = yes ]; then
  # shellcheck disable=SC2016  # for the inner shell
  unshare $map --mount sh -c 'mount -t tmpfs -o size=16m none "$1" && LODGE_TEST_SMALL=$1 exec "$2" -p /appliance/no-space' \
    sh "$tmp/small" "$program" >"$tmp/log" 2>&1
  ok $? "no-space" || diag "$(cat "$tmp/log")"
else
  ok 0 "no-space # SKIP a mount namespace cannot be made here"
fi
done_testing
