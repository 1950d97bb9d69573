#!/bin/bash
# What must stop setup, each with a sentence, and leave every disk byte for byte as it was: one machine with many disks,
# no answers at boot, faulty answers given over SSH.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
requires mkfs.ext4
requires sfdisk
requires mkfs.xfs

machine_new refusals
disks=
for d in BLANK1 BLANK2 EXT4 GPT LVM MD ZFS; do disks="$disks $(machine_disk $d 6G)"; done
mkfs.ext4 -q -F "$machine_dir/EXT4.raw"
echo 'type=linux' | sfdisk -q --label gpt "$machine_dir/GPT.raw"
# As little of a ZFS label as libblkid asks for: the uberblocks' magic (before 2.41) and the list of names and values in
# XDR (since then), in the first of the four labels.
perl -e '
  sub pair { my ($name, $type, $value) = @_; my $padded = $name . "\0" x (-length ($name) % 4);
             my $body = pack ("N", length $name) . $padded . pack ("NN", $type, 1) . $value;
             return pack ("NN", 8 + length $body, 8 + length $body) . $body }
  sub number { return pair ($_[0], 8, pack ("Q>", $_[1])) }
  open my $disk, "+<", $ARGV[0] or die;
  seek $disk, 16 << 10, 0;
  print $disk pack ("CCnNN", 1, 1, 0, 0, 1), number ("version", 5000), pair ("name", 9, pack ("N", 4) . "tank"), number ("state", 0),
    number ("txg", 4), number ("pool_guid", 0x1122334455667788), number ("top_guid", 0x2233445566778899),
    number ("guid", 0x2233445566778899), pack ("NN", 0, 0);
  for my $i (0 .. 7) { seek $disk, (128 + $i) << 10, 0; print $disk pack ("Q<Q<", 0x00bab10c, 5000) }
' "$machine_dir/ZFS.raw"
# BAD: every write fails, as on a worn-out disk.  On SATA, not virtio: a disk that cannot be written gets hundreds of reads
# at once, and with one processor QEMU before 2023 leaves the guest's memory barriers out (tcg_gen_mb() in tcg/tcg-op.c),
# which virtio's rings in shared memory need: a kick is lost and the disk hangs.  A second processor brings the barriers
# back and with them a kernel that crashes, one boot in twenty.  AHCI needs neither: its registers are an exit.
truncate -s 6G "$machine_dir/BAD.raw"
disks="$disks -drive if=none,id=BAD,driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename=$machine_dir/BAD.raw,file.inject-error.0.event=write_aio,file.inject-error.0.errno=5,werror=report -device ide-hd,drive=BAD,serial=BAD"
# A second card on a cable that leads nowhere: a hub with nobody else.
# shellcheck disable=SC2086
machine_boot $disks -netdev hubport,id=nowhere,hubid=7 -device virtio-net-pci,netdev=nowhere,mac=52:54:00:00:0d:02

text=$(machine_wait 'lodge: setup waits for answers|lodge: setup (complete|stopped)' | tr -d '\r')
like "$text" 'waits for answers' "without answers the console says that setup waits for them" || machine_explain
machine_wait 'login:|Set up this machine' >/dev/null
ok $? "and the login prompt comes, or the wizard in its place" || machine_explain
console=$(tr -d '\r' <"$machine_serial")
like "$console" 'answers\.conf' "the console says how to give them"
like "$console" 'LODGE' "and where"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"

machine_ssh 'pvcreate -q --config devices/use_devicesfile=0 /dev/disk/by-id/virtio-LVM && mdadm --create --quiet --run /dev/md0 --level=1 --raid-devices=2 --metadata=1.2 /dev/disk/by-id/virtio-MD missing && mdadm --stop --quiet /dev/md0 && sync' >/dev/null 2>&1
machine_ssh 'udevadm settle; blkid -p /dev/disk/by-id/virtio-{EXT4,GPT,LVM,MD,ZFS}' >"$tmp/signatures"
diag "$(cat "$tmp/signatures")"
# Data and where it lies, one line a disk: to read 48 GiB of holes takes minutes.
sums ()
{
  local disk
  for disk in BLANK1 BLANK2 EXT4 GPT LVM MD ZFS BAD; do
    echo "$(tar --directory "$machine_dir" --create --sparse --mtime=@0 $disk.raw | sha256sum) $disk.raw"
  done
}
sums >"$tmp/before"
is "$(wc -l <"$tmp/before")" 8 "the disks' checksums are taken"

# attempt DESCRIPTION STATUS REGEX <ANSWERS
attempt ()
{
  machine_ssh 'cat >/run/answers.conf; lodge-firstboot apply --answers /run/answers.conf' >"$tmp/out" 2>&1
  status=$?
  is $status "$2" "$1: exit status $2" || diag "$(cat "$tmp/out")"
  like "$(cat "$tmp/out")" "$3" "$1: the sentence says so"
}

attempt "an unknown key" 2 'answers\.conf:2: .*diks' <<'A'
[storage]
diks=auto
A
attempt "a language that is not installed" 1 'stopped at step 2 \(plan\): language=de_AT\.UTF-8' <<'A'
[host]
language=de_AT.UTF-8
[storage]
layout=none
[network]
port=mac:52:54:00:10:0d:9e
A
attempt "two blank disks with auto" 1 'BLANK1.*BLANK2' <<'A'
A
for d in EXT4:ext4 GPT:partition LVM:LVM MD:RAID ZFS:ZFS; do
  attempt "a disk with ${d#*:} on it" 3 "${d#*:}" <<A
