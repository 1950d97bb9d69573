#!/bin/bash
# A classroom: thirty simulated hosts, one answers.conf, one web server (HTTPS with a certificate of its own, on loopback).
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge firstboot=$LODGE_BUILD/lodge-firstboot tell=$LODGE_BUILD/tests/tell-webhook
for program in "$lodge" "$firstboot" "$tell"; do
  [ -x "$program" ] || skip_all "lodge is not built: run 'make all build/tests/tell-webhook'"
done
requires python3
requires openssl
requires jq
seats=$(seq -w 1 30)

# --- the server ---

room=$tmp/server
mkdir "$room"
# The name is another's, as of a certificate that was made for some other machine.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=elsewhere.test -days 2 \
  -keyout "$tmp/key.pem" -out "$tmp/certificate.pem" 2>"$tmp/errors" || skip_all "openssl makes no certificate"
cat "$tmp/key.pem" "$tmp/certificate.pem" >"$room/server.pem"
fingerprint=$(openssl x509 -in "$tmp/certificate.pem" -noout -fingerprint -sha256 | cut -d= -f2)
python3 "$LODGE_TOP/tests/fixtures/classroom/server.py" "$room" >"$tmp/server.log" 2>&1 &
server=$!
stop_server () { kill "$server" 2>/dev/null; }
at_exit stop_server
timeout 20 sh -c 'until [ -e "$1/port" ] || ! kill -0 "$2"; do sleep 0.05; done' - "$room" "$server"
[ -e "$room/port" ] || { ok 1 "the web server runs"; diag "$(cat "$tmp/server.log")"; done_testing; }
url=https://127.0.0.1:$(cat "$room/port")

# requests FILTER: what the server was asked, by jq over all of it, and forgets it.
: >"$room/requests"
requests () { jq -rs "$1" "$room/requests"; : >"$room/requests"; }

# --- the hosts ---

serial () { echo "Seat #$1 & 100%/+"; }
uuid () { echo "4c4c4544-0042-4a10-8056-0000000000$1"; }
address () { echo "192.0.2.$((100 + 10#$1))/24"; }

# make_host NN: a captured machine with the identity of seat NN.
make_host ()
{
  local host=$tmp/host$1 devices
  cp -a "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$host"
  devices=$host/sys/devices/pci0000:00
  chmod -R u+w "$host"
  mkdir -p "$host/etc"
  printf '%032d\n' "$((10#$1))" >"$host/etc/machine-id"
  serial "$1" >"$host/sys/class/dmi/id/product_serial"
  uuid "$1" | tr a-f A-F >"$host/sys/class/dmi/id/product_uuid"
  echo "52:54:00:00:01:$1" >"$devices/0000:00:04.0/virtio1/net/enp0s4/address"
  echo "52:54:00:00:02:$1" >"$devices/0000:00:07.0/net/enp0s7/address"
  echo 0 >"$devices/0000:00:07.0/net/enp0s7/carrier"
  sed -i "s/52:54:00:12:34:56/52:54:00:00:01:$1/; s/52:54:00:12:34:57/52:54:00:00:02:$1/" \
    "$host/run/lodge-capture/machine.conf"
}

# ask_server NN PATH: the host's kernel command line says to.
ask_server ()
{
  echo "BOOT_IMAGE=/vmlinuz quiet lodge.answers=$url$2 lodge.answers-fingerprint=$fingerprint" >"$tmp/host$1/proc/cmdline"
}

{
  printf '[access]\nssh-keys=%s\n' \
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKuGhIvbUWG5rtMMtAnVyBYzMyTVEHpChk/pNMHqmKpi admin@example.org'
  printf '[network]\nipv4=static\ngateway=192.0.2.1\n'
  for seat in $seats; do
    case $((10#$seat % 3)) in
    0) echo "[match mac=52:54:00:00:02:$seat]" ;;
    1) echo "[match serial=$(serial "$seat")]" ;;
    2) echo "[match uuid=$(uuid "$seat")]" ;;
    esac
    printf 'host.hostname=seat%s\nnetwork.address=%s\n' "$seat" "$(address "$seat")"
  done
} >"$room/answers.conf"
for seat in $seats 31 32; do make_host "$seat"; done

# --- before anyone walks to a machine ---

"$lodge" answers check --all --json "$room/answers.conf" >"$tmp/all.json" 2>"$tmp/errors"
is $? 0 "the file is checked for all hosts" || diag "$(cat "$tmp/errors")"
is "$(jq -r '[.hosts[].answers["host.hostname"]] | unique | length' "$tmp/all.json")" 30 "thirty host names"
is "$(jq -r '[.hosts[].answers["network.address"]] | unique | length' "$tmp/all.json")" 30 "thirty addresses"
is "$(jq -c '[.clashes, .doubts]' "$tmp/all.json")" "[[],[]]" "nothing clashes"
like "$(jq -r .others "$tmp/all.json")" '^ipv4=static needs an address=' "any other host would not be set up"
"$lodge" answers check --all "$room/answers.conf" >"$tmp/all" 2>"$tmp/errors"
is "$(grep -Ec '^(mac|serial|uuid)=.* seat[0-9][0-9] +192\.0\.2\.1[0-9][0-9]/24  auto  xfs$' "$tmp/all")" 30 "the table has them all"
is "$(grep -c 'more than one way' "$tmp/errors")" 1 "it is noted that hosts are named in several ways"

