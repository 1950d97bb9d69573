#!/bin/bash
# Every file's SELinux label in the image, read by the kernel, beside what matchpathcon(8) says of its path: two programs that
# are not ours, over the image's own file_contexts.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in jq sfdisk matchpathcon getfattr unshare; do requires $program; done
[ "$(id -u)" -eq 0 ] || skip_all "run as root: it mounts the image, where nobody else sees it"
[ -s "$LODGE_IMAGE" ] || skip_all "no image: run 'make check-el' first"

start=$(($(sfdisk --json "$LODGE_IMAGE" | jq '.partitiontable.partitions[3].start') * 512))
cat >"$tmp/read" <<'R'
set -e
mkdir "$3/mount"
mount -o "loop,ro,noload,offset=$2" "$1" "$3/mount"
cd "$3/mount"
mkdir "$3/contexts"
for f in etc/selinux/targeted/contexts/files/file_contexts{,.homedirs,.local,.subs,.subs_dist}; do
  if [ -e "$f" ]; then cp "$f" "$3/contexts"; fi
done
find . -printf '%y\t%i\t%n\t/%P\n' >"$3/files"
find . -print0 | xargs -0 getfattr -h --absolute-names -n security.selinux 2>"$3/unlabelled" | awk '
  /^# file: / { path = substr ($0, 9); gsub (/\\134/, "\\", path); sub (/^\./, "", path); if (path == "") path = "/" }
  /^security.selinux=/ { label = $0; sub (/^security.selinux="/, "", label); sub (/"$/, "", label); sub (/\\000$/, "", label)
                         print path "\t" label }' >"$3/labels"
R
unshare --mount bash "$tmp/read" "$LODGE_IMAGE" "$start" "$tmp"
ok $? "the root file system can be mounted and read"
count=$(wc -l <"$tmp/files")
[ "$count" -gt 10000 ]
ok $? "it has $count files"
is "$(wc -l <"$tmp/labels")" "$count" "each has a label" || diag "$(head -n 10 "$tmp/unlabelled")"

# What matchpathcon says, asked for all files of one kind at a time.
while read -r type mode; do
  awk -F '\t' -v type="$type" '$1 == type { print $4 }' "$tmp/files" >"$tmp/some"
  [ -s "$tmp/some" ] || continue
  xargs -d '\n' matchpathcon -N -f "$tmp/contexts/file_contexts" -m "$mode" <"$tmp/some" >>"$tmp/wanted" 2>>"$tmp/errors"
done <<'END'
f file
d dir
l lnk_file
c chr_file
b blk_file
s sock_file
p fifo_file
END
is "$(wc -l <"$tmp/wanted")" "$count" "matchpathcon knows all of them" || diag "$(head -n 5 "$tmp/errors")"

# <<none>>: the directory's.  A file with several names has the label of one of them.
awk -F '\t' '
  FILENAME == ARGV[1] { label[$1] = $2; next }
  FILENAME == ARGV[2] { wanted[$1] = $2; next }
  { parent = $4; sub (/\/[^\/]*$/, "", parent); if (parent == "") parent = "/"
    expected = wanted[$4] == "<<none>>" ? label[parent] : wanted[$4]
    links[$2] = $1 == "d" ? 1 : $3
    good = label[$4] == expected
    if (good) fine[$2] = 1
    if (!good) wrong[$2] = $4 ": " label[$4] ", not " expected }
  END { for (inode in wrong) if (links[inode] == 1 || !(inode in fine)) print wrong[inode] }' \
  "$tmp/labels" "$tmp/wanted" "$tmp/files" | sort >"$tmp/wrong"
is "$(wc -l <"$tmp/wrong")" 0 "each label is the one that file_contexts gives" || diag "$(head -n 20 "$tmp/wrong")"
[ "$(cut -f 2 "$tmp/labels" | sort -u | wc -l)" -gt 50 ]
ok $? "there are many kinds of them ($(cut -f 2 "$tmp/labels" | sort -u | wc -l))"
done_testing
