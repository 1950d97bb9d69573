#!/bin/bash
# The wizard walked by scripts over captured machines: every screen forward, back and refused.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
fixtures=$LODGE_TOP/tests/fixtures/wizard

# walk NAME MACHINE SCENARIO [OPTION...]: output in $output, exit status in $status, the wizard's files in $room.
walk ()
{
  room=$tmp/$1.$3
  mkdir -p "$room"
  output=$(LODGE_TEST_SCENARIO=$3 timeout 60 "$LODGE_BUILD/lodge-firstboot" wizard --script "$fixtures/$1.script" \
    --root "$LODGE_TOP/tests/fixtures/hardware/$2" --program "$fixtures/apply" --runtime "$room" "${@:4}" \
    </dev/null 2>"$tmp/errors")
  status=$?
}
passes () { is "$status" "$1" "$2" || diag "$(cat "$tmp/errors")"; }

walk walk vm-qemu-svm complete
passes 0 "every screen, forward"
[ -z "${LODGE_UPDATE_GOLDEN:-}" ] || printf '%s\n' "$output" >"$fixtures/walk.expected"
is "$output" "$(cat "$fixtures/walk.expected")" "each says what it should"
is "$(cat "$room/asked")" "apply --answers $room/answers.conf --from-wizard --confirmed-disks $room/confirmed-disks" "apply is asked once, with the answers"
like "$(cat "$room/given.disks")" '^vda;[0-9]+;8589934592;S1;.*vda \(' "and which disk was confirmed"
is "$(cat "$room/mode")" 600 "which only root can read"
is "$(ls "$room" | grep -E 'state|answers|confirmed')" "" "and are gone afterwards, like what was typed"
like "$(cat "$room/given.conf")" '^root-password-hash=\$y\$' "the password is hashed"
unlike "$(cat "$room"/*)" 'correct-Horse-7' "and stands nowhere in clear"

walk back vm-qemu-svm complete
passes 0 "forward, back and forward again with everything kept"
like "$(cat "$room/given.conf")" '^erase=NVME0001$' "the typed serial number is what may be erased"
like "$(cat "$room/given.conf")" '^disks=serial:NVME0001$' "the disk is named by its serial number"
like "$(cat "$room/answers.conf.saved")" '^#hostname=kvm1$' "saved answers: what fits one host only is a remark"
like "$(cat "$room/answers.conf.saved")" '^# root-password-hash= was given' "and the password is left out"
"$LODGE_BUILD/lodge" answers check "$room/answers.conf.saved" >/dev/null 2>"$tmp/errors"
ok $? "and they are good answers" || diag "$(cat "$tmp/errors")"

walk refusals vm-qemu-svm complete
passes 1 "everything that is wrong is refused on its screen; leaving does nothing"
is "$(ls "$room" | grep -vE '^wizard\.')" "" "nothing but where the wizard was is written"
is "$(stat -c %a "$room/wizard.state")" 600 "for root alone"
unlike "$(cat "$room/wizard.state")" 'secret' "and without the password that was typed"

# Characters that no keyboard has letters for, as when text is pasted.
{ sed '/^screen host/,$d' "$fixtures/walk.script" | grep -v '^show'
  printf 'screen host\nset hostname kvm1\n'
  for character in '\001' '\033' '\177'; do
    printf "set password correct-${character}Horse-7\nset again correct-${character}Horse-7\npress next\nexpect ! .*control character\n"
  done
  printf 'press quit\n'; } >"$tmp/control.script"
mkdir "$tmp/control.room"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/control.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  --runtime "$tmp/control.room" </dev/null >/dev/null 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a password with control characters is refused"

