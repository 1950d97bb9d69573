#!/bin/bash
# lodge-firstboot --reconfigure over a captured machine that was set up: screens, plans, refusals.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/set-up-host.sh"
fixtures=$LODGE_TOP/tests/fixtures/wizard
firstboot=$LODGE_BUILD/lodge-firstboot
set_up_host "$tmp/host"
set_up_host "$tmp/half" failed
find "$tmp/host" -type f -exec sha256sum {} + | sort >"$tmp/host-before"

# --- the screens ---
room=$tmp/room
mkdir "$room"
output=$(LODGE_TEST_SCENARIO=fail-network timeout 60 "$firstboot" --reconfigure --script "$fixtures/reconfigure.script" \
  --root "$tmp/host" --program "$fixtures/apply" --runtime "$room" 2>"$tmp/errors")
is $? 0 "the screens show what the host is and what would be changed" || diag "$(cat "$tmp/errors")"
[ -z "${LODGE_UPDATE_GOLDEN:-}" ] || printf '%s\n' "$output" >"$fixtures/reconfigure.expected"
is "$output" "$(cat "$fixtures/reconfigure.expected")" "each says what it should"
is "$(sort -u "$room/asked")" "apply --answers $room/answers.conf --from-wizard --reconfigure" "apply is asked to change, not to set up"
like "$(cat "$room/given.conf")" '^address=192.0.2.12/24$' "with what was typed"
like "$(cat "$room/given.conf")" '^disks=serial:S1$' "and the storage that setup made"
unlike "$(cat "$room/given.conf")" '^root-password-hash=|^ssh-keys=' "and no secret that was not typed"
is "$(ls "$room" | grep -E 'state|answers')" "" "nothing is left to go on with"

# --- nothing to change; leaving ---
walk () { mkdir -p "$tmp/$1"; "$firstboot" --reconfigure --script "$tmp/$1.script" --root "$tmp/host" --runtime "$tmp/$1" 2>"$tmp/errors"; }
printf 'screen look\npress ended\nscreen keyboard\npress next\npress next\npress next\npress next\nscreen summary\npress quit\n' >"$tmp/nothing.script"
output=$(walk nothing)
is "$? $output" "0 lodge: nothing to change" "without a change it says so" || diag "$(cat "$tmp/errors")"
printf 'screen look\npress ended\nscreen keyboard\npress next\nscreen ports\npress next\nscreen address\nset vlan 7\npress quit\n' >"$tmp/leave.script"
walk leave
is "$?" 1 "who leaves"
is "$(ls "$tmp/leave" | grep state)" "" "finds the host as it is the next time, not what was typed"
# Its script ends: as when its line hangs up.
printf 'screen look\npress ended\nscreen keyboard\npress next\nscreen ports\npress next\nscreen address\nset vlan 7\npress back\n' >"$tmp/hung.script"
walk hung
is "$(stat -c %a "$tmp/hung/reconfigure.state")" 600 "a line that hung up"
printf 'screen look\npress ended\nscreen ports\npress next\nscreen address\nexpect vlan .*: 7\npress quit\n' >"$tmp/hung.script"
walk hung
is "$(cat "$tmp/errors")" "" "finds what was typed again"

# --- Ctrl-C while it runs: it goes on, is left, or is given up ---
cat >"$tmp/given-up.script" <<'S'
screen look
press ended
screen keyboard
press next
press next
press next
screen host
set hostname kvm3
press next
screen summary
press next
screen progress
expect a word about storage
press quit
screen leave-change
press stay
screen progress
press quit
screen leave-change
press give-up
screen progress
press ended
screen failure
expect the change was given up by Ctrl-C
press quit
S
mkdir "$tmp/given-up"
LODGE_TEST_SCENARIO=slow "$firstboot" --reconfigure --script "$tmp/given-up.script" --root "$tmp/host" \
  --program "$fixtures/apply" --runtime "$tmp/given-up" >/dev/null 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a change that runs is given up by Ctrl-C when that is meant"
like "$(cat "$tmp/given-up/apply.log")" 'given up by Ctrl-C' "by interrupting it"

# --- a bond of two ports: both have the current address of the first ---
bonded_host () # DIRECTORY MODE PORTS
{
  local profiles=$1/etc/NetworkManager/system-connections
  set_up_host "$1"
  rm "$profiles"/lodge-*
  awk -v d="$profiles" '/^\[connection\]/ { n++ } { print > (d "/lodge-" n ".nmconnection") }' \
    "$LODGE_TOP/tests/fixtures/network/bond.nmconnection"
  sed -i "s/^mode=.*/mode=$2/" "$profiles"/lodge-*
  [ "$3" = 2 ] || rm "$profiles/lodge-4.nmconnection"
  echo 52:54:00:12:34:56 >"$1/sys/class/net/enp0s7/address"
}
walk_on () { mkdir -p "$tmp/$2"; "$firstboot" --reconfigure --script "$tmp/$2.script" --root "$tmp/$1" --runtime "$tmp/$2" >/dev/null 2>"$tmp/errors"; }
bonded_host "$tmp/bonded" active-backup 2
cat >"$tmp/bonded.script" <<'S'
screen look
press ended
screen keyboard
press next
screen ports
expect \[\*\] enp0s4
expect \[\*\] enp0s7
expect \(\*\) active-backup
press next
screen address
set ipv4 static
set address 192.0.2.10/24
press next
screen host
press next
screen summary
expect 192.0.2.10/24
press quit
S
walk_on bonded bonded
is "$(cat "$tmp/errors")" "" "a bond of two ports is shown as it is and can be changed"

