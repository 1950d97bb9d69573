#!/bin/bash
# The wizard at the monitor of a booted image, from power-on to "setup complete", with the keyboard alone.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# What the console shows is read where the kernel keeps it (vcs(4)), and the picture is what the graphics card gives out; with
# SCREENS=DIRECTORY that is kept there.
. "$(dirname "$0")/machine.sh"
requires perl

machine_new tty1
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk S1 8G) -vga std

# on_screen REGEX [SECONDS]: waits until a line of tty1 matches.
on_screen ()
{
  machine_ssh "timeout ${2:-300} sh -c 'until fold -b -w \$(stty -F /dev/tty1 size | cut -d\" \" -f2) /dev/vcs1 | LC_ALL=C grep -aEq \"$1\"; do sleep 0.3; done'"
}
screen () { machine_ssh 'fold -b -w $(stty -F /dev/tty1 size | cut -d" " -f2) /dev/vcs1' | LC_ALL=C tr -c '[:print:]\n' ' ' | sed 's/ *$//; /^$/d'; }
# sees REGEX DESCRIPTION [SECONDS]
sees () { on_screen "$1" "${3:-300}"; ok $? "$2" || diag "$(screen)"; }
# keys NAME…: as QEMU's sendkey calls them; each is held down for 100 ms before the next.
keys () { machine_monitor "$(printf 'sendkey %s 60\n' "$@")" >/dev/null; }
# typed TEXT: letters (but y and z), digits and "-", on a German keyboard: its "-" is where the American one has "/".
typed () { keys $(printf '%s' "$1" | perl -ne 'print join " ", map { $_ eq "-" ? "slash" : /[A-Z]/ ? "shift-" . lc : $_ } split //'); }
# lodge COMMAND: in the machine, with the stick's LODGE partition mounted at /mnt.
lodge () { machine_ssh "mount LABEL=LODGE /mnt && { $1; status=\$?; umount /mnt; exit \$status; }"; }
# picture NAME: at least a thousand of its points are lit, in more than two colours.
picture ()
{
  machine_monitor "screendump $tmp/$1.ppm" >/dev/null
  like "$(perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit; my $p = <$f>; $p =~ s/^P6\s+\d+\s+\d+\s+\d+\s// or exit; my %seen;
                   $seen{$_}++ for unpack "(a3)*", $p; my $lit = 0; $lit += $seen{$_} for grep { $_ ne "\0\0\0" } keys %seen;
                   print $lit > 1000 && keys %seen > 2 ? "lit" : "dark"' "$tmp/$1.ppm")" '^lit$' "the monitor shows it: $1"
  [ -z "${SCREENS:-}" ] || { machine_monitor "screendump $tmp/$1.png -f png" >/dev/null; cp "$tmp/$1.png" "$SCREENS/tty1-$1.png"; }
}

machine_wait 'lodge: setup waits for answers' >/dev/null
sees 'Set up this machine' "without answers the wizard welcomes at the monitor"
# As somebody puts it there at another computer.
ssh-keygen -q -t ed25519 -N '' -C visitor@desk -f "$tmp/visitor"
lodge 'cat >/mnt/authorized_keys' <"$tmp/visitor.pub"
# A wizard that ends with an error again and again, here on the serial line, gives its console to the login prompt in the end,
# and not before.  In emulation five tries take longer than the unit's half minute.
cat >"$tmp/failing.sh" <<'S'
unit=lodge-wizard@ttyS0.service
mkdir -p /run/systemd/system/$unit.d
printf '[Unit]\nStartLimitIntervalSec=1h\n' >/run/systemd/system/$unit.d/limit.conf
systemctl daemon-reload
tries=0
until [ "$(systemctl show --property=SubState --value $unit)" = failed ] || [ $tries -ge 9 ]; do
  pid=$(systemctl show --property=MainPID --value $unit)
  [ "$pid" = 0 ] || { kill -KILL $pid && tries=$((tries + 1)) && tail --pid=$pid -f /dev/null; }
  until case $(systemctl show --property=SubState --value $unit) in running | failed | dead) true ;; *) false ;; esac; do sleep 0.2; done
