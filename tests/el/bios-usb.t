#!/bin/bash
# A host on Enterprise Linux from a USB stick, BIOS: set up with nobody at the keyboard, then what is its own to see:
# modular or monolithic libvirt, firewalld, boot loader entries; and the second boot.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../boot/machine.sh"

machine_new el
cat >"$tmp/answers.conf" <<'A'
[host]
hostname=el-host
[storage]
disks=auto
A
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 8G) $(machine_answers "$tmp/answers.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "setup completes with nobody at the keyboard" || machine_explain 80

like "$(machine_ssh cat /etc/os-release)" '^ID="?centos' "this is CentOS, or its stand-in"
like "$(machine_ssh virsh pool-list --all)" 'default +active +yes' "the pool default is active and starts by itself"
networks=$(machine_ssh virsh net-list --all)
like "$networks" 'bridge +active +yes' "the network bridge is active and starts by itself"
like "$networks" 'default +active +yes' "the network default is active and starts by itself"
like "$(machine_ssh ip addr show br0)" 'inet 10\.0\.2\.15/24' "br0 has the DHCP address"
like "$(machine_ssh findmnt -n -o SOURCE,FSTYPE /var/lib/libvirt/images)" '/dev/vda1 +xfs' "VM storage is XFS on the added disk"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
is "$(machine_ssh systemctl is-enabled sshd.service chronyd.service firewalld.service cockpit.socket libvirt-guests.service | sort -u)" \
  enabled "the template's services are enabled"
size=$(machine_ssh df --output=size -B1M / | tail -n 1)
ok "$([ "${size:-0}" -gt 4500 ]; echo $?)" "the root file system has grown to the stick ($size MiB)"
unlike "$(machine_ssh cat /proc/cmdline)" 'guestfs|supermin|sandbox' "nothing of the build machine is on the kernel command line"

# What is open: ssh and cockpit in the zone of the bridge; libvirt's needs in a zone of its own.
zone=$(machine_ssh firewall-cmd --get-zone-of-interface=br0)
is "$zone" public "br0 is in the zone public"
is "$(machine_ssh firewall-cmd --zone=public --list-services)" "cockpit dhcpv6-client ssh" "ssh and cockpit are open there, and nothing else"
is "$(machine_ssh 'firewall-cmd --zone=public --list-ports; firewall-cmd --zone=public --list-rich-rules')" "" "and no port beside them"
is "$(machine_ssh firewall-cmd --get-zone-of-interface=virbr0)" libvirt "the guests' NAT network is in libvirt's zone"
for service in dhcp dns; do
  machine_ssh firewall-cmd --zone=libvirt --query-service=$service >/dev/null
  ok $? "guests there reach $service on the host"
done

id=$(machine_ssh cat /etc/machine-id)
kernel=$(machine_ssh uname -r)
is "$(machine_ssh ls /boot/loader/entries)" "$id-$kernel.conf" "the boot loader entry has the host's machine id"
is "$(machine_ssh "grep ^options /boot/loader/entries/$id-$kernel.conf")" "options $(machine_ssh cat /etc/kernel/cmdline)" \
  "and the command line of /etc/kernel/cmdline"
is "$(machine_ssh "cat /proc/cmdline" | sed 's/^BOOT_IMAGE=[^ ]* //')" "$(machine_ssh cat /etc/kernel/cmdline)" \
  "which is the running kernel's"

machine_ssh systemctl poweroff
tail --pid="$machine_pid" -f /dev/null
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 8G)
machine_wait 'el-host login:' >/dev/null
ok $? "the second boot reaches its login prompt" || machine_explain
like "$(machine_ssh virsh pool-list)" 'default +active' "the pool is active after a reboot"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed on the second boot"
done_testing
