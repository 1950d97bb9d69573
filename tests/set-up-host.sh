# A captured machine whose setup is complete, for tests of changing one: sourced after functions.sh.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later

# set_up_host DIRECTORY [LAST-STATE]: vm-qemu-svm after setup with a fixed address, its last step in LAST-STATE (done).
set_up_host ()
{
  local profiles=$1/etc/NetworkManager/system-connections state=$1/var/lib/lodge step
  cp -r "$LODGE_TOP/tests/fixtures/hardware/vm-qemu-svm" "$1"
  mkdir -p "$profiles" "$state" "$1/etc/libvirt/qemu/networks" "$1/root/.ssh" "$1/etc/ssh/sshd_config.d" \
    "$1/usr/share/zoneinfo/Europe"
  # One file holds them all, one after the other.
  awk -v d="$profiles" '/^\[connection\]/ { n++ } { print > (d "/lodge-" n ".nmconnection") }' \
    "$LODGE_TOP/tests/fixtures/network/static.nmconnection"
  {
    sed -n '/^\[plan\]/,/^erase=/p' "$LODGE_TOP/tests/fixtures/wizard/journal.conf"
    for step in host access storage network libvirt guests pool guest-networks proof; do
      printf '\n[step %s]\nstate=%s\n' $step "$([ $step = proof ] && echo "${2:-done}" || echo done)"
    done
  } >"$tmp/journal"
  { printf '# The journal of lodge-firstboot.  sha256=%s\n' "$(sha256sum <"$tmp/journal" | cut -d' ' -f1)"; cat "$tmp/journal"; } \
    >"$state/journal.conf"
  echo 'lodge: setup complete: host kvm1, lan0 192.0.2.10' >"$state/complete"
  echo kvm1 >"$1/etc/hostname"
  echo 'KEYMAP="de-latin1"' >"$1/etc/vconsole.conf"
  touch "$1/usr/share/zoneinfo/Europe/Vienna" "$1/usr/share/zoneinfo/UTC"
  ln -s /usr/share/zoneinfo/Europe/Vienna "$1/etc/localtime"
  echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@desk' >"$1/root/.ssh/authorized_keys"
  echo "<network><name>default</name><forward mode='nat'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>" \
    >"$1/etc/libvirt/qemu/networks/default.xml"
}
