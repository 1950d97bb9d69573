#!/bin/bash
# Figures, each beside its peer in the same run.  Nothing is asserted: read the table.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
#
#   make bench                  builds (RUNS times, 2 unless told) and boots
#   make bench RUNS=1 BOOT=no
. "$(dirname "$0")/functions.sh"
. "$LODGE_TOP/tests/bench-functions.sh"
RUNS=${RUNS:-2}
BOOT=${BOOT:-yes}
lodge=$LODGE_BUILD/lodge
work=${BENCH_DIR:-$tmp}
mkdir -p "$work"
manifest=${LODGE_IMAGE%.raw}.manifest.json
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lodge
rows=$work/rows
: >"$rows"

# resident NAME COMMAND…: the most memory (MiB) that COMMAND and its descendants held at one time, looked at five times a
# second, in $resident.  A page that several share counts once (Pss, see proc_pid_smaps_rollup(5)); the appliance's QEMU does not.
resident ()
{
  local name=$1 pid now; shift
  resident=0
  "$@" >"$work/$name.log" 2>&1 &
  pid=$!
  while kill -0 $pid 2>/dev/null; do
    now=$(ps -eo pid=,ppid=,comm= | awk -v top=$pid '
      { parent[$1] = $2; skip[$1] = $3 ~ /^qemu/ }
      END { for (p in parent) { for (q = p; q > 1 && q != top; q = parent[q]); if (q == top && !skip[p]) print "/proc/" p "/smaps_rollup" } }' |
      xargs awk '/^Pss:/ { sum += $2 } END { print sum + 0 }' 2>/dev/null)
    [ "${now:-0}" -le $resident ] || resident=$now
    read -rt 0.2 <> <(:)
  done
  wait $pid || { cat "$work/$name.log" >&2; exit 1; }
  resident=$((resident / 1024))
}

# The peer gets the same packages, from the same downloads, under apt's own file names.
mkdir -p "$work/archives"
jq -r '.packages[] | [.name, .version, .architecture, .sha256] | @tsv' "$manifest" |
  while IFS=$'\t' read -r name version architecture sha256; do
    ln -sf "$(find "$cache" -name "$sha256*" | head -n 1)" "$work/archives/${name}_${version//:/%3a}_$architecture.deb"
  done
packages=$(jq -r '[.packages[].name] | join(",")' "$manifest")
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep -v security | head -n 1)
security=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u | grep security | head -n 1)
peer ()
{
  mmdebstrap --quiet --variant=custom --mode="$([ "$(id -u)" = 0 ] && echo root || echo unshare)" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --setup-hook='mkdir -p "$1"/var/cache/apt/archives' --setup-hook="cp -L $work/archives/*.deb \"\$1\"/var/cache/apt/archives/" \
    --variant=apt --include="$packages" trixie "$1" \
    "deb $site trixie main non-free-firmware" "deb $site trixie-updates main non-free-firmware" \
    "deb ${security:-$site} trixie-security main non-free-firmware"
}
export -f peer
export work packages site security

at_exit drop_disk

"$lodge" build debian-13 --cache "$work/cache" -o "$work/like.raw" >"$work/fill.log" 2>&1 || { cat "$work/fill.log" >&2; exit 1; }
for run in $(seq "$RUNS"); do
  fresh_disk
  cp -a "$work/cache" "$disk/cache"
  timed "cold-$run" "$lodge" build debian-13 --no-cache --cache "$disk/cache" -o "$disk/cold.raw"
  echo "$seconds" >>"$work/cold"; echo "$memory" >>"$work/cold.memory"
  cp --sparse=always "$disk/cold.raw" "$work/cold.raw"
  # With the compiler and lodge-firstboot of an earlier build, which the peer does without: a cache without a root.
  fresh_disk
  cp -a "$work/cache" "$disk/cache"
  rm -rf "$disk/cache/roots"
  timed "like-$run" "$lodge" build debian-13 --cache "$disk/cache" -o "$disk/like.raw"
  echo "$seconds" >>"$work/like"
  fresh_disk
  TMPDIR=$disk timed "peer-$run" bash -c 'peer "$TMPDIR/peer.tar"'
  echo "$seconds" >>"$work/peer"
