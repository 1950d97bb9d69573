# Disks with faults: nbdkit's filters below, nbdfuse makes a file of them, losetup(8) a disk of that.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
# Sourced after functions.sh, by root.

for program in nbdkit nbdfuse fusermount3 losetup; do requires "$program"; done
[ "$(id -u)" -eq 0 ] || skip_all "loop devices are for root"
[ -c /dev/fuse ] || skip_all "this machine has no FUSE"
losetup -f >/dev/null 2>&1 || skip_all "this machine has no loop devices"

nbd_loops='' nbd_mounts='' nbd_servers=''
nbd_end ()
{
  local it
  for it in $nbd_loops; do losetup -d "$it" 2>/dev/null; done
  # A loop device may go a moment after it was told to.
  for it in $nbd_mounts; do timeout 20 sh -c 'until fusermount3 -u "$1" 2>/dev/null || ! mountpoint -q "$1"; do sleep 0.1; done' sh "$it"; done
  for it in $nbd_servers; do kill "$it" 2>/dev/null && wait "$it" 2>/dev/null; done
}
at_exit nbd_end

# until_there FILE: what a program makes when it is ready.
until_there ()
{
  local end=$((SECONDS + 60))
  until [ -e "$1" ]; do [ $SECONDS -lt $end ] || return 1; sleep 0.05; done
}

# nbd_fails WHAT: what is installed and does not work is no reason to skip.
nbd_fails ()
{
  ok 1 "$1"
  diag "$(cat "$tmp/nbdkit.log")"
  done_testing
  exit 1
}

# nbd_disk NAME SIZE ARGUMENT...: a disk whose bytes are in $tmp/NAME.img, of noise when that is not there yet, with these
# filters and parameters of nbdkit(1); sets $device.
nbd_disk ()
{
  local place=$tmp/nbd-$1 file=$tmp/$1.img size=$2
  shift 2
  [ -e "$file" ] || head -c "$size" /dev/urandom >"$file"
  mkdir "$place"
  nbdkit --foreground --pidfile "$place/pid" --unix "$place/socket" "$@" 2>>"$tmp/nbdkit.log" file="$file" &
  nbd_servers="$! $nbd_servers"
  until_there "$place/pid" || nbd_fails "nbdkit starts"
  mkdir "$place/mount"
  nbdfuse "$place/mount/disk" --unix "$place/socket" 2>>"$tmp/nbdkit.log" &
  nbd_servers="$! $nbd_servers"
  nbd_mounts="$place/mount $nbd_mounts"
  until_there "$place/mount/disk" || nbd_fails "nbdfuse starts"
  device=$(losetup -f --show "$place/mount/disk") || nbd_fails "the loop device"
  nbd_loops="$device $nbd_loops"
}
