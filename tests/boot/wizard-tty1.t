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
# typed TEXT: letters, digits and "-".
typed () { keys $(printf '%s' "$1" | perl -ne 'print join " ", map { $_ eq "-" ? "minus" : /[A-Z]/ ? "shift-" . lc : $_ } split //'); }
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
keys ret
sees 'Keyboard and language' "it begins"
keys f12
sees 'KVM created a VM and ran' "the machine's own checks"
keys f12
sees '\[\*\] vda .*blank' "the added disk is marked"
sees '\[-\] sda .*usb.*boot disk' "the stick is named as the boot disk"
picture disks
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
keys f12
sees 'This will be done' "the summary"
picture summary
keys tab tab ret
sees '> \( *[0-9]+/[0-9]+\)' "the steps run"
sees 'KVM host now|has stopped' "they come to an end" 900
sees 'setup complete: host kvm1, br0 10\.0\.2\.15' "setup is complete"
picture result
is "$(machine_ssh 'virsh pool-list --name | xargs; findmnt -n -o FSTYPE /var/lib/libvirt/images; hostname; systemctl --failed --no-legend --plain')" \
  "$(printf 'default\nxfs\nkvm1')" "the machine is what was asked for"
done_testing
