#!/bin/bash
# What an image of Enterprise Linux has and Debian's has not: loader entries, GRUB's environment, labels on every file, its
# package database.  tests/image/disk.t looks at the rest.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq sfdisk mtype mdir debugfs blkid; do requires $program; done
[ -s "$LODGE_IMAGE" ] || skip_all "no image: run 'make check-el' first"
export MTOOLS_SKIP_CHECK=1

table=$(sfdisk --json "$LODGE_IMAGE")
offset () { echo $(($(jq ".partitiontable.partitions[$1].start" <<<"$table") * 512)); }
root="$LODGE_IMAGE?offset=$(offset 3)"
uuid=$(blkid -p -O "$(offset 3)" -o value -s UUID "$LODGE_IMAGE")
show () { debugfs -R "cat $1" "$root" 2>/dev/null; }
list () { debugfs -R "ls -p $1" "$root" 2>/dev/null | cut -d / -f 6 | grep -v '^\.*$'; }

"$LODGE_BUILD/lodge" inspect --json "$LODGE_IMAGE" >"$tmp/facts" 2>"$tmp/errors"
ok $? "lodge inspect" || diag "$(cat "$tmp/errors")"
template=$(jq -r .manifest.template.name "$tmp/facts")
like "$template" '^centos-stream-9(-stand-in)?$' "the image is of the template ($template)"
is "$(jq -r '.packages[] | select(.name == "kernel-core") | .name' "$tmp/facts")" kernel-core "the package database lists kernel-core"
words=$(jq -r .manifest.template.kernel_command_line "$tmp/facts")
kernel=$(jq -r '.kernels[0]' "$tmp/facts")

entries=$(list /boot/loader/entries)
is "$(grep -c . <<<"$entries")" 1 "one boot loader entry ($entries)"
like "$entries" "^[0-9a-f]{32}-${kernel//+/\\+}\.conf\$" "its name is a machine id and the kernel's version"
entry=$(show "/boot/loader/entries/$entries")
like "$entry" "^linux /boot/vmlinuz-${kernel//+/\\+}\$" "it starts the kernel"
like "$entry" "^initrd /boot/initramfs-${kernel//+/\\+}\.img\$" "with its initramfs"
is "$(grep ^options <<<"$entry")" "options root=UUID=$uuid $words" "and the template's command line, and nothing of the build machine"
is "$(show /etc/kernel/cmdline)" "root=UUID=$uuid $words" "which later kernels get too"
menu=$(show /boot/grub2/grub.cfg)
like "$menu" "root=UUID=$uuid $words" "the boot menu has the same"
if debugfs -R 'stat /usr/lib/grub/i386-pc/blscfg.mod' "$root" 2>/dev/null | grep -q 'Type: regular'; then
  like "$menu" '^blscfg$' "this GRUB has blscfg, and the menu uses it"
else
  like "$menu" 'for entry in /boot/loader/entries' "this GRUB lacks blscfg, and the menu reads the entries itself"
fi
is "$(show /boot/grub2/grubenv | head -c 24)" "# GRUB Environment Block" "GRUB has a place to save its choice"
is "$(show /boot/grub2/grubenv | wc -c)" 1024 "of the size that it can write to"
like "$(show /etc/sysconfig/kernel)" '^UPDATEDEFAULT=yes$' "a new kernel becomes the default"

files=$(mdir -b -/ -i "$LODGE_IMAGE@@$(offset 1)")
like "$files" '^::/EFI/centos/shimx64\.efi$' "what packages own on the ESP is there"
is "$(mtype -i "$LODGE_IMAGE@@$(offset 1)" ::EFI/BOOT/grubx64.efi | sha256sum)" \
  "$(mtype -i "$LODGE_IMAGE@@$(offset 1)" ::EFI/centos/gcdx64.efi | sha256sum)" "the removable path has the GRUB that looks in EFI/BOOT"
like "$(show /etc/selinux/config)" '^SELINUX=enforcing$' "SELinux is enforcing"
label () { debugfs -R "ea_get $1 security.selinux" "$root" 2>/dev/null; }
like "$(label /usr/bin/bash)" ':shell_exec_t:' "bash has its label"
like "$(label /etc/shadow)" ':shadow_t:' "so has the password file"
like "$(label /usr/sbin/lodge-firstboot)" ':bin_t:|:lodge' "so has lodge-firstboot, which no package brought"
like "$(label "/boot/vmlinuz-$kernel")" ':boot_t:' "so has the kernel"
like "$(label "/var/lib/libvirt/images")" ':virt_image_t:' "so has the place for virtual machines"
is "$(show /.autorelabel | wc -c)" 0 "no relabelling is asked for"
done_testing
