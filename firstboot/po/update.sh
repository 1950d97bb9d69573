#!/bin/sh
# Brings the translations up to date with the sources: firstboot/po/LANGUAGE.po is what a translator edits, firstboot/messages-LANGUAGE.c
# is made of it.  `firstboot/po/update.sh --check` changes nothing and fails when something is missing or old.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
set -eu
cd "$(dirname "$0")/../.."
check=no
[ "${1:-}" != --check ] || check=yes
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# shellcheck disable=SC2046  # names of sources hold no blanks
xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --no-location --sort-output \
  --package-name=lodge -o "$tmp/lodge.pot" $(find common firstboot -name '*.c' ! -name 'messages-*' | sort)
failed=0
for po in firstboot/po/*.po; do
  language=$(basename "$po" .po)
  msgmerge --quiet --no-fuzzy-matching --no-location --sort-output -o "$tmp/merged.po" "$po" "$tmp/lodge.pot"
  # Without the time of this run, which would be a change each time.
  msgattrib --no-obsolete --sort-output "$tmp/merged.po" | sed '/^"POT-Creation-Date:/d' >"$tmp/$language.po"
  msgfmt --check --output-file=/dev/null "$tmp/$language.po"
  {
    echo "/* Made from $po by firstboot/po/update.sh: edit that one."
    echo " * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later"
    echo " */"
    echo '#include "firstboot/messages.h"'
    echo
    echo "/* clang-format off */"
    echo "const LodgeMessage lodge_messages_$language[] = {"
    # The strings of a .po file are C's own; an entry without translation is left out.
    msgattrib --translated --no-obsolete --no-wrap "$tmp/$language.po" | grep -v '^#' | awk '
      function flush() { if (id != "" && id != " \"\"") printf "  {%s,\n   %s },\n", id, text; id = text = "" }
      /^msgid /  { flush(); part = "id"; sub (/^msgid /, " "); id = $0; next }
      /^msgstr / { part = "text"; sub (/^msgstr /, ""); text = $0; next }
      /^"/       { if (part == "id") id = id "\n    " $0; else text = text "\n    " $0 }
      END { flush() }'
    echo "  { NULL, NULL },"
    echo "};"
  } >"$tmp/messages.c"
  if [ $check = no ]; then
    cp "$tmp/$language.po" "$po"
    cp "$tmp/messages.c" "firstboot/messages-$language.c"
    continue
  fi
  missing=$(msgattrib --untranslated --no-obsolete "$tmp/$language.po" | grep '^msgid' | tail -n +2)
  [ -z "$missing" ] || { echo "$po: not translated:"; echo "$missing"; failed=1; }
  cmp -s "$tmp/messages.c" "firstboot/messages-$language.c" \
    || { echo "firstboot/messages-$language.c is old: run firstboot/po/update.sh"; failed=1; }
done
exit $failed
