#!/bin/bash
# The wizard on a real terminal: every screen at 80x24, keys, resize, old and unknown terminals, signals.  With
# LODGE_SCREENS=DIRECTORY (`make screens`) each screen is kept there.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires tmux
. "$LODGE_TOP/tests/terminal.sh"
at_exit terminal_end
unset TMUX
hardware=$LODGE_TOP/tests/fixtures/hardware
export LODGE_TEST_SCENARIO=complete

# start MACHINE [VARIABLE=VALUE...]: an empty machine but for its facts is shown, no disk of this one is looked at.
start ()
{
  room=$tmp/room
  # First: the wizard whose terminal goes writes down where it was.
  terminal_end
  rm -rf "$room"
  mkdir "$room"
  terminal_start "${columns:-80}" "${rows:-24}" env "${@:2}" "$LODGE_BUILD/lodge-firstboot" wizard --root "$hardware/$1" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$room"
}
keep ()
{
  [ -n "${LODGE_SCREENS:-}" ] || return 0
  # A name that is the same each time, and as long.
  screen | sed "s/ *\$//; s/lodge-test\\.[A-Za-z0-9]\{6\}/lodge-test.000000/" >"$LODGE_SCREENS/$1.txt"
}
# Everything stands between the borders: newt clips in silence what does not fit.
fits ()
{
  local text bad
  text=$(screen)
  bad=$(printf '%s\n' "$text" | grep -E '^ [│x]' | grep -vE '^ [│x].*[│x] ?$')
  is "$bad" "" "$1: every line ends at the border"
  like "$text" '<.*>' "$1: the buttons are on the screen"
}

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
keys F12
sees 'Type ATA0001 to erase sdb' "its serial number is asked for"
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
sees 'Name, time and access' "F12 begins nothing"
keys F12
seen 'This will be done' && seen '^  Tab moves .*Ctrl-C leave'
before=$(screen)
keys Down Down
gone () { local end=$((SECONDS + 60)); while screen | grep -q "$1"; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done; }
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
is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"
is "$(cat "$tmp/terminal-errors")" "" "nothing was said behind the screen"

# --- without virtualization, in VMware ---
start vm-vmware LC_ALL=C.UTF-8
seen 'Keyboard and language'
keys F12
sees 'hardware assisted virtualization to the guest' "VMware's setting by its name"
fits no-virtualization; keep 2-checks-vmware
keys F12
sees 'A check has failed' "going on has to be chosen"

