#!/bin/bash
# The added disk, a USB disk here, is pulled out while setup writes to it; then it is plugged in again.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"

machine_new pulled
truncate -s 8G "$machine_dir/PULLED.raw"
printf '[host]\nhostname=kvm1\n[storage]\ndisks=serial:PULLED\n[libvirt]\nproof=no\n' >"$tmp/answers.conf"
# A node of its own (-blockdev), so that it is still there when the device has gone.
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_answers "$tmp/answers.conf") \
  -blockdev "driver=raw,node-name=pulled,file.driver=file,file.filename=$machine_dir/PULLED.raw" \
  -device usb-storage,drive=pulled,serial=PULLED,id=pulled

# The first block that is written to it.
end=$((SECONDS + machine_bound))
while [ "$(du -k "$machine_dir/PULLED.raw" | cut -f1)" -eq 0 ] && [ $SECONDS -lt $end ]; do read -rt 0.05 <> <(:); done
ok $((SECONDS >= end)) "setup writes to the disk" || machine_explain
machine_monitor 'device_del pulled' >/dev/null
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'setup stopped at step [0-9]+ \(storage\): .*PULLED' "a disk that is pulled out stops setup, by its name" || machine_explain
machine_wait 'login:' >/dev/null
ok $? "and the login prompt comes"
like "$(machine_ssh lodge-firstboot status)" 'storage' "status says where setup stands"

machine_monitor 'device_add usb-storage,drive=pulled,serial=PULLED,id=again' >/dev/null
machine_ssh 'udevadm wait --timeout=300 /dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_PULLED-0:0'
ok $? "the disk is there again"
output=$(machine_ssh lodge-firstboot apply 2>&1)
is $? 0 "plugged in again, setup goes on" || diag "$output"
like "$output" 'setup complete: host kvm1' "to its end"
like "$(machine_ssh 'findmnt -n -o FSTYPE /var/lib/libvirt/images; echo end')" xfs "VM storage is on it"
done_testing