done
until systemctl is-active --quiet serial-getty@ttyS0.service; do sleep 0.2; done
# What failed on purpose is not looked for at the end.
systemctl reset-failed $unit
echo $tries
S
# Reloaded, systemd has forgotten the first start.
is "$(machine_ssh 'timeout 600 bash -s' <"$tmp/failing.sh")" 6 "a wizard that fails comes back five times, and then the login prompt"
like "$(screen)" 'Set up this machine' "the wizard at the monitor is what it was"
keys ret
sees 'Try it here' "it begins with the keyboard"
unlike "$(screen)" 'Language|\( \)' "no language is offered: the kernel's console cannot show Chinese"
# The first keyboard that begins so.
keys d
machine_ssh "timeout 60 sh -c 'until dumpkeys -C /dev/tty1 | grep -Eq \"^keycode +21 = [+]?z\"; do sleep 0.2; done'"
ok $? "a German keyboard counts while the cursor is on it" || diag "$(machine_ssh 'dumpkeys -C /dev/tty1 | grep -E "^keycode +21 "'; screen)"
keys tab y
sees 'Try it here +z' "and is tried: the key beside the T is Z"
keys f12
sees 'KVM created a VM and ran' "the machine's own checks"
keys f12
sees '\[\*\] vda .*blank' "the added disk is marked"
sees '\[-\] sda .*usb.*boot disk' "the stick is named as the boot disk"
picture disks
# What the kernel has to say while somebody looks at a screen.
before=$(screen)
machine_ssh 'echo "<3>lodge-test: what a driver says" >/dev/kmsg; echo "<0>lodge-test: an emergency" >/dev/kmsg'
sees 'lodge-test: an emergency' "an emergency comes to the console over the screen"
unlike "$(screen)" 'what a driver says' "the kernel's other messages do not"
like "$(machine_ssh dmesg)" 'what a driver says' "they are in its log"
keys ctrl-l
machine_ssh "timeout 60 sh -c 'while grep -aq lodge-test: /dev/vcs1; do sleep 0.2; done'"
is "$(screen)" "$before" "and Ctrl-L draws the screen anew, whole"
keys f12
sees 'What to make' "the layout"
keys f12
sees '\[\*\] en.*link up' "the port with a link is marked"
keys f12
sees 'Bridge and addresses' "the addresses"
keys f12
sees 'Name, time' "the host's name"
keys home ctrl-k
typed kvm1
keys tab tab tab
typed correct-Horse-7
keys tab
typed correct-Horse-7
# By the SSH key, the check box, Back, Next and the time zones.
keys tab tab tab tab tab tab ret
sees 'Read from LODGE \(sda3\)/authorized_keys' "SSH keys are read from the stick"
sees 'SSH key.*visitor@desk' "into their field"
keys f12
sees 'This will be done' "the summary"
picture summary
keys tab tab ret
sees '> \( *[0-9]+/[0-9]+\)' "the steps run"
machine_ssh 'systemctl kill --kill-whom=main --signal=HUP lodge-wizard@tty1'
sees 'Set up this machine' "a wizard whose line hangs up meanwhile comes back"
keys ret
sees '> \( *[0-9]+/[0-9]+\)' "and follows the steps, which went on without it"
sees 'KVM host now|has stopped' "they come to an end" 900
sees 'setup complete: host kvm1, br0 10\.0\.2\.15' "setup is complete"
picture result
# Shift-Tab is Tab on the kernel's own console.
keys left ret
sees 'LODGE \(sda3\)/lodge-report\.txt' "a report is saved"
like "$(lodge 'cat /mnt/lodge-report.txt')" 'step 11 \(proof\) of 11: done' "on the stick, with the log"
is "$(lodge 'grep -c correct-Horse-7 /mnt/lodge-report.txt')" 0 "and without the password"
is "$(machine_ssh 'journalctl -b -o cat -t lodge-firstboot | grep -c "step 5 (storage) of 11: Prepare"')" 1 "each step ran once"
is "$(machine_ssh 'grep -c visitor@desk /root/.ssh/authorized_keys; sed -n s/^KEYMAP=//p /etc/vconsole.conf | tr -d \"')" \
  "$(printf '1\nde')" "the key lets root in, and the keyboard stays"
is "$(machine_ssh 'virsh pool-list --name | xargs; findmnt -n -o FSTYPE /var/lib/libvirt/images; hostname; systemctl --failed --no-legend --plain')" \
  "$(printf 'default\nxfs\nkvm1')" "the machine is what was asked for"
done_testing
