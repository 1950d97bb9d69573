#!/bin/bash
# Scene 1 without a keyboard: the image on a larger emulated USB stick, BIOS, an added disk, answers on the LODGE
# partition; the finished host is looked at over SSH and booted once more.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
requires mcopy

machine_new bios
cat >"$tmp/answers.conf" <<'A'
[host]
hostname=wrong-name
timezone=Europe/Vienna

[storage]
disks=auto

[match mac=52:54:00:10:0D:9E]
host.hostname=classroom-07

[match mac=52:54:00:00:00:01]
host.hostname=somebody-else
A
# As a person would: the LODGE partition of the flashed stick (at 258 MiB), by another computer.
rm "$machine_dir/stick.qcow2"
cp --sparse=always "$LODGE_IMAGE" "$machine_dir/stick.raw"
mcopy -i "$machine_dir/stick.raw@@258M" "$tmp/answers.conf" ::answers.conf
ok $? "answers.conf is put on the LODGE partition with mtools"
truncate -s $machine_stick_size "$machine_dir/stick.raw"
qemu-img create -q -f qcow2 -b "$machine_dir/stick.raw" -F raw "$machine_dir/stick.qcow2"

# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 8G)
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "setup completes with nobody at the keyboard" || machine_explain 80

like "$(machine_ssh virsh pool-list --all)" 'default +active +yes' "the pool default is active and starts by itself"
networks=$(machine_ssh virsh net-list --all)
like "$networks" 'bridge +active +yes' "the network bridge is active and starts by itself"
like "$networks" 'default +active +yes' "the network default is active and starts by itself"
addresses=$(machine_ssh ip addr show br0)
like "$addresses" 'inet 10\.0\.2\.15/24' "br0 has the DHCP address"
like "$addresses" '52:54:00:10:0d:9e' "br0 has the network card's MAC address"
mount=$(machine_ssh findmnt -n -o SOURCE,FSTYPE,TARGET /var/lib/libvirt/images)
like "$mount" '/dev/vda1 +xfs' "VM storage is XFS on the added disk"
like "$(machine_ssh xfs_info /var/lib/libvirt/images)" 'reflink=1' "VM storage has reflink"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
is "$(machine_ssh hostname)" classroom-07 "the [match] section of this MAC gave the host name"
is "$(machine_ssh readlink /etc/localtime)" /usr/share/zoneinfo/Europe/Vienna "the time zone is set"
size=$(machine_ssh df --output=size -B1M / | tail -n 1)
ok "$([ "${size:-0}" -gt 4500 ]; echo $?)" "the root file system has grown to the stick ($size MiB)"
machine_ssh parted -s /dev/sda unit MiB print >"$tmp/table" 2>&1
unlike "$(cat "$tmp/table")" 'Warning|Error|not all of the space|corrupt' "the stick's partition table is sound"
like "$(machine_ssh cat /proc/cmdline)" 'console=ttyS0' "the kernel command line is the template's"
unlike "$(machine_ssh cat /proc/cmdline)" 'guestfs|supermin|sandbox' "nothing of the build machine is on the kernel command line"

report=$(machine_ssh cat /var/lib/lodge/report.json)
is "$(printf '%s' "$report" | jq -r .outcome)" complete "report.json says complete"
is "$(machine_ssh stat -c %a /var/lib/lodge)" 700 "what setup keeps is root's alone"
machine_ssh lodge-firstboot status >"$tmp/status"
ok $? "lodge-firstboot status succeeds"
diag "$(cat "$tmp/status")"
diag "$(printf '%s' "$report" | jq -c '.steps')"

# A guest, as its user would start one: a disk in the pool, a card on the bridge, virsh.
cat >"$tmp/guest.sh" <<'G'
set -e
virsh -q vol-create-as default guest.qcow2 1G --format qcow2
cp "/boot/vmlinuz-$(uname -r)" /var/lib/libvirt/images/guest-kernel
cat >/tmp/guest.xml <<'X'
<domain type='kvm'><name>guest</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type><kernel>/var/lib/libvirt/images/guest-kernel</kernel><cmdline>console=ttyS0 panic=0</cmdline></os>
<cpu mode='host-passthrough'/>
<devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/var/lib/libvirt/images/guest.qcow2'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='bridge'/><model type='virtio'/></interface>
<serial type='pty'/>
</devices></domain>
X
virsh -q create /tmp/guest.xml
virsh domstate guest
virsh qemu-monitor-command guest --hmp info kvm
bridge link
G
machine_ssh bash -s <"$tmp/guest.sh" >"$tmp/guest" 2>&1
ok $? "a guest is started with virsh" || diag "$(cat "$tmp/guest")"
like "$(cat "$tmp/guest")" '^running' "the guest runs"
like "$(cat "$tmp/guest")" 'kvm support: enabled' "the guest runs with KVM"
like "$(cat "$tmp/guest")" 'vnet0.* master br0' "the guest's network card is on br0"
machine_ssh 'virsh -q destroy guest && virsh -q vol-delete guest.qcow2 default && rm /var/lib/libvirt/images/guest-kernel' >/dev/null

# The second boot: everything is there again and nothing is set up twice.
machine_ssh 'sha256sum /var/lib/lodge/report.json' >"$tmp/report.before"
machine_ssh systemctl poweroff
tail --pid="$machine_pid" -f /dev/null
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 8G)
machine_wait 'classroom-07 login:' >/dev/null
ok $? "the second boot reaches its login prompt" || machine_explain
like "$(machine_ssh findmnt -n -o FSTYPE /var/lib/libvirt/images)" xfs "VM storage is mounted after a reboot"
like "$(machine_ssh ip addr show br0)" 'inet 10\.0\.2\.15/24' "br0 is up after a reboot"
like "$(machine_ssh virsh pool-list)" 'default +active' "the pool is active after a reboot"
machine_ssh 'sha256sum /var/lib/lodge/report.json' >"$tmp/report.after"
is "$(cat "$tmp/report.after")" "$(cat "$tmp/report.before")" "setup did not run again"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed on the second boot"
done_testing
