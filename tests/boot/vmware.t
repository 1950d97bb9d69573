#!/bin/bash
# The disk out of an OVA in a machine with VMware's devices as QEMU has them: pvscsi, vmxnet3, a second disk.  By BIOS:
# distributions build OVMF without a driver for pvscsi; the image starts by EFI in uefi-secure.t.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/boot/machine.sh"

# As README says.
machine_new vmware
"$LODGE_BUILD/lodge" build debian-13-vmware --format ova -o "$machine_dir/lodge.ova" >"$tmp/output" 2>&1
ok $? "lodge build debian-13-vmware --format ova" || { diag "$(tail -n 20 "$tmp/output")"; done_testing; }
tar -C "$machine_dir" -xf "$machine_dir/lodge.ova"
rm "$machine_dir/stick.qcow2" "$machine_dir/lodge.ova"
qemu-img create -q -f qcow2 -b "$machine_dir/lodge-debian-13-vmware-disk1.vmdk" -F vmdk "$machine_dir/stick.qcow2"
ok $? "QEMU takes its disk"
truncate -s 64G "$machine_dir/storage.raw"
machine_controller=pvscsi,id=scsi
machine_stick_device=scsi-hd,bus=scsi.0,scsi-id=0,serial=system
machine_card=vmxnet3
machine_boot -drive "if=none,id=storage,format=raw,file=$machine_dir/storage.raw" \
  -device scsi-hd,bus=scsi.0,scsi-id=1,drive=storage,serial=storage || skip_all "QEMU has no pvscsi or vmxnet3 here"
machine_wait 'Set up this machine' >/dev/null
ok $? "the wizard comes up" || { machine_explain; done_testing; }
# The kernel looks at the targets of a controller at one time: which disk is sda differs from boot to boot.
storage=$(machine_ssh 'lsblk -dno NAME,SERIAL' | awk '$2 == "storage" { print $1 }')
like "$(machine_ssh 'readlink /sys/block/sd[ab]/device/../../../driver' | sort -u)" '^[^ ]*/vmw_pvscsi$' "the disks are on pvscsi"
like "$(machine_ssh 'readlink /sys/class/net/en*/device/driver')" '/vmxnet3$' "the network card is vmxnet3, and has an address"
is "$(machine_ssh "lsblk -dno SIZE /dev/$storage" | tr -d ' ')" 64G "the second disk is there, with its serial number" ||
  diag "$(machine_ssh 'lsblk -o NAME,SIZE,SERIAL,MOUNTPOINTS')"
# shellcheck disable=SC2016  # the hash is as it is
printf '[access]\nroot-password-hash=$6$abcdefgh$NZJBgWJrTWdZQZbdkYVaDmFj5TUuv2pmTwHXLGvzsSY8PZ6kjXzzkYxRzWvRWZpBJfX0vZ2cZ1O5VhJmXQbkN.\n' |
  machine_ssh 'cat >/tmp/a.conf; lodge-firstboot plan --answers /tmp/a.conf' >"$tmp/plan" 2>&1
like "$(cat "$tmp/plan")" "^$storage \\(64.0 GiB, .*serial storage\\): create" "the plan takes it for the virtual machines" || diag "$(cat "$tmp/plan")"
# Outside VMware the tools have nobody to talk to, and are not started.
is "$(machine_ssh systemctl is-enabled open-vm-tools.service)" enabled "VMware's tools are there"
is "$(machine_ssh systemctl show --property=ConditionResult --value open-vm-tools.service)" no "and wait for VMware"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
like "$(machine_ssh lodge-firstboot check 2>&1)" 'virtualization|SVM|AMD-V|VT-x' "the checks run"
size=$(machine_ssh df --output=size -B1G / | tail -n 1)
ok "$([ "${size:-0}" -ge 14 ]; echo $?)" "the root file system has the disk of 16 GB ($size GiB)"
done_testing
