#!/bin/bash
# One build in all formats, and the next, compressed, beside it: each holds the same bytes as the others, as programs see
# them that know the formats and not our code, and what stands beside them is right.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
[ -x "$lodge" ] || skip_all "lodge is not built: run 'make'"
for program in jq python3 tar qemu-img sha256sum zstd; do requires $program; done
# shellcheck disable=SC2154  # tmp is functions.sh's
out=$tmp/out
mkdir "$out"
# build OPTION…: a root that is in the cache is taken from there.
build () { "$lodge" build debian-13 -o "$out/kvm.raw" "$@" >"$tmp/printed" 2>"$tmp/log"; }
manifest () { jq -r "$1" "$out/kvm.manifest.json"; }
# sums FORMAT…: the checksum file names these and they are as it says, and so is the manifest.
sums ()
{
  local format names=
  for format in "$@"; do names="$names kvm.$format"; done
  is "$(sed 's/.*  //' "$out/kvm.sha256" | sort | xargs)" "${names# }" "the checksum file names$names"
  (cd "$out" && sha256sum --strict --check kvm.sha256 >"$tmp/checked" 2>&1)
  ok $? "sha256sum finds them as it says" || diag "$(cat "$tmp/checked")"
  is "$(manifest '.outputs[] | .sha256 + "  " + .name' | sort)" "$(sort "$out/kvm.sha256")" "the manifest has the same names and checksums"
  # shellcheck disable=SC2086  # several names
  is "$(manifest '.outputs[] | .name + " " + (.size | tostring)' | sort)" "$(cd "$out" && stat -c '%n %s' $names | sort)" "and their lengths"
}

build --format raw,qcow2,vmdk,ova
ok $? "a build in four formats" || { diag "$(tail -n 5 "$tmp/log")"; done_testing; }
is "$(xargs <"$tmp/printed")" "$out/kvm.raw $out/kvm.qcow2 $out/kvm.vmdk $out/kvm.ova" "it prints where they are"
is "$(grep -c '^lodge: note: this image for VMware has no open-vm-tools, ' "$tmp/log")" 1 "and says once what the template lacks for VMware"
is "$(cd "$out" && echo .[!.]* *)" ".[!.]* kvm.manifest.json kvm.map kvm.ova kvm.qcow2 kvm.raw kvm.sha256 kvm.vmdk" "nothing else is there"
sums ova qcow2 raw vmdk
for format in qcow2 vmdk; do
  qemu-img compare -f raw -F $format "$out/kvm.raw" "$out/kvm.$format" >"$tmp/compared" 2>&1
  ok $? "qemu-img: $format and raw are identical" || diag "$(cat "$tmp/compared")"
  qemu-img check -q -f $format "$out/kvm.$format" 2>"$tmp/compared"
  ok $? "and nothing is wrong with it" || diag "$(cat "$tmp/compared")"
done
"$LODGE_TOP/tests/read-ova" "$out/kvm.ova" "$out/kvm.raw" >"$tmp/facts" 2>"$tmp/problems"
ok $? "the strict reader has nothing against the OVA, and finds the raw image's bytes in it" || diag "$(cat "$tmp/problems")"
tar -xOf "$out/kvm.ova" lodge-debian-13-disk1.vmdk | cmp - "$out/kvm.vmdk"
ok $? "its disk is the VMDK"
# A comparison that finds nothing would be no proof.
cp --sparse=always "$out/kvm.raw" "$tmp/other.raw"
printf x | dd of="$tmp/other.raw" bs=1 seek=$((5 << 20)) conv=notrunc status=none
qemu-img compare -q -f raw -F qcow2 "$tmp/other.raw" "$out/kvm.qcow2"
is $? 1 "one byte more is a difference"
rm "$tmp/other.raw"

before=$(manifest .build_hash)
build --compress zst
ok $? "a build that compresses, beside the others" || { diag "$(tail -n 5 "$tmp/log")"; done_testing; }
is "$(xargs <"$tmp/printed")" "$out/kvm.raw.zst" "it prints where that is"
is "$(manifest .build_hash)" "$before" "it is of the same image"
sums ova qcow2 raw raw.zst vmdk
zstd -q -d -c "$out/kvm.raw.zst" | cmp - "$out/kvm.raw"
ok $? "it decompresses to the raw image"
is "$(zstd -lv "$out/kvm.raw.zst" 2>&1 | sed -n 's/^Decompressed Size:.*(\([0-9]*\) B)/\1/p')" "$(stat -c %s "$out/kvm.raw")" "whose length its header tells"
done_testing
