#!/bin/bash
# lodge flash on disks that fail in the middle, when they are read back, for want of space, now and then, when they get UUIDs
# and a partition table, and on slow ones: a disk ends up complete or without anything that boots, and the others go on.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/flash-image.sh"
. "$LODGE_TOP/tests/nbd-disk.sh"
requires socat
lodge=$LODGE_BUILD/lodge
export TMPDIR="$tmp"

mkdir "$tmp/tree"
flash_image "$tmp/kvm.raw" "$tmp/tree"
size=$((140 << 20))

# begin_image IMAGE DEVICE...: writes it to them; $flashing is the process, $tmp/events and $tmp/errors what it says.
begin_image ()
{
  local image=$1 erase=() disk
  shift
  for disk in "$@"; do erase+=(--erase "${disk#/dev/}"); done
  rm -f "$tmp/events" "$tmp/errors"
  : >"$tmp/events"
  timeout 300 "$lodge" flash "$image" "$@" "${erase[@]}" --json >"$tmp/events" 2>"$tmp/errors" </dev/null &
  flashing=$!
}
begin () { begin_image "$tmp/kvm.raw" "$@"; }
# ends STATUS DESCRIPTION
ends ()
{
  wait $flashing
  is $? "$1" "$2: exit status $1" || diag "$(cat "$tmp/errors")"
}
# reaches NAME REQUEST: the disk has been asked to write to the root file system, or to read from it.
reaches () { wait_line "$tmp/$1.requests" "$2 id=[0-9]+ offset=0x5[0-9a-f]{6} " 120 $flashing >/dev/null; }
# A disk on which both take a while, so that the fault comes in the middle; the rate is in bits a second ($rate, 40M).
slow_disk ()
{
  local name=$1
  shift
  nbd_disk "$name" $size --filter=log --filter=error --filter=rate file logfile="$tmp/$name.requests" rate=${rate:-40M} burstiness=0.1 "$@"
}
# pauses NAME, resumes NAME: what is asked of the disk from now on waits; what was asked before is done.
pauses () { is "$(printf p | socat -t 60 - "UNIX-CONNECT:$tmp/$1.pause")" P "$1 hangs"; }
resumes () { is "$(printf r | socat -t 60 - "UNIX-CONNECT:$tmp/$1.pause")" R "$1 goes on"; }
# last DEVICE: the last word about it.
last () { grep "\"device\":\"$1\"" "$tmp/events" | tail -n 1; }
# blank NAME DESCRIPTION: nothing in the places where a firmware looks.
blank ()
{
  is "$(head -c 4096 "$tmp/$1.img" | tr -d '\0' | wc -c) $(tail -c 16896 "$tmp/$1.img" | tr -d '\0' | wc -c)" "0 0" "$2: nothing boots from it"
}
# complete NAME DESCRIPTION
complete ()
{
  # shellcheck disable=SC2086  # start and length
  set -- "$1" "$2" $flash_root
  dd if="$tmp/$1.img" of="$tmp/root" bs=512 skip="$3" count="$4" status=none
  ok "$(e2fsck -fn "$tmp/root" >"$tmp/fsck" 2>&1; echo $?)" "$2: ext4 is in order" || diag "$(cat "$tmp/fsck")"
  is "$(debugfs -R 'cat /random' "$tmp/root" 2>/dev/null | sha256sum)" "$(sha256sum <"$tmp/tree/random")" "$2: and holds its file"
  like "$(sfdisk --verify "$tmp/$1.img" 2>&1)" 'No errors detected' "$2: so is the partition table"
}

slow_disk fails error-pwrite=EIO error-pwrite-rate=100% error-file="$tmp/fault-write"
fails=$device
nbd_disk good $size file
good=$device
begin "$fails" "$good"
reaches fails Write
ok $? "the first of two disks is written to" || diag "$(cat "$tmp/events" "$tmp/errors")"
: >"$tmp/fault-write"
ends 1 "one that cannot be written to from then on"
like "$(cat "$tmp/errors")" '1 of 2 disks' "it says how many"
like "$(last "$fails")" '"phase":"failed".*"message":".*write.*Input/output error.*"changed":true' "and what went wrong"
like "$(last "$good")" '"phase":"done"' "the other goes on"
complete good "the other"
# What was to take the boot sectors away came before, and nothing after it: there is no half of a system to boot.
blank fails "the one that failed"
rm "$tmp/fault-write"
begin "$fails"
ends 0 "the same disk, when it works again"
complete fails "it"

