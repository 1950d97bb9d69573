#!/bin/bash
# Writing the image to a disk, beside dd and bmaptool on the same disk: lines "WHAT<tab>MEASURED<tab>BESIDE".  Nothing is
# asserted; `make bench` shows it.  The disk is nbdkit's, at 100 MB/s: see nbd-disk.sh.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/functions.sh"
. "$LODGE_TOP/tests/nbd-disk.sh"
lodge=$LODGE_BUILD/lodge
map=${LODGE_IMAGE%.raw}.map
size=$(stat -c %s "$LODGE_IMAGE")
row () { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}"; }
ratio () { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
# timed COMMAND...: wall seconds in $seconds, its peak resident memory (MiB) in $memory.
timed ()
{
  /usr/bin/time -o "$tmp/time" -f '%e %M' "$@" >"$tmp/output" 2>&1 || { cat "$tmp/output" >&2; exit 1; }
  read -r seconds memory <<<"$(tail -n 1 "$tmp/time")"
  memory=$((memory / 1024))
}
# As fast as a good stick.
nbd_disk stick "$size" --filter=rate file rate=800M burstiness=0.1
disk=$device
whole () { dd if="$LODGE_IMAGE" of="$disk" bs=4M iflag=fullblock oflag=direct conv=fsync status=none; }
ranges ()
{
  awk '/^data/ { print $2, $3 }' "$map" | while read -r start length; do
    dd if="$LODGE_IMAGE" of="$disk" bs=4M skip="$start" seek="$start" count="$length" iflag=skip_bytes,count_bytes,fullblock \
      oflag=seek_bytes,direct status=none || exit 1
  done && sync "$disk"
}
export -f whole ranges
export disk map
bmaptool --quiet create --output "$tmp/kvm.bmap" "$LODGE_IMAGE" || exit 1

timed bash -c whole; dd=$seconds
timed bash -c ranges; data=$seconds
timed bmaptool --quiet copy --bmap "$tmp/kvm.bmap" "$LODGE_IMAGE" "$disk"; bmap=$seconds bmap_memory=$memory
timed "$lodge" flash "$LODGE_IMAGE" "$disk" --erase "${disk#/dev/}"; flash=$seconds flash_memory=$memory
written=$(grep -oE 'written in [0-9.]+' "$tmp/output" | grep -oE '[0-9.]+')
row "flash, a disk of 100 MB/s: dd of the whole image" "$dd s" "$((size >> 20)) MiB"
row "flash: dd of the data's ranges alone" "$data s" "$(awk '/^data/ { s += $3 } END { printf "%d", s / 1048576 }' "$map") MiB"
row "flash: bmaptool copy" "$bmap s" "peer, checks the image, not the disk; $bmap_memory MiB"
row "flash: lodge flash, until all is written" "$written s" \
  "$(ratio "$written" "$data") x the data's dd (aim: 1.1), $(ratio "$written" "$dd") x the whole (aim: 0.5), $(ratio "$written" "$bmap") x bmaptool (aim: 1)"
row "flash: the same, read back and compared" "$flash s" "$(ratio "$flash" "$bmap") x bmaptool; $flash_memory MiB (aim: under 64)"

# Sticks that take 10 MB/s each; a small image, or this would take minutes.
. "$LODGE_TOP/tests/flash-image.sh"
mkdir "$tmp/tree"
dd if=/dev/urandom of="$tmp/tree/more" bs=1M count=24 status=none
flash_image "$tmp/small.raw" "$tmp/tree"
sticks=()
for name in one two three; do
  nbd_disk "$name" $((140 << 20)) --filter=rate file rate=80M burstiness=0.1
  sticks+=("$device")
done
# until_written: seconds until the last disk had all, not yet read back.
until_written () { grep -oE 'written in [0-9.]+' "$tmp/output" | grep -oE '[0-9.]+' | sort -n | tail -n 1; }
timed "$lodge" flash "$tmp/small.raw" "${sticks[0]}" --erase "${sticks[0]#/dev/}"
one=$seconds one_written=$(until_written) one_memory=$memory
timed "$lodge" flash "$tmp/small.raw" "${sticks[@]}" --erase "${sticks[0]#/dev/}" --erase "${sticks[1]#/dev/}" --erase "${sticks[2]#/dev/}"
three_written=$(until_written)
row "flash: one slow stick (10 MB/s), until all is written" "$one_written s" "a small image"
row "flash: the same, read back and compared" "$one s" "$one_memory MiB (aim: under 64)"
row "flash: three at once, until all is written" "$three_written s" "$(ratio "$three_written" "$one_written") x one (aim: 1.2)"
row "flash: the same, read back and compared" "$seconds s" "$(ratio "$seconds" "$one") x one (aim: 1.2); $memory MiB (aim: under 64)"
