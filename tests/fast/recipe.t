#!/bin/sh
# The keys of the cache hold a hash of the code that makes what is kept: a change of that code makes it anew.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires sha256sum

# shellcheck disable=SC2154  # tmp is functions.sh's
cp -R "$LODGE_TOP/Makefile" "$LODGE_TOP/builder" "$LODGE_TOP/common" "$tmp"
# recipe NAME: its value, with the header as make leaves it now
recipe ()
{
  MAKEFLAGS='' make -s -C "$tmp" BUILD=made made/builder/recipe.h >"$tmp/words" 2>&1 || diag "$(cat "$tmp/words")"
  sed -n "s/^#define LODGE_$1_RECIPE \"\([0-9a-f]\{64\}\)\"\$/\1/p" "$tmp/made/builder/recipe.h"
}
# changed FILE ROOT PROGRAMS BUILDER: what a change of FILE does to each
changed ()
{
  before="$(recipe ROOT) $(recipe PROGRAMS) $(recipe BUILDER)"
  # Newer than the header for certain, whatever the file system's clock.
  echo '/* changed */' >>"$tmp/$1"
  touch -d '1 hour' "$tmp/$1"
  after="$(recipe ROOT) $(recipe PROGRAMS) $(recipe BUILDER)"
  touch -d '1 hour ago' "$tmp/$1"
  # shellcheck disable=SC2086  # three words each
  is "$(set -- $before $after; for n in 1 2 3; do [ "$1" = "$4" ] && printf 'same ' || printf 'other '; shift; done)" \
    "$2 $3 $4 " "$1"
}

is "$(recipe ROOT | wc -c) $(recipe PROGRAMS | wc -c) $(recipe BUILDER | wc -c)" "65 65 65" "three hashes"
changed builder/debian-finish.c other same other
changed builder/sandbox-mounts.c other same other
changed builder/ext4.c other same other
changed builder/el-install.c other same other
changed builder/dnf-save.c other same other
changed builder/root-files.c other same other
changed builder/compile.c same other other
changed builder/progress.c same same other
changed common/size.c same same other
done_testing
