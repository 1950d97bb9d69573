#!/bin/bash
# Enterprise Linux by UEFI with Secure Boot on: shim, the signed GRUB on the removable path and the menu of loader entries.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../boot/machine.sh"

machine_new el-uefi
machine_secure_firmware >"$tmp/firmware" || skip_all "no OVMF firmware with Secure Boot is installed"
mapfile -t firmware <"$tmp/firmware"
printf '[host]\nhostname=el-uefi\n[storage]\ndisks=serial:VMS1\n[libvirt]\nnat=no\n' >"$tmp/answers.conf"
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 8G) $(machine_answers "$tmp/answers.conf") "${firmware[@]}"
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "setup completes under UEFI" || machine_explain 80
like "$(machine_ssh dmesg)" 'Secure boot enabled' "Secure Boot is on"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
is "$(machine_ssh 'ls /boot/efi/EFI/BOOT' | tr '\n' ' ')" "BOOTX64.EFI grub.cfg grubx64.efi mmx64.efi " "the removable path has what starts it, and no fallback"
done_testing
