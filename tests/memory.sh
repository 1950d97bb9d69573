#!/bin/sh
# The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, then under valgrind.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
set -eu
cd "$(dirname "$0")/.."
tests=$(for t in tests/unit/test-*.c; do basename "$t" .c; done)

# As make's other targets name it: what an object depends on is written down under its own name.
build=${LODGE_BUILD:-build}
build=${build#"$PWD/"}
targets=$(for t in $tests; do echo "$build-sanitize/tests/$t"; done)
# shellcheck disable=SC2086  # names of tests hold no blanks
make --no-print-directory -s -j2 BUILD="$build-sanitize" OPTIMIZE='-O1 -g' \
  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' $targets "$build-sanitize/lodge-sandbox" "$build-sanitize/lodge-processor-init"
# libparted and GLib keep what they allocated once for good; the suppressions name them.
# shellcheck disable=SC2086
ASAN_OPTIONS=suppressions=tests/asan.supp:print_suppressions=0 \
LSAN_OPTIONS=suppressions=tests/leaks.supp:print_suppressions=0 G_SLICE=always-malloc LODGE_BUILD="$build-sanitize" \
  prove --timer --merge -j2 $targets

targets=$(for t in $tests; do echo "$build/tests/$t"; done)
# shellcheck disable=SC2086
make --no-print-directory -s -j2 BUILD="$build" $targets "$build/lodge-sandbox" "$build/lodge-processor-init"
# shellcheck disable=SC2086
G_SLICE=always-malloc LODGE_VALGRIND=1 \
  prove --timer --merge -j2 --exec 'valgrind -q --error-exitcode=99 --leak-check=no --max-stackframe=8388608 --suppressions=tests/valgrind.supp' \
  $targets
