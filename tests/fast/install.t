#!/bin/sh
# make install: the builder and the sources alone, which then plan a build from where they are.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
[ -x "$LODGE_BUILD/lodge" ] || skip_all "lodge is not built: run 'make'"
# Not the flags of the make that runs the tests.
unset MAKEFLAGS MFLAGS MAKELEVEL

# shellcheck disable=SC2154  # tmp is functions.sh's
make -n -C "$LODGE_TOP" install BUILD="$tmp/build" DESTDIR="$tmp/root" >"$tmp/commands" 2>&1
is $? 0 "make -n install"
commands=$(cat "$tmp/commands")
like "$commands" 'apt-get .*install' "it installs what is missing"
like "$commands" 'libguestfs-dev' "the builder's libraries among it"
unlike "$commands" 'libparted-dev|libnm-dev|libvirt-dev' "but not lodge-firstboot's"
like "$commands" "$tmp/build/builder/main\.o" "the builder is compiled"
unlike "$commands" "$tmp/build/firstboot/" "and lodge-firstboot is not"

# Nothing is to be downloaded here: the lists of packages are empty.
make -C "$LODGE_TOP" install BUILD="$LODGE_BUILD" DESTDIR="$tmp/root" PREFIX=/opt/lodge DEPS_DEBIAN= DEPS_EL= \
  >"$tmp/commands" 2>&1
is $? 0 "make install DESTDIR= PREFIX=" || diag "$(cat "$tmp/commands")"
is "$(ls "$tmp/root")" opt "nothing is outside PREFIX"
output=$(cd "$tmp" && env -u LODGE_TOP "$tmp/root/opt/lodge/bin/lodge" build debian-13 -n 2>&1)
is $? 0 "the installed lodge finds its templates" || diag "$output"
done_testing
