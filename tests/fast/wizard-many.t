#!/bin/bash
# A disk with many partitions: what is on it is told, and what is asked for still has its place.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

machine=$tmp/many
cp -r "$hardware/vm-qemu-svm" "$machine"
disk=$(cd "$machine/sys/block/nvme0n1" && pwd -P)
sed -i 's/"label": "old"/"label": "a longer label"/' "$machine/run/lodge-capture/signatures/nvme0n1.json"
for n in {1..24}; do
  mkdir "$disk/nvme0n1p$n"
  echo "$n" >"$disk/nvme0n1p$n/partition"
  echo "259:$n" >"$disk/nvme0n1p$n/dev"
  ln -s "$disk/nvme0n1p$n" "$machine/sys/class/block/nvme0n1p$n"
  sed "s/\"device\": \"nvme0n1\"/\"device\": \"nvme0n1p$n\"/" "$machine/run/lodge-capture/signatures/nvme0n1.json" \
    >"$machine/run/lodge-capture/signatures/nvme0n1p$n.json"
done
# screen_of WIDTH HEIGHT
screen_of ()
{
  terminal_start "$1" "$2" env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$machine"
  seen 'Keyboard'; keys F12
  seen 'Can this'; keys F12
  seen '\[\*\] vda'; keys Space Up Up Up Up Space
  seen '\[\*\] nvme0n1'; keys F12
  seen 'What to make'
}
screen_of 80 24
fits "many partitions"
sees 'Type NVME0001 to erase nvme0n1 ' "what is to be typed is asked for"
like "$(screen | tr -d '\n│' | tr -s ' ')" 'and 20 more' "some of what is on the disk is told, and how much more there is"
keys F12
sees 'is not empty' "what is missing is told"
fits "and a complaint"
keys F2
sees 'Details' "F2 tells all"
terminal_end
done_testing
