#!/bin/bash
# Disks that take each other's names: what was said of one never counts for another.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# machine NAME: a captured machine of its own in $machine; wizard [OPTION...] begins on it.
machine ()
{
  machine=$tmp/$1
  cp -r "$hardware/vm-qemu-svm" "$machine"
  mkdir "$machine.room"
}
wizard ()
{
  terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$machine" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$machine.room" "$@"
}
# sdb is the only disk that is marked, and the layout's screen is open.
choose_sdb ()
{
  wizard
  seen 'Keyboard'; keys F12
  seen 'Can this'; keys F12
  seen '\[\*\] vda'; keys Space Up Up Space
  seen '\[\*\] sdb'; keys F12
  seen 'What to make'
}
# sdb without a serial number: only how often a disk was connected tells it from the next in its place.
anonymous ()
{
  machine "$1"
  sed -i '/ID_.*SERIAL/d; /ID_WWN/d' "$machine/run/udev/data/b8:16"
  rm -f "$machine/sys/block/sdb/device/"{vpd_pg80,wwid}
  connect 7
}
connect () { echo "$1" >"$machine/sys/block/sdb/diskseq"; }

# --- another disk with another serial number gets the name ---
machine renamed
choose_sdb
keys Tab 'ATA0001' F12
seen 'Network port'
rm "$machine/sys/block/nvme0n1"
sed -i 's/ATA0001/ATA0009/; s/5000c50015ea71ac/5000c50015ea7199/' "$machine/run/udev/data/b8:16"
keys Escape
sees 'sdb \(.*ATA0001\), which' "a chosen disk that is another one now: its name, as it was, on the screen of the disks"
like "$(screen)" '\[ \] sdb ' "which is not marked any more"
unlike "$(screen)" '\[\*\]' "nor any other in its place"
unlike "$(cat "$machine.room/wizard.state")" 'disks=serial|erase=ATA|erase-sdb=' "and nothing is released for erasing"
keys Space
seen '\[\*\] sdb'; keys F12
seen 'Type ATA0009 to erase sdb'
unlike "$(screen)" 'ATA0001' "chosen itself, it is asked for by its own number, of which nothing is filled in"

# --- the same without serial numbers, in the same place ---
anonymous slot
choose_sdb
keys Tab 'sdb' Escape
sees '\[\*\] sdb' "a disk without a serial number stays marked"
keys F12
sees 'Type sdb to erase sdb +sdb' "and what was typed for it stays"
keys Escape
seen '\[\*\] sdb'
connect 8
sees '\[ \] sdb' "exchanged while the list is open, the other one is not marked"
keys Space
seen '\[\*\] sdb'; keys F12
seen 'What to make'; keys F12
sees 'sdb is not empty' "and not released: its name has to be typed for it"
keys 'sdb' F12
seen 'Network port'; keys Space F12
seen 'Bridge and addresses'; keys F12
seen 'Name, time'
connect 9
keys Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
sees 'sdb \(.*\), which' "exchanged later: the summary is not shown"
unlike "$(cat "$machine.room/wizard.state")" 'erase=sdb|erase-sdb=' "and nothing is released"

# --- exchanged while the summary is read ---
anonymous last
choose_sdb
keys Tab 'sdb' F12
seen 'Network port'; keys Space F12
seen 'Bridge and addresses'; keys F12
seen 'Name, time'
keys Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
sees 'ERASED FOR GOOD: sdb' "the summary says what is erased"
connect 8
keys Tab Tab Enter
sees 'sdb \(.*\), which' "exchanged before it is confirmed: back to the disks"
ok "$([ ! -e "$machine.room/asked" ]; echo $?)" "and setup does not begin"

# --- pulled out between two consoles ---
machine pulled
choose_sdb
terminal_end
rm "$machine/sys/block/sdb"
wizard
sees 'sdb \(.*ATA0001\), which' "a disk that has gone when the wizard goes on elsewhere: said on the screen of the disks"
like "$(screen)" 'Disk for the virtual' "which is where to choose another"
is "$(cat "$tmp/terminal-errors")" "" "without a complaint of the program"
keys Down Down Down Down Down
seen 'for trying'; keys Up
seen 'vda \('; keys Space
seen '\[\*\] vda'; keys F12
sees 'vda .*is blank' "and there it goes on"
# --- exchanged while the failure is on the screen: "Retry" does not begin with a disk that nobody chose ---
anonymous retried
export LODGE_TEST_SCENARIO=fail-network
choose_sdb
keys Tab 'sdb' F12
seen 'Network port'; keys Space F12
seen 'Bridge and addresses'; keys F12
seen 'Name, time'; keys Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen 'This will be done'; keys Tab Tab Enter
seen 'stopped at'
rm -f "$machine.room/given.conf"
connect 8
keys BTab Enter
sees 'sdb \(Seagate Example.*, which you' "a disk that was exchanged after a failure has to be chosen anew"
is "$(ls "$machine.room" | grep -c given.conf)" 0 "and nothing was begun with it"
terminal_end
done_testing
