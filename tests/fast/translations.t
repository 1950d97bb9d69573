#!/bin/bash
# Every word of the screens is translated, and the compiled tables are those of firstboot/po/.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
requires xgettext
requires msgmerge
output=$("$LODGE_TOP/firstboot/po/update.sh" --check 2>&1)
ok $? "translations are complete and compiled" || diag "$output"
done_testing
