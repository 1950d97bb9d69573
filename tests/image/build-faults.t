#!/bin/bash
# Real builds that come to no good end: stopped at each stage, killed, without a mirror, without space, two at once.
# One sentence, the exit status, and nothing left.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
[ -x "$lodge" ] || skip_all "lodge is not built: run 'make'"
# shellcheck disable=SC2154  # tmp is functions.sh's
out=$tmp/out
# A cache of its own, so that what builds leave in it can be told from what others do there.
shared=${XDG_CACHE_HOME:-$HOME/.cache}/lodge
export XDG_CACHE_HOME=$tmp/xdg
cache=$XDG_CACHE_HOME/lodge
mkdir -p -m 0700 "$XDG_CACHE_HOME" "$cache"
for part in packages roots toolchains programs; do
  [ ! -d "$shared/$part" ] || cp -al "$shared/$part" "$cache" 2>/dev/null || cp -a "$shared/$part" "$cache"
done
mkdir "$out" "$tmp/temporary"
# The appliance that libguestfs makes for all its users stays, on purpose.
export LIBGUESTFS_CACHEDIR=${LIBGUESTFS_CACHEDIR:-${TMPDIR:-/var/tmp}} TMPDIR=$tmp/temporary
# libguestfs keeps its sockets in a place of its own.
sockets=/tmp
[ "$(id -u)" = 0 ] || sockets=${XDG_RUNTIME_DIR:-/tmp}
touch "$tmp/begin"

# start OPTION…: a build in the background; $pid, its words in $tmp/log.
start ()
{
  # Here and not by the job: its first words must not be looked for in the log of the one before.
  : >"$tmp/log"
  # As at a terminal: a process group of its own, in which SIGINT is not
  # ignored, as it is in a shell's background job, nor SIGHUP, as it is under nohup(1).
  perl -e 'setpgrp; $SIG{$_} = "DEFAULT" for qw(INT HUP); exec @ARGV or die' "$lodge" build debian-13 -o "$out/kvm.raw" "$@" >"$tmp/log" 2>&1 &
  pid=$!
}

# Every process that was started for the build names its output or its place in the cache.
processes () { pgrep -f -- "$tmp" | grep -vx -e "$$" -e "$BASHPID"; }
# What is left in ten seconds at most: a process that was killed may take a moment to be gone.
nothing_left ()
{
  local what=$1 left n=100
  while [ -n "$(processes)" ] && [ $((n -= 1)) -gt 0 ]; do read -rt 0.1 <> <(:); done
  left=$(find "$out" "$TMPDIR" "$cache/tmp" -mindepth 1 2>/dev/null; processes; grep -F "$out" /proc/mounts
         find "$sockets" -maxdepth 1 -name 'libguestfs??????' -user "$(id -u)" -newer "$tmp/begin")
  is "$left" "" "$what: no file, process or mount is left"
}

# stopped STAGE SIGNAL… [-- OPTION…]: signals the build when it is in STAGE; INT as Ctrl-C does, with all that it started.
stopped ()
{
  local stage=$1 signals='' seconds
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do signals="$signals $1"; shift; done
  shift || true
  start "$@"
  wait_line "$tmp/log" "^$stage: " 600 $pid >/dev/null || diag "$(tail -n 5 "$tmp/log")"
  seconds=$SECONDS
  for signal in $signals; do
    if [ "$signal" = INT ]; then kill -s INT -- -$pid; else kill -s "$signal" $pid; fi
  done
  wait $pid
  is $? 1 "$stage:$signals: exit status 1"
  ok $((SECONDS - seconds > 20)) "$stage:$signals: at once ($((SECONDS - seconds)) s)"
  like "$(tail -n 1 "$tmp/log")" '^lodge: stopped (by (Ctrl-C|SIGTERM|SIGHUP)|at once)$' "$stage:$signals: it says so"
  nothing_left "$stage:$signals"
}

stopped packages INT
stopped disk INT
stopped disk HUP
stopped hash TERM
stopped packages TERM TERM
stopped disk INT INT
for signal in INT TERM; do
  stopped install $signal -- --no-cache
  is "$(ls -A "$cache/tmp" 2>/dev/null)" "" "install:$signal: nothing unfinished is left in the cache"
done
stopped filesystem INT -- --no-cache
is "$(ls -A "$cache/tmp" 2>/dev/null)" "" "filesystem: nothing unfinished is left in the cache"

# Killed outright: the next build clears what it left.
start
wait_line "$tmp/log" '^packages: ' 600 $pid >/dev/null
kill -KILL $pid
wait $pid 2>/dev/null
ok "$([ -d "$out/.kvm.work" ]; echo $?)" "a build that is killed outright leaves its work directory"
stopped packages TERM

