#!/bin/bash
# lodge flash: a stick that was written to, pulled out while it was mounted and written to again boots, beside its twin; and
# in a machine with real USB sticks, one of which is pulled out in the middle, beside disks that carry something.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
# shellcheck source=tests/flash-image.sh
. "$LODGE_TOP/tests/flash-image.sh"
lodge=$LODGE_BUILD/lodge
map=${LODGE_IMAGE%.raw}.map
[ -s "$map" ] || skip_all "no $map: run 'make image'"
for program in losetup openssl debugfs e2fsck; do requires "$program"; done
[ "$(id -u)" -eq 0 ] || skip_all "loop devices are for root"
losetup -f >/dev/null 2>&1 || skip_all "this machine has no loop devices"

loop=
detach () { [ -z "$loop" ] || losetup -d "$loop"; loop=; }
at_exit detach
# write_stick FILE OPTION…: lodge flash, on a loop device of FILE.
write_stick ()
{
  local file=$1
  shift
  loop=$(losetup -f --show "$file") || skip_all "loop devices do not work here"
  "$lodge" flash "$LODGE_IMAGE" "$loop" --erase "${loop#/dev/}" "$@" >"$tmp/output" 2>&1
  is $? 0 "lodge flash $*" || diag "$(cat "$tmp/output")"
  detach
}

# --- over noise ---

stick=$tmp/stick.raw
openssl enc -aes-128-ctr -pass pass:noise -nosalt -in /dev/zero 2>/dev/null | head -c 3584M >"$stick"
write_stick "$stick" --keep-uuids
is "$(perl -e '
    my ($map, $image, $device) = @ARGV;
    open my $m, "<", $map or die; my @ranges; my $end = -s $image;
    while (<$m>) { push @ranges, [$2, $3] if /^(data|zero) (\d+) (\d+)/ and $2 >= 1048576 and $2 < $end - 1048576; }
    open my $i, "<:raw", $image or die; open my $d, "<:raw", $device or die;
    my $same = 0;
    for (1 .. 200) {
      my ($start, $length) = @{$ranges[rand @ranges]};
      my $from = int rand $length; my $size = 1 + int rand ($length - $from > 65536 ? 65536 : $length - $from);
      sysseek $i, $start + $from, 0; sysseek $d, $start + $from, 0;
      sysread $i, my $a, $size; sysread $d, my $b, $size;
      $same++ if $a eq $b and length $a == $size;
    }
    print $same;' "$map" "$LODGE_IMAGE" "$stick")" 200 "200 random ranges of the stick are the image's"
write_stick "$stick"
like "$(cat "$tmp/output")" 'written in [0-9.]+ s and verified' "it tells the result"

# --- it boots, is pulled out while mounted, and written to again ---

machine_new stick
machine_stick_file=$stick
machine_boot
machine_wait 'login:|Set up this machine' >/dev/null
ok $? "it boots by BIOS" || machine_explain
first=$(machine_ssh 'findmnt -n -o UUID /')
like "$first" '^[0-9a-f]{8}-' "its root has a UUID"
machine_ssh 'dd if=/dev/zero of=/root/written bs=1M count=20 status=none; sync; for i in $(seq 500); do echo "$i" >"/root/file$i"; done' >/dev/null
machine_cut
start=$(sfdisk --json "$stick" | jq '.partitiontable.partitions[] | select(.name == "root").start')
like "$(dumpe2fs -h "$stick?offset=$((start * 512))" 2>/dev/null)" 'needs_recovery' "its journal has something to replay then"
write_stick "$stick"

# The twin is another disk, with the same image and its own UUIDs.
machine_secure_firmware >"$tmp/firmware" || diag "no OVMF firmware with Secure Boot: BIOS again"
mapfile -t firmware <"$tmp/firmware"
flash_image "$tmp/small.raw" "$tmp/tree"

# What the machine gets to flash with: this machine's program and libraries, which are not the image's.
payload=$tmp/payload
mkdir -p "$payload/lib"
cp "$lodge" "$payload/lodge"
ldd "$lodge" | awk '/=> \// { print $3 } /^\t\/.*ld-linux/ { print $1 }' | xargs cp -L -t "$payload/lib"
cp --sparse=always "$tmp/small.raw" "$payload/small.raw"
cp "$tmp/small.map" "$payload/small.map"
cat >"$payload/flash" <<'S'
#!/bin/sh
exec /mnt/lib/ld-linux-x86-64.so.2 --library-path /mnt/lib /mnt/lodge flash "$@"
S
chmod 755 "$payload/flash"
truncate -s 512M "$tmp/payload.img"
mke2fs -q -t ext4 -d "$payload" "$tmp/payload.img"