# Where the web console is installed, the result says so.
web=$tmp/web
cp -r "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$web"
grep -v '^show' "$fixtures/walk.script" | sed 's/^screen result/&\nshow/' >"$tmp/web.script"
# result: what the result's screen says.
result ()
{
  rm -rf "$tmp/web.room"
  mkdir "$tmp/web.room"
  LODGE_TEST_SCENARIO=complete timeout 60 "$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/web.script" --root "$web" \
    --program "$fixtures/apply" --runtime "$tmp/web.room" </dev/null 2>"$tmp/errors"
}
output=$(result)
like "$output" 'KVM host now' "without the web console: the result" || diag "$(cat "$tmp/errors")"
unlike "$output" '[Ww]eb console|9090' "does not name it"
mkdir -p "$web/usr/lib/systemd/system"
touch "$web/usr/lib/systemd/system/cockpit.socket"
like "$(result)" '^ *https://192\.0\.2\.10:9090$' "with it: its URL"

# Another process goes on where the first was left, with what was typed there.
printf 'screen look\npress ended\nscreen summary\npress back\nscreen host\nexpect hostname .*: kvm1\npress quit\n' \
  >"$tmp/resume.script"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/resume.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  --runtime "$room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a wizard that is begun again goes on where it was"

# The same with what contradicts itself: saved is the last that did not, and what was typed.
walk refused vm-qemu-svm complete
is "$status $(cat "$tmp/errors")" "1 " "a refused address, back and forward: no harm, and still on its screen"
like "$(grep '^answers=' "$room/wizard.state")" 'disks=serial:S1' "the answers before it are saved"
unlike "$(grep '^answers=' "$room/wizard.state")" 'ipv4=static' "without what was refused"
cat >"$tmp/resume.script" <<'S'
screen look
press ended
screen address
expect \(\*\) fixed
set address 192.0.2.10/24
press next
screen host
press back
screen address
press back
screen ports
expect \[\*\] enp0s4
press quit
S
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/resume.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  --runtime "$room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a wizard left after a refusal goes on at that screen"
like "$(grep '^answers=' "$room/wizard.state")" 'address=192.0.2.10/24' "and takes what is right"

walk no-kvm vm-vmware complete
passes 0 "without hardware virtualization"
like "$(cat "$room/asked")" '--without-kvm( |$)' "apply is told that the person knows"

walk failure vm-qemu-svm fail-network
passes 0 "a step fails: log, report, shell, back to its screen, and on"
is "$(grep -c . "$room/asked")" 2 "apply ran twice"
like "$(cat "$room/lodge-report.txt")" 'step 6 \(network\)' "the report has the log"

walk retry vm-qemu-svm fail-storage
passes 0 "a step fails and is tried again"

# A step that an earlier run did says nothing in this one; all have the numbers that the consoles' lines have.
{ sed '/^screen progress/,$d' "$fixtures/retry.script"
  cat <<'S'
screen progress
expect \( 1/11\) Look at this machine and check it +done
expect \( 3/11\) Set name, time zone, keyboard and language +done *\n
expect \( 4/11\) Set the ways to log in +done *\n
expect \( 5/11\) Prepare the VM storage +done +0.2 s
expect \(11/11\) Start a guest to prove it +done +0.2 s
press ended
screen result
press finish
S
} >"$tmp/resumed.script"
mkdir "$tmp/resumed.room"
LODGE_TEST_SCENARIO=resumed timeout 60 "$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/resumed.script" --root \
  "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" --program "$fixtures/apply" --runtime "$tmp/resumed.room" \
  </dev/null >/dev/null 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "steps that were done before read as done"

