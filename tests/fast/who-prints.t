#!/bin/sh
# Errors go up to main() as GError: what else of lodge writes to its streams is said here (docs/HACKING.md, "Rules").
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
cd "$LODGE_TOP" || exit 1

# Results: command*.c and main.c; progress: progress.c; sentences: say.c; a question: flash-confirm.c; lodge-sandbox, a program of its own: sandbox-*.c.
found=$(grep -lE '(^|[^a-z_])(printf|puts|fputs|putchar|fprintf|vprintf|vfprintf|perror|g_print|g_printerr|g_message|g_warning) \(' \
          builder/*.c common/*.c | grep -vE '^builder/(command(-[a-z]+)?|main|progress|say|flash-confirm|sandbox-[a-z]+)\.c$')
is "$found" "" "nothing prints but those that may"
ok "$(grep -q 'printf (' builder/command-inspect.c builder/main.c; echo $?)" "the pattern finds what prints"
# How a sentence on standard error begins is written once; the help that main.c shows there is none, nor is a question.
found=$(grep -lE '[^a-z_]stderr[^a-z_]|g_printerr' builder/*.c common/*.c | grep -vE '^builder/(main|say|flash-confirm|sandbox-[a-z]+)\.c$')
is "$found" "" "nothing else writes to standard error"
# interrupt.c has a text that is made before it is needed: where the signal comes nothing can be formatted.
found=$(grep -lE '"[^"]*lodge: (note: )?' builder/*.[ch] common/*.[ch] | grep -vE '^builder/(say\.[ch]|interrupt\.c|sandbox-[a-z]+\.c)$')
is "$found" "" "and nothing else names the program before a sentence"
# say.c ends the line; a sentence over several lines of the source is one statement.
found=$(awk '/^ .*lodge_(say|progress)_(note|error) \(/ { inside = 1 } inside && /\\n"/ { print FILENAME ":" FNR } /;$/ { inside = 0 }' builder/*.c)
is "$found" "" "and no sentence ends its line itself"
for name in main 'command-\*' progress say flash-confirm; do
  ok "$(grep -q "\`$name\.c\`" docs/HACKING.md; echo $?)" "HACKING names $name.c"
done
done_testing