# usb NAME SIZE OPTION…: a stick with serial number NAME, as QEMU arguments, that can be pulled out.
usb ()
{
  head -c "$2" /dev/urandom >"$tmp/$1.raw"
  printf '%s\n' -blockdev \
    "driver=throttle,throttle-group=slow,node-name=$1,read-only=${3:-off},file.driver=raw,file.file.driver=file,file.file.filename=$tmp/$1.raw" \
    -device "usb-storage,drive=$1,serial=$1,id=dev$1"
}
truncate -s 300M "$tmp/swap.raw" "$tmp/pv.raw" "$tmp/mounted.raw" "$tmp/md.raw" "$tmp/zfs.raw"
mkswap "$tmp/swap.raw" >/dev/null 2>&1
# The uberblocks of a ZFS label, by which blkid knows a member (zfs-fuse's pools too): its tools bring a daemon with them.
perl -e 'print pack ("Q5", 0x00bab10c, 5000, 10, 1, 1700000000), "\0" x 984 for 1 .. 128' |
  dd of="$tmp/zfs.raw" bs=128K seek=1 conv=notrunc status=none
mke2fs -q -t ext4 "$tmp/mounted.raw"
mapfile -t sticks < <(usb F1 200M; usb F2 200M; usb F3 200M; usb READONLY 200M on; usb SMALL 64M)
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot "${firmware[@]}" \
  -drive "if=none,id=twin,file=$LODGE_IMAGE,format=raw,snapshot=on" -device usb-storage,drive=twin,serial=TWIN \
  -object throttle-group,id=slow,x-bps-write=2097152 "${sticks[@]}" \
  $(for disk in payload.img swap.raw pv.raw mounted.raw md.raw zfs.raw; do
      echo "-drive if=none,id=${disk%.*},file=$tmp/$disk,format=raw -device virtio-blk-pci,drive=${disk%.*},serial=${disk%.*}"; done)
machine_wait 'login:|Set up this machine' >/dev/null
ok $? "written to again it boots by UEFI" || machine_explain
second=$(machine_ssh 'findmnt -n -o UUID /')
is "$(printf '%s\n' "$first" "$second" | sort -u | wc -l)" 2 "with another UUID than before"
like "$(machine_ssh 'lsblk -n -o SERIAL "/dev/$(lsblk -n -o PKNAME "$(findmnt -n -o SOURCE /)")"')" 'STICK' "its root is on the stick, not on its twin"
is "$(machine_ssh 'ls /root/written 2>&1')" "ls: cannot access '/root/written': No such file or directory" "nothing of the former life is there"
is "$(machine_ssh 'dmesg | grep -i "EXT4-fs.*error"; systemctl --failed --no-legend --plain')" "" "no error, and no failed unit"

# --- flashing in the machine ---

machine_ssh 'mount -o ro /dev/disk/by-id/virtio-payload /mnt && mkdir -p /run/m && mount -o ro /dev/disk/by-id/virtio-mounted /run/m'
ok $? "the machine has the program"
machine_ssh 'pvcreate /dev/disk/by-id/virtio-pv && vgcreate store /dev/disk/by-id/virtio-pv &&
  lvcreate --activate n --zero n --name data --size 100M store && udevadm settle && sync' >"$tmp/output" 2>&1