# It fails while nobody follows it: the next that begins shows why, with the ways on.
mkdir "$tmp/left.room"
{ sed '/^screen progress/,$d' "$fixtures/retry.script"; printf 'screen progress\nexpect running\npress quit\n'; } >"$tmp/left.script"
left ()
{
  LODGE_TEST_SCENARIO=slow timeout 60 "$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/left.script" --root \
    "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" --program "$fixtures/apply" --runtime "$tmp/left.room" \
    </dev/null >/dev/null 2>"$tmp/errors"
}
left
is "$(cat "$tmp/errors")" "" "a setup that is left while it runs"
wait_line "$tmp/left.room/apply.log" 'a word about storage' 30 >/dev/null
cp -r "$tmp/left.room" "$tmp/cut"
echo 'the disk has gone' >"$tmp/left.room/go.new"
mv "$tmp/left.room/go.new" "$tmp/left.room/go"
wait_line "$tmp/left.room/apply.log" 'setup stopped' 30 >/dev/null
cat >"$tmp/left.script" <<'S'
screen progress
expect \( 5/11\) Prepare the VM storage +FAILED
press ended
screen failure
expect stopped at "Prepare the VM storage"
expect the disk has gone
press quit
S
left
is "$(cat "$tmp/errors")" "" "and fails then: why is shown first, with what was done"
sed -i '/FAILED/d' "$tmp/left.script"
left
is "$(cat "$tmp/errors")" "" "as long as nobody has answered"
sed -i '/^press quit/d' "$tmp/left.script"
printf 'press back\nscreen look\npress ended\nscreen disks\npress quit\n' >>"$tmp/left.script"
left
printf 'screen look\npress ended\nscreen disks\npress quit\n' >"$tmp/left.script"
left
is "$(cat "$tmp/errors")" "" "once that is done, no more"
rm -r "$tmp/left.room"
mv "$tmp/cut" "$tmp/left.room"
printf 'screen progress\npress ended\nscreen failure\nexpect ended without a word\npress quit\n' >"$tmp/left.script"
left
is "$(cat "$tmp/errors")" "" "one that was killed: says so, and no word of its step is the reason"

walk stopped vm-qemu-svm killed
passes 1 "apply is killed"
like "$output" 'ended by signal 9' "and the screen says so"
walk stopped vm-qemu-svm refused
like "$output" 'another lodge-firstboot \(process 1\)' "a refusal is shown in its own words"
walk no-disk vm-qemu-svm complete
passes 1 "no disk: the layout is not asked for"

# VM storage that is there already: not marked by itself, and erased only for its UUID, as unattended.
machine=$tmp/stored
uuid=0b5e8f4e-4a57-4d0e-9d3c-6a7e3f5c1d22
cp -r "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$machine"
sed -i "s/ext4/xfs/; s/2e1a5553-8ccc-435d-bc71-1ff9793d810c/$uuid/; s/\"old\"/\"lodge-vms\"/" \
  "$machine/run/lodge-capture/signatures/nvme0n1.json"
cat >"$tmp/stored.script" <<S
screen look
press ended
press next
press next
screen disks
expect \\[ \\] nvme0n1
expect \\[\\*\\] vda
expect Holds xfs file system "lodge-vms" on nvme0n1
expect that cannot be kept as it is: marking it means erasing
set disks nvme0n1
press next
screen layout
expect $uuid
press next
expect ! nvme0n1 is not empty.  Type $uuid
set erase-nvme0n1-$uuid NVME0001
press next
expect ! "NVME0001" is not $uuid
set erase-nvme0n1-$uuid ${uuid^^}
press next
screen ports
press quit
S
mkdir "$tmp/stored.room"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/stored.script" --root "$machine" --runtime "$tmp/stored.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "VM storage of Lodge is not marked, and its serial number does not erase it"
like "$(grep '^answers=' "$tmp/stored.room/wizard.state")" "erase=$uuid" "the UUID is what may be erased"

# The same with all the marks of VM storage, and two guests saved on it: it is kept, unless something else is chosen and typed.
part=$(cd "$machine/sys/block/nvme0n1" && pwd -P)/nvme0n1p1
mkdir "$part"
echo 1 >"$part/partition"
echo 259:1 >"$part/dev"
ln -s "$part" "$machine/sys/class/block/nvme0n1p1"
cd "$machine/run/lodge-capture/signatures" || exit 1
sed 's/"device": "nvme0n1"/"device": "nvme0n1p1", "partition-name": "lodge-storage"/' nvme0n1.json >nvme0n1p1.json
sed 's/"xfs"/"gpt"/; s/"filesystem"/"partition-table"/; s/"uuid": .*/"uuid": null, "label": null/; /"label": "lodge-vms"/d' \
  nvme0n1p1.json | sed 's/nvme0n1p1", "partition-name": "lodge-storage"/nvme0n1"/' >nvme0n1.json
