# shellcheck shell=sh disable=SC2154  # tmp is functions.sh's
# What tests of the RPM family share; sourced after tests/functions.sh.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# The stand-in is signed with a throw-away key, which no template of Lodge trusts: standin_template writes one that is the
# same as one of Lodge's but for that.

standin_require ()
{
  for program in dnf rpmbuild rpmsign createrepo_c mmdebstrap gpg python3 bsdtar; do requires $program; done
  standin=$("$LODGE_TOP/tests/standin/make-stand-in") || skip_all "the stand-in repository cannot be made here"
  standin_fingerprint=$(cat "$standin/fingerprint")
}

# standin_template NAME [FINGERPRINT]: prints the path of a template NAME that trusts FINGERPRINT instead.
standin_template ()
{
  directory=$tmp/templates/$1-stand-in
  mkdir -p "$directory"
  printf '[Distribution]\nFingerprints=\nKeyUrls=\n' >"$directory/no-key.conf"
  cat >"$directory/template.conf" <<END
[Template]
Description=KVM host on a stand-in for $1 (Debian binaries, a test fixture)
Include=$LODGE_TOP/templates/$1/template.conf no-key.conf
[Distribution]
OsName=$1 stand-in
Fingerprints=${2:-$standin_fingerprint}
END
  echo "$directory/template.conf"
}
