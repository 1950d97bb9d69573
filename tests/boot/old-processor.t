#!/bin/bash
# A processor that lacks what the release needs: its first program says so on every console and waits; on one that has it
# the initramfs's own first program is started.  Linux alone, with a stand-in for the initramfs.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in qemu-system-x86_64 cpio sfdisk debugfs jq socat; do requires $program; done
[ -s "$LODGE_IMAGE" ] || skip_all "no image: run 'make image' first"

root="$LODGE_IMAGE?offset=$(($(sfdisk --json "$LODGE_IMAGE" | jq '.partitiontable.partitions[3].start') * 512))"
kernel=$(debugfs -R "ls -p /boot" "$root" 2>/dev/null | cut -d / -f 6 | grep '^vmlinuz-' | head -n 1)
debugfs -R "dump /boot/$kernel $tmp/kernel" "$root" 2>/dev/null
[ -s "$tmp/kernel" ]
ok $? "the image has a kernel"

# make_initramfs LEVEL: what the program finds there; the proof guest's program, which ends the machine, is the next one.
make_initramfs ()
{
  mkdir -p "$tmp/initramfs/usr/lib/lodge" "$tmp/initramfs/dev"
  cp "$LODGE_BUILD/lodge-processor-init" "$tmp/initramfs/init"
  cp "$LODGE_BUILD/lodge-proof-init" "$tmp/initramfs/init.next"
  echo "$1 Some System" >"$tmp/initramfs/usr/lib/lodge/processor-needs"
  (cd "$tmp/initramfs" && find . | cpio --quiet --create --format=newc --reproducible) >"$tmp/initramfs.cpio"
}

# start NAME CPU: a machine with a screen and a serial line, which is /dev/console.
start ()
{
  serial=$tmp/$1.serial
  : >"$serial"
  qemu-system-x86_64 -name "lodge-$1" -accel tcg -cpu "$2" -m 512 -display none -vga std -no-reboot -nodefaults \
    -serial "file:$serial" -monitor "unix:$tmp/monitor,server,nowait" \
    -kernel "$tmp/kernel" -initrd "$tmp/initramfs.cpio" \
    -append "loglevel=4 panic=-1 console=tty0 console=ttyS0,115200" -daemonize -pidfile "$tmp/pid" ||
    return 1
  pid=$(cat "$tmp/pid")
}
stop ()
{
  [ -n "${pid:-}" ] || return 0
  kill -9 "$pid" 2>/dev/null
  tail --pid="$pid" -f /dev/null
  pid=
}
at_exit stop
monitor () { printf '%s\n' "$1" | socat -t 2 - "unix-connect:$tmp/monitor" >/dev/null; }
# What is in a PC's text screen: a character and a colour, in turn.
screen ()
{
  # Without the quotes the path would be a division.
  monitor "pmemsave 0xb8000 4000 \"$tmp/screen\""
  perl -0777 -ne 's/(.)./$1/gs; print join "\n", unpack "(A80)*", $_' "$tmp/screen"
}
wait_for () { wait_line "$1" "$2" 120 "$pid" >/dev/null; }

make_initramfs 3
start enough max
wait_for "$serial" 'lodge-proof: guest is alive'
ok $? "with level 3 the initramfs's own first program is started" || diag "$(cat "$serial")"
stop
unlike "$(cat "$serial")" 'cannot run' "and nothing else is said"

start nehalem Westmere
wait_for "$serial" 'Ctrl-Alt-Del restarts it'
ok $? "a processor of level 2 is told so" || diag "$(cat "$serial")"
said=$(tr -d '\r' <"$serial")
diag "$said"
like "$said" 'This processor cannot run Some System\.' "with the release's name"
like "$said" 'Processor: +Westmere' "the processor's"
like "$said" 'lacks: +AVX AVX2 BMI1 BMI2 F16C FMA LZCNT MOVBE OSXSAVE$' "and what it lacks"
like "$said" 'virtual machine: .* its host.s processor' "and what to do in a virtual machine"
like "$said" 'centos-stream-9 +runs on this processor' "and which release it runs"
shown=$(screen)
like "$shown" 'This processor cannot run Some System' "the screen says it too" || diag "$shown"
unlike "$said" 'panic|lodge-proof' "the kernel does not panic, and no other program is started"
monitor 'sendkey ctrl-alt-delete'
timeout 60 tail --pid="$pid" -f /dev/null
ok $? "Ctrl-Alt-Del restarts the machine"
stop

start masked max,-avx2
wait_for "$serial" 'Ctrl-Alt-Del restarts it'
like "$(tr -d '\r' <"$serial")" 'lacks: +AVX2$' "one feature that is hidden from a guest is named"
stop

make_initramfs 2
start plain qemu64
wait_for "$serial" 'Ctrl-Alt-Del restarts it'
said=$(tr -d '\r' <"$serial")
like "$said" 'lacks: .*SSE4\.2 SSSE3$' "what level 2 needs is asked for as well"
unlike "$said" 'AVX|centos-stream-9' "and no more than that"
stop
done_testing
