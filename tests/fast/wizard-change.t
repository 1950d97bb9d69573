#!/bin/bash
# A host that is set up is changed: the same screens.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- a host that is set up is changed: the same screens, with what it is, and no disk ---
. "$LODGE_TOP/tests/set-up-host.sh"
set_up_host "$tmp/host"
change ()
{
  rm -rf "$room"
  mkdir "$room"
  terminal_start 80 24 env LC_ALL=C.UTF-8 "${@}" "$LODGE_BUILD/lodge-firstboot" --reconfigure --root "$tmp/host" \
    --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$room"
}
change
sees 'changing a KVM host' "a change says that it is one"
sees 'de-latin1' "the keyboard is the host's"
keys F12
sees 'Network port for the bridge' "neither checks nor disks are asked about"
sees '\[\*\] enp0s4' "the port is the host's"
keys F12
sees '192.0.2.10/24_' "so is the address"
fits reconfigure-address; keep reconfigure-address
keys F12
sees 'one that you give is added: alice@desk' "the keys are told"
fits reconfigure-host; keep reconfigure-host
keys F12
sees 'Nothing to change' "without a change there is nothing to do"
fits reconfigure-nothing
keys Escape
seen 'Name, time'
keys End C-u 'kvm2' F12
sees 'Set the host name to kvm2' "what was changed"
unlike "$(screen)" 'bridge|IPv4|ERASED' "and nothing else"
fits reconfigure-summary; keep reconfigure-summary
keys Tab Tab Enter
sees 'This host was changed' "is done"
like "$(cat "$room/asked")" '--reconfigure$' "as a change"
keys Enter
sees '\[ended 0\]' "it ends"
as_before
change
seen 'Keyboard'
keys C-c
seen 'Leave the wizard'
keys Tab Enter
sees '\[ended 1\]' "Ctrl-C leaves"
change
seen 'Keyboard'; keys F12
seen 'Network port'; keys F12
seen '192.0.2.10'; keys F12
seen 'Name, time'; keys Tab Tab Tab Tab Tab Tab Tab Tab Tab Enter
seen 'A letter jumps'; keys C-c
sees 'Nothing that you typed is kept' "in every window it says what is kept"
keys Tab Enter
seen '\[ended 1\]'

change LODGE_TEST_SCENARIO=slow
seen 'Keyboard'; keys F12
seen 'Network port'; keys F12
seen '192.0.2.10'; keys F12
seen 'Name, time'; keys End C-u 'kvm2' F12
seen 'Set the host name to kvm2'; keys Tab Tab Enter
seen 'a word about storage'
keys C-c
sees 'Leave the change' "Ctrl-C in the middle of it asks"
fits leave-change; keep reconfigure-leave
keys C-c
gone 'Leave the change'
unlike "$(screen)" 'Leave the wizard' "once more is Stay, and no question about a wizard"
sees 'Changing this host' "where the change runs on"
keys C-c
seen 'Leave the change'; keys Tab Tab Enter
sees 'the change was given up by Ctrl-C' "and gives it up"
keys C-c
sees 'What was changed before it stopped stays changed' "what leaving means then is told"
keys Tab Enter
sees '\[ended 1\]' "and left"
terminal_end
done_testing
