#!/bin/sh
# Format and static checks: clang-format, cppcheck, clang-tidy, mandoc, and the rules of docs/HACKING.md that grep can see.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
complain () { echo "lint: $*" >&2; failed=1; }

sources=$(find common builder firstboot tests/unit -name '*.[ch]')
units=$(find common builder firstboot -name '*.c')

# shellcheck disable=SC2086  # names of sources hold no blanks
clang-format --dry-run --Werror $sources || complain "clang-format: run 'make format'"

# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -j2 --library=gtk -I. -I"${LODGE_BUILD:-build}" \
  --enable=warning,portability --suppress=unknownMacro --suppress=memleak --suppress=varFuncNullUB --suppress=nullPointerRedundantCheck \
  --suppress=normalCheckLevelMaxBranches $units || complain "cppcheck"

flags=$(pkg-config --cflags gio-unix-2.0 json-glib-1.0 libguestfs libarchive libparted blkid mount libnm libvirt libcurl libnewt slang libcrypt)
# shellcheck disable=SC2086
# unix.Malloc: clang-tidy 14 does not see what g_autoptr frees.
printf '%s\n' $units | xargs -P2 -I{} sh -c '
  out=$(clang-tidy --quiet --warnings-as-errors="*" \
    --checks="-*,clang-analyzer-*,bugprone-use-after-move,bugprone-infinite-loop,bugprone-suspicious-*,bugprone-string-*,bugprone-signal-handler,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-valist.Uninitialized,-clang-analyzer-unix.Malloc" \
    "$1" -- -std=c17 -D_GNU_SOURCE -I. -I"${LODGE_BUILD:-build}" $2 2>/dev/null)
  [ -z "$out" ] || { printf "%s\n" "$out"; exit 1; }' sh {} "$flags" || complain "clang-tidy"

for m in docs/*.[0-9]; do
  mandoc -T lint -W warning "$m" || complain "$m"
done

# The architecture, as far as includes show it.
grep -ln '#include "firstboot/' builder/*.[ch] && complain "builder/ includes firstboot/"
grep -ln '#include "builder/' firstboot/*.[ch] common/*.[ch] && complain "firstboot/ or common/ includes builder/"
grep -ln '#include "firstboot/' common/*.[ch] && complain "common/ includes firstboot/"
grep -lE '#include <(guestfs|parted|newt|libvirt|NetworkManager)' builder/plan.c firstboot/plan*.c && complain "a plan includes a library that writes"
[ "$(grep -l 'include <newt.h>' firstboot/*.[ch])" = firstboot/ui-newt-private.h ] || complain "newt.h is included elsewhere"
grep -nE '(^|[=;(!&|,{]|return) *(system|popen) \(' $units && complain "a shell string"
grep -n 'g_ascii_string_to_' $units tests/unit/*.c && complain "use common/number.h, which says why"
grep -nE '^ *//|[;{}] *// ' $sources && complain "use /* */ comments"
long=$(awk 'FNR == 1 && NR > 1 { if (n > 450) print f ": " n " lines" } { f = FILENAME; n = FNR } END { if (n > 450) print f ": " n " lines" }' $(echo "$units" | grep -v /messages-))
[ -z "$long" ] || complain "files that may hold more than one concern:
$long"
exit $failed
