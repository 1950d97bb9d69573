#!/bin/bash
# Building an image of Enterprise Linux's kind, beside the same done by hand: dnf, tar and guestfish.  On the stand-in for its
# packages (tests/standin), downloads cached.  Nothing is asserted: read the table.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
#   make bench-el               each RUNS times, 2 unless told; make bench EL=yes does it after its own
. "$(dirname "$0")/functions.sh"
. "$LODGE_TOP/tests/bench-functions.sh"
. "$LODGE_TOP/tests/standin/standin.sh"
RUNS=${RUNS:-2}
lodge=$LODGE_BUILD/lodge
work=${BENCH_DIR:-$tmp}
mkdir -p "$work"
rows=$work/rows
: >"$rows"
standin_require
requires guestfish
at_exit drop_disk
template=$(standin_template centos-stream-9)

# By hand, in a namespace where it is root: the packages, and a tar of the tree.  Usage: TREE TAR; PACKAGES in the environment.
cat >"$work/install" <<'END'
set -e
tree=$1 archive=$2
mkdir -p "$tree"/{dev,proc,sys,run,tmp,etc/kernel,etc/dracut.conf.d,var/cache/dnf}
# The initramfs is made as Lodge makes it; gzip, the default, would take half a minute more.
printf 'hostonly="no"\nhostonly_cmdline="no"\ncompress="zstd -1 -T0 -q"\n' >"$tree/etc/dracut.conf.d/peer.conf"
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount -t tmpfs -o mode=755 tmpfs "$tree/dev"
for device in null zero full random urandom tty; do
  touch "$tree/dev/$device"
  mount --bind "/dev/$device" "$tree/dev/$device"
done
ln -s /proc/self/fd "$tree/dev/fd"
mkdir -p "$tree.cache"
mount --bind "$tree.cache" "$tree/var/cache/dnf"
echo 'root=LABEL=root ro console=ttyS0,115200' >"$tree/etc/kernel/cmdline"
TIMEFORMAT='lodge-bench dnf %R'
time dnf --config="$HOME/dnf.conf" --installroot="$tree" --setopt=reposdir="$HOME/repos" --releasever=9 --assumeyes install $PACKAGES
for place in dev proc sys var/cache/dnf; do umount --recursive "$tree/$place"; done
TIMEFORMAT='lodge-bench tar %R'
time tar -C "$tree" --numeric-owner --xattrs --xattrs-include=security.capability --acls --one-file-system -cf "$archive" .
END
# ... and that on a disk that boots.  Usage: TAR IMAGE; SIZE in the environment.
cat >"$work/write" <<'END'
set -e
archive=$1 image=$2
truncate -s "$SIZE" "$image"
TIMEFORMAT='lodge-bench guestfish %R'
time guestfish <<FISH
add-drive $image format:raw label:peer cachemode:unsafe
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 4095
part-add /dev/sda p 4096 528383
part-add /dev/sda p 528384 659455
part-add /dev/sda p 659456 -2048
part-set-gpt-type /dev/sda 1 21686148-6449-6E6F-744E-656564454649
part-set-gpt-type /dev/sda 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B
mkfs vfat /dev/sda2
mkfs vfat /dev/sda3 label:LODGE
mkfs ext4 /dev/sda4 label:root
mount /dev/sda4 /
tar-in $archive / xattrs:true acls:true
mkdir-p /mnt/esp
mount /dev/sda2 /mnt/esp
cp-r /boot/efi/EFI /mnt/esp
command "grub2-install --target=i386-pc --boot-directory=/boot /dev/disk/guestfs/peer"
umount-all
FISH
sync "$image"
END
peer ()
{
  local map=(--map-auto --map-root-user)
  [ "$(id -u)" != 0 ] || map=()
  HOME=$work/home unshare "${map[@]}" --mount --pid --fork --kill-child bash "$work/install" "$1/peer" "$1/peer.tar" &&
    bash "$work/write" "$1/peer.tar" "$1/peer.raw"
}
export -f peer
export work