# What the screens leave as it is stays: a bond of one port, and a mode that they have no row for.
untouched () # WHAT-PORTS-SHOWS
{
  printf '%s\n' 'screen look' 'press ended' 'screen keyboard' 'press next' 'screen ports' "expect $1" 'press next' 'screen address' \
    'press next' 'screen host' 'press next' 'screen summary' 'expect Nothing to change' 'press quit'
}
untouched '\[ \] enp0s7' >"$tmp/one.script"
bonded_host "$tmp/one-port" 802.3ad 1
walk_on one-port one
is "$(cat "$tmp/errors")" "" "a bond of one port that nobody touches stays"
printf '%s\n' 'screen look' 'press ended' 'screen keyboard' 'press next' 'screen ports' 'set port enp0s7' 'press next' \
  'screen address' 'press next' 'screen host' 'press next' 'screen summary' 'expect br0 .*enp0s7' 'press quit' >"$tmp/other.script"
walk_on one-port other
is "$(cat "$tmp/errors")" "" "and is given up for another port"
bonded_host "$tmp/broadcast" broadcast 2
untouched '\(\*\) broadcast' >"$tmp/broadcast.script"
walk_on broadcast broadcast
is "$(cat "$tmp/errors")" "" "the bond's mode is a row of its own"

# --- unattended: the same plan ---
plan () { printf '%b' "$1" >"$tmp/answers.conf"; "$firstboot" plan --reconfigure --answers "$tmp/answers.conf" --root "$tmp/host" 2>&1; }
is "$(plan '')" "Nothing to change." "empty answers change nothing"
is "$(plan '[host]\nhostname=kvm2\n' | head -n 1)" "Set the host name to kvm2." "one key"
unlike "$(plan '[host]\nhostname=kvm2\n')" 'Make the bridge|IPv4' "and nothing else"
output=$(plan '[network]\n')
like "$output" 'Make the bridge br0' "a section that is there counts whole"
like "$output" 'Set the IPv4 address 192.0.2.10/24, gateway 192.0.2.1' "but the way to an address stays"
unlike "$output" 'DHCP|Give up' "and no host with a fixed address loses it unasked"
output=$(plan '[network]\nipv4=dhcp\n')
like "$output" 'Take the IPv4 address from DHCP' "asked for DHCP it takes that"
like "$output" 'Give up the fixed address that the host has now: 192.0.2.10/24' "and says what is given up"
like "$(plan '[network]\naddress=192.0.2.12/24\n')" 'Set the IPv4 address 192.0.2.12/24, gateway 192.0.2.1' "another address"
like "$(plan '[network]\naddress=198.51.100.12/24\n')" 'gateway 192.0.2.1 is outside' "one that the present gateway does not fit"
output=$(plan '[match serial=HOST-0001]\nnetwork.ipv4=dhcp\n')
like "$output" 'Make the bridge lan0' "DHCP for this host alone changes nothing else"
like "$output" 'Give up the fixed address' "but that"
output=$(plan '[storage]\nlayout=xfs\ndisks=serial:NVME0001\nerase=NVME0001\n'); status=$?
is $status 3 "another disk is refused"
like "$output" 'VM storage of a host that is set up is never changed' "and why"
for answers in '' '[host]\nhostname=x\n[access]\nssh-password-login=yes\n[network]\nbridge=b\n[libvirt]\nnat=no\n'; do
  unlike "$(plan "$answers")" 'partition|XFS|erase|storage pool' "no plan of a change touches storage"
done

# --- what it is not for ---
refused () { like "$("$firstboot" "${@:2}" 2>&1 </dev/null)" "$1" "refused: ${*:2}"; }
refused 'setup of this host has not begun.*finish it first' --reconfigure --script "$tmp/nothing.script" \
  --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm"
refused 'setup of this host has not ended.*finish it first' --reconfigure --script "$tmp/nothing.script" --root "$tmp/half"
refused 'asks on a terminal' --reconfigure --root "$tmp/host"
refused 'check does not take --reconfigure' check --reconfigure
refused 'needs the answers to change to' plan --reconfigure --root "$tmp/host"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  chmod 755 "$tmp"
  cp "$firstboot" "$tmp/lodge-firstboot"
  like "$(setpriv --reuid 65534 --clear-groups "$tmp/lodge-firstboot" wizard --reconfigure 2>&1)" 'only root can change this host' "not root"
fi

# --- a change that the power was cut in: the next boot goes on with it, and nobody is asked to set up anew ---
cp -r "$tmp/host" "$tmp/cut"
mv "$tmp/cut/var/lib/lodge/complete" "$tmp/cut/var/lib/lodge/changing"
unlike "$("$firstboot" --root "$tmp/cut" </dev/null 2>&1)" 'becomes a KVM host' "in the middle of a change status is told"

# --- the network was made with other tools by now ---
rm "$tmp/host/etc/NetworkManager/system-connections/lodge-1.nmconnection"
printf 'screen look\npress ended\nscreen keyboard\npress next\nscreen host\nset hostname kvm9\npress next\nscreen summary\nexpect kvm9\npress quit\n' \
  >"$tmp/foreign.script"
walk foreign
is "$(cat "$tmp/errors")" "" "a network of other tools is not asked about"
like "$(plan '[network]\nipv4=dhcp\n')" "not what Lodge made of it any more" "and not changed"
set_up_host "$tmp/again"; cp "$tmp/again/etc/NetworkManager/system-connections/lodge-1.nmconnection" \
  "$tmp/host/etc/NetworkManager/system-connections/"

find "$tmp/host" -type f -exec sha256sum {} + | sort >"$tmp/host-after"
is "$(diff "$tmp/host-before" "$tmp/host-after")" "" "no screen and no plan has touched the host"
done_testing
