#!/bin/bash
# The screens that follow the summary: progress, failure and what leads back from it; resized.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- progress and failure ---
LODGE_TEST_SCENARIO=slow start vm-qemu-svm LC_ALL=C.UTF-8
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
to_address; keys Tab Tab Right Space
seen '\(\*\) fixed'; keys Tab '192.0.2.10/24' Tab '192.0.2.1' F12
seen 'Name, time'; keys Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen 'This will be done'; keys Tab Tab Enter
seen 'stopped at "Make the bridge"'; keys Enter
seen 'Bridge and addresses'
for n in 1 2 3 4 5 6 7 8 9; do keys '9'; shows '192\.0\.2\.19' 1 && break; done
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

# --- the line hangs up, or the wizard is asked to end, while setup runs: it goes on, and its end is shown to who comes back ---
for how in HUP TERM INT hang-up; do
  LODGE_TEST_SCENARIO=slow start vm-qemu-svm LC_ALL=C.UTF-8
  to_summary
  keys Tab Tab Enter
  seen '\( 5/11\).*running'
  wizard=$(cat "$room/wizard.lock")
  setup=$(pgrep -f "fixtures/wizard/apply apply --answers $room/" | head -n 1)
  if [ $how = hang-up ]; then
    terminal kill-server
  else
    kill -$how "$wizard"
    sees '\[ended 1\]' "SIG$how ends the wizard while setup runs"
    as_before
  fi
  timeout 20 tail --pid="$wizard" -f /dev/null
  ok $? "$how: the wizard is gone"
  kill -0 "$setup"
  ok $? "$how: setup goes on"
  : >"$room/go"
  wait_line "$room/apply.log" 'setup complete' 30 >/dev/null
  ok $? "$how: to its end" || diag "$(cat "$room/apply.log")"
  timeout 20 tail --pid="$setup" -f /dev/null
  terminal_end
  terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$hardware/vm-qemu-svm" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$room"
  sees 'KVM host now' "$how: the next wizard shows the result"
  is "$(grep -c . "$room/asked")" 1 "$how: and begins nothing"
done

# --- the log: it ends with the reason ---
LODGE_TEST_SCENARIO=slow start vm-qemu-svm LC_ALL=C.UTF-8
to_summary
keys Tab Tab Enter
seen '\( 5/11\).*running'
# At once, and longer than a screen.
echo "it begins here $(seq -s ' ' 700) and ends there" >"$tmp/words"
mv "$tmp/words" "$room/go"
seen 'Setup has stopped'; keys Tab Tab Enter
seen 'What setup said'
sees 'and ends there' "the log opens at its end"
keys Home
sees 'step 3 \(host\) of 11' "Home goes to its beginning"
unlike "$(screen)" 'ends there' "far from there"
keys End
sees 'and ends there' "and End back"
terminal resize-window -x 100 -y 30
sees '^ {10,}.*What setup said' "another size"
sees 'and ends there' "leaves it there"
terminal resize-window -x 80 -y 24
keys PPage
gone 'and ends there'
ok $? "Page Up goes up from there" || diag "$(screen)"
terminal_end
done_testing
