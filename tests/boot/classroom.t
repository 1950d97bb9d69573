#!/bin/bash
# A host of a classroom has its answers from a web server, and tells it how its setup goes, through a power cut in the middle,
# by HTTPS with a certificate that is pinned; and one whose setup stops tells why.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"
requires python3
requires openssl
requires socat
requires jq
requires debugfs
requires sfdisk

room=$tmp/server
mkdir "$room"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=elsewhere.test -days 2 \
  -keyout "$tmp/key.pem" -out "$tmp/certificate.pem" 2>/dev/null
cat "$tmp/key.pem" "$tmp/certificate.pem" >"$room/server.pem"
fingerprint=$(openssl x509 -in "$tmp/certificate.pem" -noout -fingerprint -sha256 | cut -d= -f2)
python3 "$LODGE_TOP/tests/fixtures/classroom/server.py" "$room" >"$tmp/server.log" 2>&1 &
server=$!
stop_server () { kill "$server" 2>/dev/null; }
at_exit stop_server
timeout 60 sh -c 'until [ -e "$1/port" ] || ! kill -0 "$2"; do sleep 0.05; done' - "$room" "$server"
port=$(cat "$room/port") || { ok 1 "the web server runs"; diag "$(cat "$tmp/server.log")"; done_testing; }
: >"$room/requests"
# told: what the server was told since the last time, a line each.
told ()
{
  jq -r 'select(.method == "POST") | .body | "\(.event) resumed=\(.resumed) change=\(.change) \(.name) \(.host.uuid) \(.host.macs[0]) \(.address) \(.reason)"' \
    "$room/requests"
  : >"$room/requests"
}

# asked: what answers it was asked for, and by whom.
asked ()
{
  jq -r 'select(.method == "GET") | "\(.path) mac=\(.query.mac | join (",")) serial=\(.query.serial[0]) uuid=\(.query.uuid[0])"' \
    "$room/requests" | sort -u
}

uuid=4c4c4544-0042-4a10-8056-b4c04f4e3132
# One file for all of them, and one of a host's own.
cat >"$room/answers.conf" <<A
[storage]
disks=serial:VMS1
[match uuid=4c4c4544-0042-4a10-8056-b4c04f4e3199]
host.hostname=another
storage.disks=serial:OTHER
[match uuid=$uuid]
host.hostname=seat1
[finish]
webhook=https://10.0.2.100:8443/hook
webhook-fingerprint=$fingerprint
A
sed '/^\[match uuid=.*99\]$/,+2d; s/serial:VMS1/serial:NONE/' "$room/answers.conf" >"$room/S2.conf"

# room_image PATH: the stick, whose kernel is told to ask the server for PATH; a template's KernelCommandLine= would do the same.
room_image ()
{
  local start
  rm "$machine_dir/stick.qcow2"
  cp --sparse=always "$LODGE_IMAGE" "$machine_dir/stick.raw"
  start=$(sfdisk --json "$machine_dir/stick.raw" | jq '.partitiontable.partitions[] | select(.name == "root").start')
  debugfs -R 'cat /boot/grub/grub.cfg' "$machine_dir/stick.raw?offset=$((start * 512))" 2>/dev/null |
    sed -E "s|^([[:space:]]*linux[[:space:]].*)|\\1 lodge.answers=https://10.0.2.100:8443$1 lodge.answers-fingerprint=$fingerprint|" \
      >"$machine_dir/grub.cfg"
  grep -q 'lodge\.answers=' "$machine_dir/grub.cfg" || return 1
  printf 'rm /boot/grub/grub.cfg\nwrite %s /boot/grub/grub.cfg\n' "$machine_dir/grub.cfg" >"$machine_dir/commands"
  debugfs -w -f "$machine_dir/commands" "$machine_dir/stick.raw?offset=$((start * 512))" >"$machine_dir/debugfs.log" 2>&1
  truncate -s "$machine_stick_size" "$machine_dir/stick.raw"
  qemu-img create -q -f qcow2 -b "$machine_dir/stick.raw" -F raw "$machine_dir/stick.qcow2"
}

