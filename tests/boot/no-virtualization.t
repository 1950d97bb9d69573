#!/bin/bash
# A processor without virtualization and no added disk: unattended setup stops before it writes, and says what to do.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"

machine_new novirt
# QEMU 7.2 with "max,-svm" cannot start udev at all.
machine_cpu=EPYC,-svm
printf '[host]\nhostname=never-set\n' >"$tmp/answers.conf"
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 6G) $(machine_answers "$tmp/answers.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup stopped at step 1 \(check\): .*(VT-x|AMD-V|virtualization)' "setup stops at the check and says why" ||
  machine_explain
machine_wait 'login:' >/dev/null
ok $? "the login prompt comes: no dead screen, no reboot loop"
machine_ssh lodge-firstboot check >"$tmp/check"
is $? 1 "lodge-firstboot check says not ready"
diag "$(cat "$tmp/check")"
unlike "$(machine_ssh hostname)" never-set "nothing was configured"
is "$(stat -c %b "$machine_dir/VMS1.raw")" 0 "nothing was written to the disk"
is "$(machine_ssh cat /var/lib/lodge/report.json | jq -r .outcome)" stopped "report.json says stopped"
done_testing
