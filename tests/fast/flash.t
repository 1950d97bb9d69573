#!/bin/sh
# lodge flash on loop devices: what it refuses, what is on a disk full of noise afterwards, what a failure leaves.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
make_map=$LODGE_BUILD/tests/make-flash-map
[ -x "$lodge" ] && [ -x "$make_map" ] || skip_all "lodge is not built: run 'make all build/tests/make-flash-map'"
for program in losetup sfdisk mkfs.fat mke2fs mcopy qemu-img zstd xz; do requires "$program"; done
[ "$(id -u)" -eq 0 ] || skip_all "loop devices are for root"
losetup -f >/dev/null 2>&1 || skip_all "this machine has no loop devices"
export TMPDIR="$tmp"

loops=
detach () { for l in $loops; do losetup -d "$l" 2>/dev/null; done; }
at_exit detach
# attach FILE: sets $device.
attach ()
{
  # What worked before is no reason to skip, and a plan of no tests behind some is none.
  device=$(losetup -f --show "$@") ||
    { [ "$tap_count" -gt 0 ] || skip_all "loop devices do not work here"; ok 1 "a loop device of $*"; done_testing; }
  loops="$device $loops"
}

# run STATUS DESCRIPTION ARG…: standard error goes to $error, standard output to $output.
run ()
{
  wanted=$1 what=$2
  shift 2
  timeout 300 "$lodge" flash "$@" >"$tmp/output" 2>"$tmp/error" </dev/null
  status=$?
  output=$(cat "$tmp/output") error=$(cat "$tmp/error")
  is "$status" "$wanted" "$what: exit status $wanted" || diag "$error"
}

# --- an image as lodge build makes them, but small ---

image=$tmp/kvm.raw
truncate -s 128M "$image"
sfdisk --quiet "$image" <<'EOF'
label: gpt
start=2048, size=2048, name=bios
start=4096, size=81920, name=LODGE
start=86016, size=172032, name=root
EOF
mkdir "$tmp/tree"
echo "some words" >"$tmp/tree/file"
dd if=/dev/urandom of="$tmp/tree/random" bs=1M count=5 status=none
truncate -s 3M "$tmp/tree/zeros"
mkfs.fat -F 32 -s 1 -n LODGE --offset 4096 "$image" 40960 >/dev/null 2>&1
mke2fs -q -t ext4 -d "$tmp/tree" -E offset=$((86016 * 512)) "$image" 84M
printf 'BOOTCODE' | dd of="$image" conv=notrunc status=none
"$make_map" "$image" >"$tmp/kvm.map" || ok 1 "the map is made"

noise () { head -c "$1" /dev/urandom >"$2"; }
# differences DEVICE: how many of 200 random ranges inside what the map names differ from the image.  The table's own places
# (the first and last MiB) are looked at apart.
differences ()
{
  perl -e '
    my ($map, $image, $device) = @ARGV;
    open my $m, "<", $map or die; my @ranges;
    while (<$m>) { push @ranges, [$2, $3] if /^(data|zero) (\d+) (\d+)/ and $2 >= 1048576 and $2 < (128 - 1) * 1048576; }
    open my $i, "<:raw", $image or die; open my $d, "<:raw", $device or die;
    my $bad = 0;
    for (1 .. 200) {
      my ($start, $length) = @{$ranges[rand @ranges]};
      my $from = int rand $length; my $size = 1 + int rand ($length - $from > 65536 ? 65536 : $length - $from);
      sysseek $i, $start + $from, 0; sysseek $d, $start + $from, 0;
      sysread $i, my $a, $size; sysread $d, my $b, $size;
      $bad++ if $a ne $b or length $a != $size;
    }
    print $bad;' "$tmp/kvm.map" "$image" "$1"
}
# whole DEVICE: both file systems are in order, and the table is the disk's own.
whole ()
{
  for part in "lodge 2 40" "root 42 84"; do
    # shellcheck disable=SC2086  # three words
    set -- "$1" $part
    dd if="$1" of="$tmp/part.$2" bs=1M skip="$3" count="$4" status=none
  done
  fsck.fat -n "$tmp/part.lodge" >"$tmp/fsck" 2>&1 || diag "$(cat "$tmp/fsck")"
  ok "$(fsck.fat -n "$tmp/part.lodge" >/dev/null 2>&1; echo $?)" "$2: FAT is in order"
  ok "$(e2fsck -fn "$tmp/part.root" >"$tmp/fsck" 2>&1; echo $?)" "$2: ext4 is in order" || diag "$(cat "$tmp/fsck")"
  is "$(debugfs -R 'cat /file' "$tmp/part.root" 2>/dev/null)" "some words" "$2: and holds its file"
  debugfs -R "dump /zeros $tmp/zeros" "$tmp/part.root" 2>/dev/null
  ok "$(cmp -s "$tmp/zeros" "$tmp/tree/zeros"; echo $?)" "$2: zeros are zeros"
  like "$(sfdisk --verify "$1" 2>&1)" 'No errors detected' "$2: the partition table and its backup are in order"
  is "$(head -c 8 "$1")" "BOOTCODE" "$2: the boot sector is the image's"
}
# unbootable DEVICE DESCRIPTION: nothing in the places where a firmware looks.
unbootable ()
{
  is "$(head -c 4096 "$1" | tr -d '\0' | wc -c) $(tail -c 16896 "$1" | tr -d '\0' | wc -c)" "0 0" "$2: nothing boots from it"
}

