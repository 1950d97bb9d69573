#!/bin/sh
# Which template `make image` builds: by a list of mirrors and a mirror that answer, or do not.  What is asked for is seen by a
# program that is called curl; it has the answers.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
choose=$LODGE_TOP/builder/choose-template

# shellcheck disable=SC2154  # tmp is functions.sh's
mkdir "$tmp/bin"
for program in sh sed dirname cat head tr printf timeout env; do
  ln -s "$(command -v $program)" "$tmp/bin/$program" 2>/dev/null
done
cat >"$tmp/curl" <<'C'
#!/bin/sh
for url; do :; done
echo "$url" >>"$ANSWERS/asked"
case $url in
  *metalink*) file=list ;;
  https://first.test/*) file=first ;;
  *) file=second ;;
esac
[ ! -e "$ANSWERS/$file.hangs" ] || exec sleep 60
[ ! -e "$ANSWERS/$file" ] || exec cat "$ANSWERS/$file"
echo "curl: (6) Could not resolve host: ${url#https://}" >&2
exit 6
C
chmod 755 "$tmp/curl"
cp "$tmp/curl" "$tmp/bin/curl"
ln -s "$(command -v sleep)" "$tmp/bin/sleep"
export ANSWERS="$tmp/answers"
mkdir "$ANSWERS"
chosen () { rm -f "$ANSWERS/asked"; PATH=$tmp/bin sh "$choose" "$@" 2>"$tmp/why"; }
link () { echo "  <url protocol=\"https\" type=\"https\" location=\"AT\" preference=\"100\">$1</url>"; }

is "$(chosen)" debian-13 "without an answer it is debian-13"
like "$(cat "$tmp/why")" "^CentOS Stream's repository does not answer \(curl: \(6\) Could not resolve host: mirrors\.centos\.org/.*\): building debian-13 \(TEMPLATE=NAME" \
  "and why is said"
is "$(wc -l <"$tmp/why")" 1 "in one line"
echo '<metalink><resources></resources></metalink>' >"$ANSWERS/list"
is "$(chosen)" debian-13 "a list without a mirror is none"
like "$(cat "$tmp/why")" 'the list of mirrors names none' "and that is said"
{ link http://plain.test/repodata/repomd.xml; link https://first.test/os/repodata/repomd.xml; link https://second.test/os/repodata/repomd.xml; } \
  >"$ANSWERS/list"
is "$(chosen)" debian-13 "a list whose mirrors do not answer does not count"
like "$(cat "$tmp/why")" 'https://second.test/os/repodata/repomd.xml: curl: \(6\)' "and the mirror is named"
echo '<repomd/>' >"$ANSWERS/second"
is "$(chosen)" centos-stream-9 "one mirror that answers is enough"
is "$(cat "$tmp/why")" "" "and nothing is said"
is "$(tail -n +2 "$ANSWERS/asked" | tr '\n' ' ')" "https://first.test/os/repodata/repomd.xml https://second.test/os/repodata/repomd.xml " \
  "they are asked in their order, by https alone"
rm "$ANSWERS/list"
: >"$ANSWERS/list.hangs"
is "$(chosen)" debian-13 "one that does not end is given up"
like "$(cat "$tmp/why")" 'no answer within 8 s' "and that is said"
is "$(chosen --ssh-key k --source DVD.iso)" centos-stream-9 "who names a source has the packages"
is "$(chosen --source=DVD.iso)" centos-stream-9 "in one word too"
[ ! -e "$ANSWERS/asked" ]
ok $? "and the network is not asked"
rm "$tmp/bin/curl"
is "$(chosen)" debian-13 "without curl it is debian-13"
like "$(cat "$tmp/why")" 'curl is not installed' "and that is said"
done_testing
