#!/bin/sh
# OVAs of a small image, read by a strict reader that knows the specifications and not our code (tests/read-ova).
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
make_format=$LODGE_BUILD/tests/make-format
[ -x "$make_format" ] || skip_all "make-format is not built: run 'make build/tests/make-format'"
requires python3
requires tar
requires qemu-img

# shellcheck disable=SC2154  # tmp is functions.sh's
image=$tmp/disk.raw
truncate -s 96M "$image"
# Data that cannot be compressed, text, zeros that are written, the last sector.
head -c 3000000 /dev/urandom | dd of="$image" bs=1M seek=10 conv=notrunc status=none
seq 1 200000 | dd of="$image" bs=1M seek=40 conv=notrunc status=none
dd if=/dev/zero of="$image" bs=1M count=2 seek=60 conv=notrunc status=none
printf 'the end' | dd of="$image" bs=1 seek=$((96 * 1048576 - 7)) conv=notrunc status=none

# ova TEMPLATE OUTPUT
ova () { "$make_format" ova "$LODGE_TOP/templates/$1" "$image" "$2"; }
# reads OVA DESCRIPTION: the reader's facts go to $facts.
reads ()
{
  "$LODGE_TOP/tests/read-ova" "$1" "$image" >"$tmp/facts" 2>"$tmp/problems"
  ok $? "$2" || diag "$(cat "$tmp/problems")"
  facts=$(cat "$tmp/facts")
}

ova debian-13 "$tmp/one.ova"
ok $? "an OVA is written"
is "$(ls "$tmp"/*.vmdk 2>/dev/null)" "" "nothing is left beside it"
reads "$tmp/one.ova" "the strict reader has nothing against it, and finds the image's bytes"
is "$(tar -tf "$tmp/one.ova" | tr '\n' ' ')" "lodge-debian-13.ovf lodge-debian-13.mf lodge-debian-13-disk1.vmdk " \
  "tar finds descriptor, manifest and disk in this order"
like "$facts" '^setting firmware=efi$' "the firmware is said"
like "$facts" '^setting nestedHVEnabled=true$' "VT-x or AMD-V is passed through: vSphere"
like "$facts" '^setting vhv.enable=TRUE$' "VT-x or AMD-V is passed through: Workstation, Fusion"
like "$facts" '^setting disk.EnableUUID=TRUE$' "disks have serial numbers"
like "$facts" '^disk system 100663296$' "the system disk has the image's size"
like "$facts" '^disk storage 68719476736$' "there is a disk for virtual machines"
like "$facts" '^device 6 VirtualSCSI$' "the controller is pvscsi"
like "$facts" '^device 10 VmxNet3$' "the network card is vmxnet3"
like "$facts" '^system 96 debian11_64Guest$' "the guest system, Debian"
if command -v xmllint >/dev/null; then
  tar -xOf "$tmp/one.ova" lodge-debian-13.ovf | xmllint --noout - 2>"$tmp/problems"
  ok $? "xmllint finds it well-formed" || diag "$(cat "$tmp/problems")"
else
  ok 0 "xmllint finds it well-formed # SKIP xmllint is not installed"
fi

tar -C "$tmp" -xf "$tmp/one.ova"
(cd "$tmp" && sed -n 's/^SHA256(\(.*\))= \(.*\)$/\2  \1/p' lodge-debian-13.mf | sha256sum --check --quiet >/dev/null 2>&1)
ok $? "sha256sum agrees with the manifest"
qemu-img compare -q -f raw -F vmdk "$image" "$tmp/lodge-debian-13-disk1.vmdk"
ok $? "qemu-img finds the image's bytes in the disk"
qemu-img check -q -f vmdk "$tmp/lodge-debian-13-disk1.vmdk"
ok $? "and nothing wrong with it"

# Another name, another hole pattern, another number of processors: the same bytes.
cp --sparse=never "$image" "$tmp/full.raw"
image=$tmp/full.raw
mkdir "$tmp/elsewhere"
(umask 077; taskset -c 0 "$make_format" ova "$LODGE_TOP/templates/debian-13" "$image" "$tmp/elsewhere/x.ova")
cmp "$tmp/one.ova" "$tmp/elsewhere/x.ova"
ok $? "the same image gives the same OVA"

ova centos-stream-9 "$tmp/el.ova"
reads "$tmp/el.ova" "CentOS Stream 9's is as good"
like "$facts" '^system 107 centos9_64Guest$' "the guest system, CentOS"

# DMTF's own schema, where somebody has it: it is in no distribution's packages.  OVF_SCHEMA names its DSP8023.
if [ -n "${OVF_SCHEMA:-}" ]; then
  # valid OVA: its descriptor, against the schema.
  valid () { tar -xOf "$1" --wildcards '*.ovf' | xmllint --nonet --noout --schema "$OVF_SCHEMA" - >"$tmp/problems" 2>&1; }
  for name in one el; do
    valid "$tmp/$name.ova"
    ok $? "$name.ova: its descriptor is valid by $OVF_SCHEMA" || diag "$(cat "$tmp/problems")"
  done
  tar -xOf "$tmp/one.ova" --wildcards '*.ovf' | sed '/<References>/,/<\/References>/d' |
    xmllint --nonet --noout --schema "$OVF_SCHEMA" - >"$tmp/problems" 2>&1
  is $? 3 "and one without its references is not"
else
  ok 0 "the descriptors are valid by DMTF's schema # SKIP OVF_SCHEMA does not name it: see docs/HACKING.md"
fi

# The reader can fail: each of these is one that it must find.
# shellcheck disable=SC2016  # from here on: Perl's variables
# spoiled NAME WORDS PERL: one.ova changed by PERL, which has it in $_; the reader says WORDS.
spoiled ()
{
  perl -0777 -pe "$3" "$tmp/one.ova" >"$tmp/spoiled.ova"
  "$LODGE_TOP/tests/read-ova" "$tmp/spoiled.ova" >/dev/null 2>"$tmp/problems" && echo "nothing" >"$tmp/problems"
  like "$(cat "$tmp/problems")" "$2" "the reader finds $1"
}
spoiled "a changed byte of the disk" "the digest of .*vmdk" 'substr ($_, 3_000_000, 1) ^= "\1"'
spoiled "a changed digest" "the digest of .*ovf" 's/(SHA256\(.*?\)= )(.)/$1 . ($2 eq "0" ? "1" : "0")/e'
spoiled "a blank in the manifest" "manifest: .SHA25 " 's/SHA256\(/SHA25 (/'
spoiled "another name" "the members are" 's/lodge-debian-13\.mf\0/lodge-debian-13.mx\0/'
spoiled "an owner" "ovf: owner" 'substr ($_, 108, 7) = "0001750"'
spoiled "one id twice" "InstanceIDs are not unique" 's/InstanceID>5</InstanceID>4</'
spoiled "a parent that there is none of" "item 4: Parent" 's/Parent>3</Parent>9</'
spoiled "a missing end" "two blocks of zeros|cut short" '$_ = substr ($_, 0, length ($_) - 10240)'
spoiled "an element out of order" "not in the schema" 's/(<rasd:ElementName>.*?<\/rasd:ElementName>\s*)(<rasd:InstanceID>.*?<\/rasd:InstanceID>\s*)/$2$1/s'
spoiled "a stream without its end" "vmdk: (it ends without|marker at)" '
  my $header = index ($_, "lodge-debian-13-disk1.vmdk\0");
  substr ($_, $header + 512 + oct (substr $_, $header + 124, 11) - 512, 1) = "\1"'
done_testing