done
for run in $(seq "$RUNS"); do
  fresh_disk
  cp -a "$work/cache" "$disk/cache"
  printf '[host]\nhostname=bench%s\n[access]\nroot-password-hash=%s\n' "$run" "$(openssl passwd -6 bench)" >"$work/answers.conf"
  timed "rebuild-$run" "$lodge" build debian-13 --cache "$disk/cache" --answers "$work/answers.conf" \
    -o "$disk/rebuild.raw"
  echo "$seconds" >>"$work/rebuild"
done
cold=$(median <"$work/cold"); like=$(median <"$work/like"); peer=$(median <"$work/peer"); rebuild=$(median <"$work/rebuild")
row "mmdebstrap, same packages, to a tar" "$peer s" "peer, $(jq '.packages | length' "$manifest") packages"
row "lodge build, no root in the cache, to a raw image" "$like s" "$(ratio "$like" "$peer") x mmdebstrap (aim: at most 0.6, at best 0.4)"
row "the same, a compiler unpacked and lodge-firstboot compiled" "$cold s" "$(ratio "$cold" "$peer") x mmdebstrap"
row "lodge build, only answers changed" "$rebuild s" "$(ratio "$rebuild" "$peer") x mmdebstrap (aim: at most 0.2)"
row "largest process of a cold build" "$(sort -n "$work/cold.memory" | tail -n 1) MiB" "the appliance included"
resident memory "$lodge" build debian-13 --no-cache -o "$work/memory.raw"
rm -f "$work/memory.raw"
row "lodge and its sandbox, at one time" "$resident MiB" "without the appliance (aim: under 200 MiB)"
image=$(du -k "$work/cold.raw" | cut -f 1)
used=$(dumpe2fs -h "$work/cold.raw?offset=$(($(sfdisk --json "$work/cold.raw" | jq '.partitiontable.partitions[] | select(.name == "root").start') * 512))" 2>/dev/null |
  awk -F: '/^Block count/ { c = $2 } /^Free blocks/ { f = $2 } /^Block size/ { s = $2 } END { printf "%d", (c - f) * s / 1024 }')
row "image file on disk" "$((image / 1024)) MiB" "$(ratio "$image" "${used:-1}") x its root file system's $((used / 1024)) MiB"

# rows PROGRAM [PREFIX]: those that it prints; TAP's plan at its end is none.
rows ()
{
  "$LODGE_TOP/tests/$1" >"$work/$1.rows" || { cat "$work/$1.rows" >&2; exit 1; }
  while IFS=$'\t' read -r what measured beside; do
    row "${2:-}$what" "$measured" "$beside"
  done < <(grep -v '^1\.\.' "$work/$1.rows")
}
rows bench-keys.sh 'wizard: '
rows bench-flash.sh
rows bench-formats.sh

if [ "$BOOT" = yes ]; then
  now () { date +%s%N; }
  since () { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", (b - a) / 1e9 }'; }
  # shellcheck source=tests/boot/machine.sh
  . "$LODGE_TOP/tests/boot/machine.sh"
  machine_new plain
  start=$(now); machine_boot; machine_wait 'login:|Set up this machine' >/dev/null
  row "power-on to login or wizard, no answers (TCG)" "$(since "$start") s"
  machine_wait 'Set up this machine' >/dev/null
  row "power-on to the wizard's first screen (TCG)" "$(since "$start") s"
  machine_cut
  machine_new setup
  printf '[host]\nhostname=bench\n' >"$tmp/answers.conf"
  # shellcheck disable=SC2046
  start=$(now); machine_boot $(machine_disk VMS1 8G) $(machine_answers "$tmp/answers.conf")
  machine_wait 'lodge: setup (complete|stopped)' >"$tmp/line"
  row "power-on to \"setup complete\" (TCG)" "$(since "$start") s" "$(tr -d '\r' <"$tmp/line")"
  machine_ssh cat /var/lib/lodge/report.json >"$tmp/report.json"
  while IFS=$'\t' read -r id milliseconds; do
    row "  step $id" "$(awk -v m="$milliseconds" 'BEGIN { printf "%.1f s", m / 1000 }')"
  done < <(jq -r '.steps[] | [.id, .milliseconds] | @tsv' "$tmp/report.json")
  machine_cut
fi
table
