#!/bin/bash
# `dnf upgrade` on a running host: the new kernel is started, the old one stays in the menu and can be chosen once; each
# entry has the right command line and the host's machine id; when a kernel goes, so does its entry.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../boot/machine.sh"
. "$LODGE_TOP/tests/standin/standin.sh"
requires mke2fs
[ -z "${LODGE_EL_SOURCE:-}" ] || skip_all "a mirror has one release; only the stand-in has a next one"
standin_require

# The stand-in's second release, as a disk: what differs from the first.  Its kernel is Debian's for clouds, which has no
# USB: the image is on a virtio disk here.
# shellcheck disable=SC2034  # machine.sh's
machine_stick_device=virtio-blk-pci
mkdir -p "$tmp/release2"
cp -r "$standin/2/BaseOS/x86_64/os/." "$tmp/release2"
rm -f "$tmp/release2.raw"
mke2fs -q -t ext4 -d "$tmp/release2" -L release2 "$tmp/release2.raw" 1G
rm -r "$tmp/release2"
# shellcheck disable=SC2054  # QEMU's commas
update=(-drive "if=none,id=release2,file=$tmp/release2.raw,format=raw,readonly=on" -device virtio-blk-pci,drive=release2)

boot () { machine_boot "${update[@]}" && machine_wait 'login:|Tab moves' >/dev/null; }
restart ()
{
  machine_ssh systemctl poweroff
  tail --pid="$machine_pid" -f /dev/null
  boot
}

machine_new upgrade
boot
ok $? "the image starts from a virtio disk" || machine_explain
id=$(machine_ssh cat /etc/machine-id)
old=$(machine_ssh uname -r)
command_line=$(machine_ssh cat /etc/kernel/cmdline)
is "$(machine_ssh ls /boot/loader/entries)" "$id-$old.conf" "its entry has the host's machine id"

# As an update of shim and GRUB would leave the ESP: packages do not know the removable path, or fill it with the fallback.
machine_ssh 'cd /boot/efi/EFI/BOOT && cp mmx64.efi fbx64.efi && cp mmx64.efi grubx64.efi'
machine_ssh 'mkdir -p /run/release2 && mount -o ro /dev/disk/by-label/release2 /run/release2'
machine_ssh dnf --assumeyes --disablerepo='*' --repofrompath=release2,file:///run/release2 --setopt=release2.gpgcheck=1 \
  --setopt=release2.gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-standin upgrade >"$tmp/dnf" 2>&1
ok $? "dnf upgrade succeeds" || diag "$(tail -n 40 "$tmp/dnf")"
unlike "$(cat "$tmp/dnf")" '^Error in .* scriptlet|warning: .*scriptlet failed' "and no scriptlet failed" || diag "$(cat "$tmp/dnf")"
is "$(machine_ssh rpm -q kernel-core | wc -l)" 2 "two kernels are installed"
machine_ssh 'for second in $(seq 120); do [ ! -e /boot/efi/EFI/BOOT/fbx64.efi ] && cmp -s /boot/efi/EFI/*/gcdx64.efi \
  /boot/efi/EFI/BOOT/grubx64.efi && exit 0; sleep 1; done; exit 1'
ok $? "the removable path follows the packages: GRUB is theirs again, and the fallback is gone" || diag "$(machine_ssh systemctl status lodge-boot-loaders.path lodge-boot-loaders.service)"
new=$(machine_ssh 'ls -t /usr/lib/modules' | grep -vFx "$old")
diag "from $old to $new"
is "$(machine_ssh ls /boot/loader/entries | sort)" "$(printf '%s\n' "$id-$old.conf" "$id-$new.conf" | sort)" "both have an entry with the host's machine id"
is "$(machine_ssh "cat /boot/loader/entries/*.conf | grep ^options" | sort -u)" "options $command_line" "with the same command line"
for file in vmlinuz-$new initramfs-$new.img; do
  machine_ssh test -s "/boot/$file"
  ok $? "/boot/$file is there"
done

restart
ok $? "the host starts after it" || machine_explain
is "$(machine_ssh uname -r)" "$new" "with the new kernel"
is "$(machine_ssh cat /proc/cmdline | sed 's/^BOOT_IMAGE=[^ ]* //')" "$command_line" "and the template's command line"
machine_ssh grub2-reboot "$id-$old"
ok $? "grub2-reboot takes the old entry's name"
restart
is "$(machine_ssh uname -r)" "$old" "the old kernel is still in the menu, and starts"
is "$(machine_ssh cat /proc/cmdline | sed 's/^BOOT_IMAGE=[^ ]* //')" "$command_line" "with the same command line"
restart
is "$(machine_ssh uname -r)" "$new" "once: the next start is the new kernel's"

machine_ssh "dnf --assumeyes --disablerepo='*' remove \$(rpm -q --whatprovides 'installonlypkg(kernel)' | grep -v -- '-2\\.standin')" >"$tmp/dnf" 2>&1
ok $? "the old kernel is removed" || diag "$(tail -n 40 "$tmp/dnf")"
is "$(machine_ssh ls /boot/loader/entries)" "$id-$new.conf" "and its entry goes with it"
done_testing
