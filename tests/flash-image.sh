# A small image with the partitions of lodge build, for tests that write one to disks.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
#   flash_image FILE TREE   makes FILE (130 MiB) and FILE's map; TREE becomes what its root file system holds.  The root's
#                           UUID is $flash_uuid, the ESP's ABCD-1234, LODGE's 5678-ABCD.

[ -x "$LODGE_BUILD/tests/make-flash-map" ] || skip_all "no make-flash-map: run 'make build/tests/make-flash-map'"
for program in sfdisk mkfs.fat mke2fs mcopy perl; do requires "$program"; done
flash_uuid=6f9c1f1e-2a1b-5c3d-8e4f-0123456789ab
# Of the table, in sectors of 512 bytes: the start and the length of each partition but the first.
flash_esp="4096 81920" flash_lodge="86016 81920" flash_root="167936 94208"

flash_image ()
{
  mkdir -p "$2/etc" "$2/boot/grub"
  printf 'UUID=%s / ext4 noatime 0 1\nUUID=ABCD-1234 /boot/efi vfat umask=0077 0 2\n' $flash_uuid >"$2/etc/fstab"
  # More than one block, the UUID on the border of two of them as well.
  perl -e 'my $u = shift; for (1 .. 200) { print "search --no-floppy --fs-uuid --set=root $u\nlinux /boot/vmlinuz root=UUID=$u ro\n" }' \
    $flash_uuid >"$2/boot/grub/grub.cfg"
  # A link as short as this one is in its inode, which has a checksum.
  ln -s "/dev/disk/by-uuid/$flash_uuid" "$2/root-device"
  for i in $(seq 300); do echo "$i" >"$2/file$i"; done
  dd if=/dev/urandom of="$2/random" bs=1M count=6 status=none
  truncate -s 130M "$1"
  sfdisk --quiet "$1" <<'EOF'
label: gpt
label-id: 11111111-2222-5333-8444-555555555555
start=2048, size=2048, name=bios
start=4096, size=81920, name=ESP
start=86016, size=81920, name=LODGE
start=167936, size=94208, name=root
EOF
  mkfs.fat -F 32 -s 1 -i ABCD1234 -n ESP --offset 4096 "$1" 40960 >/dev/null 2>&1
  mkfs.fat -F 32 -s 1 -i 5678ABCD -n LODGE --offset 86016 "$1" 40960 >/dev/null 2>&1
  mke2fs -q -t ext4 -U $flash_uuid -O metadata_csum,^metadata_csum_seed,^orphan_file -L lodge-root -d "$2" \
    -E offset=$((167936 * 512)) "$1" 46M 2>"$2.log" || diag "$(cat "$2.log")"
  printf 'search.fs_uuid %s root\n' $flash_uuid >"$2.log"
  mcopy -i "$1@@2M" "$2.log" ::grub.cfg
  "$LODGE_BUILD/tests/make-flash-map" "$1" >"${1%.raw}.map" || ok 1 "the map is made"
}
