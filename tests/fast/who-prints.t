#!/bin/sh
# Errors go up to main() as GError: what else of lodge writes to its streams is said here (docs/HACKING.md, "Rules").
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
cd "$LODGE_TOP" || exit 1

# Results: command*.c and main.c; progress: progress.c; a question: flash-confirm.c; the second signal, which ends the program: interrupt.c; lodge-sandbox,
# a program of its own: sandbox-*.c.
found=$(grep -lE '(^|[^a-z_])(printf|puts|fputs|putchar|fprintf|vprintf|vfprintf|perror|g_print|g_printerr|g_message|g_warning) \(' \
          builder/*.c common/*.c | grep -vE '^builder/(command(-[a-z]+)?|main|progress|interrupt|flash-confirm|sandbox-[a-z]+)\.c$')
is "$found" "" "nothing prints but those that may"
ok "$(grep -q 'printf (' builder/command-inspect.c builder/main.c; echo $?)" "the pattern finds what prints"
for name in main 'command-\*' progress interrupt flash-confirm; do
  ok "$(grep -q "\`$name\.c\`" docs/HACKING.md; echo $?)" "HACKING names $name.c"
done
done_testing
