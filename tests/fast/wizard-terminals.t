#!/bin/bash
# The wizard in Chinese, and on old, unknown and poor terminals.
# Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
. "$(dirname "$0")/../functions.sh"
. "$LODGE_TOP/tests/wizard-terminal.sh"

# --- Chinese, at once; and a terminal that is asked whether it takes UTF-8 ---
start vm-qemu-svm -u LC_ALL -u LANG -u LC_CTYPE
sees '┌.*Keyboard and language' "a terminal that takes UTF-8 is known by its answer"
sees 'English  \( \) 中文' "and offered its languages"
keys Tab Tab Right Enter
sees '键盘和语言' "the screen is Chinese at once"
like "$(screen | head -n 1)" '^Lodge [0-9a-z.+-]+：' "to its first line"
unlike "$(screen | head -n 1)" 'host' "and nothing of the one before is left there"
fits chinese
keys F12
sees '本机能运行虚拟机吗' "and so are the others"
sees '本机由软件模拟' "with what was found"
fits chinese-checks; keep chinese-checks
keys F2
sees '解决办法：' "and details"
fits chinese-checks-details
keys Enter
seen '本机能运行虚拟机吗'
keys F12
seen '存放虚拟机的磁盘'; fits chinese-disks; keep chinese-disks
keys F12
seen '磁盘的使用方式'; keys F12
seen '网桥使用的网络接口'; keys Space F12
sees '本机的网桥和地址' "the address"
fits chinese-address; keep chinese-address
keys F1
sees '用左右键' "with help"
fits chinese-help; keep chinese-help
keys Enter
seen '搜索域'
keys F12
seen '名称、时间'; keys 'kvm1' Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen '将要执行'; keys Tab Tab Enter
sees '设置完成：主机 kvm1，br0 192.0.2.10，虚拟机存储 8.0 GiB（位于 vda）' "the result"
sees '证用虚拟机 1.2 秒（KVM）。' "to the end of its first sentence"
unlike "$(screen)" 'setup complete|proof guest|storage' "is Chinese"
keys C-c
sees '\[ended 0\]' "and closed by Ctrl-C as by Esc: there is nothing to lose"

# --- another language, and a processor that takes a while to tell about ---
cp -r "$hardware/vm-qemu-svm" "$tmp/long"
rm -rf "$room"; mkdir "$room"
terminal_end
terminal_start 80 24 env LC_ALL=C.UTF-8 "$LODGE_BUILD/lodge-firstboot" wizard --root "$tmp/long" --runtime "$room"
seen 'Keyboard and language'
rm "$tmp/long/proc/cpuinfo"; mkfifo "$tmp/long/proc/cpuinfo"
keys Tab Tab Right Enter
seen '键盘和语言'; keys F12
sees '请稍候' "what was found is told anew behind a form"
keys C-c
sees '退出向导' "which answers"
keys Enter
seen '请稍候'
timeout 10 cp "$hardware/vm-qemu-svm/proc/cpuinfo" "$tmp/long/proc/cpuinfo"
sees '本机能运行虚拟机吗' "and goes on"
sees '本机由软件模拟' "in the language that was chosen"
terminal_end

# --- the language that the environment asks for, where it can be shown ---
start vm-qemu-svm -u LC_ALL -u LC_CTYPE -u LC_MESSAGES LANG=zh_CN.UTF-8
sees '键盘和语言' "LANG=zh_CN.UTF-8 is Chinese from the first screen"
start vm-qemu-svm LC_ALL=C.UTF-8 LANG=zh_CN.UTF-8
sees 'Keyboard and language' "LC_ALL comes before LANG"
start vm-qemu-svm -u LC_ALL LC_MESSAGES=zh_CN.UTF-8 LANG=C.UTF-8
sees '键盘和语言' "and so does LC_MESSAGES"
start vm-qemu-svm LC_ALL=zh_CN.GB2312
sees 'Keyboard and language' "a terminal without UTF-8 gets English"
start vm-qemu-svm LC_ALL=fr_FR.UTF-8
sees 'Keyboard and language' "and so does a language that is not there"

# --- other terminals ---
start vm-qemu-svm LC_ALL=C TERM=vt220
sees 'Keyboard and language' "vt220 without UTF-8"
fits vt220; keep vt220
keys Tab Tab
reversed ()
{
  local end=$((SECONDS + 60))
  until terminal capture-pane -pe | grep -q "$(printf '\033')\[[0-9;]*7m.*Next >"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}
reversed
ok $? "the button that has the cursor is seen without colours" || diag "$(terminal capture-pane -pe | cat -v)"
# A password that lacks what the terminal cannot send would be another one than the person thinks.
start vm-qemu-svm LC_ALL=C
to_host 'kvm1' Tab Tab Tab
keys -l 'grün-Horse-77'
sees 'This terminal can send ASCII only' "a key that is none of ASCII is refused"
keys Tab
keys -l 'grün-Horse-77'
keys F12
sees 'has characters that this terminal cannot send' "and so is the password that lacks it"
unlike "$(screen)" '\*\*' "which is typed anew"
keys 'gruen-Horse-77' Tab 'gruen-Horse-77'
keys F12
sees 'This will be done' "without such keys it is taken"
keys Tab Tab Enter
sees 'KVM host now' "and is the one"
is "$(perl -e 'print crypt ("gruen-Horse-77", $ARGV[0])' "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")")" \
  "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")" "that was typed"
# A password that was taken before stays: it was not the person who emptied the fields.
start vm-qemu-svm LC_ALL=C
to_host 'kvm1' Tab Tab Tab 'correct-Horse-7' Tab 'correct-Horse-7' F12
seen 'This will be done'; keys Escape
seen '\*{15}'; keys Tab Tab Tab C-u
keys -l 'grün-Horse-77'
keys F12
seen 'has characters that this terminal cannot send'; keys F12
sees 'This will be done' "a password that is refused takes none away"
keys Tab Tab Enter
seen 'KVM host now'
is "$(perl -e 'print crypt ("correct-Horse-7", $ARGV[0])' "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")")" \
  "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")" "the one from before is there"
# Nor is what is left of one that was refused taken for a password when the screen is come back to.
start vm-qemu-svm LC_ALL=C
to_host 'kvm1' Tab Tab Tab
keys -l 'grün-Horse-77'; keys Tab; keys -l 'grün-Horse-77'
seen 'This terminal can send ASCII only'; keys Escape
seen 'Bridge and addresses'; keys F12
seen 'Name, time'; keys F12
sees 'Nobody could log in to this host' "what is left of one is gone with its screen"
start vm-qemu-svm LC_ALL=C.UTF-8
to_host 'kvm1' Tab Tab Tab
keys -l 'grün-Horse-77'; keys Tab; keys -l 'grün-Horse-77'; keys F12
sees 'This will be done' "a terminal with UTF-8 sends all"
keys Tab Tab Enter
seen 'KVM host now'
is "$(perl -e 'print crypt ("gr\xc3\xbcn-Horse-77", $ARGV[0])' "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")")" \
  "$(sed -n 's/^root-password-hash=//p' "$room/given.conf")" "as it was typed"

start vm-qemu-svm LC_ALL=C.UTF-8 TERM=no-such-terminal
sees 'Keyboard and language' "a terminal that nobody knows"
start vm-qemu-svm LC_ALL=C.UTF-8 TERM=dumb
sees 'Keyboard and language' "TERM=dumb"
start vm-qemu-svm LC_ALL=C.UTF-8 NEWT_MONO=1
sees 'Keyboard and language' "without colours"
terminal_end
done_testing
