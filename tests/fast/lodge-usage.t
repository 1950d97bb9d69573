#!/bin/sh
# lodge's command line: help and manual agree, exit statuses, bad input refused before anything is done.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
lodge=$LODGE_BUILD/lodge
[ -x "$lodge" ] || skip_all "lodge is not built: run 'make'"
manual=$LODGE_TOP/docs/lodge.1
template=$LODGE_TOP/docs/template.conf.5

# run STATUS DESCRIPTION ARG…: standard error goes to $error, standard output to $output.  $run_environment: NAME=VALUE.
run_environment=
run ()
{
  wanted=$1 what=$2
  shift 2
  # shellcheck disable=SC2154  # tmp is functions.sh's
  timeout 120 env ${run_environment:+"$run_environment"} "$lodge" "$@" >"$tmp/output" 2>"$tmp/error"
  status=$?
  output=$(cat "$tmp/output") error=$(cat "$tmp/error")
  is "$status" "$wanted" "$what: exit status $wanted" || diag "$error"
}

# --- help and manual ---

run 0 "--help" --help
# names_made NAME: how many entries of $tmp are called NAME.* or .NAME.*
names_made () { find "$tmp" -maxdepth 1 \( -name "$1.*" -o -name ".$1.*" \) | wc -l; }
commands=$(printf '%s\n' "$output" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
is "$(printf '%s\n' "$commands" | sort | tr '\n' ' ')" "answers boot build diff doctor flash inspect package " "the commands of --help"
run 0 "--version" --version
like "$output" '^lodge [0-9]+\.[0-9]+$' "--version"

help_options () { grep -Eo -- '--[a-z][a-z-]+' "$tmp/output" | sort -u | grep -v -e --help; }
# The section ".Ss lodge NAME" of the manual.
manual_section () { sed -n "/^\.Ss lodge $1\$/,/^\.S[sh] /p" "$manual"; }
manual_options () { manual_section "$1" | sed -n '/^\.It/p' | grep -Eo -- 'Fl -[a-z][a-z-]+' | sed 's/Fl /-/' | sort -u; }
for command in build package boot flash inspect diff doctor "answers check"; do
  # shellcheck disable=SC2086  # two words
  run 0 "$command --help" $command --help
  is "$(help_options)" "$(manual_options "$command")" "$command: options of --help and of the manual"
  # shellcheck disable=SC2086
  run 0 "$command -h" $command -h
done
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$manual" | grep -Eo -- 'Fl -[a-z][a-z-]+' | sort -u >"$tmp/synopsis"
for command in build package boot flash inspect diff doctor "answers check"; do manual_options "$command"; done |
  grep -vx -e --output | sed 's/^-/Fl /' | sort -u >"$tmp/options"
is "$(comm -23 "$tmp/options" "$tmp/synopsis")" "" "every option is in the manual's synopsis"

# Every key of a template is in its manual: the program lists them when it meets one it does not know.
for section in Template Distribution Packages Boot Services Image; do
  mkdir -p "$tmp/t"
  printf '[%s]\nNonsense=1\n' "$section" >"$tmp/t/template.conf"
  run 2 "unknown key in [$section]" build "$tmp/t" --dry-run
  keys=$(printf '%s\n' "$error" | sed 's/.*expected one of //; s/, /\n/g')
  documented=$(sed -n "/^\.Ss Section $section\$/,/^\.S[sh] /s/^\.It Ic \([A-Za-z]*\) Ns =.*/\1/p" "$template")
  is "$(printf '%s\n' "$keys" | sort)" "$(printf '%s\n' "$documented" | sort)" "keys of [$section]: program and manual"
done

# --- wrong usage: 2 ---

run 2 "no command"
like "$error" '^lodge: no command is given$' "it says so"
is "$(printf '%s\n' "$error" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')" "$commands" "and lists the commands"
is "$output" "" "nothing is on standard output"
# missing DESCRIPTION ARG…: a file that is named and not there
missing ()
{
  what=$1
  shift
  run 2 "$what" "$@"
  like "$error" 'none[.a-z]* cannot be read: No such file or directory; give the path of ' "it says what to do"
}
truncate -s 2M "$tmp/image.raw"
printf '[host]\nhostname=a\n' >"$tmp/same.conf"
printf '[host]\nhostname=a\n' >"$tmp/keys.conf"
missing "answers that are not there" answers check "$tmp/none.conf"
missing "build with answers that are not there" build debian-13 -n --answers "$tmp/none.conf"
missing "a package that is not there" build debian-13 -n --firstboot "$tmp/none.deb"
missing "an SSH key that is not there" build debian-13 -n --ssh-key "$tmp/none.pub"
missing "inspect an image that is not there" inspect "$tmp/none.raw"
missing "boot an image that is not there" boot "$tmp/none.raw"
run 2 "a directory as answers" answers check "$tmp"
run 2 "an image as answers" answers check "$tmp/image.raw"
like "$error" 'image\.raw is no answers\.conf: it is longer than the 1 MiB' "it says so"
run 2 "answers as an image" inspect "$tmp/keys.conf"
like "$error" 'too short to be a disk image; give the path of one' "it says what to do"
printf '[access]\nssh-keys=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 a\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5 b\n' >"$tmp/keys.conf"
run 2 "a second key in a line of its own" answers check "$tmp/keys.conf"
like "$error" 'keys\.conf:3: .*; if it belongs to "ssh-keys" in line 2, put it there, with ";" before it' "it says where it goes"
run 2 "a template's path that is not there" build "$tmp/nope" -n
like "$error" "no file $tmp/nope/template\.conf\)" "it says which file is looked for"
run 0 "help" help
is "$(printf '%s\n' "$output" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')" "$commands" "is --help"
run 2 "unknown command" flush
like "$error" '^lodge: there is no command or option "flush"; see lodge --help$' "it names the word and where to look"
run 2 "unknown option" build debian-13 --colour
run 2 "no template" build
run 2 "one word too many" build debian-13 debian-12
run 2 "unknown template" build debian-99
like "$error" 'the templates in .* are: .*debian-13' "it lists the templates there are"
run 2 "bad size" build debian-13 --size 3X --dry-run
run 2 "size too small" build debian-13 --size 1G --dry-run
run 2 "size too large" build debian-13 --size 17T --dry-run
like "$error" '17\.0 TiB \(--size\) is too large; 15T is the largest' "it says how large it may be"
run 0 "the largest size" build debian-13 --size 15T --dry-run
for mirror in foo "http://a b/debian" /srv/debian; do
  run 2 "a mirror that is no URL, --dry-run" build debian-13 --mirror "$mirror" --dry-run
  like "$error" "^lodge: --mirror $mirror: the URL of a Debian mirror is expected" "as the build says it"
done
run 2 "unknown compression" build debian-13 --compress xz --dry-run
run 2 "compression of what is not raw" build debian-13 --compress zst --format qcow2 --dry-run
run 2 "unknown format" build debian-13 --format vdi --dry-run
run 2 "an option that the family does not have" build debian-13 --source /usr --dry-run
run 2 "clear text for a hash" build debian-13 --root-password-hash secret --dry-run
unlike "$error" 'secret' "the password is not repeated"
# The hash in a file, which no other user sees.
# shellcheck disable=SC2016  # the hash is as it is
printf '\r\n$5$saltsalt$IptEAbkkzbA7Xnn2KwiABlj9R9DU56ECWQWT2p9NXlD\r\n' >"$tmp/hash"
run 0 "a hash in a file" build debian-13 --root-password-hash-file "$tmp/hash" --dry-run
like "$output" 'given as a hash' "is what the build takes"
output=$("$lodge" build debian-13 --root-password-hash-file - --dry-run <"$tmp/hash" 2>&1)
like "$output" 'given as a hash' "and one on standard input"
output=$(tail -n 1 "$tmp/hash" | "$lodge" build debian-13 --root-password-hash-file=- --dry-run 2>&1)
like "$output" 'given as a hash' "and one through a pipe"
run 2 "a hash given twice" build debian-13 --root-password-hash x --root-password-hash-file "$tmp/hash" --dry-run
like "$error" 'both give the hash: leave one of them out' "and why"
run 2 "no file with a hash" build debian-13 --root-password-hash-file "$tmp/none" --dry-run
like "$error" '^lodge: --root-password-hash-file: .*/none cannot be read: No such file or directory; give the path of a file' "and why"
run 2 "a directory for it" build debian-13 --root-password-hash-file "$tmp" --dry-run
printf 'secret\n' >"$tmp/clear"
run 2 "clear text in the file" build debian-13 --root-password-hash-file "$tmp/clear" --dry-run
like "$error" '^lodge: --root-password-hash-file: .*/clear: this is not a password hash' "and why"
unlike "$error" 'secret' "the password is not repeated"
output=$("$lodge" build debian-13 --root-password-hash-file - --dry-run 2>&1 </dev/null)
is "$? $output" "2 lodge: --root-password-hash-file: standard input is empty; expected one line, the hash as openssl passwd -6 makes it" \
  "standard input that is empty"
cat "$tmp/hash" "$tmp/hash" >"$tmp/two"
run 2 "two lines" build debian-13 --root-password-hash-file "$tmp/two" --dry-run
like "$error" '/two holds more than one line' "and why"
head -c 5000 /dev/zero >"$tmp/long"
run 1 "a file that is no hash" build debian-13 --root-password-hash-file "$tmp/long" --dry-run
output=$("$lodge" build debian-13 --root-password-hash-file - --dry-run 2>&1 <"$tmp/long")
like "$? $output" '^2 .*standard input is longer than 4096 bytes' "and on standard input"
run 0 "all hosts of answers without sections" answers check --all "$tmp/same.conf"
like "$output" '^any host +a +DHCP +auto +xfs$' "what any host gets is shown"
like "$output" '^Every host gets the same\.$' "and that it is the same"
run 2 "answers check without a file" answers check
run 2 "answers without check" answers
run 2 "answers with a slip for check" answers chek "$tmp/same.conf"
is "$error" 'lodge: answers: there is no command or option "chek"; the only command is check: lodge answers check FILE' \
  "it names the word and the command there is"
run 2 "bad MAC" answers check --mac nonsense /dev/null
run_environment=SOURCE_DATE_EPOCH=yesterday
run 2 "bad SOURCE_DATE_EPOCH" build debian-13 --dry-run
mkdir "$tmp/q?d"
run_environment=
for output in "$tmp/q?d/x.raw" "$tmp/x?.raw"; do
  run 2 "a question mark in the output's path" build debian-13 --dry-run -o "$output"
  like "$error" 'take "\?" for the end of the name; choose another output with -o' "and why"
done
# e2fsprogs takes 0 for the present time: each image would be another.
run_environment=SOURCE_DATE_EPOCH=0
run 2 "a SOURCE_DATE_EPOCH of 0" build debian-13 --dry-run
like "$error" 'SOURCE_DATE_EPOCH is "0".*1 at least' "and why"
run_environment=SOURCE_DATE_EPOCH=1
run 0 "a SOURCE_DATE_EPOCH of 1" build debian-13 --dry-run
run_environment=

# --- answers ---

# shellcheck disable=SC2016  # the hash is as it is
printf '[host]\nhostname=kvm1\n[access]\nroot-password-hash=%s\n' \
  '$6$abcdefgh$NZJBgWJrTWdZQZbdkYVaDmFj5TUuv2pmTwHXLGvzsSY8PZ6kjXzzkYxRzWvRWZpBJfX0vZ2cZ1O5VhJmXQbkN.' >"$tmp/good.conf"
printf '[host]\nhostname=kvm1\ncolour=red\n' >"$tmp/bad.conf"
printf '[host]\nhostname=kvm1\n' >"$tmp/locked.conf"
printf '[host]\nhostname=kvm1\n[match mac=52:54:00:00:00:01]\nhost.hostname=kvm2\n' >"$tmp/match.conf"
run 0 "good answers" answers check "$tmp/good.conf"
like "$output" '^hostname=kvm1$' "they are printed"
unlike "$output" 'abcdefgh' "but not the hash"
run 2 "bad answers" answers check "$tmp/bad.conf"
like "$error" "^lodge: $tmp/bad.conf:3: " "file and line are named"
run 0 "answers of many hosts" answers check "$tmp/match.conf"
like "$error" '1 \[match …\] sections names; lodge answers check --all ' "that there is a view of all of them is said"
run 0 "answers for one host" answers check "$tmp/match.conf" --mac 52-54-00-00-00-01
like "$output" '^hostname=kvm2$' "its own are taken"
like "$output" '^# \[match …\] sections for this host: 1$' "and that is said"
run 0 "answers for another host" answers check "$tmp/match.conf" --mac 52:54:00:00:00:02
like "$output" '^hostname=kvm1$' "the others' are taken"
like "$error" 'no \[match …\] section of [^ ]*match.conf names this host' "that none is its own is said"
run 0 "a host of a file without sections" answers check "$tmp/good.conf" --mac 52:54:00:00:00:02
is "$error" "" "nothing is noted"
printf '[network]\nipv4=static\n[match mac=52:54:00:00:00:01]\nnetwork.address=192.0.2.10/24\n' >"$tmp/static.conf"
run 2 "a host without a section, and so without an address" answers check "$tmp/static.conf" --mac 52:54:00:00:00:02
like "$error" 'no \[match …\] section of [^ ]*static.conf names this host' "why it has none is said"
like "$error" 'static.conf:2: ipv4=static needs an address=' "and what is missing"
unlocked="nobody can log in with the answers of [^ ]* alone: .*--ssh-key or --root-password-hash, or the wizard"
run 0 "answers with a password" answers check "$tmp/good.conf"
is "$error" "" "nothing is noted"
run 0 "answers without access" answers check "$tmp/locked.conf"
like "$error" "$unlocked" "it is noted that nobody can log in"
: >"$tmp/nothing.conf"
printf '[storage]\nlayout=raid1\ndisks=serial:A;serial:B\n' >"$tmp/mirror.conf"
run 0 "a layout of a later version" answers check "$tmp/mirror.conf"
like "$error" 'note: layout=raid1 of [^ ]* is not in this version of lodge-firstboot' "it is noted"
printf '[storage]\nlayout=adopt\n[access]\nssh-keys=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a@b\n' >"$tmp/adopt.conf"
run 0 "the layout adopt" answers check "$tmp/adopt.conf"
is "$error" "" "is there"
run 0 "an empty file of answers" answers check "$tmp/nothing.conf"
is "$output" "# the file is empty: all defaults hold" "that is said"
like "$error" "$unlocked" "and that nobody can log in"
printf '[access]\nssh-password-login=yes\n' >"$tmp/login.conf"
run 0 "password login without a password" answers check "$tmp/login.conf"
like "$error" "$unlocked" "it is noted that nobody can log in"
sed -n '/^root-password-hash=/s/^/[match mac=52:54:00:00:00:01]\naccess./p' "$tmp/good.conf" >"$tmp/one.conf"
run 0 "access for one host" answers check "$tmp/one.conf"
unlike "$error" "$unlocked" "some host has it"
run 0 "access for one host, asked for another" answers check "$tmp/one.conf" --mac 52:54:00:00:00:02
like "$error" "$unlocked" "the other has none"
run 2 "build with bad answers" build debian-13 --answers "$tmp/bad.conf" -o "$tmp/x.raw"
like "$error" "$tmp/bad.conf:3: " "file and line are named"
run 2 "build with answers that let nobody log in" build debian-13 --answers "$tmp/locked.conf" -o "$tmp/x.raw"
like "$error" 'nobody could log in to this image' "it says so"

# --- diff, of manifests: images are tests/image/disk.t's ---

# manifest VERSION COMMAND-LINE EXTRA-PACKAGE
manifest ()
{
  cat <<J
{ "build_hash": "ab", "manifest_version": 1, "kernel": "6.12",
  "packages": [ { "name": "bash", "version": "$1", "architecture": "amd64" },
                { "name": "$3", "version": "1", "architecture": "all" } ],
  "plan": { "size": 4294967296, "partitions": [ { "name": "root", "size": 1048576, "type": "X" } ] },
  "template": { "name": "test", "kernel_command_line": "$2" } }
J
}
manifest 5.2 "ro quiet" zsh >"$tmp/a.manifest.json"
manifest 5.3 "ro" zsh >"$tmp/b.manifest.json"
manifest 5.2 "ro quiet" fish >"$tmp/c.manifest.json"
run 0 "diff of the same" diff "$tmp/a.manifest.json" "$tmp/a.manifest.json"
is "$output$error" "" "nothing is said"
run 1 "diff of different ones" diff "$tmp/a.manifest.json" "$tmp/b.manifest.json"
is "$output" "template.kernel_command_line: ro quiet -> ro
Packages
  ! bash:amd64 5.2 -> 5.3" "what changed"
is "$error" "" "and nothing on standard error"
run 1 "diff of different packages" diff "$tmp/a.manifest.json" "$tmp/c.manifest.json"
is "$output" "Packages
  - zsh:all 1
  + fish:all 1" "what was removed and added"
run 1 "diff --json" diff --json "$tmp/a.manifest.json" "$tmp/c.manifest.json"
if command -v jq >/dev/null; then
  is "$(printf '%s\n' "$output" | jq -c '[.same, .files, .packages.added[0].name, .packages.removed[0].value]')" \
    '[false,null,"fish:all","1"]' "the differences as JSON"
fi
run 2 "diff of one" diff "$tmp/a.manifest.json"
run 2 "diff with a file that is not there" diff "$tmp/a.manifest.json" "$tmp/none.raw"
like "$error" "$tmp/none.raw" "it is named"
run 2 "diff with a file that is no manifest" diff "$tmp/a.manifest.json" "$tmp/good.conf"
echo '{}' >"$tmp/empty.json"
run 2 "diff with another JSON file" diff "$tmp/empty.json" "$tmp/a.manifest.json"
like "$error" 'is not a manifest of lodge build' "it says so"

# --- plan ---

run 0 "--dry-run" build debian-13 -o "$tmp/x.raw" --dry-run
like "$output" '^  raw +.*/x\.raw$' "the plan names the output"
is "$(names_made x)" 0 "and nothing was made"
run 0 "--dry-run --json" build debian-13 -o "$tmp/x.raw" -n --json
if command -v jq >/dev/null; then
  is "$(printf '%s\n' "$output" | jq -r '.outputs[0].path')" "$tmp/x.raw" "the plan as JSON"
fi

# An image that VMware would start, and whose answers it could not hand over.
run 0 "--dry-run of an OVA without open-vm-tools" build debian-13 -o "$tmp/x.ova" -n
like "$error" '^lodge: note: this image for VMware has no open-vm-tools, .*debian-13-vmware' "that is said, and which template has them"
run 0 "--dry-run of one with them" build debian-13-vmware -o "$tmp/x.ova" -n
unlike "$error" 'open-vm-tools' "nothing is said"

# --- outputs that cannot be, refused before any work ---

run 3 "a device as output" build debian-13 -o /dev/null
run 1 "no such directory" build debian-13 -o "$tmp/none/x.raw"
like "$error" "the directory $tmp/none does not exist" "it is named"
run 1 "no such directory, --dry-run" build debian-13 -o "$tmp/none/x.raw" -n
like "$error" "the directory $tmp/none does not exist" "it is named"
is "$output" "" "and no plan is shown"
run 3 "a device as output, --dry-run" build debian-13 -o /dev/null -n --json
for suffix in OVF vdi vhd vhdx; do
  run 2 "an output named .$suffix" build debian-13 -o "$tmp/x.$suffix" -n
  like "$error" "there is no format .*; there are raw, raw.zst, qcow2, vmdk, ova" "it says which formats there are"
  run 2 "an output named .$suffix, doctor" doctor -o "$tmp/x.$suffix"
done
run 0 "an output named .img" build debian-13 -o "$tmp/x.img" -n
run 1 "a directory as output" build debian-13 -o "$tmp/t"
if [ "$(id -u)" != 0 ]; then
  mkdir -m 0500 "$tmp/closed"
  run 1 "unwritable directory" build debian-13 -o "$tmp/closed/x.raw"
fi
run 1 "an output where nothing can be made" build debian-13 -o /proc/x.raw
like "$error" '/proc/x\.raw' "the output is named as it was typed"
unlike "$error" '\.lock' "and nothing else"
run 1 "unwritable cache" build debian-13 -o "$tmp/x.raw" --cache /proc/cache
like "$error" 'the cache directory /proc/cache cannot be written to' "it is named"

# --- an earlier file: only one that Lodge could have made is replaced ---

# refused FILE DESCRIPTION
refused ()
{
  cp "$1" "$tmp/before"
  for dry in "" -n; do
    run 3 "$2${dry:+, $dry}" build debian-13 --cache "$tmp/cache" --mirror "file:$tmp/none" -o "$1" $dry
    like "$error" "^lodge: the output $1 is there and is no disk image that Lodge makes; move it away or choose another name with -o\$" \
      "it says what to do"
  done
  cmp "$1" "$tmp/before"
  is $? 0 "it is as it was"
}
mkdir "$tmp/earlier"
echo '# Images' >"$tmp/earlier/README.md"
refused "$tmp/earlier/README.md" "a text file as output"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/earlier/id_ed25519"
refused "$tmp/earlier/id_ed25519" "a private key as output"
tar --create --file "$tmp/earlier/backup.ova" --directory "$tmp/earlier" README.md
refused "$tmp/earlier/backup.ova" "an archive as output"
zstd -q "$tmp/earlier/backup.ova" -o "$tmp/earlier/backup.zst"
refused "$tmp/earlier/backup.zst" "a compressed archive as output"
truncate -s 1M "$tmp/earlier/zeros.raw"
refused "$tmp/earlier/zeros.raw" "zeros as output"
: >"$tmp/earlier/nothing.raw"
run 0 "an empty file as output" build debian-13 -o "$tmp/earlier/nothing.raw" -n
echo mine >"$tmp/earlier/x.sha256"
run 3 "a file of another maker beside the output" build debian-13 -o "$tmp/earlier/x.raw" -n
like "$error" "the file $tmp/earlier/x.sha256, .*was not made by one; move it away" "it is named"
if [ -x "$LODGE_BUILD/tests/make-format" ]; then
  truncate -s 64M "$tmp/disk"
  echo 'type=linux' | sfdisk -q --label gpt "$tmp/disk"
  for format in raw raw.zst qcow2 vmdk ova; do
    "$LODGE_BUILD/tests/make-format" $format "$LODGE_TOP/templates/debian-13" "$tmp/disk" "$tmp/earlier/disk.$format" ||
      diag "no $format"
    [ -s "$tmp/earlier/disk.$format" ]
    is $? 0 "$format: there is an earlier image"
    run 0 "$format: an earlier image as output" build debian-13 -o "$tmp/earlier/disk.$format" -n
  done
fi

# Without programs, and so without trying KVM.
run_environment=PATH=$tmp/earlier
run 1 "a cache below a file, doctor" doctor --cache "$tmp/good.conf/none/cache"
like "$output" "$tmp/good.conf/none/cache cannot be written to: Not a directory" "it is named"
run_environment=
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  # As an ordinary user, from where that user can read it.
  mkdir -m 0755 "$tmp/user"
  mkdir -m 0700 "$tmp/root"
  chmod 0755 "$tmp"
  cp "$lodge" "$LODGE_BUILD/lodge-sandbox" "$tmp/user"
  cp -r "$LODGE_TOP/templates" "$LODGE_TOP/firstboot" "$tmp/user"
  install -m 0600 "$tmp/good.conf" "$tmp/user/closed.conf"
  output=$(cd / && setpriv --reuid nobody --clear-groups "$tmp/user/lodge" answers check "$tmp/user/closed.conf" 2>&1)
  is "$? $output" "2 lodge: $tmp/user/closed.conf cannot be read: Permission denied; give yourself access to it, ask its owner for that, \
or run lodge as a user who has it" "answers that may not be read"
  for cache in "$tmp/user/none/cache" "$tmp/root/.cache/lodge"; do
    output=$(cd / && HOME=/nonexistent LODGE_TOP="$tmp/user" timeout 120 \
      setpriv --reuid nobody --clear-groups env PATH="$tmp/user" "$tmp/user/lodge" doctor --cache "$cache" -o /tmp/x.raw 2>&1)
    like "$output" "$cache cannot be written to: Permission denied" "doctor of an ordinary user, a cache that cannot be made"
  done
fi
# --- errors for programs that read along ---

run 2 "unknown template, --json" build debian-99 --json
like "$output" '^\{"event":"error",.*"status":2\}$' "the error is on standard output"
like "$error" '^lodge: .*debian-99' "and on standard error"
run 2 "unknown option, --json" build debian-13 --json --colour
like "$output" '^\{"event":"error",.*"status":2\}$' "the error is on standard output"
mkdir "$tmp/empty"
# An appliance that is not there, and a mirror that is not there: the build ends in its first step.
run_environment=LIBGUESTFS_PATH=$tmp/empty
run 1 "a build that fails in a step" build debian-13 --json -o "$tmp/x.raw" --cache "$tmp/cache" --mirror "file:$tmp/none"
run_environment=
like "$(printf '%s\n' "$output" | tail -n 1)" '^\{"event":"error",' "error is the last line"
if printf '%s\n' "$output" | grep -q '"event":"step",'; then
  like "$output" '"event":"step-stopped"' "and the step was told of before"
fi
# An inspection, which ends there too.
truncate -s 1M "$tmp/marked.raw"
printf '\125\252' | dd of="$tmp/marked.raw" bs=1 seek=510 conv=notrunc status=none
run_environment=LIBGUESTFS_PATH=$tmp/empty
run 1 "an inspection that fails" inspect "$tmp/marked.raw"
run_environment=
unlike "$error" 'Look into the image|note: ' "where no terminal is, no progress is shown"
if command -v script >/dev/null; then
  output=$(LIBGUESTFS_PATH=$tmp/empty timeout 120 script -qec "'$lodge' inspect '$tmp/marked.raw'" /dev/null </dev/null)
  like "$output" 'Look into the image' "on one it is"
fi

run_environment=PATH=$tmp/empty
run 1 "programs missing" build debian-13 -o "$tmp/x.raw"
run_environment=
like "$error" 'not installed: apt-get, .*qemu-img.*; install them with: ' "they are named, with the command that installs them"
is "$(names_made x)" 0 "nothing was left of any of these"

# What the list of processes shows of a build, here one that waits for the cache.
mkdir -m 0700 "$tmp/busy"
# shellcheck disable=SC2016  # the hash is as it is
hash='$6$abcdefgh$/4QW7tFQ8mQ4k8p1Oq5TqCqPYxqjI8cY9o0b2cJm0Vn0g3p5Yc9q1D3vL0C4xq1zYq7eXo6ZyJq0X2S9t4Hn1.'
for words in "--root-password-hash=$hash" "--root-password-hash $hash" "--root-password-hash=$hash --root-password-hash $hash"; do
  exec 9>"$tmp/busy/lock"
  flock 9
  # shellcheck disable=SC2086  # one word or two
  "$lodge" build debian-13 $words -o "$tmp/x.raw" --cache "$tmp/busy" --mirror "file:$tmp/none" >"$tmp/output" 2>&1 9>&- &
  pid=$!
  like "$(wait_line "$tmp/output" 'waiting for another build' 60 "$pid")" 'waiting for another' "a build waits"
  line=$(tr '\0' ' ' <"/proc/$pid/cmdline")
  like "$line" '--root-password-hash[= ][*]+ -o ' "its arguments"
  unlike "$line" 'abcdefgh' "have no hash"
  kill "$pid"
  like "$(wait_line "$tmp/output" 'note: stopping' 60 "$pid")" '^lodge: note: stopping and cleaning up; a second signal' \
    "the first signal is answered"
  wait "$pid" 2>/dev/null
  exec 9>&-
done

"$lodge" --help >/dev/full 2>"$tmp/error"
is $? 1 "standard output that is full: exit status 1"
done_testing
