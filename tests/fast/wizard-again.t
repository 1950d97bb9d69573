#!/bin/bash
# The wizard, gone back to: what was given and is taken away again does not count, and what was fetched is kept.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"
for program in openssl python3 unshare; do requires "$program"; done
key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f admin@desk'

# --- a password that is taken away ---
start vm-qemu-svm LC_ALL=C.UTF-8
to_host C-u 'kvm1' Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' Tab "$key" F12
seen 'This will be done'; keys Escape
sees '\*{15}' "gone back to, the fields show that there is a password"
unlike "$(screen)" 'empty fields keep it' "and do not say that empty ones keep it"
keys Tab Tab Tab C-u Tab C-u F12
sees 'This will be done' "it is taken away"
keys Tab Tab Enter
seen 'KVM host now'
is "$(grep -c root-password-hash "$room/given.conf")" 0 "and is not set"
like "$(cat "$room/given.conf")" "ssh-keys=$key" "as the key is"
start vm-qemu-svm LC_ALL=C.UTF-8
to_host Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen 'This will be done'; keys Escape
seen '\*{15}'; keys Tab Tab Tab C-u Tab C-u F12
sees 'Nobody could log in to this host' "without a key it cannot be taken away"
keys F12
sees 'Nobody could log in to this host' "not by going on twice, either"

# --- keys from a server that is there once ---
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/server.key" -out "$tmp/server.crt" -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
mkdir "$tmp/web"
echo "$key" >"$tmp/web/user.keys"
python3 -c '
import functools, http.server, ssl, sys
server = http.server.HTTPServer (("127.0.0.1", 0), functools.partial (http.server.SimpleHTTPRequestHandler, directory=sys.argv[1]))
context = ssl.SSLContext (ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain (sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket (server.socket, server_side=True)
print (server.server_port, flush=True)
server.handle_request ()' "$tmp/web" "$tmp/server.crt" "$tmp/server.key" >"$tmp/port" 2>/dev/null &
server=$!
end_server () { kill $server 2>/dev/null; }
at_exit end_server
until [ -s "$tmp/port" ]; do kill -0 $server || break; read -rt 0.05 <> <(:); done
# The authority is the machine's own to the wizard alone.
terminal_end
rm -rf "$room"; mkdir "$room"
terminal_start 80 24 unshare --user --map-root-user --mount sh -c \
  'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"' "$tmp/server.crt" \
  env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$hardware/vm-qemu-svm" --runtime "$room"
to_host Tab Tab Tab Tab Tab "https://127.0.0.1:$(cat "$tmp/port")/user.keys" F12
sees 'This will be done' "keys are fetched"
wait $server
keys Escape
sees 'admin@desk_' "gone back to, the keys stand there and not their address"
keys F12
sees 'This will be done' "and are not fetched again"

# --- consent, checked again ---
start vm-vmware LC_ALL=C.UTF-8
seen 'Keyboard'; keys F12
seen 'Go on without KVM'; keys Tab Space
sees '\[\*\] Go on without KVM' "going on without KVM is chosen"
keys Tab Tab Tab Enter
sees '\[ \] Go on without KVM' "and has to be chosen anew after another look"

# --- a change that is left ---
. "$LODGE_TOP/tests/set-up-host.sh"
set_up_host "$tmp/host"
rm -rf "$room"; mkdir "$room"
LODGE_TEST_SCENARIO=fail-network terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" --reconfigure --root "$tmp/host" \
  --program "$LODGE_TOP/tests/fixtures/wizard/apply" --runtime "$room"
seen 'Keyboard'; keys C-c
sees 'Nothing that you typed is kept' "leaving a change says that nothing is kept"
keys Enter
seen 'Keyboard'; keys F12
seen 'Network port'; keys F12
seen '192.0.2.10'; keys F12
seen 'Name, time'; keys End C-u 'kvm2' F12
seen 'Nothing was changed yet'; keys Tab Tab Enter
seen 'stopped at'; keys Enter
for title in 'Bridge and addresses' 'Name, time'; do seen "$title"; keys F12; done
sees 'This remains of the change that stopped' "one that stopped half-way is not said to have changed nothing"
terminal_end
done_testing
