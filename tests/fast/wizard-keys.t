#!/bin/bash
# Keys and signals that other programs die of, servers and machines that keep the wizard waiting.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- keys that other programs die of ---
start vm-qemu-svm LC_ALL=C.UTF-8
to_address
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
as_before

# --- what goes over a serial line: for a key what it changes, and nothing while nobody presses one ---
# sends WHAT KEY...: less than half a screen.
sends ()
{
  local before after
  before=$(terminal_sent)
  keys "${@:2}"
  after=$(terminal_sent)
  [ $((after - before)) -gt 0 ] && [ $((after - before)) -lt 600 ]
  ok $? "$1 sends what has changed, not the screen" || diag "$((after - before)) bytes"
}
# idle WHAT [BYTES]: a second in which nobody does anything sends nothing, or no more than that.  The disks and the links of
# the ports are looked at meanwhile: the first time newt puts the cursor, which is not seen, elsewhere (7 bytes, once).
idle ()
{
  local before after
  before=$(terminal_sent)
  read -rt 1 <> <(:)
  after=$(terminal_sent)
  [ $((after - before)) -le "${2:-0}" ]
  ok $? "$1: nothing is sent while nothing changes" || diag "$((after - before)) bytes: $(tail -c $((after - before)) "$tmp/sent" | od -c)"
}
start vm-qemu-svm LC_ALL=C.UTF-8 TERM=vt220
seen 'Keyboard and language'
terminal_record
keys F12
seen 'Can this machine'
whole=$(terminal_sent)
[ "$whole" -gt 1000 ]
ok $? "another screen is sent, and counted" || diag "$whole bytes"
sends "a row down, with what is told of it" Down
sends "on to a button" Tab
idle checks
keys F12
seen 'Disk for'
sends "a mark" Up Space
idle disks 10
keys Down Down Down Down Space F12
seen 'What to make|Network port'; keys F12
seen 'Network port'
sends "a port's mark" Space
idle ports 10
keys F12
seen 'Bridge and addresses'
sends "a letter in a field" x
idle address

# --- a server that says nothing ---
perl -MIO::Socket::INET -e '$| = 1; my $s = IO::Socket::INET->new (LocalAddr => "127.0.0.1", Listen => 5) or die;
  print $s->sockport, "\n"; my @silent; push @silent, $s->accept while 1' >"$tmp/port" &
server=$!
end_server () { kill $server 2>/dev/null; }
at_exit end_server
start vm-qemu-svm LC_ALL=C.UTF-8
to_address; keys F12
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
sees '\[ended 1\]' "Leave leaves what cannot be ended"
is "$(cat "$tmp/terminal-errors")" "" "without a word"

# --- signals ---
for signal in TERM HUP INT; do
  start vm-qemu-svm LC_ALL=C.UTF-8
  seen 'Keyboard and language'
  pid=$(pgrep -f "lodge-firstboot wizard --root $hardware/vm-qemu-svm .* --runtime $room" | head -n 1)
  kill -$signal "$pid"
  sees '\[ended 1\]' "SIG$signal ends it"
  as_before
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
terminal_end
done_testing
