#!/bin/bash
# What the wizard sends to the terminal for a key, in bytes and in milliseconds at 115200 baud (8N1: 11520 bytes a second):
# lines "WHAT<tab>BYTES<tab>MILLISECONDS".  Nothing is asserted; `make bench` shows it.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/functions.sh"
. "$LODGE_TOP/tests/terminal.sh"
at_exit terminal_end
unset TMUX

# reach REGEX: what is measured of another screen, or of none, is no figure.
reach () { shows "$1" || { echo "bench-keys: the screen does not show: $1" >&2; screen >&2; exit 1; }; }
# measure WHAT KEY...
measure ()
{
  local before
  before=$(terminal_sent)
  keys "${@:2}"
  awk -v w="$1" -v b=$(($(terminal_sent) - before)) 'BEGIN { printf "%s\t%d bytes\t%.0f ms at 115200 baud\n", w, b, b / 11.52 }'
}

mkdir "$tmp/room"
terminal_start 80 24 env LC_ALL=C.UTF-8 TERM="${TERM_MEASURED:-vt220}" "$LODGE_BUILD/lodge-firstboot" wizard \
  --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" --runtime "$tmp/room"
terminal_record
reach 'Keyboard and language'
measure "from the keyboard to the checks" F12
reach 'Can this machine'
measure "a row down in a list, with its text" Down
measure "on to a button" Tab
measure "from the checks to the disks" F12
reach 'Disk for'
measure "a mark" Space
measure "a mark taken away" Space
keys F12
reach 'What to make'
keys F12
reach 'Network port'
keys Space F12
reach 'Bridge and addresses'
measure "a letter in a field" x
measure "help" F1
keys Enter
before=$(terminal_sent)
read -rt 5 <> <(:)
printf 'five seconds without a key\t%d bytes\t\n' $(($(terminal_sent) - before))
