#!/bin/bash
# The mark of a finished setup over a change that was interrupted, refused, failed or given up.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
# `apply` has no --root: it runs in namespaces of its own, whose /etc, /run and /var/lib are empty but for what it needs.
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/set-up-host.sh"
# shellcheck disable=SC2154  # tmp is functions.sh's
[ "$(id -u)" = 0 ] || skip_all "only root can mount"
unshare --mount --net true 2>/dev/null || skip_all "no namespaces can be made here"
firstboot=$LODGE_BUILD/lodge-firstboot

# An interrupted change: its step network has begun.
set_up_host "$tmp/host"
state=$tmp/host/var/lib/lodge
sed -i -e 1d -e '/^\[plan\]/a steps=network;guest-networks;' "$state/journal.conf"
sed -i -e '/^\[step network\]/,/^state=/s/done/started/' -e '/^\[step guest-networks\]/,/^state=/s/done/pending/' "$state/journal.conf"
sed -i "1i # The journal of lodge-firstboot.  sha256=$(sha256sum <"$state/journal.conf" | cut -d' ' -f1)" "$state/journal.conf"

# A system bus that takes calls and never answers: a step that waits for it is in the middle until it is interrupted.
cat >"$tmp/bus" <<'EOF'
use IO::Socket::UNIX;
my $bus = IO::Socket::UNIX->new (Local => $ARGV[0], Listen => 5) or die;
my @callers;
while (1) {
  push @callers, $bus->accept;
  open my $called, '>', $ARGV[1];
}
EOF

