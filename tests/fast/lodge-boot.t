#!/bin/bash
# lodge boot with the real QEMU and a disk that does its work in the boot sector: a second instead of a minute.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires qemu-system-x86_64
requires qemu-img
lodge=$LODGE_BUILD/lodge
mkdir "$tmp/room"
export TMPDIR=$tmp/room

# A disk of 1 MiB whose boot sector holds the given code (octal escapes), and the mark that firmware wants.
make_disk ()
{
  truncate -s 1M "$1"
  # shellcheck disable=SC2059  # the code is the format
  printf "$2" | dd of="$1" conv=notrunc status=none
  printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}
# push dx; "LODGE\n" to the serial port 0x3f8; pop dx; mov dh,0
hello='\122\272\370\003\260L\356\260O\356\260D\356\260G\356\260E\356\260\012\356\132\266\000'
# es=0, bx=0x7c00, cx=2, ax=0x0301; int 0x13: writes this sector to sector 2 of the disk that was booted
write='\061\300\216\300\273\000\174\271\002\000\270\001\003\315\023'
# 0x2000 to q35's power management port 0x604: power off; then stop
off='\272\004\006\270\000\040\357'
stop='\364\353\375'
# es=ds=0, dl=0x81, cx=2: sector 2 of the second disk
second='\061\300\216\300\216\330\262\201\271\002\000'
# bx=0x7e00, ax=0x0201; int 0x13: reads it; its first byte to the serial port
show='\273\000\176\270\001\002\315\023\122\272\370\003\240\000\176\356\132'
# bx=0x7c00, ax=0x0301; int 0x13: writes this sector, which begins with "R", to it
change='\273\000\174\270\001\003\315\023'
make_disk "$tmp/off.raw" "$hello$write$off$stop"
make_disk "$tmp/second.raw" "$hello$second$show$change$show$off$stop"
make_disk "$tmp/added.raw" "$stop"
printf Q | dd of="$tmp/added.raw" bs=1 seek=512 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$tmp/added.raw" "$tmp/added.qcow2"
make_disk "$tmp/stay.raw" "$hello$stop"
qemu-img convert -f raw -O qcow2 "$tmp/off.raw" "$tmp/off.qcow2"
"$LODGE_BUILD/tests/make-format" vmdk "$LODGE_TOP/templates/debian-13" "$tmp/off.raw" "$tmp/off.vmdk"

truncate -s 1M "$tmp/blank.raw"
before=$(sha256sum <"$tmp/off.raw")
for arguments in "" --usb "--disk 1G,serial=S1 --disk 2G --restrict --memory 512M"; do
  # shellcheck disable=SC2086  # several arguments on purpose
  output=$(timeout 60 "$lodge" boot "$tmp/off.raw" $arguments </dev/null 2>"$tmp/errors")
  is $? 0 "the machine ran and powered itself off (${arguments:-plain})" || diag "$(cat "$tmp/errors")"
  like "$output" '^LODGE' "its serial line is on standard output"
done
like "$output" '^SSH: ssh -p [0-9]+ ' "the way in is told"
like "$output" 'is no terminal, .*Ctrl-C does, or kill [0-9]+' "and how to end it"
unlike "$output" 'Ctrl-a' "no key that it could not be given is named"
if command -v script >/dev/null; then
  output=$(timeout 60 script -qec "'$lodge' boot '$tmp/off.raw'" /dev/null </dev/null)
  like "$output" 'Ctrl-a x ends the machine' "on a terminal it is told by which key it ends"
fi
output=$(timeout 60 "$lodge" boot "$tmp/off.raw" <&- 2>&1)
is $? 0 "without a standard input the machine runs too" || diag "$output"
is "$(sha256sum <"$tmp/off.raw")" "$before" "the machine wrote to its disk, and the image is as it was"
for disk in added.raw added.qcow2; do
  before=$(sha256sum <"$tmp/$disk")
  output=$(timeout 60 "$lodge" boot "$tmp/second.raw" --disk "$tmp/$disk,serial=S1" </dev/null 2>"$tmp/errors")
  like "$output" '^QR' "$disk: the machine reads an added disk that is there, and writes to it" || diag "$(cat "$tmp/errors")"
  is "$(sha256sum <"$tmp/$disk")" "$before" "$disk: the file is as it was"