# Two copied sections whose address was forgotten.
sed 's|^network.address=192.0.2.117/24$|network.address=192.0.2.116/24|' "$room/answers.conf" >"$tmp/clash.conf"
first=$(grep -n '192.0.2.116/24' "$tmp/clash.conf" | head -n 1 | cut -d: -f1)
"$lodge" answers check --all "$tmp/clash.conf" >"$tmp/all" 2>"$tmp/errors"
is $? 2 "the same address twice is an error"
like "$(tail -n 1 "$tmp/errors")" "^lodge: $tmp/clash.conf:$((first + 3)): address=192.0.2.116/24 of .* clashes with .* of .* \($tmp/clash.conf:$first\): " \
  "with the lines of both"
is "$(grep -c '192.0.2.116/24' "$tmp/all")" 2 "after the table"
"$lodge" answers check --all --mac 52:54:00:00:01:01 "$room/answers.conf" >/dev/null 2>&1
is $? 2 "--all and one host"
"$lodge" answers check --json "$room/answers.conf" >/dev/null 2>&1
is $? 2 "--json without --all"

# --- all hosts at once, one file ---

plans=
for seat in $seats; do
  ask_server "$seat" /answers.conf
  timeout 60 "$firstboot" plan --root "$tmp/host$seat" >"$tmp/plan$seat" 2>&1 &
  plans="$plans $!"
done
failed=0
for plan in $plans; do wait "$plan" || failed=$((failed + 1)); done
is "$failed" 0 "every host has a plan" || diag "$(grep -h '^lodge-firstboot:' "$tmp"/plan* | sort | uniq -c)"
wrong=
for seat in $seats; do
  grep -qxF "Set the host name to seat$seat." "$tmp/plan$seat" &&
    grep -q "^Set the IPv4 address $(address "$seat")[.,]* *" "$tmp/plan$seat" || wrong="$wrong $seat"
