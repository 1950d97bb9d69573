#!/bin/bash
# A machine that has nothing but an installation DVD: lodge build says what it lacks, and takes lodge-firstboot from the package
# that another machine made.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/standin/standin.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq sfdisk debugfs rpm rpmbuild bsdtar; do requires $program; done
[ -z "${LODGE_EL_SOURCE:-}" ] || skip_all "a mirror has no DVD: this is tried on the stand-in"
standin_require
lodge=$LODGE_BUILD/lodge
template=$(standin_template centos-stream-9)

"$lodge" package "$template" --source "$standin/1" -o "$tmp" >"$tmp/output" 2>"$tmp/error"
ok $? "lodge package" || diag "$(tail -n 20 "$tmp/error")"
package=$(cat "$tmp/output")
like "$package" '^/.*/lodge-firstboot-[0-9.]+-1\.el9\.x86_64\.rpm$' "the package is named after the release"
is "$(rpm -qp --queryformat '%{name} %{arch} %{buildhost}' "$package" 2>/dev/null)" "lodge-firstboot x86_64 lodge" "rpm reads it"
like "$(rpm -qp --requires "$package" 2>/dev/null)" '^libvirt\.so\.0' "it names the libraries that it is linked with"
is "$(rpm -qlvp "$package" 2>/dev/null | awk '{ print $3, $4 }' | sort -u)" "root root" "its files are root's"

dvd=$standin/stand-in-dvd.iso
"$lodge" build "$template" --source "$dvd" -o "$tmp/none.raw" >"$tmp/output" 2>"$tmp/error"
is $? 2 "the DVD alone is not enough"
like "$(cat "$tmp/error")" 'has no repository CRB, which compiling lodge-firstboot needs' "and the sentence says what is missing"
like "$(cat "$tmp/error")" '"lodge package centos-stream-9-stand-in" makes' "and how to go on"

# Whoever mixes up releases, or old and new, is told.
ten=$(standin_template centos-stream-10)
"$lodge" build "$ten" --source "$dvd" --firstboot "$package" -o "$tmp/none.raw" >"$tmp/output" 2>"$tmp/error"
is $? 2 "a package for another release is refused" || diag "$(tail -n 5 "$tmp/error")"
like "$(cat "$tmp/error")" "was compiled for the release el9, and the template's is el10" "and the sentence says so"
"$lodge" build "$template" --source "$dvd" --firstboot "$standin/1/RPM-GPG-KEY-standin" -o "$tmp/none.raw" >"$tmp/output" 2>"$tmp/error"
is $? 2 "what is no package is refused"
is "$(find "$tmp" -maxdepth 1 -name 'none.*' | wc -l)" 0 "nothing was written"

"$lodge" build "$template" --source "$dvd" --firstboot "$package" -o "$tmp/dvd.raw" >"$tmp/output" 2>"$tmp/error"
ok $? "with the package the DVD is enough" || diag "$(tail -n 20 "$tmp/error")"
sum=$(sha256sum "$package" | cut -d ' ' -f 1)
like "$(cat "$tmp/output" "$tmp/error")" "lodge-firstboot is taken from $package \\(SHA-256 $sum\\)" "the build says where it is from"
is "$(jq -r .firstboot_package_sha256 "$tmp/dvd.manifest.json")" "$sum" "and the manifest"
is "$(jq '.build_packages | length' "$tmp/dvd.manifest.json")" 0 "nothing was compiled"
root="$tmp/dvd.raw?offset=$(($(sfdisk --json "$tmp/dvd.raw" | jq '.partitiontable.partitions[3].start') * 512))"
for pair in usr/sbin/lodge-firstboot usr/lib/lodge/proof-init; do
  debugfs -R "dump /$pair $tmp/inside" "$root" 2>/dev/null
  is "$(sha256sum <"$tmp/inside")" "$(bsdtar -xOf "$package" "./$pair" | sha256sum)" "/$pair in the image is the package's"
done
done_testing
