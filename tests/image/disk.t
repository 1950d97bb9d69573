#!/bin/bash
# The built image as other programs see it: partition table, FAT, ext4, boot files, no secrets; `lodge inspect` says the same.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq openssl sfdisk fsck.fat minfo mdir mtype e2fsck debugfs blkid; do requires $program; done
[ -s "$LODGE_IMAGE" ] || skip_all "no image: run 'make image' first"
export MTOOLS_SKIP_CHECK=1

table=$(sfdisk --json "$LODGE_IMAGE")
start () { jq ".partitiontable.partitions[$1].start" <<<"$table"; }
bytes () { echo $(($(start "$1") * 512)); }
is "$(sfdisk --verify "$LODGE_IMAGE" 2>&1 | grep -c 'No errors detected')" 1 "sfdisk finds no error in the partition table"
is "$(jq -r '.partitiontable | [.label, (.partitions | length)] | @tsv' <<<"$table")" $'gpt\t4' "GPT with four partitions"
is "$(jq -r '.partitiontable.partitions[] | [.name, .type] | @tsv' <<<"$table")" \
"bios	21686148-6449-6E6F-744E-656564454649
ESP	C12A7328-F81F-11D2-BA4B-00A0C93EC93B
LODGE	EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
root	4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709" "names and types are the contract's"
is "$(jq -r '[.partitiontable.partitions[].start % 2048] | add' <<<"$table")" 0 "partitions begin on a MiB"

# Windows and macOS go by the number of clusters: from 65525 on it is FAT32.
for n in 1 2; do
  label=$(jq -r ".partitiontable.partitions[$n].name" <<<"$table")
  dd if="$LODGE_IMAGE" of="$tmp/$label" bs=1M skip=$(($(bytes $n) >> 20)) \
    count=$(($(jq ".partitiontable.partitions[$n].size" <<<"$table") >> 11)) conv=sparse status=none
  fsck.fat -n "$tmp/$label" >"$tmp/fsck" 2>&1
  ok $? "fsck.fat finds nothing on $label" || diag "$(cat "$tmp/fsck")"
  is "$(blkid -p -o value -s LABEL "$tmp/$label") $(blkid -p -o value -s VERSION "$tmp/$label")" "$label FAT32" "label and type of $label"
  clusters=$(fsck.fat -n -v "$tmp/$label" | awk '/data clusters/ { print $1; exit } /clusters$/ { split ($0, a, "/"); print a[2] + 0; exit }')
  [ "${clusters:-0}" -ge 65525 ]
  ok $? "$label has enough clusters for FAT32 ($clusters)"
done
like "$(mtype -i "$tmp/LODGE" ::README.txt | od -c | head -n 2)" '\\r +\\n' "README.txt has CR LF"
files=$(mdir -b -/ -i "$tmp/ESP" | tr '[:lower:]' '[:upper:]' | sort)
for f in EFI/BOOT/BOOTX64.EFI EFI/BOOT/GRUBX64.EFI EFI/BOOT/MMX64.EFI EFI/BOOT/GRUB.CFG; do
  like "$files" "^::/$f\$" "the ESP has $f"
done
unlike "$files" FBX64 "no fallback loader that would write boot entries"

root=$LODGE_IMAGE?offset=$(bytes 3)
e2fsck -fn "$root" >"$tmp/e2fsck" 2>&1
ok $? "e2fsck finds nothing on the root file system" || diag "$(cat "$tmp/e2fsck")"
uuid=$(blkid -p -O "$(bytes 3)" -o value -s UUID "$LODGE_IMAGE")
show () { debugfs -R "cat $1" "$root" 2>/dev/null; }
entries=$(debugfs -R 'ls -p /boot/loader/entries' "$root" 2>/dev/null | cut -d / -f 6 | grep '\.conf$')
like "$(show /boot/grub/grub.cfg; for entry in $entries; do show "/boot/loader/entries/$entry"; done)" \
  "^ *(linux .*|options )root=UUID=$uuid " "the boot menu names the root file system"
like "$(mtype -i "$tmp/ESP" ::EFI/BOOT/grub.cfg)" "fs-uuid --set=root $uuid" "so does the ESP's"
like "$(show /etc/fstab)" "^UUID=$uuid / ext4 .*noatime" "and fstab"
like "$(show /etc/fstab)" "^UUID=$(blkid -p -o value -s UUID "$tmp/ESP") /boot/efi " "fstab names the ESP"
is "$(show /etc/machine-id)" "" "the machine id is empty"
is "$(debugfs -R 'ls -p /etc/ssh' "$root" 2>/dev/null | grep -c ssh_host)" 0 "no SSH host keys"
manifest=${LODGE_IMAGE%.raw}.manifest.json
# Debian's PAM reads it at each login and complains when it is not there.
if [[ $(jq -r .template.name "$manifest") == debian-* ]]; then
  like "$(debugfs -R 'stat /etc/default/locale' "$root" 2>/dev/null)" '"\.\./locale\.conf"' "/etc/default/locale is a link"
  like "$(show /etc/locale.conf)" '^LANG=C\.UTF-8$' "to a file that is there"