done
is "$wrong" "" "with its own name and address" || diag "$(cat "$tmp/plan${wrong##* }")"
is "$(cat "$tmp"/plan* | grep '^Set the host name' | sort -u | wc -l)" 30 "none of them twice"

for seat in $seats; do
  echo "/answers.conf 52:54:00:00:01:$seat,52:54:00:00:02:$seat $(serial "$seat") $(uuid "$seat")"
done | sort >"$tmp/wanted"
requests '.[] | "\(.path) \(.query.mac | join(",")) \(.query.serial | join("|")) \(.query.uuid | join("|"))"' | sort >"$tmp/seen"
is "$(diff "$tmp/wanted" "$tmp/seen")" "" "the server saw the MAC addresses, serial number and UUID of each, once"

# One that no section names: it is told what lacks, and nothing else happens.
ask_server 31 /answers.conf
timeout 60 "$firstboot" plan --root "$tmp/host31" >"$tmp/plan31" 2>&1
is $? 2 "a host that the file does not name has no plan"
like "$(cat "$tmp/plan31")" "^lodge-firstboot: $url/answers.conf:4: ipv4=static needs an address=" "and the reason, in the file's line"

# --- each host its own file ---

cp "$tmp/host01/proc/cmdline" "$tmp/cmdline"
printf '[host]\nhostname=own\n[access]\nroot-password-hash=%s\n' \
  '$5$saltsalt$IptEAbkkzbA7Xnn2KwiABlj9R9DU56ECWQWT2p9NXlD' >"$room/S1.conf"
echo S1 >"$tmp/host01/sys/class/dmi/id/product_serial"
ask_server 01 '/one?room=5'
timeout 60 "$firstboot" plan --root "$tmp/host01" >"$tmp/plan01" 2>&1
is $? 0 "a server that gives each host its own" || diag "$(cat "$tmp/plan01")"
like "$(cat "$tmp/plan01")" '^Set the host name to own\.$' "by what it was told"
: >"$room/requests"
# Beside the rest, as the tries take their time.
ask_server 02 '/one?room=5'
timeout 60 "$firstboot" plan --root "$tmp/host02" >"$tmp/plan02" 2>&1 &
unknown=$!
sed -i 's/ lodge.answers-fingerprint=.*/ lodge.answers-fingerprint=00/' "$tmp/host31/proc/cmdline"
timeout 60 "$firstboot" plan --root "$tmp/host31" >"$tmp/plan31" 2>&1
is $? 2 "a fingerprint that is none is refused"
like "$(cat "$tmp/plan31")" 'lodge\.answers-fingerprint=: "00" is not the SHA-256 fingerprint' "and named"
ask_server 32 /answers.conf
sed -i "s/ lodge.answers-fingerprint=.*/ lodge.answers-fingerprint=$(printf '%064d' 0)/" "$tmp/host32/proc/cmdline"
timeout 60 "$firstboot" plan --root "$tmp/host32" >"$tmp/plan32" 2>&1 &
wrong_server=$!
wait "$unknown"
is $? 1 "a host that the server does not know has no plan"
is "$(cat "$tmp/plan02")" "lodge-firstboot: the kernel command line: $url/one?…: the server says HTTP status 404 \"not in the register\": it has no answers for this host (mac=52:54:00:00:01:02, mac=52:54:00:00:02:02, serial=$(serial 02), uuid=$(uuid 02))" \
  "it says so in one sentence, with the server's words"
wait "$wrong_server"
is $? 1 "a server with another certificate is not asked"
like "$(cat "$tmp/plan32")" "the server's certificate has the fingerprint " "and the reason told"
is "$(requests '[.[] | "\(.path) \(.query.room[0]) \(.query.serial[0])"] | unique_by(.) | join("\n")')" "/one 5 $(serial 02)" \
  "which learns nothing of the host"

# --- the webhook ---

# hook EVENT PATH SECONDS [FINGERPRINT]: $output, $note (the report's), $took (seconds).
hook ()
{
  local started=$SECONDS
  rm -rf "$tmp/state"
  mkdir "$tmp/state"
  printf '[host]\nhostname=seat1\n[finish]\nwebhook=%s\n' "$url$2" >"$tmp/hook.conf"
  [ -z "${4:-}" ] || echo "webhook-fingerprint=$4" >>"$tmp/hook.conf"
  : >"$room/requests"
  output=$(timeout 120 "$tell" "$1" "$tmp/hook.conf" "$tmp/host03" "$tmp/state" "$3" 2>&1)
  status=$?
  took=$((SECONDS - started))
  # shellcheck disable=SC2034  # for is
  note=$(jq -c --arg event "$1" '.webhook | .started // .failed // .complete | [.told, .tries]' "$tmp/state/report.json")
}
problem () { jq -r '.webhook | .started // .failed // .complete | .problem' "$tmp/state/report.json"; }

hook started /hook 20 "$fingerprint"
is "$status $note $output" "0 [true,1] " "started is told, by the right fingerprint"
is "$(jq -r .webhook.url "$tmp/state/report.json")" "$url/hook" "the report says where"
is "$(requests 'map("\(.method) \(.path) \(.type) \(.body | .event, .resumed, .change, .name, .host.serial, .host.uuid, .host.macs[0], .line, .reason)") | .[]' | paste -sd' ')" \
  "$(for value in started false false seat1 "$(serial 03)" "$(uuid 03)" 52:54:00:00:01:03 null null; do echo "POST /hook application/json $value"; done | paste -sd' ')" \
  "with who it is"

hook resumed /hook 20 "$fingerprint"
is "$(requests '.[].body | "\(.event) \(.resumed)"')" "started true" "a run that goes on says that it does"

hook failed /hook 20 "$fingerprint"
is "$(requests '.[].body | "\(.event) \(.reason) \(.["stopped-at"].number) \(.["stopped-at"].id) \(.line)"')" \
  "failed no disk 5 storage lodge: setup stopped at step 5 (storage): no disk" "failed is told with the reason"

hook complete /twice 20 "$fingerprint"
is "$status $note" "0 [true,3]" "a server that fails twice is told at the third try"
is "$output" "webhook, try 1 of 3: $url/twice: the server says HTTP status 503 \"busy\"
webhook, try 2 of 3: $url/twice: the server says HTTP status 503 \"busy\"" "and each failure is seen"
is "$(requests '.[].body | "\(.event) \(.address) \(.line)"' | sort -u)" \
  "complete 192.0.2.11/24 lodge: setup complete: host seat1, br0 192.0.2.11/24" "with the address"

hook complete /moved 20 "$fingerprint"
is "$note $(requests '.[] | "\(.method) \(.path) \(.body.event)"' | paste -sd,)" \
  "[true,1] POST /moved complete,POST /hook complete" "a redirection takes what is told along"

hook failed /never 1 "$fingerprint"
is "$status $note" "0 [false,3]" "a server that never answers is no failure of setup"
ok $((took < 20 ? 0 : 1)) "and does not hold it up" || diag "$took s"
is "$(requests 'length')" 3 "after three tries"
like "$(problem)" "^$url/never: .*timed out" "the report says why" || diag "$(problem)"

hook complete /hook 20
is "$status $note" "0 [false,3]" "a certificate that nobody vouches for"
like "$(problem)" "certificate" "is named"
is "$(requests 'length')" 0 "and that server learns nothing"
hook complete /hook 20 "$(printf '%064d' 0)"
is "$status $note" "0 [false,3]" "the wrong fingerprint"
like "$(problem)" "has the fingerprint $(echo "$fingerprint" | tr -d : | tr A-F a-f), not 0000" "both are shown"
is "$(requests 'length')" 0 "and that server learns nothing either"

kill -0 "$server"
ok $? "the server was there all the time" || diag "$(cat "$tmp/server.log")"
done_testing
