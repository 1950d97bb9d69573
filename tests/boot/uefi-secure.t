#!/bin/bash
# UEFI with Secure Boot on (Microsoft's keys), answers by systemd credential, disk by serial, static IPv4 and IPv6.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
# Code and variables of one size belong together: a mixed pair crashes before the first boot entry.
code=
for pair in /usr/share/OVMF/OVMF_CODE_4M.secboot.fd:/usr/share/OVMF/OVMF_VARS_4M.ms.fd \
  /usr/share/edk2/ovmf/OVMF_CODE.secboot.fd:/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd; do
  if [ -e "${pair%:*}" ] && [ -e "${pair#*:}" ]; then code=${pair%:*} vars=${pair#*:}; break; fi
done
[ -n "$code" ] || skip_all "no OVMF firmware with Secure Boot is installed"

machine_new uefi
cp "$vars" "$machine_dir/vars.fd"
cat >"$tmp/answers.conf" <<'A'
[host]
hostname=uefi-host
[storage]
disks=serial:VMS2
[network]
port=mac:52:54:00:10:0d:9e
ipv4=static
address=10.0.2.15/24
gateway=10.0.2.2
ipv6=static
address6=fec0::20/64
dns=10.0.2.3
[libvirt]
nat=no
A
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 8G) $(machine_disk VMS2 8G) $(machine_answers "$tmp/answers.conf") \
  -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \
  -drive "if=pflash,unit=0,format=raw,readonly=on,file=$code" -drive "if=pflash,unit=1,format=raw,file=$machine_dir/vars.fd"
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "setup completes under UEFI" || machine_explain 80
like "$(machine_ssh dmesg)" 'Secure boot enabled' "Secure Boot is on"
addresses=$(machine_ssh ip addr show br0)
like "$addresses" 'inet 10\.0\.2\.15/24' "br0 has the static IPv4 address"
like "$addresses" 'inet6 fec0::20/64' "br0 has the static IPv6 address"
like "$(machine_ssh ip route show default)" 'default via 10.0.2.2 dev br0' "the default route goes over br0"
like "$(machine_ssh findmnt -n -o SOURCE /var/lib/libvirt/images)" /dev/vdb1 "storage is on the disk that was named"
is "$(machine_ssh blkid -p /dev/vda)" "" "the other disk is untouched"
unlike "$(machine_ssh virsh net-list --all --name)" '^default$' "nat=no leaves no NAT network"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
done_testing