# --- help and details, and back: each screen as it was, to the last line ---
# again KEY TITLE CLOSE DESCRIPTION: KEY opens the window TITLE, CLOSE closes it.
again ()
{
  local before end=$((SECONDS + 60))
  before=$(screen)
  keys "$1"
  seen "$2" || diag "no window \"$2\""
  keys "$3"
  until [ "$(screen)" = "$before" ] || [ $SECONDS -ge $end ]; do sleep 0.05; done
  is "$(screen)" "$before" "$4"
}
for size in '80 24' '100 30'; do
  columns=${size% *} rows=${size#* } start vm-qemu-svm LC_ALL=C.UTF-8
  seen 'Keyboard and language'; keys F12
  # The last line is painted last.
  seen 'Check again' && seen '^  Tab moves  F1 help  F2 details'
  again F1 'Each row is' Escape "$size: the checks after F1"
  again F2 'Details' F12 "and F2"
  keys F2
  seen 'Details'
  # What stands beside a level is wrapped once: nothing but a level begins at the border.
  is "$(screen | grep -E '^ +│ [^ ]' | grep -vE '│ (ok|note|WARNING|FAIL|\.\.\.) ')" "" "whose lines are whole"
  keys Escape
  seen 'Check again'
  keys F12
  seen 'Disk for' && seen '^  Tab moves  Space marks  F1'
  again F2 'Details' Escape "$size: the disks after F2"
  again F1 'Help' Escape "and F1"
done

# --- a radio row is one stop of Tab ---
start vm-qemu-svm LC_ALL=C.UTF-8
for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
  seen "$title" || diag "no screen \"$title\""
  [ "$title" != 'Network port' ] || keys Space
  keys F12
done
seen 'Bridge and addresses'; keys Tab Tab Right Space
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

# --- progress and failure ---
LODGE_TEST_SCENARIO=slow start vm-qemu-svm LC_ALL=C.UTF-8
# to_host KEY…: to the host's name, and there these keys.
to_host ()
{
  for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
    seen "$title" || { diag "no screen \"$title\""; diag "$(screen)"; return; }
    [ "$title" != 'Network port' ] || keys Space
    keys F12
  done
  seen 'Bridge and addresses'; keys F12
  seen 'Name, time'; keys "$@"
}
to_summary ()
{
  to_host Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
  seen 'This will be done'
}
to_summary
keys Tab Tab Enter
sees '> \( 5/11\) Prepare the VM storage +running' "the step that runs"
sees '  \( 2/11\) Make the plan +done' "what is behind it"
sees 'a word about storage' "and what it says"
keep progress
# Esc ends nothing here.
keys Escape
: >"$room/go"
sees 'KVM host now' "until it is done"
LODGE_TEST_SCENARIO=fail-network start vm-qemu-svm LC_ALL=C.UTF-8
to_summary
keys Tab Tab Enter
sees 'stopped at "Make the bridge"' "a failure"
sees 'the gateway 192.0.2.1 does not answer' "with its reason"
fits failure; keep failure
keys Enter
sees 'Bridge and addresses' "leads back to the answer"

# What failed has the cursor.
LODGE_TEST_SCENARIO=fail-network start vm-qemu-svm LC_ALL=C.UTF-8
for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
  seen "$title" || diag "no screen \"$title\""
  [ "$title" != 'Network port' ] || keys Space
  keys F12
done
seen 'Bridge and addresses'; keys Tab Tab Right Space
seen '\(\*\) fixed'; keys Tab '192.0.2.10/24' Tab '192.0.2.1' F12
seen 'Name, time'; keys Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen 'This will be done'; keys Tab Tab Enter
seen 'stopped at "Make the bridge"'; keys Enter
seen 'Bridge and addresses'
for n in 1 2 3 4 5 6 7 8 9; do keys '9'; seen '192\.0\.2\.19' 1 && break; done
sees 'IPv4 gateway +192\.0\.2\.19+_' "\"Change answer\" leads to the field that the failure names"

# --- resize: larger, smaller, as large as it was ---
terminal resize-window -x 120 -y 40
sees '^ {15,}.*Bridge and addresses' "a larger screen: the window is in its middle"
terminal resize-window -x 80 -y 24
sees '^ ┌.*Bridge and addresses' "and back"
fits resized
keys Tab Tab Tab
keys F1
sees 'Left and Right move' "help"
terminal resize-window -x 100 -y 30
sees '^ {10,}.*Help' "resized while help is open"
keys Enter
sees '^ {10,}.*Bridge and addresses' "nothing is left behind"

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
seen 'cannot be used; the lines'
keys Enter
sees 'sda \(.*serial [^)]+\)' "after help too"
for n in 1 2 3 4 5 6 7 8 9; do
  keys Down
  seen 'for trying things only' 1 && break
done
keys Space
sees '\[\*\] no disk' "\"no disk\" is marked"
keys Up
for n in 1 2 3 4 5 6 7 8 9; do
  seen 'sdb \(.*serial' 1 && break
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

# --- keys that other programs die of ---
start vm-qemu-svm LC_ALL=C.UTF-8
for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
  seen "$title" || diag "no screen \"$title\""
  [ "$title" != 'Network port' ] || keys Space
  keys F12
done
seen 'Bridge and addresses'
keys C-s C-z C-q
keys F12
sees 'Name, time and access' "Ctrl-S, Ctrl-Z and Ctrl-Q neither freeze nor stop it"
keys C-c
sees 'Leave the wizard' "Ctrl-C asks"
keys Enter
sees 'Name, time and access' "and Stay stays"
keys C-c
seen 'Leave the wizard'
keys Tab Enter
sees '\[ended 1\]' "Leave leaves"
is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"

# --- a server that says nothing ---
perl -MIO::Socket::INET -e '$| = 1; my $s = IO::Socket::INET->new (LocalAddr => "127.0.0.1", Listen => 5) or die;
  print $s->sockport, "\n"; my @silent; push @silent, $s->accept while 1' >"$tmp/port" &
server=$!
end_server () { kill $server 2>/dev/null; }
at_exit end_server
start vm-qemu-svm LC_ALL=C.UTF-8
for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
  seen "$title" || diag "no screen \"$title\""
  [ "$title" != 'Network port' ] || keys Space
  keys F12
done
seen 'Bridge and addresses'; keys F12
until [ -s "$tmp/port" ]; do sleep 0.05; done
seen 'Name, time'; keys Tab Tab Tab Tab Tab "https://127.0.0.1:$(cat "$tmp/port")/user.keys" F12
sees 'Fetching SSH keys from https' "keys from a server that says nothing"
terminal resize-window -x 100 -y 30
sees '^ {10,}.*One moment' "meanwhile the screen answers"
keys Enter
sees 'The SSH keys were not fetched' "Enter is Cancel"
keys F12
seen 'Fetching SSH keys'; keys C-c
sees 'The SSH keys were not fetched' "and so is Ctrl-C"
keys C-c
seen 'Leave the wizard'; keys Tab Enter
sees '\[ended 1\]' "which then leaves"
end_server
wait $server 2>/dev/null

# --- a look at the machine that takes a while: what is read waits for somebody to write it ---
cp -r "$hardware/vm-qemu-svm" "$tmp/long"
rm "$tmp/long/proc/cpuinfo"
mkfifo "$tmp/long/proc/cpuinfo"
terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$tmp/long"
sees 'One moment' "looking takes a while"
terminal resize-window -x 100 -y 30
sees '^ {10,}.*One moment' "meanwhile the screen answers"
keys C-c
sees 'Leave the wizard' "Ctrl-C asks"
unlike "$(screen)" 'Setup goes on' "and does not speak of a setup"
keys Enter
sees 'One moment' "Stay stays"
keys C-c
seen 'Leave the wizard'; keys Tab Enter
gone 'Leave the wizard'
# Whoever has it open reads to its end: the one that still looks.
while ! screen | grep -q '\[ended' && timeout 5 cp "$hardware/vm-qemu-svm/proc/cpuinfo" "$tmp/long/proc/cpuinfo"; do :; done
sees '\[ended 1\]' "Leave leaves"
is "$(cat "$tmp/terminal-errors")" "" "without a word"

# --- signals ---
for signal in TERM HUP INT; do
  start vm-qemu-svm LC_ALL=C.UTF-8
  seen 'Keyboard and language'
  pid=$(pgrep -f "lodge-firstboot wizard --root $hardware/vm-qemu-svm .* --runtime $room" | head -n 1)
  kill -$signal "$pid"
  sees '\[ended 1\]' "SIG$signal ends it"
  is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"
done

# --- a line that is hung up, five times as newt may notice it before the signal or after ---
left=
for n in 1 2 3 4 5; do
  start vm-qemu-svm LC_ALL=C.UTF-8
  seen 'Keyboard and language'
  pid=$(pgrep -f "lodge-firstboot wizard --root $hardware/vm-qemu-svm .* --runtime $room" | head -n 1)
  terminal kill-server
  timeout 20 tail --pid="$pid" -f /dev/null || left="$left $n"
  kill -KILL "$pid" 2>/dev/null
done
is "$left" "" "a terminal that is hung up ends it"

# --- several consoles: whoever begins has it, and another can take it over ---
room=$tmp/room
terminal_end
rm -rf "$room"
wizard="$LODGE_BUILD/lodge-firstboot wizard --console --root $hardware/vm-qemu-svm --runtime $room"
terminal_start 80 24 $wizard
sees 'Set up this machine' "a console welcomes"
fits welcome; keep 0-welcome
terminal split-window -d -l 24 "LC_ALL=C.UTF-8 $wizard; echo [ended]; sleep 1000" 2>/dev/null
terminal resize-window -x 80 -y 49
second () { terminal capture-pane -p -t 1; }
second_sees ()
{
  local end=$((SECONDS + 60))
  until second | grep -Eq -- "$1" || [ $SECONDS -ge $end ]; do sleep 0.05; done
  like "$(second)" "$1" "$2"
}
second_sees 'Set up this machine' "and so does another"
keys Enter
sees 'Keyboard and language' "the first begins"
second_sees 'The wizard runs elsewhere' "the other says so"
keys F12
seen 'Can this machine'; keys F12
seen 'Disk for the virtual'; keys Up Up Space
seen '\[\*\] sdb '
terminal send-keys -t 1 Enter
second_sees 'Disk for the virtual' "and takes it over where it was"
sees '\[ended 1\]' "the first has ended"
like "$(cat "$tmp/terminal-errors")" 'taken over by another console' "and says why"
second_sees '\[\*\] sdb ' "what was marked came along"

# --- a shell is open where the wizard is: another console takes it over all the same ---
shells ()
{
  terminal_end
  rm -rf "$room"
  wizard="env LODGE_TEST_SCENARIO=fail-network LC_ALL=C.UTF-8 $LODGE_BUILD/lodge-firstboot wizard --console"
  wizard="$wizard --root $hardware/vm-qemu-svm --runtime $room --program $LODGE_TOP/tests/fixtures/wizard/apply"
  # shellcheck disable=SC2086  # words
  terminal_start 80 24 $wizard
  seen 'Set up this machine'; keys Enter
  to_summary
  keys Tab Tab Enter
  seen 'stopped at "Make the bridge"'
  keys Tab Enter
  sees 'A shell of root' "a shell from the failure screen"
}
shells
unlike "$(screen)" 'Setup has stopped' "alone on the screen"
keys 'echo still $((6 * 7))'
# Its standard error is the terminal, and not the wizard's own.
sees '[#$] echo still' "with a prompt, and what is typed is seen"
keys Enter
seen 'still 42'
terminal split-window -d -l 24 "$wizard; echo [ended]; sleep 1000" 2>/dev/null
terminal resize-window -x 80 -y 49
second_sees 'The wizard runs elsewhere' "another console says that the wizard runs elsewhere"
holder=$(cat "$room/wizard.lock")
like "$(second | tr -d '\n│' | tr -s ' ')" "on $(cat "$room/wizard.console")\." "and where"
terminal send-keys -t 1 Enter
second_sees 'stopped at "Make the bridge"' "takes it over, with the reason why it stopped"
isnt () { [ "$1" != "$2" ]; ok $? "$3"; }
isnt "$(cat "$room/wizard.lock")" "$holder" "and is the one that has it"
kill -0 "$holder" 2>/dev/null
ok $? "the first waits for its shell"
keys 'echo lives $((7 * 6))' Enter
sees 'lives 42' "which lives on"
find "$room" -type f -exec sha256sum {} + | sort >"$tmp/room-before"
keys 'exit' Enter
sees "taken over: it runs on $(cat "$room/wizard.console") now" "and is told when it ends"
sees '\[ended 1\]' "as the last word of the first"
is "$(find "$room" -type f -exec sha256sum {} + | sort | diff "$tmp/room-before" -)" "" "which writes nothing any more"
is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and leaves the terminal as it was"
terminal send-keys -t 1 Enter
second_sees 'Bridge and addresses' "the second goes on"

# A shell that is killed, or whose wizard is asked to end, leaves a terminal that works.
shells
# What stood there before the shell goes first.
keys 'clear; stty raw -echo; kill -9 $$' Enter
sees 'stopped at "Make the bridge"' "a shell that is killed: the screen comes back"
unlike "$(screen)" 'A shell of root' "all of it"
keys Enter
sees 'A shell of root' "and takes keys"
shells
kill "$(cat "$room/wizard.lock")"
sees '\[ended 1\]' "SIGTERM ends the wizard with its shell"
is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"

# --- a wizard that ends with an error says so at the next welcome on that console ---
terminal_end
rm -rf "$room"
mkdir "$room"
ln -s nowhere "$room/wizard.lock"
wizard="$LODGE_BUILD/lodge-firstboot wizard --console --root $hardware/vm-qemu-svm --runtime $room"
# The unit starts it again.
terminal_start 80 24 bash -c "$wizard; $wizard"
seen 'Eight screens'; keys Enter
sees 'has ended with an error' "the welcome after an error says so"
sees 'wizard\.lock' "and which"
sees 'mend what it says' "and what to do"
fits welcome-error; keep welcome-error
rm "$room/wizard.lock"
keys Enter
sees 'Keyboard and language' "and begins anew when that was mended"
is "$(ls "$room" | grep error)" "" "once was enough"
keys C-c
sees 'The welcome comes back: nobody can log in' "Ctrl-C on a console that nobody can log in on says what leaving does"
fits leave-console; keep leave-console
keys Tab Enter
sees 'Set up this machine' "and the welcome is there again"
# Neither ends it: Esc does nothing here, and Ctrl-C shows the same again.
keys Escape
for n in 1 2 3 4 5; do keys C-c; done
keys Escape
# newt forgets keys that come while a window opens.
for n in 1 2 3 4 5 6 7 8 9; do keys F12; seen 'Keyboard and language' 2 && break; done
sees 'Keyboard and language' "which Esc and Ctrl-C do not leave; F12 begins"
unlike "$(screen)" 'ended' "and nothing has ended"
terminal_end

# --- answers that somebody put on the disk have stopped, and nobody can log in to mend it ---
rm -rf "$room"
cp -r "$hardware/vm-qemu-svm" "$tmp/stopped"
mkdir -p "$tmp/stopped/var/lib/lodge"
printf '{ "outcome": "stopped", "line": "lodge: setup stopped at step 2 (plan): language=xx is not installed in this image" }\n' \
  >"$tmp/stopped/var/lib/lodge/report.json"
terminal_start 80 24 "$LODGE_BUILD/lodge-firstboot" wizard --console --root "$tmp/stopped" --runtime "$room"
sees 'step 2 \(plan\): language=xx is not' "the welcome says what has stopped"
sees 'Set up this machine' "and asks for everything"
unlike "$(screen)" 'Log in instead' "a login prompt that nobody can pass is not offered"
fits welcome-stopped; keep welcome-stopped
terminal_end

# --- Chinese, at once; and a terminal that is asked whether it takes UTF-8 ---
start vm-qemu-svm -u LC_ALL -u LANG -u LC_CTYPE
sees '┌.*Keyboard and language' "a terminal that takes UTF-8 is known by its answer"
sees 'English  \( \) 中文' "and offered its languages"
keys Tab Tab Right Enter
sees '键盘和语言' "the screen is Chinese at once"
like "$(screen | head -n 1)" '^Lodge [0-9a-z.+-]+：' "to its first line"
unlike "$(screen | head -n 1)" 'host' "and nothing of the one before is left there"
fits chinese
keys F12
sees '本机能运行虚拟机吗' "and so are the others"
sees '本机由软件模拟' "with what was found"
fits chinese-checks; keep chinese-checks
keys F2
sees '解决办法：' "and details"
fits chinese-checks-details
keys Enter
seen '本机能运行虚拟机吗'
keys F12
seen '存放虚拟机的磁盘'; fits chinese-disks; keep chinese-disks
keys F12
seen '磁盘的使用方式'; keys F12
seen '网桥使用的网络接口'; keys Space F12
sees '本机的网桥和地址' "the address"
fits chinese-address; keep chinese-address
keys F1
sees '用左右键' "with help"
fits chinese-help; keep chinese-help
keys Enter
seen '搜索域'
keys C-c
seen '退出向导'
keys Tab Enter
seen '\[ended 1\]'

# --- a host that is set up is changed: the same screens, with what it is, and no disk ---
. "$LODGE_TOP/tests/set-up-host.sh"
set_up_host "$tmp/host"
change ()
{
  room=$tmp/room
  rm -rf "$room"
  mkdir "$room"
  terminal_start 80 24 env LC_ALL=C.UTF-8 "${@}" "$LODGE_BUILD/lodge-firstboot" --reconfigure --root "$tmp/host" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$room"
}
change
sees 'changing a KVM host' "a change says that it is one"
sees 'de-latin1' "the keyboard is the host's"
keys F12
sees 'Network port for the bridge' "neither checks nor disks are asked about"
sees '\[\*\] enp0s4' "the port is the host's"
keys F12
sees '192.0.2.10/24_' "so is the address"
fits reconfigure-address; keep reconfigure-address
keys F12
sees 'one that you give is added: alice@desk' "the keys are told"
fits reconfigure-host; keep reconfigure-host
keys F12
sees 'Nothing to change' "without a change there is nothing to do"
fits reconfigure-nothing
keys Escape
seen 'Name, time'
keys End C-u 'kvm2' F12
sees 'Set the host name to kvm2' "what was changed"
unlike "$(screen)" 'bridge|IPv4|ERASED' "and nothing else"
fits reconfigure-summary; keep reconfigure-summary
keys Tab Tab Enter
sees 'This host was changed' "is done"
like "$(cat "$room/asked")" '--reconfigure$' "as a change"
keys Enter
sees '\[ended 0\]' "it ends"
is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"
change
seen 'Keyboard'
keys C-c
seen 'Leave the wizard'
keys Tab Enter
sees '\[ended 1\]' "Ctrl-C leaves"

change LODGE_TEST_SCENARIO=slow
seen 'Keyboard'; keys F12
seen 'Network port'; keys F12
seen '192.0.2.10'; keys F12
seen 'Name, time'; keys End C-u 'kvm2' F12
seen 'Set the host name to kvm2'; keys Tab Tab Enter
seen 'a word about storage'
keys C-c
sees 'Leave the change' "Ctrl-C in the middle of it asks"
fits leave-change; keep reconfigure-leave
keys Tab Tab Enter
sees 'the change was given up by Ctrl-C' "and gives it up"

# --- other terminals ---
start vm-qemu-svm LC_ALL=C TERM=vt220
sees 'Keyboard and language' "vt220 without UTF-8"
fits vt220; keep vt220
keys Tab Tab
reversed ()
{
  local end=$((SECONDS + 60))
  until terminal capture-pane -pe | grep -q "$(printf '\033')\[[0-9;]*7m.*Next >"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}
reversed
ok $? "the button that has the cursor is seen without colours" || diag "$(terminal capture-pane -pe | cat -v)"
# A password that lacks what the terminal cannot send would be another one than the person thinks.
start vm-qemu-svm LC_ALL=C
to_host 'kvm1' Tab Tab Tab
keys -l 'grün-Horse-77'
sees 'This terminal can send ASCII only' "a key that is none of ASCII is refused"
keys Tab
keys -l 'grün-Horse-77'
keys F12
sees 'has characters that this terminal cannot send' "and so is the password that lacks it"
unlike "$(screen)" '\*\*' "which is typed anew"
keys 'gruen-Horse-77' Tab 'gruen-Horse-77'
keys F12
sees 'This will be done' "without such keys it is taken"
keys Tab Tab Enter
sees 'KVM host now' "and is the one"
is "$(perl -e 'print crypt ("gruen-Horse-77", $ARGV[0])' "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")")" \
  "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")" "that was typed"
start vm-qemu-svm LC_ALL=C.UTF-8
to_host 'kvm1' Tab Tab Tab
keys -l 'grün-Horse-77'; keys Tab; keys -l 'grün-Horse-77'; keys F12
sees 'This will be done' "a terminal with UTF-8 sends all"
keys Tab Tab Enter
seen 'KVM host now'
is "$(perl -e 'print crypt ("gr\xc3\xbcn-Horse-77", $ARGV[0])' "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")")" \
  "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")" "as it was typed"

start vm-qemu-svm LC_ALL=C.UTF-8 TERM=no-such-terminal
sees 'Keyboard and language' "a terminal that nobody knows"
start vm-qemu-svm LC_ALL=C.UTF-8 TERM=dumb
sees 'Keyboard and language' "TERM=dumb"
start vm-qemu-svm LC_ALL=C.UTF-8 NEWT_MONO=1
sees 'Keyboard and language' "without colours"
terminal_end
done_testing
