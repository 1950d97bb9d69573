# The wizard in a real terminal: starting it, looking at it, and the way to the screens that many tests begin at.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
# Sourced after functions.sh.  With LODGE_SCREENS=DIRECTORY (`make screens`) the screens that tests keep are written there.
requires tmux
. "$LODGE_TOP/tests/terminal.sh"
at_exit terminal_end
unset TMUX
hardware=$LODGE_TOP/tests/fixtures/hardware
room=$tmp/room
export LODGE_TEST_SCENARIO=complete

# start MACHINE [VARIABLE=VALUE...]: an empty machine but for its facts is shown, no disk of this one is looked at.
start ()
{
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
# gone REGEX: waits until the screen does not show it.
gone () { local end=$((SECONDS + 60)); while screen | grep -q "$1"; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done; }
# as_before: the terminal's settings are those from before the wizard.
as_before () { is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"; }

# From the first screen to that of the addresses, with the disk that is marked and the first port.
to_address ()
{
  local title
  for title in 'Keyboard' 'Can this' 'Disk for' 'What to make' 'Network port'; do
    seen "$title"
    [ "$title" != 'Network port' ] || keys Space
    keys F12
  done
  seen 'Bridge and addresses'
}
# to_host KEY...: to the host's name, and there these keys.
to_host ()
{
  to_address
  keys F12
  seen 'Name, time'; keys "$@"
}
to_summary ()
{
  to_host Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
  seen 'This will be done'
}
# What the second pane shows.
second () { terminal capture-pane -p -t 1; }
second_sees ()
{
  local end=$((SECONDS + 60))
  until second | grep -Eq -- "$1" || [ $SECONDS -ge $end ]; do sleep 0.05; done
  like "$(second)" "$1" "$2"
}