done
like "$(timeout 60 "$lodge" boot "$tmp/off.qcow2" </dev/null)" '^LODGE' "a qcow2 image boots"
like "$(timeout 60 "$lodge" boot "$tmp/off.vmdk" </dev/null)" '^LODGE' "a VMDK image boots"
is "$(ls -A "$TMPDIR")" "" "nothing is left"

# QEMU's machine runs before QEMU takes signals: one that comes in between is lost, as a script's background process
# ignores SIGINT until then.
takes_signal ()  # PID SIGNAL
{
  local number; number=$(kill -l "$2")
  for _ in {1..600}; do
    (( 0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") >> (number - 1) & 1 )) && return
    sleep 0.1
  done
  return 1
}

printf '[host]\nhostname=x\n' >"$tmp/answers.conf"
for signal in INT TERM HUP KILL; do
  "$lodge" boot "$tmp/stay.raw" --disk 1G --answers "$tmp/answers.conf" </dev/null >"$tmp/output" 2>&1 &
  pid=$!
  like "$(wait_line "$tmp/output" '^LODGE' 60 $pid)" LODGE "a machine that stays (SIG$signal)"
  like "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'qemu' "QEMU has taken the process over"
  unlike "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'lodge.answers=' "no answers in its arguments"
  if [ $signal != KILL ]; then takes_signal $pid $signal; ok $? "QEMU takes SIG$signal"; fi
  kill -$signal $pid
  wait $pid 2>/dev/null
  is $? "$([ $signal = KILL ] && echo 137 || echo 0)" "it ends, and how"
  is "$(ls -A "$TMPDIR")" "" "SIG$signal leaves nothing"
done

refused () { output=$(timeout 20 "$lodge" boot "${@:3}" </dev/null 2>&1); is $? "$1" "refused: ${*:3}"; like "$output" "$2" "and why"; }
refused 2 'missing.raw cannot be read: No such file or directory; give the path of an image' "$tmp/missing.raw"
refused 2 'is too short to be a disk image' "$tmp/answers.conf"
refused 2 'there is no firmware "foo"; expected bios, uefi or secure' "$tmp/off.raw" --firmware foo
refused 2 '"20" is too small for a disk; write for instance 20G' "$tmp/off.raw" --disk 20
refused 2 '"bus=x" is not understood' "$tmp/off.raw" --disk 20G,bus=x
refused 2 '"missing.raw" is neither a size nor a file that is there' "$tmp/off.raw" --disk missing.raw,serial=S1
refused 2 '--disk: .*/blank.raw is not a disk image' "$tmp/off.raw" --disk "$tmp/blank.raw"
refused 2 '64M is too little' "$tmp/off.raw" --memory 64M
refused 2 'is not a disk image: it has no partition table' "$tmp/blank.raw"
# Images that have another file's bytes: anyone could name a file of this machine there.
qemu-img create -q -f qcow2 -b "$tmp/off.raw" -F raw "$tmp/backed.qcow2"
qemu-img create -q -f qcow2 -o "data_file=$tmp/data.raw" "$tmp/split.qcow2" 1M
qemu-img convert -O vmdk "$tmp/off.qcow2" "$tmp/base.vmdk"
qemu-img create -q -f vmdk -b "$tmp/base.vmdk" -F vmdk "$tmp/child.vmdk"
for image in backed.qcow2 split.qcow2 child.vmdk; do
  refused 3 "$image is only a part of an image, the rest is in other files.*qemu-img convert" "$tmp/$image"
  refused 3 "disk: .*$image is only a part of an image" "$tmp/off.raw" --disk "$tmp/$image"
done
like "$("$lodge" inspect "$tmp/backed.qcow2" 2>&1)" 'backed.qcow2 is only a part of an image' "inspect refuses one too"
like "$(cd "$tmp" && cp off.raw nbd:off.raw && timeout 60 "$lodge" boot nbd:off.raw </dev/null)" '^LODGE' \
  "an image with a colon in its name"
printf '[host]\nhostname=a_b\n' >"$tmp/bad.conf"
refused 2 'bad.conf:2: hostname' "$tmp/off.raw" --answers "$tmp/bad.conf"
refused 2 'boot needs IMAGE'
is "$(ls -A "$TMPDIR")" "" "nothing is left"
done_testing