slow_disk full error-pwrite=ENOSPC error-pwrite-rate=100% error-file="$tmp/fault-space"
begin "$device"
reaches full Write
: >"$tmp/fault-space"
ends 1 "a disk without space of its own"
like "$(last "$device")" '"phase":"failed".*"message":".*No space left on device' "it says so"
blank full "it"

slow_disk unread error-pread=EIO error-pread-rate=100% error-file="$tmp/fault-read"
begin "$device"
reaches unread Read
ok $? "a disk is read back" || diag "$(cat "$tmp/events" "$tmp/errors")"
: >"$tmp/fault-read"
ends 1 "one that cannot be read any more"
like "$(last "$device")" '"phase":"failed".*"message":".*read.*Input/output error' "it says so"
blank unread "it"

# One write in three fails, whichever.
nbd_disk flaky $size --filter=error file error-pwrite=EIO error-pwrite-rate=30%
begin "$device"
ends 1 "a disk that fails now and then"
like "$(last "$device")" '"phase":"failed".*Input/output error.*"changed":true' "it says so"
is "$(cat <(head -c 4096 "$tmp/flaky.img") <(tail -c 16896 "$tmp/flaky.img") | grep -ac 'EFI PART')" 0 "no partition table is on it, and nothing boots from it"

# --- when the disk gets UUIDs of its own ---

# keeps NAME START END: a disk that has the image's bytes, with the image's UUIDs, and zeros where its table comes; from
# START to END (in bytes) it takes nothing else, so that the first one who fails is who changes what is there.
keeps ()
{
  dd if="$tmp/kvm.raw" of="$tmp/$1.img" bs=1M conv=sparse status=none
  truncate -s $size "$tmp/$1.img"
  for place in 0 $((size / 1048576 - 1)); do dd if=/dev/zero of="$tmp/$1.img" bs=1M seek=$place count=1 conv=notrunc status=none; done
  # Without requests for zeros, which end that filter (nbdkit 1.32).  nbdfuse takes them all the same, and writes a part of them
  # (libnbd 1.14): a disk that promises zeros and does not keep that.
  nbd_disk "$1" $size --filter=nozero --filter=protect file protect="$2-$3"
}
# refuses_uuid NAME START WHAT: it keeps the sector at START.
refuses_uuid ()
{
  keeps "$1" "$2" $(($2 + 511))
  begin "$device"
  ends 1 "$3 cannot be changed"
  like "$(last "$device")" '"phase":"failed".*"message":"give .* UUIDs of its own: .*"changed":true' "it says what failed"
  like "$(grep -o '"phase":"[a-z]*"' "$tmp/events" | uniq | xargs)" 'phase:verify phase:uuids phase:failed$' "when the image was written and verified"
  blank "$1" "$3"
}
root_start=$((${flash_root% *} * 512)) esp_start=$((${flash_esp% *} * 512))
fstab=$(grep -abo "UUID=$flash_uuid / ext4" "$tmp/kvm.raw" | head -n 1 | cut -d : -f 1)
refuses_uuid text $((fstab / 512 * 512)) "a text that names a file system (fstab)"
refuses_uuid esp $esp_start "the serial number of the ESP"
refuses_uuid super $((root_start + 1024)) "the root file system's UUID, which tune2fs writes"

# --- when the partition table is written, last of all ---

# refuses_table NAME START END WHAT
refuses_table ()
{
  keeps "$1" "$2" "$3"
  begin "$device"
  ends 1 "$4 cannot be written"
  like "$(grep -o '"phase":"[a-z]*"' "$tmp/events" | uniq | xargs)" 'phase:table phase:failed$' "when all else was there"
  blank "$1" "$4"
}
refuses_table backup $((size - 512)) $((size - 1)) "the backup GPT's header"
refuses_table entries $((size - 33 * 512)) $((size - 32 * 512 - 1)) "the backup GPT's entries"
refuses_table header 512 1023 "the GPT's header"
refuses_table sector 0 511 "the boot sector"

