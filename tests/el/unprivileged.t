#!/bin/bash
# An ordinary user's root file system is root's: names, kinds, modes, owners, sizes, links, capabilities, labels, content.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/standin/standin.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in setpriv unshare getfattr newuidmap; do requires $program; done
[ "$(id -u)" -eq 0 ] || skip_all "run as root: it builds as both"
# Where nobody has a range of uids, "nobody" gets one that only this test sees.
if [ -n "${LODGE_OWN_RANGE:-}" ]; then
  echo nobody:100000:65536 >"$tmp/range"
  mount --bind "$tmp/range" /etc/subuid && mount --bind "$tmp/range" /etc/subgid || skip_all "nobody can have a range of uids here"
fi
user=$(while IFS=: read -r name first count; do
         [ "${count:-0}" -ge 65536 ] && [ -n "$first" ] && [ "$name" != root ] && id -u "$name" >/dev/null 2>&1 && { echo "$name"; break; }
       done </etc/subuid 2>/dev/null)
if [ -z "$user" ] && [ -z "${LODGE_OWN_RANGE:-}" ]; then
  rm -r "$tmp"
  LODGE_OWN_RANGE=yes exec unshare --mount --propagation private bash "$0"
fi
[ -n "$user" ] || skip_all "no ordinary user here has a uid range in /etc/subuid"
[ -z "${LODGE_EL_SOURCE:-}" ] || skip_all "test-el-root builds from the stand-in"
standin_require

# The user cannot look into root's cache.
chmod 755 "$tmp"
mkdir "$tmp/standin" "$tmp/home"
cp -r "$standin/1" "$standin/fingerprint" "$standin/RPM-GPG-KEY-standin" "$tmp/standin"
chmod -R a+rX "$tmp/standin"
chown "$user" "$tmp/home"
export LODGE_TOP LODGE_BUILD LODGE_STANDIN=$tmp/standin
setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups test -x "$LODGE_BUILD/tests/test-el-root" ||
  skip_all "$user may not look into $LODGE_BUILD"

LODGE_TEST_IMAGE=$tmp/root.ext4 "$LODGE_BUILD/tests/test-el-root" -p /el/root >"$tmp/log" 2>&1
ok $? "root makes a root file system" || diag "$(tail -n 20 "$tmp/log")"
HOME=$tmp/home LODGE_TEST_IMAGE=$tmp/home/user.ext4 setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
  "$LODGE_BUILD/tests/test-el-root" -p /el/root >"$tmp/log" 2>&1
ok $? "so does $user" || diag "$(tail -n 20 "$tmp/log")"

# describe IMAGE FILE: mounted where nobody else sees it.
cat >"$tmp/describe" <<'D'
set -e
mkdir -p "$2.mount"
mount -o loop,ro,noload "$1" "$2.mount"
cd "$2.mount"
find . -type d -printf '%P|%y|%m|%U:%G\n' -o -printf '%P|%y|%m|%U:%G|%s|%l\n' | sort >"$2.tree"
find . -print0 | sort -z | xargs -0 getfattr -h -d -m - -e hex >"$2.attributes"
find . -type f -print0 | sort -z | xargs -0 sha256sum >"$2.content"
D
unshare --mount bash "$tmp/describe" "$tmp/root.ext4" "$tmp/root" && unshare --mount bash "$tmp/describe" "$tmp/home/user.ext4" "$tmp/user"
ok $? "both can be mounted and read"
for what in tree attributes content; do
  [ "$(wc -l <"$tmp/root.$what")" -gt 10000 ] && diff "$tmp/root.$what" "$tmp/user.$what" >"$tmp/diff"
  ok $? "they have the same $what ($(wc -l <"$tmp/root.$what") lines)" || diag "$(head -n 40 "$tmp/diff")"
done
ok "$(grep -q '^security.capability=' "$tmp/root.attributes"; echo $?)" "capabilities are among them"
is "$(grep -c '^# file:' "$tmp/root.attributes")" "$(wc -l <"$tmp/root.tree")" "every file has attributes: its label"
done_testing
