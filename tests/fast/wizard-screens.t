#!/bin/bash
# Every screen of the wizard at 80x24, in order, with what it says about each field.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- every screen, forward ---
start vm-qemu-svm LC_ALL=C.UTF-8
sees 'Keyboard and language' "the keyboard"
fits keyboard; keep 1-keyboard
keys F1
sees 'a letter jumps' "F1 is help"; keep help
keys Enter
sees 'Try it here' "and comes back"
keys Enter
sees 'Can this machine run' "the checks; Enter in a list is Next"
fits checks; keep 2-checks
keys Down Down
sees '/dev/kvm, through which programs use KVM, opens and answers\.' "what is told follows the cursor"
keys F12
sees 'Disk for the virtual' "the disks"
fits disks; keep 3-disks
sees '\[\*\] vda ' "the one blank disk is marked"
sees '\[-\] sdc .*this is the boot' "the boot stick is named as such"
# A row's own colour: the last that was set before it.  Grey is "bright black", or bold black where there are eight colours.
colour_of () { terminal capture-pane -pe | grep -F "] $1 " | sed "s/.[ *-]\] $1 .*//" | grep -oE $'\033\\[[0-9;]*m' | tail -n 1; }
like "$(colour_of sdc)" '\[(90|1)m' "and greyed"
unlike "$(colour_of sdb)" '\[(90|1)m' "what can be used is not"
keys F2
sees '/dev/sdb1 +LVM2_member' "F2 lists partitions"; keep 3-disks-details
keys NPage
sees '"LODGE"' "and moves on to those of the stick"
keys Enter
sees 'Space marks it' "and comes back"
keys Up Space
sees 'sdc cannot be used: this is the boot disk' "the boot disk cannot be marked"
keys Down Space Up Up Space
sees '\[\*\] sdb ' "Space marks another"
keys Enter
sees 'Type ATA0001 to erase sdb' "Enter goes on: its serial number is asked for"
fits layout; keep 4-layout
keys F12
sees 'sdb is not empty' "nothing typed is refused"
keys 'ATA0002' F12
sees '"ATA0002" is not ATA0001' "a wrong number is refused"; keep 4-layout-refused
keys C-u 'ata0001' F12
sees 'Network port for the bridge' "the right one is accepted"
fits ports; keep 5-ports
keys Space F12
sees 'Bridge and addresses' "the address"
fits address; keep 6-address
keys Enter Enter Right Enter '192.0.2.300/24' Tab
sees '"192.0.2.300" is not an IPv4 address' "a field is checked as the cursor leaves it"; keep 6-address-refused
keys Up C-u '192.0.2.10/24' Enter '192.0.2.1' Escape
sees 'Network port for the bridge' "Esc goes back"
keys F12
sees '192.0.2.10/24_' "and what was typed is there"
keys F12
sees 'Name, time and access' "name and access"
fits host
keys 'kvm1' Tab Tab Tab 'secret' Tab 'secret' F12
sees 'go on once more to keep it' "a weak password is refused once"
keys C-u 'correct-Horse-7' Tab
sees 'This password is strong' "a hint about the password"
keys C-u 'correct-Horse-7'
sees '\*{15}.*_' "which cannot be read"; keep 7-host
unlike "$(screen)" 'correct' "nowhere on the screen"
keys F12
sees 'This will be done' "the summary"
sees 'ERASED FOR GOOD: sdb' "what is lost comes first"
fits summary; keep 8-summary
sees 'there is more: Up, Down' "there is more than is seen"
sees '^  Tab moves  F1 help  Esc back  Ctrl-C leave' "Esc goes back, and no key goes on"
keys F12
sees 'F12 goes no further: only the button "Set up" begins' "F12 begins nothing, and says so"
before=$(screen)
keys Down Down
gone 'ERASED FOR GOOD: sdb'
ok $? "Down moves the text" || diag "$(screen)"
keys NPage NPage
sees 'guest.*prove' "Page Down moves it to its end"
keys PPage PPage Up
end=$((SECONDS + 60))
until [ "$(screen)" = "$before" ] || [ $SECONDS -ge $end ]; do sleep 0.05; done
is "$(screen)" "$before" "and Page Up to its beginning"
keys Down Down NPage Enter
sees 'Name, time and access' "with the cursor on Back: Enter begins nothing"
keys F12
sees 'This will be done' "forward again"
keys Tab Enter
sees 'Include the hash of the password' "saving asks about the password"
fits save; keep 8-save
keys Escape
seen 'This will be done'
keys Tab Enter
sees 'This machine is a KVM host now' "the result"
sees 'virsh -c qemu\+ssh://root@192.0.2.10/system' "with commands to type"
fits result; keep result
keys Enter
sees '\[ended 0\]' "it ends"
as_before
is "$(cat "$tmp/terminal-errors")" "" "nothing was said behind the screen"

# --- without virtualization, in VMware ---
start vm-vmware LC_ALL=C.UTF-8
seen 'Keyboard and language'
keys F12
sees 'hardware assisted virtualization to the guest' "VMware's setting by its name"
fits no-virtualization; keep 2-checks-vmware
keys F12
sees 'A check has failed' "going on has to be chosen"

# --- a radio row is one stop of Tab ---
start vm-qemu-svm LC_ALL=C.UTF-8
to_address; keys Tab Tab Right Space
seen '\(\*\) fixed'; keys Tab '192.0.2.7/24'
sees 'IPv4 address +192\.0\.2\.7/24_' "Tab goes from any option to the next field"
keys Tab Tab Right Right Space
sees 'IPv6 .*\(\*\) fixed' "to the chosen one of a row, and arrow keys move within"
keys BTab '192.0.2.1'
sees 'IPv4 gateway +192\.0\.2\.1_' "Shift-Tab goes to the field before"
keys BTab BTab Right Space
sees 'IPv4 .*\(\*\) none' "and to the chosen option"
keys Tab BTab BTab BTab BTab Tab 'br9'
sees 'Bridge +br0br9_' "and round by the buttons"
terminal_end
done_testing