mkdir -p "$work/home/repos"
printf '%%_dbpath /var/lib/rpm\n%%_netsharedpath /sys:/proc:/dev\n' >"$work/home/.rpmmacros"
printf '[main]\ngpgcheck=1\nlocalpkg_gpgcheck=1\nbest=1\ninstall_weak_deps=0\nplugins=0\ncolor=never\nmetadata_expire=0\n' >"$work/home/dnf.conf"
for repository in BaseOS AppStream CRB; do
  printf '[%s]\nname=%s\nbaseurl=file://%s/1/%s/x86_64/os/\ngpgkey=file://%s/RPM-GPG-KEY-standin\n' \
    $repository $repository "$standin" $repository "$standin"
done >"$work/home/repos/stand-in.repo"

build=("$lodge" build "$template" --source "$standin/1" --json)
"${build[@]}" --cache "$work/cache" -o "$work/fill.raw" >"$work/fill.log" 2>&1 || { cat "$work/fill.log" >&2; exit 1; }
PACKAGES=$(jq -r '[.packages[].name] | join(" ")' "$work/fill.manifest.json")
SIZE=$(stat -c %s "$work/fill.raw")
# As lodge does where KVM cannot be used.
! grep -q 'KVM is not used' "$work/fill.log" || export LIBGUESTFS_BACKEND_SETTINGS=force_tcg
export PACKAGES SIZE
rm "$work/fill.raw"

for run in $(seq "$RUNS"); do
  # With the compiler and lodge-firstboot of an earlier build, which the peer does without: a cache without a root.
  fresh_disk
  cp -a "$work/cache" "$disk/cache"
  rm -rf "$disk/cache/roots"
  timed "like-$run" "${build[@]}" --cache "$disk/cache" -o "$disk/like.raw"
  echo "$seconds" >>"$work/like"
  # What labelling takes: once more, on the image that was made just now.
  offset=$(($(sfdisk --json "$disk/like.raw" | jq '.partitiontable.partitions[] | select(.name == "root").start') * 512))
  "$LODGE_BUILD/tests/label-image" "$disk/like.raw" "$offset" >"$work/label" || exit 1
  read -r files looked_up seconds <"$work/label"
  echo "$looked_up" >>"$work/looked-up"; echo "$seconds" >>"$work/labelled"
  fresh_disk
  cp -a "$work/cache" "$disk/cache"
  timed "cold-$run" "${build[@]}" --no-cache --cache "$disk/cache" -o "$disk/cold.raw"
  echo "$seconds" >>"$work/cold"
  fresh_disk
  timed "peer-$run" bash -c "peer '$disk'"
  echo "$seconds" >>"$work/peer"
  ! grep -E '^Error in|scriptlet failed' "$work/peer-$run.log" >&2 || exit 1
done
like=$(median <"$work/like"); cold=$(median <"$work/cold"); peer=$(median <"$work/peer"); looked_up=$(median <"$work/looked-up"); label=$(median <"$work/labelled")
row "stand-in: dnf, tar and guestfish by hand, to a raw image" "$peer s" "peer, $(jq '.packages | length' "$work/fill.manifest.json") packages, no SELinux labels"
while read -r _ what time; do
  row "  $what" "$time s"
done < <(grep '^lodge-bench ' "$work/peer-$RUNS.log")
row "stand-in: lodge build, no root in the cache, to a raw image" "$like s" "$(ratio "$like" "$peer") x the peer (aim: at most 0.6); aim: at most 45 s"
while IFS=$'\t' read -r step milliseconds; do
  row "  step $step" "$(awk -v m="$milliseconds" 'BEGIN { printf "%.1f s", m / 1000 }')"
done < <(jq -rR 'fromjson? | select(.event == "step-done") | [.step, .milliseconds] | @tsv' "$work/like-$RUNS.log")
row "stand-in: SELinux labels of it" "$label s" \
  "$(ratio "$label" "$like") of the build (aim: at most 0.05), $files files; looked up beside the disk stage, of one processor: $looked_up s"
row "stand-in: the build, a compiler unpacked and lodge-firstboot compiled" "$cold s" "$(ratio "$cold" "$peer") x the peer"
table
