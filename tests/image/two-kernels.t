#!/bin/bash
# A template with a second kernel: each has its modules' dependencies, an initramfs and an entry in the boot menu.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq sfdisk debugfs; do requires $program; done
[ -x "$LODGE_BUILD/lodge" ] || skip_all "lodge is not built: run 'make'"

mkdir -p "$tmp/two-kernels"
# Debian's kernel for clouds has no USB.
printf '[Boot]\nInitramfsDrivers=\n' >"$tmp/two-kernels/no-drivers.conf"
cat >"$tmp/two-kernels/template.conf" <<END
[Template]
Description=KVM host with two kernels
Include=$LODGE_TOP/templates/debian-13/template.conf no-drivers.conf
[Packages]
Install=linux-image-cloud-amd64
[Boot]
InitramfsDrivers=virtio_pci virtio_blk nvme
END
"$LODGE_BUILD/lodge" build "$tmp/two-kernels" -o "$tmp/image.raw" >"$tmp/output" 2>&1
ok $? "an image is built" || diag "$(tail -n 20 "$tmp/output")"

root="$tmp/image.raw?offset=$(($(sfdisk --json "$tmp/image.raw" | jq '.partitiontable.partitions[3].start') * 512))"
list () { debugfs -R "ls -p $1" "$root" 2>/dev/null | cut -d / -f 6 | grep -v '^\.*$'; }
size () { debugfs -R "stat $1" "$root" 2>/dev/null | sed -n 's/.*Size: \([0-9]*\).*/\1/p' | head -n 1; }
menu=$(debugfs -R "cat /boot/grub/grub.cfg" "$root" 2>/dev/null)
versions=$(list /usr/lib/modules)
is "$(wc -l <<<"$versions")" 2 "there are two kernels" || diag "$versions"
for version in $versions; do
  [ "$(size "/usr/lib/modules/$version/modules.dep")" -gt 10000 ]
  ok $? "the modules of $version have their dependencies"
  [ "$(size "/boot/initrd.img-$version")" -gt 1000000 ]
  ok $? "it has an initramfs"
  is "$(grep -c "^  linux /boot/vmlinuz-$version root=UUID=" <<<"$menu")" 1 "and an entry in the boot menu"
done
done_testing