fi
like "$(debugfs -R 'stat /etc/systemd/system/multi-user.target.wants/lodge-firstboot.service' "$root" 2>/dev/null)" symlink \
  "first boot is enabled"

# The image is sparse: nothing but the root's data and a little around it.
used=$(dumpe2fs -h "$root" 2>/dev/null | awk -F: '/^Block count/ { c = $2 } /^Free blocks/ { f = $2 } /^Block size/ { s = $2 } END { printf "%d", (c - f) * s / 1024 }')
allocated=$(du -k "$LODGE_IMAGE" | cut -f 1)
[ "$allocated" -le $((used * 13 / 10)) ]
ok $? "the file takes at most 1.3 times what the root uses ($allocated KiB, $used KiB)"

before=$(stat -c '%Y %Z %b' "$LODGE_IMAGE")
facts=$("$LODGE_BUILD/lodge" inspect --json "$LODGE_IMAGE" 2>"$tmp/errors")
ok $? "lodge inspect" || diag "$(cat "$tmp/errors")"
is "$(cat "$tmp/errors")" "" "it says nothing beside its result"
is "$(jq -r '.partitions[3].filesystem_uuid' <<<"$facts")" "$uuid" "inspect shows the same root"
is "$(jq -r .checksum.matches <<<"$facts")" true "the checksum beside the image is right"
[ -s "$manifest" ]; ok $? "the manifest is beside the image"
is "$(jq -S '.manifest | del(.outputs)' <<<"$facts")" "$(jq -S 'del(.outputs)' "$manifest")" "the manifest in the image is the one beside it"
is "$(jq -r '.packages[] | [.name, .version] | @tsv' <<<"$facts" | sort)" "$(jq -r '.packages[] | [.name, .version] | @tsv' "$manifest" | sort)" \
  "the package database holds what the manifest says"
case $(jq -r .template.name "$manifest") in
  # The stand-in's kernel is Debian's, whose version is not its package's.
  *-stand-in) ;;
  *) is "$(jq -r '.kernels[0]' <<<"$facts")" "$(jq -r .kernel "$manifest")" "so does /boot" ;;
esac
# Who gets in: the image lets nobody; a copy that was given a password, keys and answers tells of them, and of no secret.
is "$(jq -cS .access <<<"$facts")" '{"answers":null,"root_password":"locked","root_ssh_keys":0}' "nobody can log in to the image"
cp --sparse=always "$LODGE_IMAGE" "$tmp/given.raw"
key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
printf '[host]\nhostname=kvm1\n[access]\nroot-password-hash=%s\nssh-keys=%s\n' "$(openssl passwd -6 -salt saltsalt x)" "$key" >"$tmp/answers.conf"
mcopy -i "$tmp/given.raw@@$(bytes 2)" "$tmp/answers.conf" ::answers.conf
printf '%s\n# none\n%s\n' "$key" "$key" >"$tmp/keys"
show /etc/shadow | sed 's/^root:[^:]*/root:$6$salt$secret/' >"$tmp/shadow"
debugfs -w -f - "$tmp/given.raw?offset=$(bytes 3)" >"$tmp/debugfs" 2>&1 <<END
mkdir /root/.ssh
write "$tmp/keys" /root/.ssh/authorized_keys
rm /etc/shadow
write "$tmp/shadow" /etc/shadow
END
"$LODGE_BUILD/lodge" inspect "$tmp/given.raw" >"$tmp/given" 2>&1
is "$(sed -n '/^Access$/,/^$/p' "$tmp/given")" "Access
  password  set for root
  SSH keys  2 SSH keys
  answers   answers.conf on LODGE with a password hash and 1 SSH key
            for kvm1, layout xfs" "a copy that was given access tells of it" || diag "$(cat "$tmp/given" "$tmp/debugfs")"
is "$(grep -c 'salt\|AAAA' "$tmp/given")" 0 "and shows no secret"
rm "$tmp/given.raw"
"$LODGE_BUILD/lodge" diff "$LODGE_IMAGE" "$manifest" >"$tmp/diff" 2>&1
is "$?$(cat "$tmp/diff")" 0 "lodge diff: the image is what its manifest says"
# A settings file, a file on the ESP and the boot partition are changed in a copy.
cp --sparse=always "$LODGE_IMAGE" "$tmp/changed.raw"
echo 'changed' >"$tmp/grub.cfg"
mcopy -o -i "$tmp/changed.raw@@$(bytes 1)" "$tmp/grub.cfg" ::EFI/BOOT/grub.cfg
debugfs -w -R "rm /etc/hostname" "$tmp/changed.raw?offset=$(bytes 3)" 2>/dev/null
printf x | dd of="$tmp/changed.raw" bs=1 seek=$(($(bytes 0) + 1000)) conv=notrunc status=none
"$LODGE_BUILD/lodge" diff "$LODGE_IMAGE" "$tmp/changed.raw" >"$tmp/diff" 2>&1
is "$?" 1 "lodge diff: a changed copy"
is "$(cat "$tmp/diff")" "Files
  - /etc/hostname
  ! ESP/EFI/BOOT/grub.cfg
  ! bios" "it names what was changed"
rm "$tmp/changed.raw"
is "$(stat -c '%Y %Z %b' "$LODGE_IMAGE")" "$before" "the image was only read"
done_testing
