#!/bin/bash
# UEFI with Secure Boot on (Microsoft's keys), answers by systemd credential, disk by serial, static IPv4 and IPv6.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"

machine_new uefi
machine_secure_firmware >"$tmp/firmware" || skip_all "no OVMF firmware with Secure Boot is installed"
mapfile -t firmware <"$tmp/firmware"
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
machine_boot $(machine_disk VMS1 8G) $(machine_disk VMS2 8G) $(machine_answers "$tmp/answers.conf") "${firmware[@]}"
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
machine_cut

# The same firmware as a user starts it.  The kernel's first program says what the firmware told it.
"$LODGE_BUILD/lodge" boot "$LODGE_IMAGE" --firmware secure --restrict </dev/null >"$tmp/boot" 2>"$tmp/errors" &
boot=$!
stop_boot () { kill "$boot" 2>/dev/null; }
at_exit stop_boot
like "$(wait_line "$tmp/boot" 'EFI stub: .*Secure Boot' $machine_bound $boot | tr -d '\r')" 'UEFI Secure Boot is enabled' \
  "lodge boot --firmware secure starts the kernel with Secure Boot on" || diag "$(tail -n 20 "$tmp/boot" "$tmp/errors")"
like "$(cat "$tmp/boot")" 'with UEFI and Secure Boot' "and says so"
kill $boot
wait $boot
is $? 0 "it ends when it is told to"
done_testing
