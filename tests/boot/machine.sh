# A test machine: the image as an emulated USB stick or disk in QEMU, with added disks and a network card.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
#   machine_new NAME          its files are in $tmp/NAME
#   machine_boot [QEMU-ARG…]  starts it, until the kernel is up; $machine_pid, this boot's serial line in $machine_serial
#   machine_wait REGEX SECS   until the serial line says REGEX
#   machine_ssh COMMAND…      as root, with a key that came in by systemd credential
#   machine_monitor COMMAND   one line to QEMU's monitor
#   machine_cut               power cut: SIGKILL
#   machine_secure_firmware   QEMU's arguments for UEFI with Secure Boot on, one a line; fails when there is none
#
# Nothing reaches the outside: restrict=on, and the SSH port is forwarded on loopback only.

command -v done_testing >/dev/null || . "$(dirname "$0")/../functions.sh"
requires qemu-system-x86_64
requires ssh
[ -s "$LODGE_IMAGE" ] || skip_all "no image: run 'make image' first"

machine_memory=2048
# One: with several, QEMU's emulation now and then runs an instruction that the kernel has just patched ("Oops: int3").
machine_processors=1
machine_stick_size=6G
# Empty: a throw-away overlay of the image.  Else the raw file that is the stick, which the machine writes to.
machine_stick_file=
machine_stick_device=usb-storage,serial=STICK
# Of the stick, where it is a disk that needs one.
machine_controller=
# Not with "rep stosb" for clearing pages: QEMU emulates it byte by byte, and takes minutes for one page that held code.
# Emulation on two shared cores is slow: a bound is there to end a hang, not to measure.
machine_bound=900

machine_new ()
{
  machine_name=$1
  machine_dir=$tmp/$1
  machine_pid=
  machine_boots=0
  mkdir -p "$machine_dir"
  ssh-keygen -q -t ed25519 -N '' -f "$machine_dir/key"
  # A throw-away overlay: the image itself stays as it is, and is "written to a larger stick".
  qemu-img create -q -f qcow2 -b "$LODGE_IMAGE" -F raw "$machine_dir/stick.qcow2" $machine_stick_size
  at_exit machine_cut
}

# A free loopback port: the kernel gives one, and nobody else takes it in the moment between.
free_port ()
{
  perl -MIO::Socket::INET -e 'print IO::Socket::INET->new (Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# machine_disk ID SIZE: a blank added disk with serial ID, as QEMU arguments.
machine_disk ()
{
  [ -e "$machine_dir/$1.raw" ] || truncate -s "$2" "$machine_dir/$1.raw"
  echo "-drive if=none,id=$1,file=$machine_dir/$1.raw,format=raw -device virtio-blk-pci,drive=$1,serial=$1"
}

# Code and variables of one size belong together: a mixed pair crashes before the first boot entry.
machine_secure_firmware ()
{
  for pair in /usr/share/OVMF/OVMF_CODE_4M.secboot.fd:/usr/share/OVMF/OVMF_VARS_4M.ms.fd \
    /usr/share/edk2/ovmf/OVMF_CODE.secboot.fd:/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd; do
    [ -e "${pair%:*}" ] && [ -e "${pair#*:}" ] || continue
    [ -e "$machine_dir/vars.fd" ] || cp "${pair#*:}" "$machine_dir/vars.fd"
    printf '%s\n' -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \
      -drive "if=pflash,unit=0,format=raw,readonly=on,file=${pair%:*}" \
      -drive "if=pflash,unit=1,format=raw,file=$machine_dir/vars.fd"
    return 0
  done
  return 1
}

# machine_answers FILE: the QEMU argument that gives FILE as the systemd credential lodge.answers.
machine_answers ()
{
  echo "-smbios type=11,value=io.systemd.credential.binary:lodge.answers=$(base64 -w0 <"$1")"
}

# QEMU 7.2's emulation crashes the kernel now and then in its first two seconds, with registers that no program could bring
# about (reserved bits of EFLAGS set).  Nothing has run and nothing was written by then, so the machine is started again,
# and said to be; three times is no chance any more.
machine_boot ()
{
  local attempt
  for attempt in 1 2 3; do
    machine_start "$@" || return 1
    case $(wait_line "$machine_serial" 'Booting initrd of|Welcome to|end Kernel panic' $machine_bound "$machine_pid") in
      *'end Kernel panic'*) [ $attempt -lt 3 ] || return 1 ;;
      *) return 0 ;; # or whatever ended it: the test sees that better
    esac
    machine_explain 60
    diag "the kernel crashed before it started anything: the machine is started again"
    machine_cut
  done
}

machine_start ()
{
  machine_port=$(free_port)
  rm -f "$machine_dir/pid"
  machine_boots=$((machine_boots + 1))
  machine_serial=$machine_dir/serial-$machine_boots.log
  : >"$machine_serial"
  qemu-system-x86_64 -name "lodge-$machine_name" -machine q35,smm=on,smbios-entry-point-type=64 -accel tcg,thread=multi \
    -cpu "${machine_cpu:-max,-erms,-fsrm}" -m $machine_memory -smp "$machine_processors" -display none \
    -chardev "file,id=serial,path=$machine_serial" -serial chardev:serial \
    -monitor "unix:$machine_dir/monitor,server,nowait" \
    -device qemu-xhci -device pvpanic-pci -action panic=exit-failure \
    -drive "if=none,id=stick,file=${machine_stick_file:-$machine_dir/stick.qcow2},format=$([ -n "$machine_stick_file" ] && echo raw || echo qcow2),cache=writeback" \
    ${machine_controller:+-device "$machine_controller"} \
    -device "$machine_stick_device,drive=stick,bootindex=0" \
    -netdev "${machine_netdev:-user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:$machine_port-:22}" \
    -device "${machine_card:-virtio-net-pci},netdev=lan,mac=52:54:00:10:0d:9e" \
    -smbios "type=11,value=io.systemd.credential.binary:ssh.authorized_keys.root=$(base64 -w0 <"$machine_dir/key.pub")" \
    -daemonize -pidfile "$machine_dir/pid" "$@" || return 1
  machine_pid=$(cat "$machine_dir/pid")
}

machine_wait ()
{
  wait_line "$machine_serial" "$1" "${2:-$machine_bound}" "$machine_pid"
}

machine_ssh ()
{
  ssh -i "$machine_dir/key" -p "$machine_port" -o BatchMode=yes -o ConnectTimeout=60 -o ConnectionAttempts=5 \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o ServerAliveInterval=30 -o ServerAliveCountMax=10 root@127.0.0.1 "$@"
  local status=$?
  # A word, so that no answer is not taken for an empty one.
  [ $status -ne 255 ] || echo "no answer from the machine"
  return $status
}

machine_monitor ()
{
  printf '%s\n' "$1" | socat -t 2 - "unix-connect:$machine_dir/monitor"
}

machine_cut ()
{
  [ -n "$machine_pid" ] || return 0
  kill -9 "$machine_pid" 2>/dev/null
  tail --pid="$machine_pid" -f /dev/null
  machine_pid=
}

# On a failed test the machine's own words are the best explanation.
machine_explain ()
{
  diag "--- last lines of the serial console"
  diag "$(tail -n "${1:-40}" "$machine_serial" | tr -d '\r')" # the last line may have no end
}
