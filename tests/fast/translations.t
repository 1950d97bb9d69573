#!/bin/bash
# Every word of the screens is translated, and the compiled tables are those of firstboot/po/.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires xgettext
requires msgmerge
output=$("$LODGE_TOP/firstboot/po/update.sh" --check 2>&1)
ok $? "translations are complete and compiled" || diag "$output"

# What stops a step is shown on the failure screen: its sentence is in the translations, marked where it stands (HACKING,
# "Tests").  But for those with a macro in them, which xgettext cannot read, and a few words before what the C library says.
cd "$LODGE_TOP" || exit 1
unmarked=$(perl -0777 -ne '
  while (/(?:lodge_error_set|g_prefix_error) \(\s*\w+,\s*(?:LODGE_\w+,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)(?=[,)])/g) {
    my ($sentence, $letters) = ($1, $1);
    $letters =~ s/%[a-z]|[^A-Za-z%]//g;
    print "$ARGV: $sentence\n" if length $letters >= 11;
  }' firstboot/{network,step,layout,disk,proof,libvirt,lvm,mount,setting}-*.c common/disk-*.c \
  firstboot/{planned-disk,neighbour,xfs,partition-table,kernel-partition,begin,runner,setup-run}.c firstboot/apply*.c)
is "$unmarked" "" "what stops a step is marked for translation"
done_testing
