#!/bin/sh
# The sandbox, for real: what a program finds inside, and that nothing of it is left outside.
# Run by root, everything is tried a second time as an ordinary user who has a uid range, if there is one.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
[ -x "$LODGE_BUILD/lodge-sandbox" ] || skip_all "lodge-sandbox is not built: run 'make'"

# Where another user can reach it.
# shellcheck disable=SC2154  # tmp is functions.sh's
chmod 0755 "$tmp"
cp "$LODGE_BUILD/lodge-sandbox" "$tmp/lodge-sandbox"

# as COMMAND…: as the user who is tried; $user is empty for the caller.
user=
as ()
{
  if [ -n "$user" ]; then setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"; else "$@"; fi
}
# The same in the place of the shell, for the background: $! is then the program itself.
as_exec ()
{
  if [ -n "$user" ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"; else exec "$@"; fi
}
# inside ARG…: sets $output (both streams) and $status
inside ()
{
  output=$(as "$tmp/lodge-sandbox" "$@" 2>&1)
  status=$?
}
mounts_outside () { grep -c -e "$tmp" /proc/self/mountinfo; }
# Processes of the sandbox that still run, by the marker in their arguments: no other run of this test has it.
# shellcheck disable=SC2009  # pgrep counts itself where its own arguments match
count_marked () { ps -e -o args= | grep -c -e "^sleep $1\$"; }
# gone MARKER: within ten seconds nothing with it runs any more.
gone ()
{
  tries=100
  while [ "$(count_marked "$1")" -ne 0 ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}
# appears MARKER: within ten seconds something with it runs.
appears ()
{
  tries=100
  while [ "$(count_marked "$1")" -eq 0 ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

try_sandbox ()
{
  who=$1 marker=$2
  work=$tmp/work-$marker
  mkdir "$work" "$work/tree" "$work/bind" "$work/nest"
  echo bound >"$work/bind/file"
  # A tree that has no link out of it works only with what is bound into it.
  for d in usr bin sbin lib lib64; do mkdir "$work/tree/$d"; done
  [ -z "$user" ] || chown -R "$user" "$work"
  system="--bind /usr:/usr:ro"
  for d in bin sbin lib lib64; do
    if [ -d "/$d" ]; then system="$system --bind /$d:/$d:ro"; fi
  done
  nest_system=
  for d in usr bin sbin lib lib64; do
    if [ -d "/$d" ]; then nest_system="$nest_system --bind /$d:$work/nest/$d:ro"; fi
  done
  # nested ARG…: outside a tree that is being made; scriptlet ARG…: in it, as such a tree's scripts run
  # shellcheck disable=SC2086  # options, in words
  nested () { inside --nested "$work/nest" $nest_system "$@"; }
  scriptlet () { nested chroot "$work/nest" "$@"; }
  # tree ARG…: in the small tree
  # shellcheck disable=SC2086  # options, in words
  tree () { inside --root "$work/tree" --tree $system "$@"; }

  # --- exit status ---
  inside true; is "$status" 0 "$who: exit status 0"
  inside sh -c 'exit 7'; is "$status" 7 "$who: the program's exit status"
  # shellcheck disable=SC2016  # $$ is for the shell inside
  inside sh -c 'kill -9 $$'; is "$status" 137 "$who: a program that was killed"
  inside /nonexistent/program; is "$status" 127 "$who: a program that does not exist"
  inside /etc/passwd; is "$status" 126 "$who: a file that is no program"
  inside --bind nonsense true; is "$status" 125 "$who: a bad option"
  inside --root "$work/none" true; is "$status" 125 "$who: a root that does not exist"
  like "$output" "work-$marker/none" "$who: and which one"
  inside --tree true; is "$status" 125 "$who: --tree without --root"
  inside; is "$status" 125 "$who: no program"

  # --- who and what is inside ---
  inside id -u; is "$output" 0 "$who: root inside"
  inside hostname; is "$output" localhost "$who: a host name of its own"
  inside sh -c 'cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d " "'
  is "$output" lo "$who: no network but loopback"
  inside sh -c 'ps -e -o pid= | wc -l'
  if [ "$output" -le 6 ]; then ok 0 "$who: process numbers of its own"; else ok 1 "$who: process numbers of its own"; fi
  inside sed -n 's/^NoNewPrivs:\t//p' /proc/self/status; is "$output" 1 "$who: no new privileges"
  inside sed -n 's/^CapBnd:\t//p' /proc/self/status
  is "$output" 00000000a00401fb "$who: the few capabilities that --help lists"
  # Inheritable ones come past the bounding set; only root has any to give.
  if [ -z "$user" ] && [ "$(id -u)" -eq 0 ]; then
    output=$(setpriv --inh-caps +mknod,+sys_admin "$tmp/lodge-sandbox" sed -n 's/^Cap\(Inh\|Eff\):\t//p' /proc/self/status)
    is "$(printf "%s" "$output" | tr "\n" " ")" "0000000000000000 00000000a00401fb" "$who: and none that the caller had made inheritable"
  fi
  tree sh -c 'mount -t tmpfs none /tmp'
  if [ "$status" -ne 0 ]; then ok 0 "$who: cannot mount"; else ok 1 "$who: cannot mount"; fi
  tree sh -c 'mknod /tmp/disk b 8 0'
  if [ "$status" -ne 0 ]; then ok 0 "$who: cannot make devices"; else ok 1 "$who: cannot make devices"; fi
  # Real root may write there by its uid alone, without any capability: a core dump's handler runs outside.
  # The value is the present one, so that a sandbox with this hole changes nothing here.
  for kind in inside tree nested scriptlet; do
    for file in kernel/core_pattern kernel/hostname vm/drop_caches; do
      value=$(cat "/proc/sys/$file" 2>/dev/null || echo 1)
      $kind sh -c "printf '%s' '$value' >/proc/sys/$file"
      like "$output" 'Read-only file system' "$who, $kind: cannot write the machine's /proc/sys/$file"
    done
    # Opened for writing, and no more than that; a kernel without it has no such file.
    $kind sh -c '[ ! -e /proc/sysrq-trigger ] || : >>/proc/sysrq-trigger'
    like "${output:-Read-only file system}:$([ -e /proc/sysrq-trigger ] || echo absent)$status" \
      'Read-only file system:(absent0|[1-9])' "$who, $kind: nor press SysRq"
    $kind sh -c 'find /proc/sys /proc/irq /proc/bus /proc/fs -type f -writable 2>/dev/null | head -n 3'
    is "$output" "" "$who, $kind: nor anything else of the machine in /proc"
    $kind sh -c 'for f in keys kcore timer_list; do [ ! -e /proc/$f ] || head -c 1 /proc/$f | wc -c; done | sort -u'
    is "$output" 0 "$who, $kind: nor read the machine's memory and keys"
    $kind unshare --user --map-root-user --pid --fork sh -c 'mount -t proc proc /proc && echo mounted'
    unlike "$output" '^mounted$' "$who, $kind: nor get a /proc without these limits in namespaces of its own"
  done
  inside sh -c 'ls /proc/self/fd | wc -l' 9</dev/null 8</dev/null
  is "$output" 4 "$who: no descriptor of the caller but three (and ls' own)"

  # --- the tree ---
  tree sh -c 'ls /; echo; ls /dev /sys; cat /proc/cmdline'
  unlike "$output" 'home|root|vda|sda|kvm' "$who: the machine's files and devices are not there"
  unlike "$output" 'root=|BOOT_IMAGE' "$who: nor its kernel command line"
  like "$output" '^urandom$' "$who: a small /dev is"
  tree sh -c 'echo x >/tmp/x && echo x >/run/x && echo x >/dev/null && echo x >/dev/shm/x'
  is "$output" "" "$who: /tmp, /run and /dev can be written"
  is "$(find "$work/tree/tmp" "$work/tree/run" "$work/tree/dev" -mindepth 1 | wc -l)" 0 "$who: and are no part of the tree"
  tree sh -c 'echo x >/usr/lodge-test'
  like "$output" 'Read-only' "$who: a read-only bind is read-only"
  # With what is mounted below it: here by a sandbox around this one, which starts as root with CAP_SYS_ADMIN.
  mkdir "$work/deep" "$work/deep/mount"
  if [ -z "$user" ] && [ "$(id -u)" -eq 0 ]; then
    output=$(unshare --mount sh -c 'mount -t tmpfs none "$1/deep/mount" && shift &&
      exec "$@" sh -c "echo x >/run/deep/mount/x"' sh "$work" \
      "$tmp/lodge-sandbox" --root "$work/tree" --tree $system --bind "$work/deep:/run/deep:ro" 2>&1)
    like "$output" 'Read-only' "$who: and so is what is mounted below it"
  fi
  tree --bind "$work/bind:/run/a/b" sh -c 'cat /run/a/b/file; echo written >/run/a/b/file'
  is "$output $(cat "$work/bind/file")" "bound written" "$who: a bind whose target had to be made"
  mkdir "$work/co:lon"; echo colon >"$work/co:lon/file"
  tree --bind "$work/co:lon:/run/c:ro" cat /run/c/file
  is "$output" colon "$who: a source with a colon in its name"
  # A link in the tree must not lead a mount out of it.
  ln -s "$work/bind" "$work/tree/escape"
  tree --bind "$work/bind:/escape/in" true
  is "$(ls "$work/bind")" file "$who: a link in the tree leads a bind nowhere outside"
  rm "$work/tree/escape"
  tree sh -c 'echo x >/owned && chown 42:43 /owned && chmod 4755 /owned && stat -c "%u:%g %a" /owned'
  is "$output" "42:43 4755" "$who: files of every owner"
  is "$(mounts_outside)" 0 "$who: no mount is seen outside"

  # --- a tree in which a program of the machine makes a system ---
  inside --nested relative true; is "$status" 125 "$who: --nested needs a full path"
  inside --nested "$work/nest" --root "$work/tree" true; is "$status" 125 "$who: and no --root"
  scriptlet sh -c 'echo x >/made && echo x >/tmp/x && echo x >/run/x && echo x >/dev/null && cat /proc/cmdline && ls /dev /sys'
  is "$status $(cat "$work/nest/made")" "0 x" "$who: a script in the tree writes there"
  unlike "$output" 'vda|sda|kvm|root=|BOOT_IMAGE' "$who: and sees nothing of the machine"
  # escaped SCRIPT: by CAP_SYS_CHROOT, out of the tree; "out" proves that it is.
  # shellcheck disable=SC2016  # perl's
  escaped ()
  {
    scriptlet perl -e 'mkdir "/tmp/e"; chroot "/tmp/e" or die; chdir ".." for 1 .. 64; chroot "." or die;
      print -d $ARGV[0] ? "out\n" : "still in\n"; $| = 1; print ""; exec "sh", "-c", $ARGV[1]' "$work/nest" "$1"
  }
  escaped 'for d in usr bin sbin lib etc/passwd etc/group; do [ ! -d /$d ] || d=$d/lodge-test; touch /$d; done'
  # An ordinary user is not even asked: real root's files are nobody's inside.
  [ -z "$user" ] || output=$(printf '%s\n' "$output" | sed 's/Permission denied/Read-only file system/')
  is "$(printf '%s\n' "$output" | sed '1!s/.*: //' | sort | uniq -c | tr -s ' \n' ' ')" " 6 Read-only file system 1 out " \
    "$who: one that leaves it cannot change the machine's files"
  [ ! -e /usr/lodge-test ]; ok $? "$who: and did not"
  escaped "cat '$work/bind/file' /etc/shadow; ls -d /home /root /boot /etc/ssh /etc/ssl"
  is "$(printf '%s\n' "$output" | sed '1!s/.*: //' | sort | uniq -c | tr -s ' \n' ' ')" " 7 No such file or directory 1 out " \
    "$who: nor read those that are not programs"
  escaped 'find / \( -name proc -o -name usr \) -prune -o \( -type b -o -type s -o -type p \) -print'
  is "$output" out "$who: nor reach its disks and services"
  escaped 'find /proc/sys /proc/irq /proc/bus /proc/fs -type f -writable 2>/dev/null | head -n 3; mount -t tmpfs none /usr'
  like "$(printf '%s' "$output" | tr '\n' ' ')" '^out mount: .*' "$who: nor its /proc, nor mount"
  is "$(mounts_outside)" 0 "$who: no mount of it is seen outside"

  # --- no way out past the network namespace ---
  # socket(), 40 is AF_VSOCK; io_uring_setup()
  inside perl -e 'socket(my $s, 40, 1, 0) or print $! + 0'
  is "$output" "$(perl -MErrno=EAFNOSUPPORT -e 'print EAFNOSUPPORT')" "$who: no socket to the hypervisor"
  inside perl -e 'my $p = "\0" x 256; syscall(425, 1, $p) < 0 and print $! + 0'
  is "$output" "$(perl -MErrno=ENOSYS -e 'print ENOSYS')" "$who: nor io_uring, which could make one"
  inside perl -MSocket -e 'print socket(my $s, AF_INET, SOCK_STREAM, 0) && socket(my $u, AF_UNIX, SOCK_STREAM, 0)'
  is "$output" 1 "$who: other sockets there are"

  # --- nor to the caller's keys, nor to capabilities in a user namespace of its own ---
  # keyctl(), add_key(), request_key(), bpf(), userfaultfd() and clone3()
  case $(uname -m) in
    aarch64) numbers="219 217 218 280 282 435" ;;
    *) numbers="250 248 249 321 323 435" ;;
  esac
  # shellcheck disable=SC2016,SC2086  # perl's; in words
  inside perl -e 'print "$_ ", (syscall($_, 0, -3, 0, 0, 0) < 0 ? $! + 0 : "works"), "\n" for @ARGV' $numbers
  is "$(printf '%s\n' "$output" | cut -d" " -f2 | sort | uniq -c | tr -s ' ')" \
    " 6 $(perl -MErrno=ENOSYS -e 'print ENOSYS')" "$who: no keys, bpf, userfaultfd, nor namespaces past the filter"
  inside unshare --user --map-root-user sh -c 'echo in a namespace'
  like "$status:$output" '^[1-9][0-9]*:.*Operation not permitted' "$who: no user namespace by unshare"
  # clone(CLONE_NEWUSER | SIGCHLD): in the child 0
  # shellcheck disable=SC2016  # perl's
  inside perl -e 'my $r = syscall(56 + 164 * ($ARGV[0] eq "aarch64"), 0x10000011, 0, 0, 0, 0); exit 0 if $r == 0;
      print $r < 0 ? $! + 0 : "made"' "$(uname -m)"
  is "$output" "$(perl -MErrno=EPERM -e 'print EPERM')" "$who: nor by clone"
  inside sh -c 'unshare --mount true 2>/dev/null; sh -c "exit 5"'
  is "$status" 5 "$who: processes can be made"
  # --- syncing does nothing ---
  inside sed -n 's/^Seccomp:\t//p' /proc/self/status; is "$output" 2 "$who: a filter of system calls"
  tree sh -c 'sync && dd if=/dev/zero of=/owned bs=1k count=1 conv=fsync 2>/dev/null && echo done'
  is "$output" "done" "$who: sync and fsync succeed"
  # --- it ends with its caller ---
  as_exec "$tmp/lodge-sandbox" sh -c "sleep $marker & sleep $marker & wait" &
  pid=$!
  appears "$marker"; ok $? "$who: processes run inside"
  kill -TERM $pid
  wait $pid
  is "$(count_marked "$marker")" 0 "$who: when the helper has ended after SIGTERM nothing is left inside"
  as_exec "$tmp/lodge-sandbox" sh -c "sleep $marker & sleep $marker & wait" &
  pid=$!
  appears "$marker"
  kill -KILL $pid
  wait $pid 2>/dev/null
  gone "$marker"; ok $? "$who: nor after SIGKILL"
  # The caller dies: the helper is not told, the kernel kills it.
  as_exec sh -c "'$tmp/lodge-sandbox' --parent \$\$ sleep $marker & echo started; wait" >"$tmp/started" &
  pid=$!
  appears "$marker"
  kill -KILL $pid
  wait $pid 2>/dev/null
  gone "$marker"; ok $? "$who: nor when the caller is killed"
  inside --parent 1 sh -c 'echo ran'
  is "$status:$output" "125:" "$who: a caller that is gone already"
  is "$(mounts_outside)" 0 "$who: still no mount outside"

  # What other users of the range own can only be removed inside.
  inside rm -rf "$work/tree" "$work/nest"
  is "$(ls "$work")" "$(printf 'bind\nco:lon\ndeep')" "$who: the tree can be removed"
}

if [ "$(id -u)" -eq 0 ]; then try_sandbox root "1$$"; else try_sandbox "$(id -un)" "1$$"; fi

# --- as an ordinary user ---
if [ "$(id -u)" -eq 0 ]; then
  user=$(while IFS=: read -r name _ count; do
           [ "$count" -ge 65535 ] && [ "$name" != root ] && id "$name" >/dev/null 2>&1 && echo "$name" && break
         done </etc/subuid 2>/dev/null)
  if [ -n "$user" ] && command -v newuidmap >/dev/null 2>&1; then
    try_sandbox user "2$$"
  else
    ok 0 "as an ordinary user # SKIP no user here has a uid range in /etc/subuid, or newuidmap is missing"
  fi
  # nobody has no range.
  user=nobody
  inside true
  is "$status" 125 "a user without a uid range"
  like "$output" 'usermod --add-subuids 100000-165535 nobody' "and the mend"
fi
done_testing
