#!/bin/sh
# lodge flash gives each disk UUIDs of its own, in all that names them; on loop devices.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
[ -x "$lodge" ] || skip_all "lodge is not built: run 'make'"
for program in losetup sfdisk fsck.fat tune2fs debugfs mtype qemu-img; do requires "$program"; done
[ "$(id -u)" -eq 0 ] || skip_all "loop devices are for root"
losetup -f >/dev/null 2>&1 || skip_all "this machine has no loop devices"
export TMPDIR="$tmp"

loops=
detach () { for l in $loops; do losetup -d "$l" 2>/dev/null; done; }
at_exit detach
# stick NAME: a disk full of noise; its device goes to $device.
stick ()
{
  head -c 140M /dev/urandom >"$tmp/$1"
  device=$(losetup -f --show "$tmp/$1") || skip_all "loop devices do not work here"
  loops="$device $loops"
}

# --- an image with the partitions of lodge build ---

. "$(dirname "$0")/../flash-image.sh"
image=$tmp/kvm.raw
tree=$tmp/tree
flash_image "$image" "$tree"

# flash DEVICE ARG…
flash ()
{
  "$lodge" flash "$image" "$@" --erase "${1#/dev/}" >"$tmp/output" 2>"$tmp/error" </dev/null
  is $? 0 "lodge flash $2" || diag "$(cat "$tmp/output" "$tmp/error")"
}
part () { dd if="$1" of="$tmp/$2" bs=512 skip="$3" count="$4" status=none; }
identity () { blkid -p -s UUID -o value "$1"; }
# look FILE DESCRIPTION: sets $root, $esp, $own, $table and $guids, and looks at all that names them.
look ()
{
  part "$1" esp 4096 81920; part "$1" lodge 86016 81920; part "$1" root 167936 94208
  root=$(identity "$tmp/root") esp=$(identity "$tmp/esp") own=$(identity "$tmp/lodge") table=$(sfdisk --disk-id "$1")
  guids=$(sfdisk --json "$1" | jq -r '.partitiontable.partitions[].uuid' | sort)
  ok "$(e2fsck -fn "$tmp/root" >"$tmp/fsck" 2>&1; echo $?)" "$2: ext4 is in order, its checksums too" || diag "$(cat "$tmp/fsck")"
  for fat in esp lodge; do
    ok "$(fsck.fat -n "$tmp/$fat" >"$tmp/fsck" 2>&1; echo $?)" "$2: $fat is in order" || diag "$(cat "$tmp/fsck")"
  done
  is "$(debugfs -R 'cat /etc/fstab' "$tmp/root" 2>/dev/null)" "$(sed "s/$flash_uuid/$root/; s/ABCD-1234/$esp/" "$tree/etc/fstab")" "$2: fstab"
  is "$(debugfs -R 'cat /boot/grub/grub.cfg' "$tmp/root" 2>/dev/null | sha256sum)" \
    "$(sed "s/$flash_uuid/$root/" "$tree/boot/grub/grub.cfg" | sha256sum)" "$2: the boot menu"
  like "$(debugfs -R 'stat /root-device' "$tmp/root" 2>/dev/null)" "by-uuid/$root" "$2: a link inside an inode"
  is "$(mtype -i "$tmp/esp" ::grub.cfg)" "search.fs_uuid $root root" "$2: GRUB's first file"
  like "$(sfdisk --verify "$1" 2>&1)" 'No errors detected' "$2: the partition table and its backup"
}

stick one.img
first=$device
flash "$first" --json
like "$(cat "$tmp/output")" '"phase":"uuids"' "JSON tells of it"
look "$tmp/one.img" "the first disk"
is "$(grep -c "$flash_uuid" "$tmp/root")" 0 "the first disk: the image's UUID is nowhere"
one="$root $esp $own $table $guids"
stick two.img
flash "$device" --json
look "$tmp/two.img" "the second disk"
two="$root $esp $own $table $guids"
# Eight in all: three file systems, the table, four partitions.
# shellcheck disable=SC2086  # one a line
is "$(printf '%s\n' $one $two $flash_uuid ABCD-1234 5678-ABCD | sort | uniq -d)" "" "nothing is the same on both, or the image's"
# shellcheck disable=SC2086
is "$(printf '%s\n' $one | wc -l)" 8 "and nothing was left out"

