#!/bin/bash
# lodge flash in a real terminal: the question which disk is meant, a bar for each disk, Ctrl-C at either.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/flash-image.sh"
. "$LODGE_TOP/tests/nbd-disk.sh"
requires tmux
. "$LODGE_TOP/tests/terminal.sh"
unset TMUX
# The servers of the disks stay when a terminal is exchanged.
terminal_end () { terminal kill-server 2>/dev/null; }
at_exit terminal_end
lodge=$LODGE_BUILD/lodge
export TMPDIR="$tmp"
unshare --mount true 2>/dev/null || skip_all "a mount namespace cannot be made here"

# A bar grows when 16 MiB more are on the disk.
mkdir "$tmp/tree"
dd if=/dev/urandom of="$tmp/tree/more" bs=1M count=30 status=none
flash_image "$tmp/kvm.raw" "$tmp/tree"
size=$((140 << 20))
# Slow enough for bars to be seen.
nbd_disk one $size --filter=rate file rate=80M burstiness=0.1
one=$device
nbd_disk two $size --filter=rate file rate=80M burstiness=0.1
two=$device
# Serial numbers, as udev would have them: loop devices have none.
cat >"$tmp/with-serials" <<S
mount -t tmpfs none /run && mkdir -p /run/udev/data || exit 99
echo E:ID_SERIAL_SHORT=STICK-A1 >/run/udev/data/b$(printf '%d:%d' 0x"$(stat -c %t "$one")" 0x"$(stat -c %T "$one")")
echo E:ID_SERIAL_SHORT=STICK-B2 >/run/udev/data/b$(printf '%d:%d' 0x"$(stat -c %t "$two")" 0x"$(stat -c %T "$two")")
# What the terminal's script keeps in a file belongs on the terminal.
exec "$lodge" flash "$tmp/kvm.raw" "\$@" 2>/dev/tty
S
# flashes DEVICE...
flashes () { rm -f "$tmp/after"; terminal_start 80 24 unshare --mount sh "$tmp/with-serials" "$@"; }
as_before () { is "$(tail -n +2 "$tmp/after")" "$(tail -n +2 "$tmp/before")" "and the terminal is as it was"; }
sums () { sha256sum "$tmp/one.img" "$tmp/two.img"; }
asks_a='type its serial number \(STICK-A1\): ?$' asks_b='type its serial number \(STICK-B2\): ?$'

# --- the question ---

before=$(sums)
# Of the other disk, a part of it, the name of a disk that has a serial number, nothing.
for answer in STICK-B2 STICK-A "${one#/dev/}" ''; do
  flashes "$one"
  sees "$asks_a" "its serial number is asked for"
  keys "$answer" Enter
  sees '\[ended 3\]' "\"$answer\" is refused"
  sees "^lodge: $one was not confirmed; nothing has been written" "that is said"
  as_before
done
like "$(screen)" "^${one#/dev/} \(.*140 MiB.*serial STICK-A1\)" "the question tells which disk it is"
like "$(screen)" '^  on it: ' "and what is on it"
flashes "$one" "$two"
seen "$asks_a"; keys stick-a1 Enter
sees "$asks_b" "each of two disks is asked for"
keys STICK-A1 Enter
sees '\[ended 3\]' "the first one's serial number is not the second one's"
flashes "$one"
seen "$asks_a"; keys C-c
sees '\[ended 1\]' "Ctrl-C at the question"
as_before
is "$(sums)" "$before" "and nothing was written to either"

# --- the bars ---

# bars PHASE...: waits until the screen has one bar for each disk, the last lines.
bars ()
{
  local end=$((SECONDS + 60)) phase=$1
  until [ "$(screen | grep -cE "^$one +$phase +\[#+-+\] +[0-9]+% +[0-9.]+ [KM]iB of [0-9.]+ MiB|^$two +$phase +\[#+-+\] +[0-9]+% ")" = 2 ]; do
    [ $SECONDS -lt $end ] || { diag "$(screen)"; return 1; }
    sleep 0.05
  done
}
flashes "$one" "$two"
seen "$asks_a"; keys stick-a1 Enter # case does not matter
seen "$asks_b"; keys ' STICK-B2 ' Enter
bars writing
ok $? "both serial numbers are right: a bar for each, that grows"
bars verifying
ok $? "and when they are read back"
sees '\[ended 0\]' "it ends well"
for disk in "$one" "$two"; do
  is "$(screen | grep -cE "^$disk +done$")" 1 "one line for $disk was drawn over each time"
  is "$(screen | grep -cE "^$disk: .* written in [0-9.]+ s and verified$")" 1 "and below it stands its result"
done
is "$(screen | grep -c '\[[#-]')" 0 "no bar is left"
as_before
for name in one two; do
  like "$(sfdisk --verify "$tmp/$name.img" 2>&1)" 'No errors detected' "$name has the image"
done

flashes "$one" "$two"
seen "$asks_a"; keys STICK-A1 Enter
seen "$asks_b"; keys STICK-B2 Enter
bars writing
keys C-c
sees '\[ended 1\]' "Ctrl-C while they are written to"
sees '^lodge: stopped by Ctrl-C' "that is said"
is "$(screen | grep -cE '^/dev/loop[0-9]+: failed, and nothing boots from it now')" 2 "and what became of each"
as_before
done_testing