# --- refusals: nothing is written ---

noise 130M "$tmp/stick.img"
attach "$tmp/stick.img"
stick=$device
cp "$tmp/stick.img" "$tmp/noise.img"
before=$(sha256sum <"$tmp/stick.img")
run 2 "no device" "$image"
like "$error" 'lodge flash --list .*lodge flash --help' "it says where to look"
run 2 "a device that is not there" "$image" /dev/none
like "$error" 'there is no /dev/none; lodge flash --list' "it says where to look"
run 2 "a file as device" "$image" "$tmp/stick.img"
run 2 "an image that is not there" "$tmp/none.raw" "$stick"
run 2 "what is no image" "$tmp/tree/random" "$stick" --erase "${stick#/dev/}"
# Of a copy that was cut off, what there is is good: only its own table tells.
head -c 100M "$image" >"$tmp/short.raw"
run 2 "an image that was cut off" "$tmp/short.raw" "$stick"
like "$error" 'short.raw was cut off: its partition table is of a disk of 128 MiB .*, and it has 100 MiB' "it says how long it should be"
head -c $(((128 << 20) - 512)) "$image" >"$tmp/sector.raw"
run 2 "an image without its last sector" "$tmp/sector.raw" "$stick" --erase "${stick#/dev/}"
zstd -q -o "$tmp/short.raw.zst" "$tmp/short.raw"
run 2 "one that was packed after it was cut off" "$tmp/short.raw.zst" "$stick" --erase "${stick#/dev/}"
like "$error" 'was cut off' "it says so"
xz -0 -k "$tmp/short.raw"
for packed in zst xz; do
  run 2 "the same ($packed), before anything is asked" "$tmp/short.raw.$packed" "$stick"
  like "$error" "short.raw.$packed was cut off: .* of 128 MiB .*, and it has 100 MiB" "it says how long it should be"
done
rm "$tmp/short.raw.xz"
qemu-img convert -f raw -O qcow2 "$tmp/short.raw" "$tmp/short.qcow2"
run 2 "one that was converted after that" "$tmp/short.qcow2" "$stick" --erase "${stick#/dev/}"
like "$error" 'was cut off' "it says so"
truncate -s 64M "$tmp/mbr.raw"
printf 'label: dos\nstart=2048, size=8192, type=83\nstart=16384, size=65536, type=5\n' | sfdisk --quiet "$tmp/mbr.raw"
truncate -s 39M "$tmp/mbr.raw"
run 2 "an MBR whose partition ends behind the file" "$tmp/mbr.raw" "$stick" --erase "${stick#/dev/}"
like "$error" 'is of a disk of 40.0 MiB .* has 39.0 MiB' "it says so"
run 2 "the same disk twice" "$image" "$stick" "$stick"
run 2 "one host on two disks" "$image" "$stick" /dev/none --answers /dev/null --host 1
like "$error" 'would all become that host' "it says why"
run 2 "a host without answers" "$image" "$stick" --host 1
run 3 "no confirmation" "$image" "$stick"
like "$error" "would be overwritten .*give --erase ${stick#/dev/}" "it says what to give"
run 3 "another disk's serial number" "$image" "$stick" --erase S123
run 3 "one right and one wrong serial number" "$image" "$stick" --erase "${stick#/dev/}" --erase S123
root_disk=$(lsblk -ndo PKNAME "$(findmnt -no SOURCE -T /boot 2>/dev/null)" 2>/dev/null)
if [ -n "$root_disk" ] && [ -b "/dev/$root_disk" ]; then
  run 3 "the system's disk" "$image" "/dev/$root_disk" --erase "$root_disk"
