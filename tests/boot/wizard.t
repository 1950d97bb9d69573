#!/bin/bash
# The wizard over the serial line of a booted image, from power-on to "setup complete".
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires tmux
requires qemu-system-x86_64
requires socat
[ -e "$LODGE_IMAGE" ] || skip_all "there is no image: make image"
. "$LODGE_TOP/tests/terminal.sh"
unset TMUX
machine_end () { touch "$tmp/stop"; terminal_end; }
at_exit machine_end

qemu-img create -q -f qcow2 -b "$LODGE_IMAGE" -F raw "$tmp/stick.qcow2"
truncate -s 8G "$tmp/vda.raw"
monitor () { printf '%s\n' "$1" | socat -t 2 - "unix-connect:$tmp/monitor" >/dev/null; }
# The far end of the serial line is tmux: a terminal as a person has it.
# -cpu: as in machine.sh.
terminal_bound=300
terminal_start 80 24 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max,-erms,-fsrm -m 2G \
  -display none \
  -chardev stdio,id=line,signal=off -serial chardev:line -action panic=exit-failure \
  -drive "if=none,id=stick,file=$tmp/stick.qcow2,format=qcow2" -device qemu-xhci \
  -device usb-storage,drive=stick,bootindex=0 \
  -drive "if=none,id=disk,file=$tmp/vda.raw,format=raw" -device virtio-blk-pci,drive=disk,serial=S1 \
  -netdev user,id=lan,restrict=on -device virtio-net-pci,netdev=lan \
  -netdev hubport,id=nowhere,hubid=7 -device virtio-net-pci,netdev=nowhere,id=card2 -monitor "unix:$tmp/monitor,server,nowait"
# A second card, whose cable leads nowhere once it is plugged in.
for _ in $(seq 100); do [ -S "$tmp/monitor" ] && break; sleep 0.1; done
monitor 'set_link card2 off'
shows 'Set up this machine' "${LODGE_BOUND:-900}"
ok $? "without answers the wizard welcomes on the serial line" || { diag "$(screen)"; done_testing; }
keys Enter
sees 'Keyboard and language' "it begins"
keys F12
seen 'Can this machine'
sees 'KVM created a VM and ran' "the machine's own checks"
keys F12
sees '\[\*\] vda .*blank' "the added disk is marked"
sees '\[-\] sda .*usb.*boot disk' "the stick is named as the boot disk"
keys F12
seen 'What to make'; keys F12
sees '\[\*\] en.*link up' "the port with a link is marked"
sees '\[ \] en.*no link' "the other has none"
monitor 'set_link card2 on'
sees '\[ \] en.*link up' "until its cable is plugged in"
# The cable goes again while its bridge waits for a DHCP server.
keys Space Down Space F12
seen 'Bridge and addresses'
keys C-u 'lan0' Enter Enter Enter Enter '10.9.0.53' F12
seen 'Name, time'
keys Home C-k 'kvm1' Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
sees 'This will be done' "the summary"
keys Tab Tab Enter
sees '> \( *[0-9]+/[0-9]+\)' "the steps run"
shows '> .* Make the bridge +running ([89]|[1-9][0-9]) s' 600
monitor 'set_link card2 off'
sees 'has stopped' "a link that is lost while the network is made stops it"
text=$(screen | tr -d '│\n' | tr -s ' ')
like "$text" 'no carrier on en' "with the reason" || diag "$(screen)"
like "$text" 'the network is as it was before' "and it is rolled back"
keys Enter
sees 'Bridge and addresses' "back on its screen"
sees 'lan0' "everything is still typed"
sees '10\.9\.0\.53' "all of it"
keys Escape
sees '\[\*\] en.*no link' "the port shows what happened to it"
keys Space Up Space F12
seen 'Bridge and addresses'
keys C-u 'br0' Enter Enter Enter Enter C-u F12
seen 'Name, time'; keys F12
sees 'bridge br0 over' "the other port, and nothing typed anew but what changes"
keys Tab Tab Enter
shows 'KVM host now|has stopped' 900
sees 'setup complete: host kvm1, br0 10\.0\.2\.15' "setup is complete"
keys BTab BTab Enter
seen 'Include the hash'; keys F12
sees 'saved as LODGE \(sda3\)/answers\.conf\.saved' "the answers are saved on the stick"
keys Enter
seen 'Save answers'
keys Tab Tab Enter
sees 'kvm1 login:' "the login prompt comes back"
keys 'root' Enter
seen 'assword'; keys 'correct-Horse-7' Enter
sees 'root@kvm1' "and takes the password that was typed"
terminal send-keys 'clear; journalctl -b -o cat -t lodge-firstboot | grep -c "^lodge: setup complete"' Enter
sees '^1$' "the log has how it ended"
terminal send-keys 'clear; lodge-firstboot status | head -n 1; systemctl --failed --no-legend | wc -l' Enter
sees '^0$' "no unit has failed"
done_testing
