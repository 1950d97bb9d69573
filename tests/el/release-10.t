#!/bin/bash
# Release 10: the package database where that release has it, its packages of their own, and what the host says on a processor
# that is too old for it.  The stand-in's binaries are those of release 9.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../boot/machine.sh"
. "$LODGE_TOP/tests/standin/standin.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq sfdisk debugfs; do requires $program; done
[ -z "${LODGE_EL_SOURCE:-}" ] || skip_all "the mirror is of another release"
standin_require

LODGE_IMAGE=$tmp/ten.raw
"$LODGE_BUILD/lodge" build "$(standin_template centos-stream-10)" --source "$standin/1" -o "$LODGE_IMAGE" >"$tmp/log" 2>&1
ok $? "lodge build centos-stream-10" || { diag "$(tail -n 20 "$tmp/log")"; done_testing; }
root="$LODGE_IMAGE?offset=$(($(sfdisk --json "$LODGE_IMAGE" | jq '.partitiontable.partitions[3].start') * 512))"
exists () { debugfs -R "stat $1" "$root" 2>/dev/null | grep -q 'Inode:'; }
exists /usr/lib/sysimage/rpm/rpmdb.sqlite
ok $? "the package database is in /usr/lib/sysimage/rpm"
! exists /var/lib/rpm/rpmdb.sqlite
ok $? "and nowhere else"
"$LODGE_BUILD/lodge" inspect --json "$LODGE_IMAGE" >"$tmp/facts" 2>"$tmp/errors"
ok $? "lodge inspect reads it" || diag "$(cat "$tmp/errors")"
is "$(jq -r '.packages[].name' "$tmp/facts" | grep -cxE 'amd-ucode-firmware|realtek-firmware|kernel-core')" 3 \
  "with the packages that linux-firmware only recommends there"

machine_new ten
machine_cpu=Westmere
machine_start
machine_wait 'Ctrl-Alt-Del restarts it' >/dev/null
ok $? "a processor of level 2 is told so" || machine_explain
said=$(tr -d '\r' <"$machine_serial")
like "$said" 'This processor cannot run centos-stream-10 stand-in\.' "with the release's name"
like "$said" 'lacks: +AVX AVX2' "and what it lacks"
unlike "$said" 'Kernel panic' "the kernel does not panic"
machine_cut
machine_cpu=
machine_boot
machine_wait 'Tab moves|login:' >/dev/null
ok $? "with level 3 the host comes up" || machine_explain
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
done_testing
