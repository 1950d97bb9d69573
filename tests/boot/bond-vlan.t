#!/bin/bash
# The host's bridge over a VLAN on a bond of two ports, one of which has no cable at first and the other none later.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# The other end is in the same machine: a third card on the same hub, in a network namespace, with a DHCP server in VLAN 42.
# Nothing of that leaves QEMU.
. "$(dirname "$0")/machine.sh"

machine_new bond
# card NAME LAST-BYTE: on a hub's port of its own.
card () { echo "-netdev hubport,id=$1,hubid=42 -device virtio-net-pci,netdev=$1,id=card$1,mac=52:54:00:42:00:$2"; }
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk S1 8G) $(card one 01) $(card two 02) $(card far 0f)
machine_wait 'lodge: setup waits for answers' >/dev/null
ok $? "the machine waits for answers" || machine_explain
machine_monitor 'set_link cardtwo off' >/dev/null

machine_ssh 'cat >/run/far-end' <<'S'
set -e
# What has the MAC address $1.
card () { grep -l "$1" /sys/class/net/*/address | cut -d/ -f5 | head -n 1; }
far=$(card 52:54:00:42:00:0f)
nmcli -w 10 device set "$far" managed no
ip netns add far
ip link set "$far" netns far
ip -n far link set lo up
ip -n far link set "$far" up
ip -n far link add link "$far" name vlan42 type vlan id 42
ip -n far address add 10.42.0.1/24 dev vlan42
ip -n far link set vlan42 up
ip netns exec far dnsmasq --conf-file=/dev/null --interface=vlan42 --bind-interfaces --port=0 \
  --dhcp-range=10.42.0.100,10.42.0.150,1h --dhcp-option=3,10.42.0.1 --dhcp-leasefile=/run/far-leases --pid-file=/run/far-dnsmasq
S
output=$(machine_ssh 'sh /run/far-end' 2>&1)
is $? 0 "the far end is there" || diag "$output"

machine_ssh 'cat >/root/answers.conf' <<'A'
[host]
hostname=kvm1
[network]
port=mac:52:54:00:42:00:01;mac:52:54:00:42:00:02
bond=active-backup
vlan=42
ipv6=off
[libvirt]
proof=no
A
printf '[access]\nssh-keys=%s\n' "$(cut -d' ' -f1-2 "$machine_dir/key.pub")" | machine_ssh 'cat >>/root/answers.conf'
output=$(machine_ssh 'lodge-firstboot apply --answers /root/answers.conf' 2>&1)
is $? 0 "setup comes to its end with a cable in one of the ports" || diag "$output"
like "$output" 'setup complete: host kvm1, br0 10\.42\.0\.1[0-5][0-9]' "with an address from the VLAN"
like "$(machine_ssh 'ip -d link show master br0')" 'vlan protocol 802.1Q id 42' "the bridge's port is the VLAN"
like "$(machine_ssh 'cat /proc/net/bonding/bond0')" 'Bonding Mode: fault-tolerance \(active-backup\)' "over a bond, active-backup"
is "$(machine_ssh 'cat /sys/class/net/br0/address')" "52:54:00:42:00:01" "the bridge has the first card's address"
reaches () { machine_ssh "timeout 120 sh -c 'until ping -c 1 -W 1 10.42.0.1 >/dev/null; do :; done'"; ok $? "$1" || diag "$(machine_ssh 'ip addr; cat /proc/net/bonding/bond0')"; }
reaches "the gateway answers"

machine_monitor 'set_link cardtwo on' >/dev/null
machine_ssh "timeout 120 sh -c 'until [ \$(grep -c \"^MII Status: up\" /proc/net/bonding/bond0) = 3 ]; do sleep 0.2; done'"
ok $? "the other port joins when its cable is plugged in" || diag "$(machine_ssh 'cat /proc/net/bonding/bond0; nmcli -f NAME,STATE con show --active; nmcli dev')"
machine_monitor 'set_link cardone off' >/dev/null
reaches "and takes over when the first one's is pulled out"
like "$(machine_ssh 'grep "Currently Active" /proc/net/bonding/bond0; cat "/sys/class/net/$(sed -n "s/Currently Active Slave: //p" /proc/net/bonding/bond0)/address"')" \
  'Currently Active Slave: ' "the bond says so"
is "$(machine_ssh 'systemctl --failed --no-legend --plain')" "" "no unit failed"
done_testing