ok $? "a volume group is made" || diag "$(cat "$tmp/output")"
# What is refused is as it was before, to the last byte.
sums () { sha256sum "$tmp"/{swap,pv,zfs,mounted,READONLY,SMALL}.raw; }
before=$(sums)
like "$(machine_ssh '/mnt/flash --list /mnt/small.raw 2>&1')" "F1" "the sticks are listed"
refuses ()
{
  local output
  output=$(machine_ssh "d=\$(readlink -f $1); /mnt/flash /mnt/small.raw \$d --erase \"\$(lsblk -dn -o SERIAL \$d)\"; echo status \$?" 2>&1)
  like "$output" 'status 3' "$2 is refused"
  like "$output" "$3" "$2: it says why" || diag "$output"
}
boot_disk='/dev/$(lsblk -n -o PKNAME "$(findmnt -n -o SOURCE /)")'
refuses "$boot_disk" "the system's disk" 'running system'
refuses /dev/disk/by-id/virtio-swap "swap" 'swap'
refuses /dev/disk/by-id/virtio-pv "a volume group that is not active" 'LVM physical volume'
machine_ssh 'vgchange --activate y store' >"$tmp/output" 2>&1
refuses /dev/disk/by-id/virtio-pv "a volume group that is active" 'store-data.* is built on it'
machine_ssh 'vgchange --activate n store' >"$tmp/output" 2>&1
refuses /dev/disk/by-id/virtio-zfs "a member of ZFS" 'member of a ZFS pool'
machine_ssh 'mdadm --create /dev/md/mirror --run --level=1 --raid-devices=2 --metadata=1.2 /dev/disk/by-id/virtio-md missing' >"$tmp/output" 2>&1
ok $? "a software RAID is made" || diag "$(cat "$tmp/output")"
refuses /dev/disk/by-id/virtio-md "a member of a running RAID" 'md[0-9]+'
machine_ssh 'mdadm --stop /dev/md/mirror && sync' >"$tmp/output" 2>&1
stopped=$(sha256sum <"$tmp/md.raw")
refuses /dev/disk/by-id/virtio-md "a member of one that is stopped" 'member of a software RAID'
is "$(sha256sum <"$tmp/md.raw")" "$stopped" "and is as it was"
refuses /dev/disk/by-id/virtio-mounted "a mounted disk" 'mounted at /run/m'
refuses '/dev/disk/by-id/usb-*_READONLY-0:0' "a read-only stick" 'read-only'
refuses '/dev/disk/by-id/usb-*_SMALL-0:0' "too small a stick" 'too small'
is "$(sums)" "$before" "all of them are as they were"
# Last: the kernel may write to it from now on.
machine_ssh 'swapon /dev/disk/by-id/virtio-swap'
ok $? "the swap space is taken into use"
refuses /dev/disk/by-id/virtio-swap "swap space that is in use" 'swap'
machine_ssh 'swapoff /dev/disk/by-id/virtio-swap'

machine_ssh '/mnt/flash /mnt/small.raw $(readlink -f /dev/disk/by-id/usb-*_F[123]-0:0) --erase F1 --erase F2 --erase F3 --json' \
  >"$tmp/events" 2>"$tmp/errors" &
flashing=$!
device=$(machine_ssh 'readlink -f /dev/disk/by-id/usb-*_F2-0:0')
wait_line "$tmp/events" "\"device\":\"$device\",\"phase\":\"write\",\"bytes\":[1-9]" 300 $flashing >/dev/null
ok $? "three sticks are being written to" || diag "$(cat "$tmp/events" "$tmp/errors")"
machine_monitor 'device_del devF2' >/dev/null
wait $flashing
is $? 1 "one is pulled out: exit status 1"
like "$(cat "$tmp/errors")" '1 of 3 disks' "it says how many"
like "$(grep "\"device\":\"$device\"" "$tmp/events" | tail -n 1)" '"phase":"failed".*"message":".*(pulled out|gone|no such device)' "and what is the matter with it" ||
  diag "$(tail -n 5 "$tmp/events")"
is "$(grep -c '"phase":"done"' "$tmp/events")" 2 "the others are complete"
machine_ssh 'sync; poweroff' >/dev/null 2>&1
tail --pid="$machine_pid" -f /dev/null
machine_pid=
for name in F1 F3; do
  # shellcheck disable=SC2086  # start and length
  set -- $flash_root
  dd if="$tmp/$name.raw" of="$tmp/root" bs=512 skip="$1" count="$2" status=none
  ok "$(e2fsck -fn "$tmp/root" >"$tmp/fsck" 2>&1; echo $?)" "$name: ext4 is in order" || diag "$(cat "$tmp/fsck")"
  is "$(debugfs -R 'cat /random' "$tmp/root" 2>/dev/null | sha256sum)" "$(sha256sum <"$tmp/tree/random")" "$name: and holds its file"
  like "$(sfdisk --verify "$tmp/$name.raw" 2>&1)" 'No errors detected' "$name: the partition table is in order"
done
is "$(head -c 4096 "$tmp/F2.raw" | tr -d '\0' | wc -c) $(tail -c 16896 "$tmp/F2.raw" | tr -d '\0' | wc -c)" "0 0" \
  "nothing boots from the one that was pulled out"
done_testing