flash "$first" --keep-uuids
look "$tmp/one.img" "--keep-uuids"
is "$root $esp $own" "$flash_uuid ABCD-1234 5678-ABCD" "--keep-uuids: they are the image's"

# An ordinary user's PATH has no sbin, where tune2fs is.
if command -v setpriv >/dev/null && id nobody >/dev/null 2>&1; then
  owner=$(stat -c %u:%g "$first")
  chmod 755 "$tmp"
  mkdir -m 1777 "$tmp/user"
  chown nobody "$first"
  install -m 755 "$lodge" "$tmp/lodge"
  TMPDIR="$tmp/user" PATH=/usr/bin:/bin setpriv --reuid nobody --clear-groups "$tmp/lodge" flash "$image" "$first" \
    --erase "${first#/dev/}" >"$tmp/output" 2>"$tmp/error" </dev/null
  is $? 0 "an ordinary user" || diag "$(cat "$tmp/output" "$tmp/error")"
  chown "$owner" "$first"
  look "$tmp/one.img" "an ordinary user"
fi

# unchanged ARG… : lodge flash with these fails, and the first disk is as it was.
unchanged ()
{
  before=$(sha256sum <"$tmp/one.img")
  "$lodge" flash "$@" "$first" --erase "${first#/dev/}" >"$tmp/output" 2>"$tmp/error" </dev/null
  is $? "$wanted" "$what: exit status $wanted"
  is "$(sha256sum <"$tmp/one.img")" "$before" "$what: nothing was written"
}

# A table whose UUIDs are named keeps them.
cp --sparse=always "$image" "$tmp/named.raw"
partuuid=$(sfdisk --part-uuid "$image" 4)
printf 'PARTUUID=%s' "$(echo "$partuuid" | tr A-F a-f)" | dd of="$tmp/named.raw" bs=1 seek=$((3 * 1048576)) conv=notrunc status=none
"$lodge" flash "$tmp/named.raw" "$first" --erase "${first#/dev/}" >"$tmp/output" 2>"$tmp/error" </dev/null
is $? 0 "an image that names a PARTUUID"
like "$(cat "$tmp/error")" 'names partitions by PARTUUID' "that is said"
is "$(sfdisk --part-uuid "$tmp/one.img" 4)" "$partuuid" "the partition keeps it"
part "$tmp/one.img" root 167936 94208
is "$(identity "$tmp/root" | sed "s/$flash_uuid/the image's/" | grep -c image)" 0 "the file system does not keep its own"

# What tune2fs would refuse in the end is refused before the beginning.
cp --sparse=always "$image" "$tmp/used.raw"
debugfs -w -R "ssv mtime $(date +%Y%m%d%H%M%S)" "$tmp/used.raw?offset=$((167936 * 512))" >/dev/null 2>&1
debugfs -w -R "ssv lastcheck 20200101000000" "$tmp/used.raw?offset=$((167936 * 512))" >/dev/null 2>&1
what="an image that was in use" wanted=1
unchanged "$tmp/used.raw"
like "$(cat "$tmp/error")" "was in use since it was made.*--keep-uuids" "it says what to do"

# An image that has another file's bytes: anyone could name a disk of this machine there.
qemu-img create -q -f qcow2 -b "$image" -F raw "$tmp/backed.qcow2"
what="a qcow2 with a backing file" wanted=3
unchanged "$tmp/backed.qcow2"
qemu-img convert -f raw -O qcow2 "$image" "$tmp/10:00.qcow2"
(cd "$tmp" && "$lodge" flash 10:00.qcow2 "$first" --erase "${first#/dev/}" >"$tmp/output" 2>"$tmp/error" </dev/null)
is $? 0 "an image with a colon in its name" || diag "$(cat "$tmp/error")"

# A UUID that lies in two blocks which are no neighbours could not be changed: nothing is written then.
for half in "head -c 20" "tail -c 20"; do
  cp --sparse=always "$image" "$tmp/split.raw"
  place=$((3 * 1048576 + 512))
  [ "$half" = "tail -c 20" ] || place=$((place - 20))
  printf '%s' "$flash_uuid" | $half | dd of="$tmp/split.raw" bs=1 seek=$place conv=notrunc status=none
  what="a UUID in two places ($half)" wanted=1
  unchanged "$tmp/split.raw"
  like "$(cat "$tmp/error")" "two blocks that are apart.*--keep-uuids" "it says what to do"
done
done_testing
