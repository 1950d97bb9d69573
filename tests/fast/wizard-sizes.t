#!/bin/bash
# Terminals that change their size, also while nobody is told, and that are too small; keys that are typed ahead.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"
requires socat
requires python3
# wizard_process: the one of this test, beside which others run.
wizard_process () { pgrep -f "^$LODGE_BUILD/lodge-firstboot wizard --root $hardware/vm-qemu-svm .*--runtime $room" | head -n 1; }

# --- resized while a shell has the terminal ---
LODGE_TEST_SCENARIO=fail-network start vm-qemu-svm LC_ALL=C.UTF-8
to_summary
keys Tab Tab Enter
seen 'stopped at "Make the bridge"'; keys Tab Enter
seen 'A shell of root'
terminal resize-window -x 100 -y 30
keys 'stty size; echo' Enter
seen '^30 100'
keys 'exit' Enter
sees '^ {10,}.*Setup has stopped' "a size that came while the shell was open: the window is in its middle"
seen '^  Tab moves'
is "$(screen | tail -n 1 | cut -c 1-11)" "  Tab moves" "and the last line is the last"
unlike "$(screen)" 'A shell of root' "and nothing of the shell is left"
terminal resize-window -x 80 -y 24
sees '^ ┌.*Setup has stopped' "and back"
fits shell

# --- stopped, resized and continued: from a shell with jobs, where the wizard is not in the foreground meanwhile ---
terminal_end
rm -rf "$room"
terminal_start 80 24 env LC_ALL=C.UTF-8 PS1='jobs> ' sh -c 'exec bash --norc --noprofile -i 2>&1'
seen 'jobs>'
keys "$LODGE_BUILD/lodge-firstboot wizard --root $hardware/vm-qemu-svm --program /bin/false --runtime $room" Enter
seen 'Keyboard and language'; keys 'd'
kill -STOP "$(wizard_process)"
seen 'Stopped'
terminal resize-window -x 100 -y 30
keys 'stty size' Enter
seen '^30 100'
keys 'fg' Enter
sees '^ {10,}.*Keyboard and language' "a size that came while the wizard was stopped"
unlike "$(screen)" 'Stopped' "and nothing of what was said meanwhile is left"
keys F12
sees 'Can this machine' "and it takes keys as before"

# --- keys that are typed ahead of a complaint: of three lines, and of more than can stand below ---
start vm-qemu-svm LC_ALL=C.UTF-8
to_address; keys Tab Tab Right Space
seen '\(\*\) fixed'; keys Tab
# At once, as a program that types or a quick hand does.
terminal send-keys "192.0.2.10/33$(printf '\t')192.0.2.1$(printf '\t')"
sees 'IPv4 gateway +192\.0\.2\.1_' "a complaint of three lines takes nothing of what was typed behind it"
keys BTab BTab C-u
long=$(printf '%0250d' 7)
terminal send-keys "$long$(printf '\t')192.0.2.99$(printf '\t')"
sees 'IPv4 gateway +192\.0\.2\.1192\.0\.2\.99_' "nor does a longer one"
fits typed-ahead

# --- a terminal that is too small ---
columns=60 rows=20 start vm-qemu-svm LC_ALL=C.UTF-8
sees 'This terminal has 60x20; the wizard needs 80x24' "a small terminal is told so"
unlike "$(screen)" '[<>┌]' "and no window is cut off"
keys Tab
terminal resize-window -x 80 -y 24
sees 'Keyboard and language' "80x24 is enough"
unlike "$(screen)" 'This terminal has' "and the notice is gone"
to_address; keys Tab Tab Tab Tab '2001:db8::1'
seen '_____'; keys BTab BTab BTab BTab 'x7'
seen 'Bridge +br0x7_'
for size in '79 24' '80 23' '40 10' '10 3'; do
  terminal resize-window -x "${size% *}" -y "${size#* }"
  sees "${size% *}x${size#* }|^This" "${size/ /x}: not enough"
