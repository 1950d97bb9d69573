#!/bin/bash
# The stick is disposable, the virtual machines are not: a host with guests dies in the middle of its work; a new stick with
# the old disk refuses to guess, and with layout=adopt has the guests, networks and pools again.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/machine.sh"

store=/var/lib/libvirt/images/.lodge/saved
web=0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a01
db=0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a02
future=0f3c2f4e-8f3a-4f6e-9d3e-0c8b1d1f7a03

# --- the first stick ---
machine_new before
printf '[host]\nhostname=first\n[libvirt]\nproof=no\n' >"$tmp/answers.conf"
# shellcheck disable=SC2046  # several arguments on purpose
machine_boot $(machine_disk VMS1 4G) $(machine_answers "$tmp/answers.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'lodge: setup complete: host first' "a host is set up" || machine_explain 80
is "$(machine_ssh stat -c %a:%U $store)" 700:root "its storage has a place for definitions, root's alone"

cat >"$tmp/define.sh" <<G
set -e
# domain NAME UUID OS INTERFACE
domain ()
{
  echo "<domain type='qemu'><name>\$1</name><uuid>\$2</uuid><memory unit='MiB'>128</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type>\$3</os><features><acpi/></features>
    <devices><disk type='file' device='disk'><source file='/var/lib/libvirt/images/\$1.raw'/><target dev='vda' bus='virtio'/></disk>
    <graphics type='vnc' port='-1' passwd='secret'/>\$4</devices></domain>"
}
for name in web db; do head -c 16M /dev/urandom >/var/lib/libvirt/images/\$name.raw; done
sync
mkdir -p /var/lib/libvirt/qemu/nvram /var/lib/libvirt/swtpm/$web/tpm2
head -c 64K /dev/urandom >/var/lib/libvirt/qemu/nvram/web_VARS.fd
echo "of the TPM" >/var/lib/libvirt/swtpm/$web/tpm2/tpm2-00.permall
domain web $web "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>" \
  "<interface type='network'><source network='lab'/></interface>" >/root/web.xml
domain db $db "" "<interface type='bridge'><source bridge='br7'/></interface>" >/root/db.xml
virsh -q define /root/web.xml
virsh -q define /root/db.xml
virsh -q autostart web
echo "<network><name>lab</name><bridge name='virbr7'/><ip address='10.77.0.1' netmask='255.255.255.0'/></network>" >/root/lab.xml
virsh -q net-define /root/lab.xml
virsh -q net-autostart lab
virsh -q net-update default add ip-dhcp-host "<host mac='52:54:00:77:00:01' ip='192.168.122.77'/>" --config
mkdir /var/lib/libvirt/images/iso
virsh -q pool-define-as iso dir --target /var/lib/libvirt/images/iso
virsh -q pool-autostart iso
# Nobody but systemd has been told to save.
timeout 300 sh -c 'until [ -e $store/guests/$web/autostart ] && [ -e $store/guests/$db/definition.xml ] &&
  grep -qr 52:54:00:77:00:01 $store/networks && grep -qr ">iso<" $store/pools; do sleep 0.5; done'
G
machine_ssh bash -s <"$tmp/define.sh" >"$tmp/defined" 2>&1
ok $? "what is defined is saved by itself" || diag "$(cat "$tmp/defined"; machine_ssh "find $store; journalctl -u 'lodge-save*' --no-pager")"
like "$(machine_ssh "cat $store/guests/$web/definition.xml")" "passwd='secret'" "with its secrets"
is "$(machine_ssh "stat -c %a $store/guests/$web/definition.xml")" 600 "which only root can read"
# What nothing tells of is saved at shutdown, when the guests are down.
machine_ssh "echo 'of the TPM, later' >/var/lib/libvirt/swtpm/$web/tpm2/tpm2-00.permall; systemctl stop lodge-save-guests-at-shutdown"
is "$(machine_ssh "cat $store/guests/$web/tpm/tpm2/tpm2-00.permall")" "of the TPM, later" "the TPM's state is saved at shutdown"
like "$(machine_ssh systemctl show -p Before --value lodge-save-guests-at-shutdown)" 'libvirt-guests\.service' "after the guests"
# As another host with another QEMU would have saved it, and this one could not define.
machine_ssh "mkdir $store/guests/$future && cd $store/guests/$future &&
  sed 's/<name>web/<name>future/; s/$web/$future/; s/machine=.q35./machine=\"pc-q35-99.9\"/; s/<nvram.*nvram>//' /root/web.xml >definition.xml && echo no >not-defined &&
  lodge-firstboot save-guests"
sums () { machine_ssh 'cd /var/lib/libvirt/images && sha256sum web.raw db.raw; sha256sum /var/lib/libvirt/qemu/nvram/web_VARS.fd'; }
before=$(sums)
uuid=$(machine_ssh blkid -o value -s UUID /dev/vda1)
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"
# The stick dies with the log of the file system in use; what was saved is in its place (freezing empties the log), so that
# the plan can see it without replaying the log.
machine_ssh 'fsfreeze -f /var/lib/libvirt/images && fsfreeze -u /var/lib/libvirt/images'
machine_ssh 'touch /var/lib/libvirt/images/iso/a; sync -f /var/lib/libvirt/images; rm /var/lib/libvirt/images/iso/a'
machine_cut
disk=$machine_dir/VMS1.raw

# --- a new stick ---
machine_new after
ln "$disk" "$machine_dir/VMS1.raw"
sum=$(sha256sum <"$disk")
printf '[host]\nhostname=second\n[libvirt]\nproof=no\n' >"$tmp/auto.conf"
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 4G) $(machine_answers "$tmp/auto.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'setup stopped at step 2 \(plan\): vda .*VM storage of Lodge already.*layout=adopt' "the old disk is not taken by itself" || machine_explain 80
machine_cut
is "$(sha256sum <"$disk")" "$sum" "and was not written to: not a byte"

printf '[host]\nhostname=second\n[storage]\nlayout=adopt\n[libvirt]\nproof=no\n' >"$tmp/adopt.conf"
# The power is cut while the definitions are taken.
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 4G) $(machine_answers "$tmp/adopt.conf")
machine_wait 'lodge: step [0-9]+ \(guests\)' >/dev/null
ok $? "the power is cut as the guests are defined" || machine_explain
machine_cut
# shellcheck disable=SC2046
machine_boot $(machine_disk VMS1 4G) $(machine_answers "$tmp/adopt.conf")
line=$(machine_wait 'lodge: setup (complete|stopped)' | tr -d '\r')
like "$line" 'setup complete: host second, .* with 2 virtual machines \(2 warnings' "with layout=adopt setup completes" || machine_explain 80
is "$(machine_ssh blkid -o value -s UUID /dev/vda1)" "$uuid" "the file system is the old one"
is "$(machine_ssh virsh list --all --name | sort | xargs)" "db web" "the guests are there"
is "$(machine_ssh virsh domuuid web)" $web "with their UUIDs"
like "$(machine_ssh virsh dominfo web)" 'Autostart: +enable' "one starts with the host"
like "$(machine_ssh virsh dominfo db)" 'Autostart: +disable' "the other does not"
is "$(sums)" "$before" "their disks and UEFI variables are the same to the byte"
is "$(machine_ssh "cat /var/lib/libvirt/swtpm/$web/tpm2/tpm2-00.permall")" "of the TPM, later" "the TPM's state too"
like "$(machine_ssh virsh dumpxml --inactive --security-info web)" "passwd='secret'" "secrets too"
like "$(machine_ssh virsh net-list --all)" 'lab +inactive +yes' "the network starts with the host, and not before"
is "$(machine_ssh virsh net-list --all --name | sort | xargs)" "bridge default lab" "Lodge's own networks are there once"
like "$(machine_ssh virsh net-dumpxml default)" '52:54:00:77:00:01' "with what was reserved in them"
like "$(machine_ssh virsh pool-list --all)" 'iso +inactive +yes' "the pool too"
report=$(machine_ssh cat /var/lib/lodge/report.json)
like "$(printf '%s' "$report" | jq -r '.plan.sentences[]')" \
  '^vda .*Nothing is erased; 3 virtual machines saved on it are defined again: db, future, web; it could not be read fully: more may be saved on it\.' "the plan said what is saved"
like "$(printf '%s' "$report" | jq -r '.steps[] | select(.id == "guests") | .measured["not-defined"][]')" \
  '^virtual machine future: .*pc-q35-99\.9' "what cannot be defined is named, with the reason"
like "$(machine_ssh lodge-firstboot status)" 'warning: virtual machine db is plugged into the bridge br7' "a bridge that is missing is named"
is "$(machine_ssh "ls $store/guests" | sort | xargs)" "$web $db $future" "all of them stay saved"
is "$(machine_ssh systemctl --failed --no-legend --plain)" "" "no unit failed"

# From now on the new stick saves.
machine_ssh "virsh -q undefine db && timeout 300 sh -c 'while [ -e $store/guests/$db ]; do sleep 0.5; done'"
ok $? "a guest that is undefined is not kept" || diag "$(machine_ssh "journalctl -u 'lodge-save*' --no-pager")"
is "$(machine_ssh "ls $store/guests" | sort | xargs)" "$web $future" "the one that could not be defined is"
done_testing