# One that takes nothing at all any more behind the backup GPT, which cannot be cleared then: without a boot sector and a
# GPT in front of it no firmware follows it.
cp "$tmp/backup.img" "$tmp/dies.img"
export dead=$tmp/dead disk=$tmp/dies.img end=$((size - 512))
# shellcheck disable=SC2016  # for the scripts of nbdkit-eval-plugin(1)
nbd_disk dies $size eval config='exit 0' get_size='stat -Lc %s "$disk"' can_write='exit 0' \
  can_flush='exit 0' flush='exit 0' can_zero='exit 0' \
  pread='dd if="$disk" bs=1M skip="$4" count="$3" iflag=skip_bytes,count_bytes,fullblock status=none' \
  pwrite='[ ! -e "$dead" ] || { echo EIO >&2; exit 1; }
    dd of="$disk" bs=1M seek="$4" oflag=seek_bytes conv=notrunc status=none; [ $(($4 + $3)) -le "$end" ] || : >"$dead"' \
  zero='[ ! -e "$dead" ] || { echo EIO >&2; exit 1; }
    dd if=/dev/zero of="$disk" bs=1M count="$3" seek="$4" iflag=count_bytes oflag=seek_bytes conv=notrunc status=none'
begin "$device"
ends 1 "a disk that takes nothing any more in the middle of the partition table"
ok "$([ -e "$tmp/dead" ]; echo $?)" "after the backup GPT"
is "$(head -c 1048576 "$tmp/dies.img" | tr -d '\0' | wc -c)" 0 "it has neither boot sector nor GPT: nothing boots from it"
like "$(last "$device")" '"phase":"failed"' "it failed"

# --- one slow disk of three, and Ctrl-C ---

nbd_disk first $size file
first=$device
nbd_disk slow $size --filter=log --filter=delay file logfile="$tmp/slow.requests" delay-write=1
slow=$device
nbd_disk third $size file
third=$device
begin "$first" "$slow" "$third"
for disk in "$first" "$third"; do
  wait_line "$tmp/events" "\"device\":\"$disk\",\"phase\":\"done\"" 120 $flashing >/dev/null
  ok $? "one slow disk of three does not hold up another" || diag "$(tail -n 4 "$tmp/events")"
done
like "$(last "$slow")" '"phase":"write"' "it is being written to then"
kill -INT "$(pgrep -P $flashing lodge || echo $flashing)"
ends 1 "Ctrl-C while it is"
like "$(cat "$tmp/errors")" "stopped by Ctrl-C" "it says so"
blank slow "the slow one"
complete first "the first"
complete third "the third"

# --- one that hangs, and one that is stopped ---

# One that hangs beside another: an image that is far longer than what is kept of it in memory.
mkdir "$tmp/long"
dd if=/dev/urandom of="$tmp/long/more" bs=1M count=30 status=none
flash_image "$tmp/long.raw" "$tmp/long"
rate=80M
slow_disk hangs --filter=pause pause-control="$tmp/hangs.pause"
hangs=$device
slow_disk beside
beside=$device rate=
begin_image "$tmp/long.raw" "$hangs" "$beside"
reaches hangs Write
pauses hangs
unlike "$(cat "$tmp/events")" '"phase":"verify"' "both are being written to then"
wait_line "$tmp/events" "\"device\":\"$beside\",\"phase\":\"done\"" 120 $flashing >/dev/null
ok $? "one that hangs does not hold up the other" || diag "$(tail -n 4 "$tmp/events")"
like "$(last "$hangs")" '"phase":"write"' "and still hangs when that is complete"
resumes hangs
ends 0 "when it goes on"
cp "$tmp/long/random" "$tmp/tree/random"
complete hangs "the one that hung"
complete beside "the other"

# Ctrl-C while a disk is written to.
slow_disk stopped
begin "$device"
reaches stopped Write
kill -INT "$(pgrep -P $flashing lodge || echo $flashing)"
ends 1 "Ctrl-C"
like "$(cat "$tmp/errors")" "stopped by Ctrl-C" "it says so"
blank stopped "the disk"
done_testing