for name in web db; do
  guest=../saved/nvme0n1p1/guests/0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a0${#name}
  mkdir -p "$guest"
  echo "<domain><name>$name</name><uuid>${guest##*/}</uuid></domain>" >"$guest/definition.xml"
done
cd - >/dev/null || exit 1
cat >"$tmp/adopted.script" <<S
screen look
press ended
press next
press next
screen disks
expect \\[\\*\\] vda
expect which can be kept as it is
expect saved on it: db, web\\.
set disks nvme0n1
press next
screen layout
expect \\[\\*\\] adopt: adopt: keep what is on it
press next
screen ports
press back
screen layout
set layout xfs
press next
expect ! nvme0n1 is not empty.  Type $uuid
set layout adopt
press next
screen ports
press quit
S
mkdir "$tmp/adopted.room"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/adopted.script" --root "$machine" --runtime "$tmp/adopted.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "VM storage of Lodge is kept by itself, and nothing has to be typed"
like "$(grep '^answers=' "$tmp/adopted.room/wizard.state")" 'layout=adopt' "the layout is adopt"
unlike "$(grep '^answers=' "$tmp/adopted.room/wizard.state")" 'erase=' "and nothing may be erased"

# Saved answers are for other hosts: what is on this one's disk, and its ports, are not theirs.  And what is said of them is so.
cat >"$tmp/saved.script" <<S
screen look
press ended
screen ports
set port enp0s4;enp0s7
press next
press next
screen host
set hostname kvm1
set ssh-keys ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJl3dIeudNqd0DPMRD6OIh65tjkxFNOtwGcWB2gCgkhQ alice@desk
press next
screen summary
press save
screen saved
expect Rename the file to answers.conf
press close
press back
screen host
set password correct-Horse-7
set again correct-Horse-7
set ssh-keys
press next
screen summary
press save
screen save
set hash yes
press write
screen saved
expect Rename the file to answers.conf
press close
press quit
S
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/saved.script" --root "$machine" --runtime "$tmp/adopted.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "answers are saved with a key, and with the hash of the password"
saved=$tmp/adopted.room/answers.conf.saved
is "$(grep -cE '^#(layout=adopt|disks=.*|port=.*;.*|bond=.*|hostname=kvm1)$' "$saved")" 5 "its disk, what is on it, and the ports with their bond are remarks" || diag "$(cat "$saved")"
like "$(cat "$saved")" '^root-password-hash=\$y\$' "the hash is there when it is wanted"
"$LODGE_BUILD/lodge" answers check "$saved" >/dev/null 2>"$tmp/errors"
ok $? "and they are good answers" || diag "$(cat "$tmp/errors")"

# Another language: the disks are told of anew, with what is saved on them.
printf 'screen look\npress ended\nset language zh_CN\npress ended\nscreen keyboard\npress next\npress next\nscreen disks\nexpect db, web\npress quit\n' \
  >"$tmp/language.script"
mkdir "$tmp/language.room"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/language.script" --root "$machine" --runtime "$tmp/language.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "in another language what is saved on them is told too"
mkdir "$machine/etc" && echo 0123456789abcdef0123456789abcdef >"$machine/etc/machine-id"
mkdir -p "$machine.done/var"
cp -r "$machine/." "$machine.done"
mkdir -p "$machine.done/var/lib/lodge"
touch "$machine.done/var/lib/lodge/complete"
like "$("$LODGE_BUILD/lodge-firstboot" plan --root "$machine.done" 2>&1)" 'this host is set up.*--reconfigure' "plan on a host that is set up says so"
like "$("$LODGE_BUILD/lodge-firstboot" plan --root "$machine" --answers <(printf '[storage]\nlayout=adopt\n[network]\nport=name:enp0s4\n') 2>&1)" \
  'nvme0n1 .*Nothing is erased; 2 virtual machines saved on it are defined again: db, web\.' "the plan says so"

# Every sentence of the screens is Chinese: of three Latin words in a row none is left (the words of the script itself apart).
for machine in vm-qemu-svm vm-vmware intel-locked; do
  if [ $machine != vm-qemu-svm ]; then
    sed -n '1,/^screen checks/p' "$fixtures/chinese.script" >"$tmp/chinese-checks.script"
    printf 'show\npress quit\n' >>"$tmp/chinese-checks.script"
  fi
  [ $machine = vm-qemu-svm ] && file=$fixtures/chinese.script || file=$tmp/chinese-checks.script
  output=$(LODGE_TEST_SCENARIO=fail-network timeout 60 "$LODGE_BUILD/lodge-firstboot" wizard --script "$file" \
    --root "$LODGE_TOP/tests/fixtures/hardware/$machine" --program "$fixtures/apply" --runtime "$tmp/chinese.$machine" </dev/null 2>"$tmp/errors")
  is "$(cat "$tmp/errors")" "" "$machine in Chinese"
  unlike "$(printf '%s' "$output" | tr '\n' ' ' | sed 's/“[^”]*”//g; s/([^)]*)//g; s/not used//g; s/cannot be used://g')" '[a-z]{2,} +[a-z]{2,} +[a-z]{2,}' "all of it"
done

# After a restart: the journal has the plan, the report says why it stopped, and that is what is shown first.
machine=$tmp/machine
cp -r "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$machine"
mkdir -p "$machine/var/lib/lodge" "$tmp/restarted"
cp "$fixtures/journal.conf" "$fixtures/report.json" "$machine/var/lib/lodge/"
cat >"$tmp/restarted.script" <<'S'
screen progress
press ended
screen failure
expect stopped at "Make the bridge"
expect the gateway 192.0.2.1 does not answer
press back
screen look
press ended
screen address
expect address .*: 192.0.2.10/24
expect gateway .*: 192.0.2.1
press quit
S
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/restarted.script" --root "$machine" --runtime "$tmp/restarted" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a setup that stopped before a restart: its reason first, then its answers"

# VM storage that it had made is kept: asked for no more, and the summary plans it as `apply` will, with what remains.
made=$tmp/made
cp -r "$machine" "$made"
mkdir "$tmp/made.room"
printf '\n[step storage]\nstate=done\nmilliseconds=200\n' >>"$made/var/lib/lodge/journal.conf"
sum=$(tail -n +2 "$made/var/lib/lodge/journal.conf" | sha256sum | cut -d' ' -f1)
sed -i "1s/sha256=.*/sha256=$sum/" "$made/var/lib/lodge/journal.conf"
# What the disk is by now.
sed 's/"ext4"/"xfs"/; s/"old"/"lodge-vms"/; s/nvme0n1/vda/' "$made/run/lodge-capture/signatures/nvme0n1.json" \
  >"$made/run/lodge-capture/signatures/vda.json"
cat >"$tmp/made.script" <<'S'
screen progress
press ended
screen failure
press back
screen look
press ended
screen address
press back
screen ports
press back
screen checks
press next
screen ports
press next
screen address
set address 192.0.2.11/24
press next
screen host
set password correct-Horse-7
set again correct-Horse-7
press next
screen summary
expect This remains of the setup that stopped
expect Done already, and not done again: Prepare the VM storage
expect Keep the VM storage that was made already, on vda \(8.0 GiB, serial S1\)
expect Set the IPv4 address 192.0.2.11/24
show
press quit
S
output=$("$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/made.script" --root "$made" --runtime "$tmp/made.room" 2>"$tmp/errors")
is "$(cat "$tmp/errors")" "" "a setup that had made the VM storage goes on: it is kept"
unlike "$output" 'ERASED|erase everything|Nothing was changed' "and said to be erased nowhere"
sed -i '/^answers=/s/serial:S1/serial:S9/' "$tmp/made.room/wizard.state"
printf 'screen look\npress ended\nscreen summary\nexpect Keep the VM storage .* on vda\npress quit\n' >"$tmp/made.script"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/made.script" --root "$made" --runtime "$tmp/made.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "whatever other disk was typed before it was made"
mkdir -p "$made/etc" && echo 0123456789abcdef0123456789abcdef >"$made/etc/machine-id"
like "$("$LODGE_BUILD/lodge-firstboot" plan --root "$made" --answers <(printf '[storage]\ndisks=serial:S1\n[network]\nport=name:enp0s4\n') 2>&1)" \
  'Keep the VM storage that was made already, on vda' "as plan says"
like "$("$LODGE_BUILD/lodge-firstboot" plan --root "$made" --answers <(printf '[storage]\ndisks=serial:S2\n[network]\nport=name:enp0s4\n') 2>&1)" \
  'put the section back as it was' "which refuses another disk"

# A journal that cannot be read: said at once, not after eight screens.
echo damaged >>"$machine/var/lib/lodge/journal.conf"
mkdir "$tmp/damaged"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/restarted.script" --root "$machine" --runtime "$tmp/damaged" 2>"$tmp/errors"
is $? 1 "a journal that cannot be read ends the wizard"
like "$(cat "$tmp/errors")" 'journal.conf is damaged, so where setup stood is not known' "before anything is asked"

# --- what is tried on the keyboard's screen may be a password ---
mkdir "$tmp/tried.room"
printf 'screen look\npress ended\nset try tried-Horse-7\npress next\nscreen checks\npress quit\n' >"$tmp/tried.script"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/tried.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  --runtime "$tmp/tried.room" 2>"$tmp/errors"
is "$(cat "$tmp/errors")" "" "a keyboard is tried"
is "$(grep -r tried-Horse-7 "$tmp/tried.room")" "" "and what was typed is kept nowhere"

# --- a console that is left, where nobody can log in: the welcome again, for a login prompt would be a dead end ---
console=$tmp/console
cp -r "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$console"
mkdir "$console/etc"
cat >"$tmp/console.script" <<'S'
screen welcome
press quit
screen welcome
press start
screen look
press ended
screen keyboard
press next
screen checks
press quit
screen welcome
press start
screen look
press ended
screen checks
press quit
screen welcome
S
on_console ()
{
  "$LODGE_BUILD/lodge-firstboot" wizard --console --script "$1" --root "$console" --runtime "$tmp/console.room" \
    </dev/null 2>"$tmp/errors"
}
on_console "$tmp/console.script"
like "$(cat "$tmp/errors")" 'at its end, and the screen "welcome" is shown' "a console that nobody can log in on is not left; the wizard goes on where it was"
# shellcheck disable=SC2016  # no variables
printf 'root:$y$j9T$salt$hash:20000::::::\n' >"$console/etc/shadow"
printf 'screen welcome\npress start\nscreen look\npress ended\nscreen checks\npress quit\n' >"$tmp/console.script"
on_console "$tmp/console.script"
is "$? $(cat "$tmp/errors")" "0 " "one that somebody can log in on is"

# --- a line that hung up on the result: its unit starts the wizard again, which gives the console to the login prompt ---
mkdir -p "$console/var/lib/lodge"
touch "$console/var/lib/lodge/complete"
: >"$tmp/console.script"
on_console "$tmp/console.script"
is "$? $(cat "$tmp/errors")" "0 " "a console of a host that is complete shows no screen"

printf 'screen look\npress ended\nscreen keyboard\npress next\nscreen checks\npress again\nscreen look\npress quit\n' >"$tmp/leave.script"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/leave.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  2>"$tmp/errors"
is "$? $(cat "$tmp/errors")" "1 " "left while the machine is looked at"

printf 'screen look\npress ended\nscreen disks\n' >"$tmp/wrong.script"
"$LODGE_BUILD/lodge-firstboot" wizard --script "$tmp/wrong.script" --root "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" \
  2>"$tmp/errors"
like "$(cat "$tmp/errors")" 'wrong.script:3: the script waits for the screen "disks", but "keyboard" is shown' \
  "a script that goes astray is told where"
done_testing