[storage]
disks=serial:${d%:*}
A
done
attempt "the boot stick" 3 'boot disk' <<'A'
[storage]
disks=serial:STICK
erase=STICK
A
attempt "a disk that is not there" 1 'NOSUCH' <<'A'
[storage]
disks=serial:NOSUCH
A
attempt "a port that is not there" 1 '52:54:00:00:0d:99' <<'A'
[storage]
layout=none
[network]
port=mac:52:54:00:00:0d:99
A
# Answers fit it, and a person confirmed another disk in its place.
machine_ssh 'printf "999;8589934592;;;\tvdz (the disk that was there)\n" >/run/confirmed-disks
  printf "[storage]\ndisks=serial:BLANK1\n" >/run/answers.conf
  lodge-firstboot apply --answers /run/answers.conf --confirmed-disks /run/confirmed-disks' >"$tmp/out" 2>&1
is $? 3 "a disk exchanged since it was confirmed: exit status 3" || diag "$(cat "$tmp/out")"
like "$(cat "$tmp/out")" 'stopped at step 2 \(plan\): vdz \(the disk that was there\), which was chosen' "and the sentence says which"
sums >"$tmp/after"
is "$(cat "$tmp/after")" "$(cat "$tmp/before")" "every disk is byte for byte as it was"

attempt "no DHCP" 1 'DHCP' <<'A'
[storage]
layout=none
[network]
port=mac:52:54:00:00:0d:02
A
unlike "$(machine_ssh ip -br link)" '^br0' "no DHCP: the bridge is rolled back"
like "$(machine_ssh ip -4 -br addr)" '10\.0\.2\.15' "no DHCP: the other port kept its address"
attempt "a gateway that does not answer" 1 '10\.9\.0\.1' <<'A'
[storage]
layout=none
[network]
port=mac:52:54:00:00:0d:02
ipv4=static
address=10.9.0.2/24
gateway=10.9.0.1
A
unlike "$(machine_ssh ip -br link)" '^br0' "dead gateway: the bridge is rolled back"
# QEMU answers for 10.0.2.3, as its name server.  The connection over which this is asked for is gone meanwhile.
network='nmcli -g connection.id,ipv4.method,ipv4.addresses connection show "$(nmcli -g GENERAL.CONNECTION device show "$(ip -o route get 10.0.2.2 | sed "s/.* dev \([^ ]*\) .*/\1/")")"; ip -4 -br addr'
machine_ssh "$network" >"$tmp/network-before"
attempt "an address that another machine has" 1 'stopped at step 6 \(network\): .*10\.0\.2\.3/24.*(another|already)' <<'A'
[storage]
layout=none
[network]
port=mac:52:54:00:10:0d:9e
ipv4=static
address=10.0.2.3/24
gateway=10.0.2.2
ipv6=off
A
unlike "$(machine_ssh ip -br link)" '^br0' "duplicate address: the bridge is rolled back"
is "$(machine_ssh "$network")" "$(cat "$tmp/network-before")" "duplicate address: the port has its own address and profile"
is "$(machine_ssh 'nmcli -g NAME connection show | grep -c lodge')" 0 "duplicate address: no profile of it is left"
card=$(machine_monitor 'info network' | sed -n 's/.*\(virtio-net-pci\.[0-9]*\).*52:54:00:00:0d:02.*/\1/p; s/^ *\([^ :]*\):.*macaddr=52:54:00:00:0d:02.*/\1/p' | head -n 1)
machine_monitor "set_link ${card:-nowhere} off" >/dev/null
attempt "no carrier" 1 'carrier|cable|link' <<'A'
[storage]
layout=none
[network]
port=mac:52:54:00:00:0d:02
A
attempt "a disk that cannot be written" 1 'BAD' <<'A'
[storage]
disks=serial:BAD
A
sums >"$tmp/after"
is "$(cat "$tmp/after")" "$(cat "$tmp/before")" "every disk is still byte for byte as it was"
like "$(machine_ssh lodge-firstboot status)" 'storage' "status names the step where setup stands"
is "$(machine_ssh journalctl -q -b -p 0..2 -o cat --grep lodge --no-pager)" "" "nothing critical was logged"

# Erasing what is in use, when the serial number was given: an array that runs, with a volume group that is active.
cat >"$tmp/stack.sh" <<'S'
set -e
mdadm --assemble --quiet --run /dev/md0 /dev/disk/by-id/virtio-MD
vgcreate -q -y --config devices/use_devicesfile=0 somebody /dev/md0
lvcreate -q -y --config devices/use_devicesfile=0 -n data -L 1G somebody
mkfs.ext4 -q /dev/somebody/data
mount /dev/somebody/data /mnt
S
machine_ssh bash -s <"$tmp/stack.sh" >"$tmp/out" 2>&1
ok $? "a file system in a volume group on an array is mounted" || diag "$(cat "$tmp/out")"
erase='[storage]
disks=serial:MD
erase=MD
[network]
port=mac:52:54:00:10:0d:9e'
attempt "a disk that is mounted, through volume group and array" 3 'mounted' <<<"$erase"
like "$(machine_ssh cat /proc/mdstat)" '^md0 : active' "the array still runs"
machine_ssh umount /mnt
attempt "the same disk unmounted, with erase=" 0 'setup complete' <<<"$erase"
like "$(machine_ssh findmnt -n -o FSTYPE /var/lib/libvirt/images)" xfs "VM storage is on it"
unlike "$(machine_ssh cat /proc/mdstat)" '^md' "the array is stopped"
sums >"$tmp/after"
is "$(grep -v 'MD.raw' "$tmp/after")" "$(grep -v 'MD.raw' "$tmp/before")" "every other disk is byte for byte as it was"
done_testing
