#!/bin/bash
# A host that is set up is changed in the booted image: name, address, a VLAN that comes and goes, a network that does not
# work, a power cut in the middle.  The VM storage and a guest's card on the bridge stay what they are.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
requires tmux
. "$LODGE_TOP/tests/terminal.sh"
unset TMUX
# The machine is below $tmp too, and is not waited for.
terminal_end () { terminal kill-server 2>/dev/null; }
at_exit terminal_end

machine_new changed
printf '[host]\nhostname=kvm1\n[libvirt]\nproof=no\n' >"$tmp/answers.conf"
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 8G) $(machine_answers "$tmp/answers.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete: host kvm1' "setup completes" || machine_explain 80

# put TEXT: the answers of a change.  change: makes it; its words are in $output, its end in $status.
put () { printf '%b' "$1" | machine_ssh 'cat >/root/change.conf'; }
change () { put "$1"; output=$(machine_ssh lodge-firstboot apply --reconfigure --no-announce --answers /root/change.conf 2>&1); status=$?; }
facts () { machine_ssh 'blkid -o value -s UUID /dev/vda1; stat -c %i /var/lib/libvirt/images; sha256sum </etc/libvirt/storage/default.xml'; }
storage=$(facts)
# What a guest's card is to the bridge.
machine_ssh 'ip tuntap add tap9 mode tap && ip link set tap9 master br0 up'
card () { machine_ssh 'readlink /sys/class/net/tap9/master'; }

put ''
is "$(machine_ssh lodge-firstboot plan --reconfigure --answers /root/change.conf)" "Nothing to change." "what the host is reads as what it was asked to be"
before=$(machine_ssh 'cat /var/lib/lodge/journal.conf /var/lib/lodge/report.json | sha256sum')
change ''
is "$status $output" "0 lodge: nothing to change" "nothing to change"
is "$(machine_ssh 'cat /var/lib/lodge/journal.conf /var/lib/lodge/report.json | sha256sum')" "$before" "and nothing is written"

change '[host]\nhostname=kvm2\n'
is $status 0 "a name is changed" || diag "$output"
is "$(machine_ssh hostname)" kvm2 "on the host"
unlike "$output" 'step (5|6|7|8|9|10)' "by its own step alone"

# --- the same by the screens, over SSH ---
terminal_bound=300
terminal_start 80 24 ssh -tt -i "$machine_dir/key" -p "$machine_port" -o BatchMode=yes -o StrictHostKeyChecking=no \
  -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 lodge-firstboot --reconfigure
sees 'Keyboard and language' "--reconfigure shows the screens"
like "$(screen | head -n 1)" 'changing a KVM host' "of a change"
keys F12
sees '\[\*\] en.*link up' "with the port that the bridge has, and no disk before it"
keys F12
sees 'Bridge +br0' "the bridge"
keys F12
sees 'Host name +kvm2' "and the name as they are"
keys Home C-k 'kvm4' F12
sees 'Set the host name to kvm4' "the summary says what is changed"
sees 'Leave all else as it is, the VM storage' "and what is not"
unlike "$(screen)" 'vda|bridge|password' "and nothing more"
keys Tab Tab Enter
sees 'This host was changed' "it is done"
keys Enter
sees '\[ended 0\]' "and ends"
is "$(machine_ssh 'hostname; cat /etc/hostname')" "$(printf 'kvm4\nkvm4')" "the name is the host's"
is "$(facts)" "$storage" "and the VM storage is what it was"

change '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.2\nipv6=off\n'
is $status 0 "an address is changed" || diag "$output"
like "$output" 'gateway 10\.0\.2\.2 answers' "and tried"
like "$(machine_ssh nmcli -g ipv4.method,ipv4.addresses connection show lodge-bridge)" 'manual' "its profile is saved"
like "$(card)" '/br0$' "a guest's card stays on the bridge"

change '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.77\nipv6=off\n'
is $status 1 "a gateway that does not answer"
like "$output" 'setup stopped at step 6 \(network\).*10\.0\.2\.77' "is said"
like "$(machine_ssh ip route)" 'default via 10\.0\.2\.2' "and taken back"
like "$(card)" '/br0$' "the guest's card is still on the bridge"
like "$(machine_ssh cat /var/lib/lodge/complete)" 'setup complete' "the host is a set-up one"
like "$(machine_ssh lodge-firstboot status)" 'this was a change' "status tells what it was"
machine_ssh lodge-firstboot apply >/dev/null 2>&1
is $? 1 "apply tries it again"
change '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.2\nipv6=off\n'
is $status 0 "the host is what it was before" || diag "$output"
like "$output" 'nothing to change' "and nothing is to be done"
is "$(machine_ssh lodge-firstboot status | head -n 1 | cut -c1-21)" "lodge: setup complete" "the change that had stopped is given up"

# --- Ctrl-C while the new gateway is waited for: taken back at once, and for good ---
put '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.78\nipv6=off\n'
output=$(machine_ssh 'systemd-run -q --unit given-up --property=Type=exec lodge-firstboot apply --reconfigure --no-announce --answers /root/change.conf
  timeout 120 sh -c "until ip route | grep -qF 10.0.2.78; do sleep 0.2; done"
  systemctl kill --signal=INT given-up
  timeout 120 sh -c "while systemctl is-active -q given-up; do sleep 0.2; done"
  journalctl -b -o cat -u given-up')
like "$output" 'setup stopped at step 6 \(network\): the change was given up by Ctrl-C' "Ctrl-C gives a change up"
like "$output" 'the network is as it was before' "in order"
like "$(machine_ssh ip route)" 'default via 10\.0\.2\.2 ' "the network is what it was"
like "$(machine_ssh nmcli -g ipv4.gateway connection show lodge-bridge)" '10\.0\.2\.2$' "and its profile"
like "$(card)" '/br0$' "the guest's card is on the bridge"
is "$(machine_ssh 'ls /var/lib/lodge | grep -E "^(changing|complete)$"')" complete "no boot goes on with it"
like "$(machine_ssh lodge-firstboot status)" 'given up by Ctrl-C: .*the network is as it was before' "the journal says so"
change '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.2\nipv6=off\n'
is $status 0 "the host is what it was" || diag "$output"

# Nobody is on that VLAN, so no gateway is asked; the connection is gone until it is given up again.
put '[network]\nipv4=static\naddress=10.0.2.15/24\nipv6=off\nvlan=77\n'
printf '[network]\nipv4=static\naddress=10.0.2.15/24\ngateway=10.0.2.2\nipv6=off\n' | machine_ssh 'cat >/root/back.conf'
machine_ssh 'systemd-run -q --unit there-and-back sh -c "
  lodge-firstboot apply --reconfigure --no-announce --answers /root/change.conf >/root/there 2>&1
  nmcli -g NAME connection show --active >/root/active
  lodge-firstboot apply --reconfigure --no-announce --answers /root/back.conf >/root/back 2>&1; touch /root/done"'
machine_ssh "timeout 600 sh -c 'until [ -e /root/done ]; do sleep 1; done'"
ok $? "two changes have ended"
like "$(machine_ssh cat /root/there)" 'setup complete' "a VLAN"
like "$(machine_ssh cat /root/active)" 'lodge-vlan' "is in effect"
like "$(machine_ssh cat /root/back)" 'setup complete' "and is given up" || diag "$(machine_ssh cat /root/back)"
unlike "$(machine_ssh nmcli -g NAME connection show)" 'lodge-vlan' "its profile is gone"

# --- a power cut while the change is under way ---
put '[host]\nhostname=kvm3\n[network]\nipv4=dhcp\nipv6=off\n'
# The name is set by its first step; the network comes next, and the connection with it.
machine_ssh 'systemd-run -q lodge-firstboot apply --reconfigure --answers /root/change.conf
  until [ "$(hostname)" = kvm3 ]; do sleep 0.2; done'
machine_cut
# Setup's answers are there again: a change that was begun asks no source.
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 8G) $(machine_answers "$tmp/answers.conf")
# The login prompt has the line of the change before on it until this one has ended.
line=$(machine_wait 'lodge: setup (complete: host kvm3|stopped)' | tr -d '\r')
like "$line" 'setup complete: host kvm3' "the next boot goes on with it" || machine_explain 60
is "$(machine_ssh nmcli -g ipv4.method connection show lodge-bridge)" auto "to its end"
is "$(facts)" "$storage" "the VM storage is what it was"
is "$(machine_ssh ls /var/lib/lodge | grep -c changing)" 0 "nothing is left over"
done_testing