# inside DIRECTORY COMMAND...: COMMAND with DIRECTORY as /var/lib/lodge.
cat >"$tmp/inside" <<'EOF'
set -e
directory=$1; shift
mkdir "$tmp/etc.$$"
cp -rL /etc/ld.so.cache /etc/passwd /etc/group /etc/nsswitch.conf "$tmp/etc.$$" 2>/dev/null || :
echo 0123456789abcdef0123456789abcdef >"$tmp/etc.$$/machine-id"
mount --bind "$tmp/etc.$$" /etc
mkdir "$tmp/var.$$"
mount --bind "$directory" "$tmp/var.$$"
mount -t tmpfs none /var/lib
mkdir /var/lib/lodge
mount --move "$tmp/var.$$" /var/lib/lodge
case $tmp in /run/*) ;; *) mount -t tmpfs none /run ;; esac
exec "$@"
EOF
export tmp
exec_inside () { exec unshare --mount --net --propagation private bash "$tmp/inside" "$@"; }
inside () ( exec_inside "$@" )
# a NAME: a fresh host in the middle of that change, $dir
a () { dir=$tmp/$1; cp -r "$state" "$dir"; mv "$dir/complete" "$dir/changing"; }
apply () { inside "$dir" timeout 60 "$firstboot" apply --no-announce "$@" 2>&1 </dev/null; }
marks () { (cd "$dir" && ls -d complete changing 2>/dev/null); }
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$tmp/none

# --- runs that are refused leave it to go on ---
printf '[host]\nhostname=other\n' >"$tmp/other.conf"
a refused
output=$(apply --answers "$tmp/other.conf"); status=$?
is $status 3 "other answers are refused" || diag "$output"
like "$output" 'a change of this host has not ended' "and why"
is "$(marks)" changing "the interrupted change goes on at the next boot all the same"
output=$(apply --reconfigure --answers "$tmp/none.conf"); status=$?
[ $status != 0 ]; ok $? "answers that cannot be read" || diag "$output"
is "$(marks)" changing "do not end it either"

# --- it goes on, and fails ---
output=$(apply); status=$?
[ $status != 0 ]; ok $? "a change that goes on and fails" || diag "$output"
like "$output" 'setup stopped at step 6 \(network\)' "says so"
is "$(marks)" complete "has ended: no boot tries it again"

# --- what a wizard starts is told to the journal, and how it ends to the consoles ---
# A /dev of its own: its console is a pseudo-terminal, and its journal a socket; what both hear goes to the standard output.
cat >"$tmp/listen" <<'EOF'
import os, pty, socket, subprocess, sys, threading, tty
dev = os.environ["tmp"] + "/dev"
console, line = pty.openpty()
mount = lambda *words: subprocess.run(["mount", *words], check=True)
os.mkdir(dev)
mount("-t", "tmpfs", "none", dev)
for name, target in ("null", "/dev/null"), ("urandom", "/dev/urandom"), ("tty1", os.ttyname(line)):
    open(dev + "/" + name, "w").close()
    mount("--bind", target, dev + "/" + name)
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind(dev + "/log")
mount("--move", dev, "/dev")
heard = []
def listen(name, read):
    while (text := read()) != b"end":
        heard.extend(name + ": " + part.strip() for part in text.decode().split("\n") if part.strip())
listeners = [threading.Thread(target=listen, args=args) for args in
             (("journal", lambda: journal.recv(65536)), ("console", lambda: os.read(console, 65536)))]
for listener in listeners:
    listener.start()
status = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.sendto(b"end", "/dev/log")
listeners[0].join()
tty.setraw(line)
os.write(line, b"end")
listeners[1].join()
print("\n".join(heard))
EOF
told () { output=$(inside "$dir" timeout 60 python3 "$tmp/listen" "$firstboot" apply "$@" </dev/null 2>&1); }
a told
told --from-wizard
like "$output" '^journal: .*lodge-firstboot\[[0-9]+\]: lodge: step 6 \(network\) of [0-9]+: ' "the journal has the steps that a wizard started" || diag "$output"
like "$output" '^journal: .*lodge: setup stopped at step 6 \(network\): ' "and how they ended"
is "$(printf '%s\n' "$output" | grep '^console' | cut -d : -f 1-3)" 'console: lodge: setup stopped at step 6 (network)' "the consoles have that alone" || diag "$output"

# --- signals in the middle of a step ---
perl "$tmp/bus" "$tmp/socket" "$tmp/called" &
bus=$!
stop_bus () { kill $bus; }
at_exit stop_bus
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$tmp/socket
# signalled SIGNAL: the run that was sent it in its step, once that waits; $output, $status
signalled ()
{
  # exec: $! is then the program itself, and not a shell that waits for it.  A shell's background job ignores SIGINT.
  exec_inside "$dir" perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV or die' "$firstboot" apply --no-announce >"$tmp/output" 2>&1 </dev/null &
  local pid=$! end=$((SECONDS + 60))
  # The bus was called: it is in the middle of its step.
  until [ -e "$tmp/called" ] || [ $SECONDS -ge $end ]; do sleep 0.05; done
  rm -f "$tmp/called"
  kill -s "$1" $pid
  ( while [ $SECONDS -lt $end ]; do sleep 0.1; done; kill -KILL $pid 2>/dev/null ) &
  local watch=$!
  wait $pid; status=$?
  kill $watch 2>/dev/null
  output=$(cat "$tmp/output")
}
for signal in TERM HUP; do
  a $signal
  signalled $signal
  like "$output" 'was interrupted at step 6 \(network\): it goes on at the next boot' "SIG$signal: it goes on later"
  is "$(marks)" changing "and the next boot knows"
done
a INT
signalled INT
is $status 1 "Ctrl-C" || diag "$output"
like "$output" 'stopped at step 6 \(network\): the change was given up by Ctrl-C' "gives the change up, and is told so"
is "$(marks)" complete "no boot goes on with it"
like "$(sed -n '/^\[step network\]/,/^$/p' "$dir/journal.conf")" '^message=given up by Ctrl-C' "the journal says so"
like "$(sed -n '/^\[step network\]/,/^$/p' "$dir/journal.conf")" '^state=failed' "and that it does not run any more"
like "$(cat "$dir/report.json")" 'given up by Ctrl-C' "and so does the report"
done_testing
