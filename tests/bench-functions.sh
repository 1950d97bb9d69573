# shellcheck shell=bash disable=SC2034,SC2154  # variables are for, and from, who sources this
# What the benchmarks share; sourced after tests/functions.sh.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# What is made, and what was said, is in $work.

# row WHAT MEASURED BESIDE: one line of the table, which table prints at the end.
row () { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$rows"; printf '%-58s %12s  %s\n' "$1" "$2" "${3:-}" >&2; }
table ()
{
  echo
  awk -F '\t' 'BEGIN { print "| what | measured | beside it |\n|---|---|---|" } { print "| " $1 " | " $2 " | " $3 " |" }' "$rows"
}

# timed NAME COMMAND…: wall seconds in $seconds; peak resident memory of the largest process (MiB) in $memory.
timed ()
{
  local name=$1; shift
  /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/$name.log" 2>&1 || { cat "$work/$name.log" >&2; exit 1; }
  read -r seconds memory <<<"$(tail -n 1 "$work/time")"
  memory=$((memory / 1024))
}
ratio () { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
median () { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# ext4 looks at each inode that was freed within the last minutes, one after the other, before it gives out another
# (recently_deleted() in fs/ext4/ialloc.c): after a run that removes its tree the next one is slower by ten seconds, whichever
# it is.  So each gets a file system of its own, where root may mount one: $disk.
fresh_disk ()
{
  disk=$work/disk
  mkdir -p "$disk"
  [ "$(id -u)" = 0 ] || return 0
  ! mountpoint -q "$disk" || umount "$disk" || exit 1
  rm -f "$work/disk.ext4"
  truncate -s 12G "$work/disk.ext4"
  mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 "$work/disk.ext4" || exit 1
  # Without loop devices: as for anybody else.  Direct: what is written shall not go through memory twice.
  if mount -o loop "$work/disk.ext4" "$disk" 2>/dev/null; then
    losetup --direct-io=on "$(findmnt --noheadings --output SOURCE "$disk")" || exit 1
  else
    echo "# no loop device: runs may hold up each other" >&2
  fi
}
drop_disk () { ! mountpoint -q "$work/disk" || umount "$work/disk"; }
