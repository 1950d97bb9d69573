#!/bin/bash
# The wizard on several consoles, with a shell, after an error and after answers that stopped.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- several consoles: whoever begins has it, and another can take it over ---
terminal_end
rm -rf "$room"
wizard="$LODGE_BUILD/lodge-firstboot wizard --console --root $hardware/vm-qemu-svm --runtime $room"
terminal_start 80 24 $wizard
sees 'Set up this machine' "a console welcomes"
fits welcome; keep 0-welcome
unlike "$(screen)" 'Ctrl-C' "and does not speak of leaving, which would lead to a login prompt that nobody can pass"
terminal split-window -d -l 24 "LC_ALL=C.UTF-8 $wizard; echo [ended]; sleep 1000" 2>/dev/null
terminal resize-window -x 80 -y 49
# Both as large as the wizard needs.
terminal select-layout even-vertical
second_sees 'Set up this machine' "and so does another"
keys Enter
sees 'Keyboard and language' "the first begins"
second_sees 'The wizard runs elsewhere' "the other says so"
unlike "$(second)" 'Ctrl-C' "which Ctrl-C does not leave either"
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
# Both as large as the wizard needs.
terminal select-layout even-vertical
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
as_before

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
for n in 1 2 3 4 5 6 7 8 9; do keys F12; shows 'Keyboard and language' 2 && break; done
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
done_testing