# room_boot SERIAL: the machine with the classroom's server at 10.0.2.100, and nothing else of the outside.
room_boot ()
{
  machine_port=$(free_port)
  machine_netdev="user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:$machine_port-:22,guestfwd=tcp:10.0.2.100:8443-cmd:socat - TCP4:127.0.0.1:$port"
  ssh_port=$machine_port
  # shellcheck disable=SC2046  # several arguments on purpose
  machine_boot $(machine_disk VMS1 8G) -smbios "type=1,uuid=$uuid,serial=$1"
  machine_port=$ssh_port
}

machine_new seat
room_image /answers.conf
ok $? "the kernel command line names the server"
room_boot S1
machine_wait 'lodge: step [0-9]+ \(libvirt\)' >/dev/null
ok $? "the power is cut in the middle" || machine_explain
machine_cut
is "$(asked)" "/answers.conf mac=52:54:00:10:0d:9e serial=S1 uuid=$uuid" "the server was asked for answers, and told who asks"
is "$(told)" "started resumed=false change=false seat1 $uuid 52:54:00:10:0d:9e null null" "the server was told that setup started" ||
  machine_explain

room_boot S1
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete' "the next boot finishes the work" || machine_explain 80
is "$(told | paste -sd,)" \
  "started resumed=true change=false seat1 $uuid 52:54:00:10:0d:9e null null,complete resumed=true change=false seat1 $uuid 52:54:00:10:0d:9e 10.0.2.15 null" \
  "the server was told that it went on and is complete"
is "$(machine_ssh cat /var/lib/lodge/report.json |
  jq -c '[.resumed, .outcome, .webhook.started.told, .webhook.started.tries, .webhook.complete.told, .webhook.complete.tries]')" \
  '[true,"complete",true,1,true,1]' "so says the report"
ok "$(machine_ssh test -e /var/lib/lodge/complete; echo $?)" "the host is marked as set up"

# A change of the host, with another port of the server that nobody listens on: setup goes on without it.
printf '[host]\nhostname=seat2\n[finish]\nwebhook=https://10.0.2.100:8444/hook\n' |
  machine_ssh 'cat >/root/change.conf'
machine_ssh lodge-firstboot apply --reconfigure --no-announce --answers /root/change.conf >"$tmp/change" 2>&1
is $? 0 "a server that is not there does not stop a change" || diag "$(cat "$tmp/change")"
is "$(grep -c 'webhook, try [1-3] of 3: https://10.0.2.100:8444/hook: ' "$tmp/change")" 6 "after three tries for each of its two messages" ||
  diag "$(cat "$tmp/change")"
is "$(machine_ssh hostname)" seat2 "the host has its new name"
printf '[host]\nhostname=seat3\n[finish]\nwebhook=https://10.0.2.100:8443/hook\nwebhook-fingerprint=%s\n' "$fingerprint" |
  machine_ssh 'cat >/root/change.conf'
: >"$room/requests"
machine_ssh lodge-firstboot apply --reconfigure --no-announce --answers /root/change.conf >"$tmp/change" 2>&1
is $? 0 "one that is there is told of a change" || diag "$(cat "$tmp/change")"
is "$(told | cut -d' ' -f1-4 | paste -sd,)" "started resumed=false change=true seat3,complete resumed=false change=true seat3" "as such"
machine_cut

# A disk that is not there: it stops before anything is changed, and the server knows why.
machine_new stopped
room_image /one
ok $? "the kernel command line names what gives each host its own"
room_boot S2
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup stopped at step 2 \(plan\)' "a host whose disk is missing stops" || machine_explain
# Told after the console.
timeout 300 sh -c 'until grep -q POST "$1/requests" || ! kill -0 "$2"; do sleep 0.2; done' - "$room" "$machine_pid"
is "$(asked)" "/one mac=52:54:00:10:0d:9e serial=S2 uuid=$uuid" "it had its own answers"
like "$(told)" "^failed resumed=false change=false seat1 $uuid 52:54:00:10:0d:9e null .*NONE" "and the server was told, with the reason" ||
  machine_explain
machine_cut
done_testing
