#!/bin/bash
# The power is cut in every step of setup, one step further at each boot, and in the middle of writing the disk; the next
# boot goes on, and the last one finishes.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"

machine_new cut
cat >"$tmp/answers.conf" <<'A'
[host]
hostname=cut-host
[storage]
disks=serial:VMS1
A
disk=$(machine_disk VMS1 8G)
allocated () { stat -c %b "$machine_dir/VMS1.raw"; }
power_on ()
{
  # shellcheck disable=SC2086,SC2046  # several arguments on purpose
  machine_boot $disk $(machine_answers "$tmp/answers.conf")
}

for step in host access storage network libvirt guests pool guest-networks proof; do
  power_on
  machine_wait "lodge: step [0-9]+ \\($step\\)" >/dev/null
  ok $? "the power is cut as step $step begins" || machine_explain
  machine_cut
  if [ $step = storage ]; then
    is "$(allocated)" 0 "nothing was written to the disk before the step"
    # Twice in the middle: when the first block of the partition table is on the disk, and during mkfs.
    for blocks in 1 300; do
      power_on
      # A bound in boots, not in seconds: the loop ends when the machine does.
      while kill -0 "$machine_pid" 2>/dev/null && [ "$(allocated)" -lt $blocks ] &&
        ! grep -aqE 'setup (complete|stopped)' "$machine_serial"; do read -rt 0.05 <> <(:); done
      machine_cut
      ok "$([ "$(allocated)" -ge $blocks ]; echo $?)" "the power is cut with $(allocated) blocks on the disk"
      unlike "$(cat "$machine_serial")" 'setup stopped' "setup did not stop before the cut" || machine_explain
    done
  fi
done

power_on
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "the last boot finishes the work" || machine_explain 80
like "$(machine_ssh findmnt -n -o SOURCE,FSTYPE /var/lib/libvirt/images)" '/dev/vda1 +xfs' "VM storage is there"
is "$(machine_ssh parted -s -m /dev/vda print | grep -cE '^[0-9]+:')" 1 "one partition was made, once"
like "$(machine_ssh virsh net-list)" 'bridge +active' "the network bridge is active"
is "$(machine_ssh nmcli -t -f NAME connection show | grep -c '^lodge')" 2 "each network profile exists once" ||
  diag "$(machine_ssh nmcli connection show)"
like "$(machine_ssh ip addr show br0)" 'inet 10\.0\.2\.15/24' "br0 has its address"
is "$(machine_ssh virsh list --all --name)" "" "no proof guest is left"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
done_testing
