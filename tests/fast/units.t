#!/bin/bash
# The systemd units of the hosts: systemd takes them, and a wizard that keeps failing leaves a login prompt.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
command -v systemd-analyze >/dev/null || skip_all "there is no systemd-analyze"
units=$LODGE_TOP/firstboot/units

# The program is not installed where the tests run; instances stand for their templates.
# shellcheck disable=SC2154  # tmp is functions.sh's
mkdir "$tmp/units" "$tmp/bin"
for unit in "$units"/*; do
  name=$(basename "$unit")
  sed 's,=/usr/sbin/lodge-firstboot,=/bin/true,' "$unit" >"$tmp/units/$name"
  [ "$name" = "${name/@/}" ] || cp "$tmp/units/$name" "$tmp/units/${name/@/@ttyS0}"
done
for unit in "$tmp/units/"*.service "$tmp/units/"*.path "$tmp/units/"*.timer; do
  case $unit in *@.service) continue ;; esac
  is "$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F lodge-)" "" "systemd takes $(basename "$unit")"
done

# --- what is saved on the VM storage is saved while that is mounted ---
for name in lodge-save-guests lodge-save-guests-at-shutdown; do
  like "$(cat "$units/$name.service")" '^After=(.* )?var-lib-libvirt-images\.mount( |$)' "$name.service ends before its storage goes"
done
# What is started before the guests are shut down is stopped after them.
like "$(cat "$units/lodge-save-guests-at-shutdown.service")" '^Before=(.* )?libvirt-guests\.service( |$)' "and the last save is after the guests"

# --- a wizard that keeps failing ---
wizard=$(cat "$units/lodge-wizard@.service")
like "$wizard" '^Restart=on-failure' "a wizard that fails comes back"
like "$wizard" '^StartLimitBurst=[0-9]+$' "so many times"
like "$wizard" '^ExecStopPost=-/usr/sbin/lodge-firstboot kernel-messages$' "one that was killed leaves the kernel's messages on"
next=$(sed -n 's/^OnFailure=//p' "$units/lodge-wizard@.service")
ok "$([ -e "$units/${next/@%i/@}" ]; echo $?)" "then another unit has its turn"
# Its line may hang up on the result: a condition would then skip it, and no login prompt would come in its place.
unlike "$wizard" '^Condition' "one that comes back to a complete host gives its console away itself"
# So nothing but a setup that is not complete may start it.
unlike "$wizard" '^(\[Install\]|WantedBy=)' "no boot starts it by itself"
like "$(cat "$units/lodge-firstboot.service")" '^ConditionPathExists=!/var/lib/lodge/complete$' "who does is not started on a complete host"
is "$(cd "$LODGE_TOP" && grep -rE '^[^#]*lodge-wizard@' builder firstboot templates | grep -v 'systemctl show' | cut -d: -f1 | sort -u)" \
  firstboot/wizard-console.c "and nobody else does"
printf '#!/bin/sh\necho "$@"\n' >"$tmp/bin/systemctl"
chmod +x "$tmp/bin/systemctl"
# What systemd makes of the line for one console: its dollars and the instance.
command=$(sed -n 's/^ExecStart=//p' "$units/${next/@%i/@}" | sed 's/\$\$/$/g')
prompt () { PATH=$tmp/bin:$PATH sh -c "${command//%i/$1}"; }
is "$(prompt tty1)" "--no-block start getty@tty1.service" "a login prompt on a virtual console"
for console in ttyS0 ttyAMA0 hvc0; do
  is "$(prompt $console)" "--no-block start serial-getty@$console.service" "and on $console"
done
# Asked at each failure by a new systemd, at the last by an old one.
condition=$(sed -n 's/^ExecCondition=//p' "$units/${next/@%i/@}" | sed 's/\$\$/$/g')
for state in failed auto-restart failed-before-auto-restart running; do
  printf '#!/bin/sh\n[ "$*" = "show --property=SubState --value lodge-wizard@ttyS0.service" ] && echo %s\n' $state >"$tmp/bin/systemctl"
  PATH=$tmp/bin:$PATH sh -c "${condition//%i/ttyS0}"
  is $? "$([ $state = failed ]; echo $?)" "a wizard that is \"$state\" $([ $state = failed ] && echo gives || echo keeps) its console"
done
done_testing
