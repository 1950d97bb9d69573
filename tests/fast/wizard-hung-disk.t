#!/bin/bash
# A disk that gives no answer holds up nothing but what has to know it.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# plug: a disk comes whose size nobody tells; unplug: it goes, and whoever waits for it gets an error.
machine=$tmp/hung
cp -r "$hardware/vm-qemu-svm" "$machine"
mkdir "$machine.room" "$machine/sys/block.sdz"
mkfifo "$machine/sys/block.sdz/size"
plug () { ln -s ../block.sdz "$machine/sys/block/sdz"; }
unplug ()
{
  rm "$machine/sys/block/sdz"
  timeout 10 bash -c ": >$machine/sys/block.sdz/size"
}
wizard ()
{
  terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$machine" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$machine.room"
}

wizard
seen 'Keyboard'; keys F12
seen 'Can this'; keys F12
seen '\[\*\] vda'
plug
sees 'Looking at the disks' "a disk comes that does not answer: the screen says that it looks"
keys Space Up Up
sees 'sdb \(.*ATA0001' "the keys do what they do"
keys Space
sees '\[\*\] sdb' "all of them"
keys C-c
sees 'Leave the wizard' "Ctrl-C asks"
keys Enter
gone 'Leave the wizard'
keys F12
sees 'pull that disk out' "what is erased is asked for when the disks are known: the screen says what it waits for"
unplug
sees 'What to make' "pulled out, it goes on"
keys Escape
seen '\[\*\] sdb'
gone 'Looking at'
ok $? "and nothing is waited for any more"
plug
seen 'Looking at the disks'
kill -HUP "$(pgrep -f "lodge-firstboot wizard --root $machine")"
sees '\[ended 1\]' "ended from outside, it ends"
like "$(cat "$machine.room/wizard.state")" 'screen=disks' "with what was typed written down"
unplug
wizard
seen '\[\*\] sdb'
plug
seen 'Looking at the disks'; keys F12
seen 'pull that disk out'; keys C-c
seen 'Leave the wizard'; keys Tab Enter
sees '\[ended 1\]' "and it can be left while it waits"
unplug

# --- a disk that is there from the start, and does not answer the first look ---
wizard_process () { pgrep -f "lodge-firstboot wizard .*--root $machine" | head -n 1; }
rm -r "$machine.room"; mkdir "$machine.room"
plug
wizard
seen 'One moment'; keys C-c
seen 'Leave the wizard'; keys Tab Enter
sees '\[ended 1\]' "the first look can be left"
as_before
for signal in HUP TERM; do
  wizard
  seen 'One moment'
  kill -$signal "$(wizard_process)"
  sees '\[ended 1\]' "SIG$signal ends it"
done
console="env LC_ALL=C.UTF-8 $LODGE_BUILD/lodge-firstboot wizard --console --root $machine --runtime $machine.room"
# shellcheck disable=SC2086  # words
terminal_start 80 24 $console
seen 'Set up this machine'; keys Enter
seen 'One moment'
terminal split-window -d -l 24 "$console; echo [ended]; sleep 1000" 2>/dev/null
terminal resize-window -x 80 -y 49
terminal select-layout even-vertical
second_sees 'The wizard runs elsewhere' "another console"
terminal send-keys -t 1 Enter
sees '\[ended 1\]' "takes it over"
second_sees 'One moment' "looks itself"
terminal send-keys -t 1 C-c
second_sees 'The welcome comes back' "can be left"
terminal send-keys -t 1 Tab Enter
second_sees 'Set up this machine' "for the welcome"
terminal send-keys -t 1 Enter
second_sees 'One moment' "and looks anew, beside what it has left behind"
unplug
second_sees 'Keyboard and language' "until the disk is pulled out"
terminal_end

# --- a console that does not answer at all ---
rm -r "$machine.room"
console="$LODGE_BUILD/lodge-firstboot wizard --console --root $machine --runtime $machine.room"
# shellcheck disable=SC2086  # words
terminal_start 80 24 env LC_ALL=C.UTF-8 $console
seen 'Set up this machine'; keys Enter
seen 'Keyboard'
holder=$(cat "$machine.room/wizard.lock")
kill -STOP "$holder"
terminal split-window -d -l 24 "LC_ALL=C.UTF-8 $console; sleep 1000" 2>/dev/null
terminal resize-window -x 80 -y 49
second_sees 'The wizard runs elsewhere' "another console"
terminal send-keys -t 1 Enter
second_sees 'That console does not answer' "is told that the first does not let the wizard go"
kill -CONT "$holder"
second_sees 'Welcome to Lodge|Keyboard' "and goes on when it does"
terminal_end
done_testing
