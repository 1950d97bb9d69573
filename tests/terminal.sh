# A program in a real terminal (tmux) for the tests: keys go in, the screen is read, always waiting for what has to be on it.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
# Sourced after functions.sh.

terminal_socket=lodge-test.$$
# Without a status line from the first moment: to take it away later changes the terminal's size, and keys that were typed
# meanwhile are lost (newtOpenWindow() flushes them).
terminal () { tmux -L "$terminal_socket" -f "$tmp/tmux.conf" "$@"; }
# What ran there writes down where it was before it ends: that is waited for.
terminal_end ()
{
  local end=$((SECONDS + 10))
  terminal kill-server 2>/dev/null
  while pgrep -f -- "$tmp" >/dev/null && [ $SECONDS -lt $end ]; do sleep 0.05; done
}

# terminal_start WIDTH HEIGHT COMMAND...: the command's environment is the caller's; when it ends the screen says
# "[ended STATUS]" with the terminal's settings below.
terminal_start ()
{
  local width=$1 height=$2
  shift 2
  terminal_end
  printf '#!/bin/bash\nstty sane\nstty -a >%q\n' "$tmp/before" >"$tmp/terminal-command"
  printf '%q ' "$@" >>"$tmp/terminal-command"
  {
    cat "$tmp/terminal-command"
    printf '2>%q\nstatus=$?\nstty -a >%q\necho "[ended $status]"\nsleep 1000\n' "$tmp/terminal-errors" "$tmp/after"
  } >"$tmp/terminal-script"
  echo 'set-option -g status off' >"$tmp/tmux.conf"
  until terminal new-session -d -x "$width" -y "$height" "bash $tmp/terminal-script" 2>/dev/null; do sleep 0.1; done
}
screen () { terminal capture-pane -p; }

# shows REGEX [SECONDS]: waits until the screen shows it.  The bound is for a machine with much else to do.
shows ()
{
  local end=$((SECONDS + ${2:-${terminal_bound:-60}}))
  until screen | grep -Eq -- "$1"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# sees REGEX DESCRIPTION: a check.
sees ()
{
  shows "$1"
  ok $? "$2" || { diag "the screen does not show: $1"; diag "$(screen)"; }
}
# seen REGEX: on the way; only that it is not seen counts.
seen () { shows "$1" || sees "$1" "on the way: $1"; }

# keys KEY...: as tmux names them; anything else is typed.
keys () { terminal send-keys "$@"; }

# terminal_record: from now on what the program sends is counted.  terminal_sent: bytes so far, when nothing came for a
# quarter of a second, within ten seconds.
terminal_record ()
{
  : >"$tmp/sent"
  terminal pipe-pane -o "cat >>$tmp/sent"
}
terminal_sent ()
{
  local before=-1 now quiet=0 end=$((SECONDS + 10))
  while [ $quiet -lt 5 ] && [ $SECONDS -lt $end ]; do
    now=$(stat -c %s "$tmp/sent")
    if [ "$now" = "$before" ]; then quiet=$((quiet + 1)); else quiet=0; fi
    before=$now
    read -rt 0.05 <> <(:)
  done
  echo "$now"
}
