#!/bin/bash
# The image in the formats that take work, and how many processors each keeps busy: lines "WHAT<tab>MEASURED<tab>BESIDE".
# Nothing is asserted; `make bench` shows it.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/functions.sh"
make_format=$LODGE_BUILD/tests/make-format
[ -x "$make_format" ] || { echo "make-format is not built: run 'make build/tests/make-format'" >&2; exit 1; }
[ -s "$LODGE_IMAGE" ] || { echo "no image: run 'make image' first" >&2; exit 1; }
# Where bench.sh makes the rest.
work=$(mktemp -d "${BENCH_DIR:-$tmp}/formats.XXXXXX")
drop_work () { rm -rf "$work"; }
at_exit drop_work
row () { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}"; }
# All of it in memory: what is measured is the work, not the disk that the image is on.
cat "$LODGE_IMAGE" >/dev/null

# measured COMMAND...: wall seconds in $seconds, processors kept busy in $busy, its peak resident memory (MiB) in $memory.
measured ()
{
  local user system
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; exit 1; }
  read -r seconds user system memory <<<"$(tail -n 1 "$work/time")"
  busy=$(awk -v u="$user" -v s="$system" -v w="$seconds" 'BEGIN { printf "%.2f", (u + s) / w }')
  memory=$((memory / 1024))
}
for format in vmdk ova raw.zst; do
  measured "$make_format" $format "$LODGE_TOP/templates/debian-13" "$LODGE_IMAGE" "$work/disk.$format"
  all="$seconds s" together=$busy most=$memory length=$(($(stat -c %s "$work/disk.$format") >> 20))
  measured taskset -c 0 "$make_format" $format "$LODGE_TOP/templates/debian-13" "$LODGE_IMAGE" "$work/one.$format"
  cmp "$work/disk.$format" "$work/one.$format" >&2 || exit 1
  row "format $format" "$all" "$together of $(nproc) processors busy (aim: all), $seconds s on one; $length MiB, $most MiB of memory"
  rm "$work/disk.$format" "$work/one.$format"
done
