# What the shell tests share: TAP, temporary files, waiting for a condition with a bound.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# A test sources this file, calls ok/is/like, and ends with done_testing.  Everything below $tmp is gone at its end.

set -u
export LC_ALL=C.UTF-8
: "${LODGE_TOP:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${LODGE_BUILD:=$LODGE_TOP/build}"
: "${LODGE_IMAGE:=$LODGE_TOP/images/kvm-host.raw}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lodge-test.XXXXXX")
tap_count=0
tap_failed=0

cleanup_functions=
at_exit () { cleanup_functions="$1 $cleanup_functions"; }
run_cleanup ()
{
  for f in $cleanup_functions; do $f; done
  rm -rf "$tmp"
}
trap run_cleanup EXIT
trap 'exit 130' INT TERM HUP

skip_all () { echo "1..0 # SKIP $*"; exit 0; }
requires () { command -v "$1" >/dev/null 2>&1 || skip_all "$1 is not installed"; }
diag () { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok STATUS DESCRIPTION: STATUS 0 passes.
ok ()
{
  tap_count=$((tap_count + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $tap_count - $2"
  else
    echo "not ok $tap_count - $2"
    tap_failed=$((tap_failed + 1))
    return 1
  fi
}

# is GOT WANTED DESCRIPTION
is ()
{
  if [ "$1" = "$2" ]; then ok 0 "$3"; else
    ok 1 "$3"; diag "got:    $1"; diag "wanted: $2"; return 1; fi
}

# like TEXT EXTENDED-REGEX DESCRIPTION
like ()
{
  if printf '%s\n' "$1" | grep -Eq -- "$2"; then ok 0 "$3"; else
    ok 1 "$3"; diag "got:           $1"; diag "does not match: $2"; return 1; fi
}

# unlike TEXT EXTENDED-REGEX DESCRIPTION
unlike ()
{
  if printf '%s\n' "$1" | grep -Eq -- "$2"; then
    ok 1 "$3"; diag "got:     $1"; diag "matches: $2"; return 1; else ok 0 "$3"; fi
}

done_testing ()
{
  echo "1..$tap_count"
  [ "$tap_failed" -eq 0 ]
  exit $?
}

# wait_line FILE REGEX SECONDS [PID]: until a line of FILE matches; fails when time is up or PID ends first.  Prints the
# line.  An unfinished line (a login prompt has no line end) counts when nothing more of it comes for two seconds.
wait_line ()
{
  timeout "$3" tail -c +1 -F ${4:+--pid="$4"} "$1" 2>/dev/null | WANTED=$2 perl -e '
    my ($text, $wanted, $ready) = ("", qr/$ENV{WANTED}/, "");
    vec ($ready, 0, 1) = 1;
    for (;;) {
      my $more = select (my $set = $ready, undef, undef, $text =~ /$wanted/ ? 2 : undef);
      my $ended = $more && !sysread STDIN, $text, 65536, length $text;
      while ($text =~ s/^(.*\n)//) { my $line = $1; if ($line =~ /$wanted/) { print $line; exit 0 } }
      if ((!$more || $ended) && $text =~ /$wanted/) { print "$text\n"; exit 0 }
      exit 1 if $ended;
    }'
}