done
terminal resize-window -x 79 -y 24
sees 'This terminal has 79x24' "and one column is missing"
keys C-c
sees 'Leave the wizard' "Ctrl-C asks there"
sees '< Stay > +< Leave >' "with its buttons"
keys Enter
sees 'This terminal has 79x24' "and Stay stays"
terminal resize-window -x 80 -y 24
sees 'Bridge +br0x7_' "what was typed is there"
fits enlarged
keys F1
seen 'Left and Right move'
terminal resize-window -x 40 -y 10
seen 'This terminal has 40x10'; keys C-c
seen 'Leave the wizard'
sees '< Stay > +< Leave >' "40x10 has room for the question"
keys Tab Enter
sees '\[ended 1\]' "and Leave leaves, from help too"
as_before

# --- a serial line, which does not know its size, and whose terminal does not say it ---
terminal_start 80 24 sh -c 'stty rows 0 cols 0; exec "$@"' - env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard \
  --root "$hardware/vm-qemu-svm"
sees 'Keyboard and language' "0x0 is 80x24"
fits serial

# --- the same, and small: what is typed while it is asked comes in front of its answer ---
# typed_while_asked KEYS WORDS DESCRIPTION: a terminal of 60x20 that sends KEYS and its size at once shows WORDS then.
typed_while_asked ()
{
  timeout 60 python3 -c '
import os, pty, sys
keys, words = (text.encode ().decode ("unicode_escape").encode () for text in sys.argv[1:3])
process, terminal = pty.fork ()
if process == 0:
    os.execvp (sys.argv[3], sys.argv[3:])
shown, typed = b"", False
while not (typed and words in shown):
    shown += os.read (terminal, 4096)
    if b"\033[6n" not in shown:
        continue
    small = b"80x24" in shown
    os.write (terminal, (keys if small and not typed else b"") + b"\033[20;60R")
    typed, shown = typed or small, shown.split (b"\033[6n")[-1]
os.close (terminal)' "$1" "$2" env LC_ALL=C.UTF-8 TERM=vt220 "$LODGE_BUILD/lodge-firstboot" wizard \
    --root "$hardware/vm-qemu-svm" 2>"$tmp/errors"
  ok $? "$3" || diag "$(cat "$tmp/errors")"
}
typed_while_asked '\x03' 'Leave' "Ctrl-C while a line is asked for its size"
typed_while_asked 'x\x1b[A\r' 'Keyboard' "and any other key"

# --- a line whose terminal is resized while setup runs: nobody but the terminal knows ---
terminal_end
rm -rf "$room"; mkdir "$room"
printf '#!/bin/bash\nexec %q wizard --root %q --program %q --runtime %q\n' "$LODGE_BUILD/lodge-firstboot" "$hardware/vm-qemu-svm" \
  "$LODGE_TOP/tests/fixtures/wizard/apply" "$room" >"$tmp/serial"
chmod +x "$tmp/serial"
LODGE_TEST_SCENARIO=slow terminal_start 80 24 env LC_ALL=C.UTF-8 socat -,raw,echo=0 "EXEC:$tmp/serial,pty,setsid,ctty,sane"
to_summary
keys Tab Tab Enter
seen '> \( 5/11\) Prepare the VM storage +running'
terminal resize-window -x 100 -y 30
sees '^ {10,}.*Setting up' "the screen is made for the new size"
sees '^ {10,}.*Setting up' "and stays so"
unlike "$(screen)" '^ ┌' "without rests of the one before"
keys C-c
sees 'Leave the wizard' "and keys do what they do"
keys Enter
seen 'Setting up'
: >"$room/go"
sees 'KVM host now' "to the end"

# --- one that cannot be enlarged ---
columns=80 rows=23 start vm-qemu-svm LC_ALL=C.UTF-8
seen 'This terminal has 80x23'
keys Enter
sees 'Keyboard and language' "Enter goes on all the same"
keys F12
sees 'Can this machine run' "and is not asked for again"
terminal_end
done_testing