fi
truncate -s 100M "$tmp/small.img"
attach "$tmp/small.img"
run 3 "too small a disk" "$image" "$device" --erase "${device#/dev/}"
like "$error" 'too small: the image needs 128 MiB, and it has 100 MiB' "it says how much is needed and there"
# Packed images tell before anything is asked: no --erase is needed to get there.
zstd -q -o "$tmp/known.raw.zst" "$image"
zstd -q -c <"$image" >"$tmp/streamed.raw.zst" # has no length in its header
cat "$tmp/streamed.raw.zst" >"$tmp/mapped.raw.zst"
cp "$tmp/kvm.map" "$tmp/mapped.map"
xz -0 -k -c "$image" >"$tmp/known.raw.xz"
gzip -1 -c "$image" >"$tmp/known.raw.gz"
qemu-img convert -f raw -O qcow2 "$image" "$tmp/known.qcow2"
for packed in known.raw.zst streamed.raw.zst mapped.raw.zst known.raw.xz known.raw.gz known.qcow2; do
  run 3 "too small a disk for $packed, before anything is asked" "$tmp/$packed" "$device"
  like "$error" 'too small: the image needs 128 MiB, and it has 100 MiB' "it says how much is needed and there"
done
is "$(sha256sum <"$tmp/small.img")" "$(head -c 100M /dev/zero | sha256sum)" "and nothing was written"
rm "$tmp"/known.* "$tmp/streamed.raw.zst" "$tmp"/mapped.*
truncate -s $(((128 << 20) - 512)) "$tmp/nearly.img"
attach "$tmp/nearly.img"
run 3 "too small a disk by a sector" "$image" "$device" --erase "${device#/dev/}"
like "$error" 'needs 134217728 bytes, and it has 134217216' "it says what the difference is"
truncate -s 130M "$tmp/ro.img"
attach -r "$tmp/ro.img"
run 3 "a read-only disk" "$image" "$device" --erase "${device#/dev/}"
truncate -s 130M "$tmp/4k.img"
attach -b 4096 "$tmp/4k.img"
run 3 "sectors of 4096 bytes" "$image" "$device" --erase "${device#/dev/}"
truncate -s 130M "$tmp/swap.img"
mkswap "$tmp/swap.img" >/dev/null 2>&1
attach "$tmp/swap.img"
run 3 "swap" "$image" "$device" --erase "${device#/dev/}"
like "$error" "$device is swap space; if nothing needs that any more, remove it" "it says why, and what to do"
if command -v pvcreate >/dev/null; then
  truncate -s 130M "$tmp/pv.img"
  attach "$tmp/pv.img"
  pvcreate --config 'devices { use_devicesfile=0 }' -q "$device" >/dev/null 2>&1
  run 3 "an LVM physical volume" "$image" "$device" --erase "${device#/dev/}"
  like "$error" "LVM physical volume" "it says why"
fi
mkdir "$tmp/mnt"
truncate -s 130M "$tmp/mounted.img"
mke2fs -q -t ext4 "$tmp/mounted.img"
attach "$tmp/mounted.img"
if mount "$device" "$tmp/mnt" 2>/dev/null; then
  run 3 "a mounted disk" "$image" "$device" --erase "${device#/dev/}"
  like "$error" "mounted at $tmp/mnt" "it says where"
  umount "$tmp/mnt"