# Two builds into one output.
start
wait_line "$tmp/log" '^packages: ' 600 $pid >/dev/null
"$lodge" build debian-13 -o "$out/kvm.qcow2" >"$tmp/second" 2>&1
is $? 3 "a second build into the same output is refused: exit status 3"
like "$(cat "$tmp/second")" "^lodge: another build, process $pid, is writing $out/kvm\.qcow2; " "it names the first one"
kill $pid
wait $pid
nothing_left "two builds"

# No mirror, and nothing in the cache.
start --cache "$tmp/cache" --mirror http://127.0.0.1:9/debian
wait $pid
is $? 1 "no mirror: exit status 1"
like "$(tail -n 1 "$tmp/log")" '^lodge: .*http://127\.0\.0\.1:9/debian.*--mirror' "it names the mirror and the mend"
nothing_left "no mirror"

# No space, in file systems of their own in a mount namespace; an ordinary user's would have no uid range.
if [ "$(id -u)" = 0 ]; then
  mkdir "$tmp/small"
  for place in image cache; do
    cat >"$tmp/full.sh" <<S
mount -t tmpfs -o size=40M none "$tmp/small" || exit 99
exec "$lodge" build debian-13 $([ $place = image ] && echo "-o $tmp/small/kvm.raw" || echo "-o $out/kvm.raw --cache $tmp/small")
S
    unshare --mount sh "$tmp/full.sh" >"$tmp/log" 2>&1
    is $? 1 "no space for the $place: exit status 1"
    like "$(cat "$tmp/log")" '^lodge: no space for the .*more are needed' "it says how much is lacking"
    nothing_left "no space for the $place"
  done
fi

# A cache where no tree can be made, and an output where none has to be.
if [ "$(id -u)" = 0 ]; then
  mkdir "$tmp/plain"
  cat >"$tmp/noexec.sh" <<S
mount -t tmpfs -o noexec,size=4G none "$tmp/plain" || exit 99
exec "$lodge" build debian-13 "\$@"
S
  unshare --mount sh "$tmp/noexec.sh" -o "$out/kvm.raw" --cache "$tmp/plain/cache" >"$tmp/log" 2>&1
  is $? 1 "a cache on a file system mounted noexec: exit status 1"
  like "$(cat "$tmp/log")" '^lodge: the cache directory .*noexec.*--cache' "it says so"
  unshare --mount sh "$tmp/noexec.sh" -o "$tmp/plain/kvm.raw" --no-cache >"$tmp/log" 2>&1
  is $? 0 "an output on a file system mounted noexec" || diag "$(tail -n 3 "$tmp/log")"
  is "$(ls -A "$cache/tmp" 2>/dev/null)" "" "nothing unfinished is left in the cache"
fi

# A compiler that fails beside a root that is finished: the next build starts from that root.
top=$tmp/top
mkdir -p "$top" "$tmp/kept"
cp -a "$LODGE_TOP/common" "$LODGE_TOP/firstboot" "$LODGE_TOP/templates" "$top"
# Not before it is told to: it would be done long before the root.
printf 'firstboot:\n\tuntil [ -e go ]; do sleep 0.2; done; exit 1\n' >"$top/Makefile"
for part in packages toolchains; do cp -al "$cache/$part" "$tmp/kept" 2>/dev/null || cp -a "$cache/$part" "$tmp/kept"; done
chmod 0700 "$tmp/kept"
export LODGE_TOP=$top
start --cache "$tmp/kept"
n=6000
until root=$(compgen -G "$tmp/kept/tmp/*/*.ext4") || ! kill -0 $pid 2>/dev/null || [ $((n -= 1)) = 0 ]; do read -rt 0.1 <> <(:); done
# The copy that the build made of its sources.
for source in "$tmp"/kept/tmp/*/inputs/source; do touch "$source/go"; done
wait $pid
is $? 1 "lodge-firstboot cannot be compiled: exit status 1"
like "$(tail -n 1 "$tmp/log")" '^lodge: compile lodge-firstboot: ' "it says so"
is "$(ls "$tmp/kept/roots")" "${root##*/}" "the root, which was finished, is in the cache"
is "$(ls -A "$tmp/kept/tmp")" "" "and nothing unfinished"
unset LODGE_TOP
nothing_left "a compiler that fails"

# An image of an earlier build is as it was.
printf 'QFI\373earlier' >"$out/kvm.raw"
cp "$out/kvm.raw" "$tmp/earlier"
start
wait_line "$tmp/log" '^disk: ' 600 $pid >/dev/null
kill $pid
wait $pid
cmp "$out/kvm.raw" "$tmp/earlier"
is $? 0 "a build that is stopped leaves the earlier image as it was"
is "$(ls -A "$out")" kvm.raw "and nothing beside it"
done_testing
