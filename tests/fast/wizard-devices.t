#!/bin/bash
# Disks and network ports that cannot be used, come and go while the wizard looks at them.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- a disk that cannot be used comes first, and none is marked ---
cp -r "$hardware/vm-qemu-svm" "$tmp/few"
rm "$tmp/few/sys/block/"{nvme0n1,vda}
mv "$tmp/few/sys/class/net/enp0s7" "$tmp/enp0s7"
terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$tmp/few"
seen 'Keyboard'; keys F12
seen 'Can this'; keys F12
sees '\[-\] sda ' "the first disk cannot be used"
sees 'sdb \(.*serial ATA0001\)' "the cursor is on the first that can, with its serial number below"
keys Space
sees '\[\*\] sdb ' "Space marks it"
keys Up
sees 'sda \(.*serial [^)]+\)' "the serial number of one that cannot be used is told too"
keys Space
sees 'sda cannot be used' "and it is not marked"
keys Down Space
seen '\[ \] sdb '
keys Up F12
sees 'Mark a disk with Space' "nothing is marked: refused"
sees 'sda \(.*serial [^)]+\)' "and the cursor is on the row where it was"
keys F1
seen 'Rows with'
keys Enter
sees 'sda \(.*serial [^)]+\)' "after help too"
for n in 1 2 3 4 5 6 7 8 9; do
  keys Down
  shows 'for trying things only' 1 && break
done
keys Space
sees '\[\*\] no disk' "\"no disk\" is marked"
keys Up
for n in 1 2 3 4 5 6 7 8 9; do
  shows 'sdb \(.*serial' 1 && break
  keys Up
done
keys Space
sees '\[\*\] sdb ' "a disk is marked instead"
sees '\[ \] no disk' "which unmarks it"
keys F12
seen 'What to make'; keys Tab 'ATA0001' F12

# --- one port: no bond, until there is another ---
seen 'Network port for the bridge'
sees 'A bond needs two ports' "one port is no choice"
unlike "$(screen)" 'active-backup' "of bonds"
mv "$tmp/enp0s7" "$tmp/few/sys/class/net/enp0s7"
sees '\(\*\) active-backup' "a second one comes: there is"
keys F12
sees 'Bridge and addresses' "and what was marked still is"

# --- a disk that is pulled out and a cable that is unplugged while their screens are open ---
cp -r "$hardware/vm-qemu-svm" "$tmp/live"
terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$tmp/live"
seen 'Keyboard'; keys F12
seen 'Can this'; keys F12
seen '\[ \] nvme0n1'
keys Up Up Up Up Space
sees '\[\*\] nvme0n1' "a disk is marked"
rm "$tmp/live/sys/block/nvme0n1"
gone 'nvme0n1 .*5.0 GiB'
ok $? "pulled out, it leaves the list" || diag "$(screen)"
sees '\[\*\] vda ' "what else was marked stays so"
keys F12
seen 'What to make'; keys F12
sees 'enp0s7 .*link up, 1 Gbit/s' "a port has a link"
echo 0 >"$tmp/live/sys/class/net/enp0s7/carrier"
sees 'enp0s7 .*no link' "until its cable is unplugged"
keys Down Space F12
sees 'enp0s7 .*has no carrier' "and cannot be used then"
echo 1 >"$tmp/live/sys/class/net/enp0s7/carrier"
sees 'enp0s7 .*link up' "plugged in again"
keys F12
sees 'Bridge and addresses' "it can"

# --- and that come and go while other screens are open ---
cp -r "$hardware/vm-qemu-svm" "$tmp/plugged"
vda=$(readlink "$tmp/plugged/sys/block/vda")
rm "$tmp/plugged/sys/block/vda"
terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$tmp/plugged"
seen 'Keyboard'; keys F12
seen 'Can this'
ln -s "$vda" "$tmp/plugged/sys/block/vda"
rm "$tmp/plugged/sys/block/nvme0n1"
keys F12
sees '\[\*\] vda ' "a disk that was plugged in while the checks were read is in the list, and marked as the blank one"
unlike "$(screen)" 'nvme0n1' "and one that was pulled out is not"
keys F12
seen 'What to make'
ln -s "$(readlink "$hardware/vm-qemu-svm/sys/block/nvme0n1")" "$tmp/plugged/sys/block/nvme0n1"
keys Escape
sees 'nvme0n1 .*5.0 GiB' "plugged in again behind the disks, it is there when they are shown again"
keys Escape
seen 'Can this'; keys C-c
seen 'Leave the wizard'; keys Tab Enter
sees '\[ended 1\]' "the wizard is left"
terminal_end
done_testing
