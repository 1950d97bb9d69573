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
keys C-c
seen '退出向导'
keys Tab Enter
seen '\[ended 1\]'

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