fi
# Whoever has it open for himself alone, as a virtual machine or an imported ZFS pool.
perl -e 'use Fcntl; sysopen my $f, $ARGV[0], O_RDONLY | O_EXCL or exit 1; print "open\n"; $| = 1; sleep 60' "$stick" >"$tmp/holder" &
holder=$!
wait_count=0
until grep -q open "$tmp/holder" || [ "$wait_count" -ge 100 ]; do wait_count=$((wait_count + 1)); perl -e 'select undef, undef, undef, 0.05'; done
run 3 "a disk that another program has" "$image" "$stick" --erase "${stick#/dev/}"
kill "$holder"
wait "$holder" 2>/dev/null
# Whoever writes to it and does not ask for that, as QEMU for a guest.
perl -e 'use Fcntl; sysopen my $f, $ARGV[0], O_RDWR or exit 1; print "open\n"; $| = 1; sleep 60' "$stick" >"$tmp/holder" &
holder=$!
wait_count=0
until grep -q open "$tmp/holder" || [ "$wait_count" -ge 100 ]; do wait_count=$((wait_count + 1)); perl -e 'select undef, undef, undef, 0.05'; done
run 3 "a disk that another program writes to" "$image" "$stick" --erase "${stick#/dev/}"
like "$error" "written to by perl \(process $holder\)" "it says which"
kill "$holder"
wait "$holder" 2>/dev/null
attach "$stick"
upper=$device
run 3 "a disk that a loop device stands on" "$image" "$stick" --erase "${stick#/dev/}"
like "$error" "the loop device $upper stands on it" "it says which"
losetup -d "$upper"
loops=${loops#"$upper "} # its number may be another's from now on
timeout 20 sh -c 'while losetup "$1" 2>/dev/null; do sleep 0.05; done' sh "$upper"
is "$(sha256sum <"$tmp/stick.img")" "$before" "the refused disk is as it was"
# Between the question and the first write, which is when qemu-img reads the image.
qemu-img convert -f raw -O qcow2 "$image" "$tmp/asked.qcow2"
cp "$tmp/kvm.map" "$tmp/asked.map"
mkdir "$tmp/bin"
cat >"$tmp/bin/qemu-img" <<S
#!/bin/sh
[ "\$1" != convert ] || { truncate -s 130M "$tmp/other.img" && mke2fs -q -t ext4 "$tmp/other.img" && cp "$tmp/other.img" "$stick"; } || exit 1
exec $(command -v qemu-img) "\$@"
S
chmod 755 "$tmp/bin/qemu-img"
path=$PATH
PATH=$tmp/bin:$path
run 3 "a disk that got a file system since it was confirmed" "$tmp/asked.qcow2" "$stick" --erase "${stick#/dev/}"
PATH=$path
like "$error" "$stick: what is on it was changed since it was confirmed; on it now: ext4 file system" "it says what is on it"
ok "$(cmp -s "$tmp/other.img" "$stick"; echo $?)" "and that is still there"
cat "$tmp/noise.img" >"$stick"

# --- over noise ---

run 0 "over noise" "$image" "$stick" --erase "${stick#/dev/}"
like "$output" "^$stick: .* written in [0-9.]+ s and verified" "it tells the result"
is "$(differences "$tmp/stick.img")" 0 "200 random ranges are the image's"
whole "$tmp/stick.img" "over noise"
# The longest stretch of free space in the middle: what the noise had there is there.
free=$(perl -e 'open my $m, "<", $ARGV[0] or die; my ($end, $best, $at) = (1048576, 0, 0);
  while (<$m>) { next unless /^(data|zero) (\d+) (\d+)/; ($best, $at) = ($2 - $end, $end) if $2 - $end > $best; $end = $2 + $3 } print "$at $best"' "$tmp/kvm.map")
ok "$(cmp -s -i "${free% *}" -n "${free#* }" "$tmp/noise.img" "$tmp/stick.img"; echo $?)" "free space (${free#* } bytes) was left as it was"

# Without a map the whole image is there.
noise 160M "$tmp/stick2.img"
attach "$tmp/stick2.img"
cp --sparse=always "$image" "$tmp/foreign.raw"
run 0 "without a map" "$tmp/foreign.raw" "$device" --erase "${device#/dev/}"
like "$error" 'no flash map: the whole image is written' "that is said"
ok "$(cmp -s -n $((126 * 1048576)) -i 1048576 "$image" "$tmp/stick2.img"; echo $?)" "every byte is the image's"
whole "$tmp/stick2.img" "without a map"

# The file may be longer than the disk of its table, and the table one of a BIOS, which ends with its last partition.
truncate -s 40M "$tmp/mbr.raw"
run 0 "an MBR whose last partition ends with the file" "$tmp/mbr.raw" "$device" --erase "${device#/dev/}"

# Without a map a checksum file tells what the image is.
(cd "$tmp" && sha256sum foreign.raw >foreign.sha256)
run 0 "as its checksum says" "$tmp/foreign.raw" "$device" --erase "${device#/dev/}"
printf x | dd of="$tmp/foreign.raw" bs=1 seek=$((2 * 1048576 + 100)) conv=notrunc status=none
before=$(sha256sum <"$tmp/stick2.img")
run 1 "not as its checksum says" "$tmp/foreign.raw" "$device" --erase "${device#/dev/}"
like "$error" 'foreign.raw is not what .*/foreign.sha256 says' "it names the file"
zstd -q -o "$tmp/foreign.raw.zst" "$tmp/foreign.raw"
(cd "$tmp" && sha256sum kvm.map | sed 's/kvm.map/foreign.raw.zst/' >foreign.raw.zst.sha256)
run 1 "a packed image not as its checksum says" "$tmp/foreign.raw.zst" "$device" --erase "${device#/dev/}"
is "$(sha256sum <"$tmp/stick2.img")" "$before" "the disk is as it was"
cp --sparse=always "$image" "$tmp/foreign.raw"

# A map that is not the image's.
cp --sparse=always "$image" "$tmp/changed.raw"
cp "$tmp/kvm.map" "$tmp/changed.map"
printf x | dd of="$tmp/changed.raw" bs=1 seek=$((2 * 1048576 + 100)) conv=notrunc status=none
noise 130M "$tmp/stick3.img"
attach "$tmp/stick3.img"
before=$(sha256sum <"$tmp/stick3.img")
run 1 "an image that was changed" "$tmp/changed.raw" "$device" --erase "${device#/dev/}"
like "$error" 'changed or damaged near byte' "it says so"
is "$(sha256sum <"$tmp/stick3.img")" "$before" "the disk is as it was"

# --- other formats ---

zstd -q -o "$tmp/kvm.raw.zst" "$image"
run 0 "zstd" "$tmp/kvm.raw.zst" "$device" --erase "${device#/dev/}"
unlike "$error" 'no flash map' "the map is found"
is "$(differences "$tmp/stick3.img")" 0 "zstd: the image's bytes"
xz -0 -k "$image"
run 0 "xz" "$tmp/kvm.raw.xz" "$device" --erase "${device#/dev/}"
whole "$tmp/stick3.img" "xz"
qemu-img convert -f raw -O qcow2 "$image" "$tmp/kvm.qcow2"
noise 130M "$tmp/stick3.img.new" && cat "$tmp/stick3.img.new" >"$device"
run 0 "qcow2" "$tmp/kvm.qcow2" "$device" --erase "${device#/dev/}"
whole "$tmp/stick3.img" "qcow2"
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized "$image" "$tmp/kvm.vmdk"
cat "$tmp/stick3.img.new" >"$device"
run 0 "vmdk" "$tmp/kvm.vmdk" "$device" --erase "${device#/dev/}"
unlike "$error" 'no flash map' "the map is found"
whole "$tmp/stick3.img" "vmdk"
is "$(differences "$tmp/stick3.img")" 0 "vmdk: the image's bytes"
printf 'version=1\ncreateType="monolithicFlat"\nRW 262144 FLAT "/etc/passwd" 0\n' | { printf 'KDMV\003\000\000\000'; head -c 504 /dev/zero; cat; } >"$tmp/else.vmdk"
run 2 "a VMDK that names another file" "$tmp/else.vmdk" "$device" --erase "${device#/dev/}"
for packed in kvm.raw.zst kvm.raw.xz; do
  head -c 2000000 "$tmp/$packed" >"$tmp/cut-$packed"
  before=$(sha256sum <"$tmp/stick3.img")
  run 1 "a $packed that was cut off" "$tmp/cut-$packed" "$device" --erase "${device#/dev/}"
  is "$(sha256sum <"$tmp/stick3.img")" "$before" "the disk is as it was"
done

# --- answers ---

printf '[host]\nhostname=kvm1\n[match mac=52:54:00:00:00:01]\nhost.hostname=kvm2\n' >"$tmp/answers.conf"
printf '[host]\ncolour=red\n' >"$tmp/bad.conf"
run 2 "bad answers" "$image" "$device" --answers "$tmp/bad.conf" --erase "${device#/dev/}"
like "$error" 'bad.conf:2: ' "file and line are named"
before=$(sha256sum <"$tmp/stick3.img")
for seat in 1 2 3 4; do
  printf '[match serial=S%s]\nnetwork.ipv4=static\nnetwork.gateway=192.0.2.1\nnetwork.address=192.0.2.1%s/24\n' "$seat" "$((seat / 2))"
done >"$tmp/clash.conf"
printf '[match serial=S5]\nhost.hostname=s1\nnetwork.ipv4=static\n' >>"$tmp/clash.conf"
"$lodge" answers check --all "$tmp/clash.conf" >/dev/null 2>"$tmp/error"
clash=$(sed -n 's/^lodge: \(.*address=192.0.2.11.24.*clashes with.*\)/\1/p' "$tmp/error")
like "$clash" 'serial=S3 clashes with .*serial=S2' "two hosts clash"
run 2 "hosts that clash" "$image" "$device" --answers "$tmp/clash.conf" --erase "${device#/dev/}"
is "$(printf '%s\n' "$error" | grep -cF "$clash")" 1 "it says what lodge answers check says" || diag "$error"
for host in S2 S3 S5; do
  run 2 "one of them, or one whose answers contradict each other: $host" "$image" "$device" --answers "$tmp/clash.conf" --host $host \
    --erase "${device#/dev/}"
done
is "$(sha256sum <"$tmp/stick3.img")" "$before" "nothing was written"
run 3 "one that clashes with none" "$image" "$device" --answers "$tmp/clash.conf" --host S4
noise 130M "$tmp/noise" && cat "$tmp/noise" >"$device"
run 0 "answers" "$image" "$device" --answers "$tmp/answers.conf" --erase "${device#/dev/}"
like "$error" 'nobody can log in with the answers of' "that nobody could log in is said"
whole "$tmp/stick3.img" "with answers"
mcopy -n -i "$tmp/part.lodge" ::answers.conf "$tmp/found.conf"
ok "$(cmp -s "$tmp/found.conf" "$tmp/answers.conf"; echo $?)" "they are on the disk"
run 0 "one host's answers" "$image" "$device" --answers "$tmp/answers.conf" --host 52-54-00-00-00-01 --erase "${device#/dev/}"
whole "$tmp/stick3.img" "with one host's answers"
like "$(mtype -i "$tmp/part.lodge" ::answers.conf)" '^hostname=kvm2' "its own are on the disk"
unlike "$(mtype -i "$tmp/part.lodge" ::answers.conf)" 'match' "and no others"
run 2 "a host that the answers do not name" "$image" "$device" --answers "$tmp/answers.conf" --host 52-54-00-00-00-09 --erase "${device#/dev/}"
printf '[network]\nipv4=static\n[match mac=52:54:00:00:00:01]\nnetwork.address=192.0.2.10/24\n' >"$tmp/static.conf"
run 2 "a host that the answers do not name, and so without an address" "$image" "$device" --answers "$tmp/static.conf" --host 52-54-00-00-00-09 --erase "${device#/dev/}"
like "$error" 'no \[match …\] section of .*static.conf names 52-54' "that it has no section is said"
ok "$(mdir -b -i "$image@@2M" ::answers.conf >/dev/null 2>&1; [ $? -ne 0 ]; echo $?)" "the image has no answers"

# --- an ordinary user who may write to the device ---

if command -v setpriv >/dev/null && id nobody >/dev/null 2>&1; then
  owner=$(stat -c %u:%g "$device")
  cp --sparse=always "$image" "$tmp/user.raw"
  cp "$tmp/kvm.map" "$tmp/user.map"
  chmod 755 "$tmp"
  mkdir -m 1777 "$tmp/user"
  # The work is done in a place that he can reach.
  install -m 755 "$lodge" "$tmp/lodge"
  mode=$(stat -c %a "$device")
  chmod 600 "$device"
  TMPDIR="$tmp/user" setpriv --reuid nobody --clear-groups "$tmp/lodge" flash "$tmp/user.raw" "$device" \
    --erase "${device#/dev/}" >/dev/null 2>"$tmp/error" </dev/null
  is "$?" 3 "an ordinary user without access: exit status 3"
  like "$(cat "$tmp/error")" 'Permission denied\); run lodge as root \(sudo\), or give yourself access' "it says what to do"
  # The list goes by /sys; a machine with other disks than this one's, which he may not open, in a mount namespace.
  # shellcheck disable=SC2016  # for the inner shell
  unshare --mount --propagation private sh -c '
    mount --bind "$1/tests/fixtures/hardware/vm-qemu-svm/sys" /sys && mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 &&
      for n in nvme0n1 sda sdb sdc vda; do mknod -m 600 "/dev/$n" b 240 $((minor += 1)) || exit 99; done && cd / || exit 99
    exec setpriv --reuid nobody --clear-groups "$2" flash --list </dev/null' \
    sh "$LODGE_TOP" "$tmp/lodge" >"$tmp/list" 2>"$tmp/error"
  status=$?
  if [ $status -eq 99 ] || ! unshare --mount true 2>/dev/null; then ok 0 "an ordinary user's list # SKIP a mount namespace cannot be made here"; else
    is $status 0 "an ordinary user's list: exit status 0" || diag "$(cat "$tmp/error")"
    like "$(cat "$tmp/list")" '^/dev/nvme0n1 +5.0 GiB +nvme +QEMU NVMe Ctrl +NVME0001$' "it tells name, size, bus, model and serial number"
    like "$(grep -A 1 nvme0n1 "$tmp/list")" 'Permission denied\); run lodge as root \(sudo\), or give yourself access' "and what to do to see more"
  fi
  chmod "$mode" "$device"
  chown nobody "$device"
  output=$(TMPDIR="$tmp/user" setpriv --reuid nobody --clear-groups "$tmp/lodge" flash "$tmp/user.raw" "$device" \
             --answers "$tmp/answers.conf" --erase "${device#/dev/}" 2>"$tmp/error" </dev/null)
  is "$?" 0 "an ordinary user: exit status 0" || diag "$(cat "$tmp/error")"
  like "$(cat "$tmp/error")" 'note: the processes of other users could not be looked at' "what could not be looked at is said"
  whole "$tmp/stick3.img" "an ordinary user"
  # refused_user DESCRIPTION REGEX: to him, while $holder has the disk, whose descriptors only root may look at.
  refused_user ()
  {
    wait_count=0
    until grep -q open "$tmp/holder" || [ "$wait_count" -ge 100 ]; do wait_count=$((wait_count + 1)); perl -e 'select undef, undef, undef, 0.05'; done
    before=$(sha256sum <"$tmp/stick3.img")
    TMPDIR="$tmp/user" setpriv --reuid nobody --clear-groups "$tmp/lodge" flash "$tmp/user.raw" "$device" \
      --erase "${device#/dev/}" >/dev/null 2>"$tmp/error" </dev/null
    is "$?" 3 "to an ordinary user, $1: exit status 3"
    like "$(cat "$tmp/error")" "$2" "it says why"
    is "$(sha256sum <"$tmp/stick3.img")" "$before" "nothing was written"
    kill "$holder"
    wait "$holder" 2>/dev/null
  }
  # struct flock, and F_OFD_SETLK, as QEMU locks a byte of its disks.
  perl -e 'use Fcntl; sysopen my $f, $ARGV[0], O_RDWR or exit 1; my $lock = pack "s s x![q] q q i x4", F_RDLCK, 0, 100, 1, 0;
    fcntl $f, 37, $lock or exit 1; $| = 1; print "open\n"; sleep 60' "$device" >"$tmp/holder" &
  holder=$!
  refused_user "a disk that another user's program keeps a lock on" 'written to by a program that keeps a lock on it'
  cp "$(command -v perl)" "$tmp/qemu-system-test"
  "$tmp/qemu-system-test" -e 'use Fcntl; my ($d) = $ARGV[1] =~ m{file=([^,]*)}; sysopen my $f, $d, O_RDWR or exit 1; $| = 1; print "open\n"; sleep 60' \
    -- -drive "if=none,file=$device,format=raw" >"$tmp/holder" &
  holder=$!
  refused_user "a disk of another user's virtual machine" "written to by qemu-system-tes.* \(process $holder\)"
  chown "$owner" "$device"
fi

# --- failures ---

# A disk that ends before its end: the file system that holds it is full.
mkdir "$tmp/full"
if mount -t tmpfs -o size=60m none "$tmp/full" 2>/dev/null; then
  unmount_full () { umount -l "$tmp/full" 2>/dev/null; }
  at_exit unmount_full
  truncate -s 130M "$tmp/full/stick.img"
  attach "$tmp/full/stick.img"
  full=$device
  attach "$tmp/stick2.img"
  good=$device
  noise 160M "$tmp/noise" && cat "$tmp/noise" >"$good"
  run 1 "one bad disk of two" "$tmp/foreign.raw" "$full" "$good" --erase "${full#/dev/}" --erase "${good#/dev/}"
  if printf '%s\n' "$output" | grep -q "^$full: failed"; then
    like "$error" '1 of 2 disks were not written' "it says how many"
    unbootable "$tmp/full/stick.img" "the bad one"
    whole "$tmp/stick2.img" "the good one"
  else
    diag "$output"; diag "$error"; ok 1 "the full disk fails"
  fi
fi

# A signal, while an image is written that takes a second at least.
noise 16M "$tmp/noise"
{ cat "$image"; for _ in $(seq 1 40); do cat "$tmp/noise"; done; } >"$tmp/long.raw"
truncate -s 800M "$tmp/long.img"
attach "$tmp/long.img"
"$lodge" flash "$tmp/long.raw" "$device" --json --erase "${device#/dev/}" >"$tmp/json" 2>"$tmp/error" &
process=$!
wait_count=0
until grep -q '"phase":"write"' "$tmp/json" || [ "$wait_count" -ge 1000 ]; do
  wait_count=$((wait_count + 1)); perl -e 'select undef, undef, undef, 0.02'
done
kill -TERM "$process" # a shell in the background has SIGINT ignored
wait "$process"
is "$?" 1 "a signal: exit status 1"
like "$(cat "$tmp/error")" 'stopped by SIGTERM' "a signal: it says so"
unbootable "$tmp/long.img" "a signal"
rm "$tmp/long.raw" "$tmp/long.img"
run 0 "the stopped one again" "$image" "$stick" --erase "${stick#/dev/}" --json
whole "$tmp/stick.img" "the stopped one again"
for event in '"phase":"write"' '"phase":"verify"' '"phase":"done"'; do
  like "$output" "$event" "JSON tells $event"
done
ok "$(printf '%s\n' "$output" | jq -e . >/dev/null 2>&1; echo $?)" "all of it is JSON"
"$lodge" flash "$image" "$stick" --erase "${stick#/dev/}" --json >/dev/full 2>"$tmp/error" </dev/null
is $? 1 "JSON that nobody gets: exit status 1"
like "$(cat "$tmp/error")" 'not all lines of --json could be written.*No space left' "and why"
whole "$tmp/stick.img" "JSON that nobody gets"
is "$(find "$tmp" -maxdepth 1 -name 'lodge-flash*' | wc -l)" 0 "no temporary file is left"
done_testing
