#!/bin/bash
# The same inputs give the same image to the last byte: made anew, from the cache, and made anew by somebody with another
# umask, time zone and language; and what is edited while a build works is not in its image, nor in what it leaves in the
# cache.  Three builds, two of them without a cache: some minutes.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
[ -x "$lodge" ] || skip_all "lodge is not built: run 'make'"
for program in jq sfdisk debugfs; do requires $program; done
# shellcheck disable=SC2154  # tmp is functions.sh's
cache=$tmp/cache
top=$tmp/top
mkdir -m 0700 "$cache"
mkdir "$top" "$tmp/first" "$tmp/second" "$tmp/third"
cp -R "$LODGE_TOP/common" "$LODGE_TOP/firstboot" "$LODGE_TOP/templates" "$LODGE_TOP/Makefile" "$top"
mkdir -p "$top/templates/debian-13/files/etc/default"
late=$top/templates/debian-13/files/etc/lodge-late
early=$top/templates/debian-13/files/etc/default/lodge-early
program=$top/firstboot/main.c
echo before | tee "$late" >"$early"
cp "$program" "$tmp/main.c"
# The downloads are no part of this, and neither are new lists between two builds.
shared=${XDG_CACHE_HOME:-$HOME/.cache}/lodge
[ ! -d "$shared/packages" ] || cp -Rl "$shared/packages" "$cache" 2>/dev/null || cp -R "$shared/packages" "$cache"
unset SOURCE_DATE_EPOCH

# build DIRECTORY OPTION…
build ()
{
  local directory=$1
  shift
  LODGE_TOP=$top "$lodge" build debian-13 --cache "$cache" -o "$tmp/$directory/kvm.raw" "$@" >"$tmp/$directory/log" 2>&1
}
same () { cmp "$tmp/first/kvm.raw" "$tmp/$1/kvm.raw" >"$tmp/difference" 2>&1; }
# Where two images differ, for who has to find out why: partition and byte in it.
where ()
{
  cmp -l "$tmp/first/kvm.raw" "$tmp/$1/kvm.raw" 2>/dev/null | head -n 20
}

build first &
pid=$!
if wait_line "$tmp/first/log" '^install: ' 900 $pid >/dev/null; then
  echo edited | tee "$late" >"$early"
  echo 'const char lodge_edited[] = "edited";' >>"$program"
fi
wait $pid
ok $? "a build that makes everything" || { diag "$(tail -n 3 "$tmp/first/log")"; done_testing; }
like "$(cat "$tmp/first/log")" '^install: ' "in the middle of which its inputs are edited"
echo before | tee "$late" >"$early"
cp "$tmp/main.c" "$program"

build second
ok $? "a build from the cache" || diag "$(tail -n 3 "$tmp/second/log")"
unlike "$(cat "$tmp/second/log")" '^install: ' "which installs nothing"
same second
ok $? "gives the same image" || diag "$(cat "$tmp/difference"; where second)"
is "$(sed 's/ .*//' "$tmp/second/kvm.sha256")" "$(sed 's/ .*//' "$tmp/first/kvm.sha256")" "as its checksum says"
ok "$(cmp -s "$tmp/first/kvm.manifest.json" "$tmp/second/kvm.manifest.json"; echo $?)" "and the same manifest"
ok "$(cmp -s "$tmp/first/kvm.map" "$tmp/second/kvm.map"; echo $?)" "and the same flash map"

(
  umask 077
  export TZ=Asia/Tokyo LC_ALL=C LANG=de_DE.UTF-8 HOME=$tmp
  build third --no-cache
)
ok $? "a build without a cache, with another umask, time zone and language" || diag "$(tail -n 3 "$tmp/third/log")"
like "$(cat "$tmp/third/log")" '^install: ' "which makes everything again"
same third
ok $? "gives the same image" || diag "$(cat "$tmp/difference"; where third)"

# And not because nothing counts.
echo other >"$late"
SOURCE_DATE_EPOCH=1000000000 build second
ok $? "a build with another file and another date" || diag "$(tail -n 3 "$tmp/second/log")"
same second
ok $(($? != 1)) "gives another image"
start=$(sfdisk --json "$tmp/second/kvm.raw" | jq '.partitiontable.partitions[] | select(.name == "root").start')
inside () { debugfs -R "$1 /etc/lodge-late" "$tmp/second/kvm.raw?offset=$((start * 512))" 2>/dev/null; }
is "$(inside cat) $((16#$(inside stat | sed -n 's/^ *mtime: 0x\([0-9a-f]*\).*/\1/p')))" "other 1000000000" "with that file and that date"
done_testing
