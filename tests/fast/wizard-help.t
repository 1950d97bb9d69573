#!/bin/bash
# Help, details and other sizes of the terminal: each screen as it was, to the last line.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- help and details, and back: each screen as it was, to the last line ---
# again KEY TITLE CLOSE DESCRIPTION: KEY opens the window TITLE, CLOSE closes it.
again ()
{
  local before end=$((SECONDS + 60))
  before=$(screen)
  keys "$1"
  seen "$2"
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

# --- Leave means the same in every window, and Ctrl-C again is Stay ---
# leaves KEY TITLE: where Ctrl-C asks in the window TITLE that KEY opens.
leaves ()
{
  start vm-qemu-svm LC_ALL=C.UTF-8
  seen 'Keyboard and language'; keys F12
  seen 'Check again'; keys "$1"
  seen "$2"
  sees '^  Tab moves  Esc closes  Ctrl-C leave' "$2 says that Esc closes it"
  keys C-c
  seen 'Leave the wizard'; keys Enter
  sees "$2" "$2: Stay stays"
  keys C-c
  seen 'Leave the wizard'; keys Tab Enter
  sees '\[ended 1\]' "and Leave leaves"
}
leaves F1 'Help'
leaves F2 'Details'
start vm-qemu-svm LC_ALL=C.UTF-8
seen 'Try it here'; keys C-c
seen 'Leave the wizard'
sees '^  Tab moves  Esc closes$' "so does the question, where Ctrl-C does not leave"
keys C-c
sees 'Try it here' "Ctrl-C once more is Stay"
keys C-c
seen 'Leave the wizard'; keys Escape
sees 'Try it here' "and no second question is below"
# A message that a screen shows.
LODGE_TEST_SCENARIO=fail-network start vm-qemu-svm LC_ALL=C.UTF-8
to_summary
keys Tab Tab Enter
seen 'stopped at "Make the bridge"'; keys Tab Tab Enter
seen 'What setup said'; keys C-c
seen 'Leave the wizard'; keys Tab Enter
sees '\[ended 1\]' "Leave leaves from the log"
terminal_end
done_testing
