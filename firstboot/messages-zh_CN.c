/* Made from firstboot/po/zh_CN.po by firstboot/po/update.sh: edit that one.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/messages.h"

/* clang-format off */
const LodgeMessage lodge_messages_zh_CN[] = {
  { ""
    "\n"
    "On VMware, guests on the bridge only work when the port group accepts promiscuous mode and forged transmits.",
   ""
    "\n"
    "在 VMware 上，端口组必须允许混杂模式和伪传输，网桥上的虚拟机才能联网。" },
  { "  Ctrl-C leave",
   "  Ctrl-C 退出" },
  { "  Esc back",
   "  Esc 返回" },
  { "  F1 help",
   "  F1 帮助" },
  { "  F12 next",
   "  F12 下一步" },
  { "  F2 details",
   "  F2 详情" },
  { "  Space marks",
   "  空格 标记" },
  { "  Tab moves",
   "  Tab 移动" },
  { "  Virtual machines may be on it.",
   "其中可能有虚拟机。" },
  { "  cannot be used: %s\n",
   "  不能使用：%s\n" },
  { "  holds %s\n",
   "  内容：%s\n" },
  { "  serial %s, path %s\n",
   "  序列号 %s，路径 %s\n" },
  { "\"%s\" is not %s.  Nothing on %s is touched unless that is typed.",
   "“%s”不是 %s。不输入正确的序列号，%s 上的内容就不会被改动。" },
  { ""
    "%s\n"
    "Cannot be used: %s.",
   ""
    "%s\n"
    "不能使用：%s。" },
  { ""
    "%s\n"
    "Holds %s.",
   ""
    "%s\n"
    "内容：%s。" },
  { ""
    "%s\n"
    "Nothing is on it.",
   ""
    "%s\n"
    "磁盘上没有任何内容。" },
  { "%s cannot be used: %s.",
   "%s 不能使用：%s。" },
  { "%s holds %s.%s\n",
   "%s 的内容：%s。%s\n" },
  { "%s holds no key.",
   "%s 中没有密钥。" },
  { "%s is blank.\n",
   "%s 是空白磁盘。\n" },
  { "%s is not empty.  Type %s to have everything on it erased, or go back and take another disk.",
   "%s 不是空白磁盘。输入 %s 将擦除其全部内容；也可以返回另选磁盘。" },
  { "%s.",
   "%s。" },
  { "%u disks are marked, and storage cannot be made of so many: unmark some with Space.",
   "标记了 %u 个磁盘，不能用这么多磁盘建立存储：请用空格键取消一些标记。" },
  { ", partition \"%s\"",
   "，分区“%s”" },
  { "... (see F2)",
   "...（按 F2）" },
  { "... there is more: Down and Page Down move the text",
   "... 还有更多：用向下键和 Page Down 翻看" },
  { "A check has failed: mend it, or tick the box to go on all the same.",
   "有一项检查未通过：请修正，或勾选方框以继续。" },
  { "A disk and \"no disk\" are both marked: unmark one with Space.",
   "同时标记了磁盘和“不用磁盘”：请用空格键取消其一。" },
  { "A letter jumps to the zones that begin with it.",
   "按字母键可跳到以该字母开头的时区。" },
  { "A password for root, an SSH key, or both.  With a key alone nobody can log in at this screen.",
   "设置 root 密码、SSH 密钥，或两者都设置。只有密钥时，无法在本机屏幕上登录。" },
  { "A password was given already; empty fields keep it.",
   "密码已经设置过；留空则保持不变。" },
  { "A power cut or a closed terminal does no harm: setup goes on where it was.",
   "断电或关闭终端都没有妨碍：设置会从原处继续。" },
  { "A power cut or a closed terminal does no harm: the change goes on where it was.",
   "断电或终端关闭都没有关系：修改会从中断处继续。" },
  { "A shell of root.  `exit` brings you back to the wizard.",
   "这是 root 的命令行。输入 `exit` 返回向导。" },
  { ""
    "A virtual machine on your network (network=default: behind NAT):\n"
    "  virt-install --name vm1 --memory 2048 --disk size=20 \\\n"
    "    --network network=bridge --osinfo generic --cdrom FILE.iso\n"
    "\n",
   ""
    "在您的网络中建立虚拟机（network=default：位于 NAT 之后）：\n"
    "  virt-install --name vm1 --memory 2048 --disk size=20 \\\n"
    "    --network network=bridge --osinfo generic --cdrom FILE.iso\n"
    "\n" },
  { "An empty password field keeps the password.  No SSH key lets root log in yet.",
   "密码留空则保持不变。目前没有 SSH 密钥可以登录 root。" },
  { "An empty password field keeps the password.  These SSH keys let root log in, and one that you give is added: %s.",
   "密码留空则保持不变。以下 SSH 密钥可以登录 root，新填写的密钥会追加：%s。" },
  { "Ask the name servers %s.",
   "使用域名服务器 %s。" },
  { "Back",
   "返回" },
  { "Belgian",
   "比利时语" },
  { "Bond",
   "链路聚合" },
  { "Bridge",
   "网桥" },
  { "Bridge and addresses of this host",
   "本机的网桥和地址" },
  { "Can this machine run virtual machines?",
   "本机能运行虚拟机吗？" },
  { "Change",
   "修改" },
  { "Change answer",
   "修改设置" },
  { "Changing this host",
   "正在修改本机" },
  { "Check again",
   "重新检查" },
  { "Choose the keyboard of this machine.  It counts at once: try it in the field below the list, as you will type a password later.",
   "请选择本机的键盘。选择立即生效：请在列表下方试打，因为稍后要输入密码。" },
  { "Choose the keyboard that is plugged into this machine.  You are at a serial or remote terminal, which has its own: what you type here stays as it is.",
   "请选择接在本机上的键盘。您正在使用串口或远程终端，它有自己的键盘：在此处的输入不受影响。" },
  { "Close",
   "关闭" },
  { "Czech",
   "捷克语" },
  { "DHCP",
   "DHCP" },
  { "DHCP is right on most networks.  A fixed address is written with the length of its network prefix, as 192.0.2.10/24.",
   "多数网络使用 DHCP 即可。固定地址要写出网络前缀长度，例如 192.0.2.10/24。" },
  { "DHCPv6",
   "DHCPv6" },
  { "Danish",
   "丹麦语" },
  { "Define the guests' network \"bridge\" on %s.",
   "定义虚拟机网络“bridge”，使用 %s。" },
  { "Define the guests' network \"default\", NAT on %s.",
   "定义虚拟机网络“default”，NAT 网段为 %s。" },
  { "Define the guests' networks",
   "定义虚拟机网络" },
  { "Define the storage pool",
   "定义存储池" },
  { "Define the storage pool \"default\".",
   "定义存储池“default”。" },
  { "Details",
   "详情" },
  { "Disk for the virtual machines",
   "存放虚拟机的磁盘" },
  { "Dutch",
   "荷兰语" },
  { ""
    "ERASED FOR GOOD: %s with %s.\n"
    "\n",
   ""
    "将永久擦除：%s，内容：%s。\n"
    "\n" },
  { ""
    "Each row is one thing that virtual machines need.  Under the list stands what was found for the row under the cursor and what to do about it.\n"
    "\n"
    "FAIL: virtual machines cannot run with KVM, or have no network.  WARNING: they run, but worse than they could.  note: only a special use, such as PCI passthrough, lacks something.\n"
    "\n"
    "Mend what you can, then choose Check again.  A setting of the firmware needs a restart.",
   ""
    "每一行是虚拟机所需的一个条件。列表下方说明光标所在行的检查结果和处理办法。\n"
    "\n"
    "失败：虚拟机不能用 KVM 运行，或没有网络。警告：能运行，但不如应有的好。提示：只有特殊用途（例如 PCI 直通）缺少条件。\n"
    "\n"
    "修正之后请选“重新检查”。固件设置的更改需要重新启动。" },
  { "Each virtual disk is a logical volume: a little faster, and fixed in size.  The group may span several disks; when one dies, all is lost.",
   "每个虚拟磁盘是一个逻辑卷：稍快，但大小固定。卷组可以跨多个磁盘；其中一个损坏则全部丢失。" },
  { "English (Dvorak)",
   "英语（Dvorak）" },
  { "English (UK)",
   "英语（英国）" },
  { "English (US)",
   "英语（美国）" },
  { "Every disk stays as it is.  There is little room on a stick, and it wears out: for trying things only.",
   "所有磁盘都保持原样。U 盘空间小且会磨损：只适合试用。" },
  { "Everything is written to both disks; when one dies, nothing is lost.",
   "所有数据都写到两个磁盘上；其中一个损坏也不会丢失数据。" },
  { "FAIL",
   "失败" },
  { "FAILED",
   "失败" },
  { "Finish",
   "完成" },
  { "Finnish",
   "芬兰语" },
  { "French",
   "法语" },
  { "French (Switzerland)",
   "法语（瑞士）" },
  { ""
    "From your desk:\n"
    "  virsh -c qemu+ssh://root@%s%s%s/system list --all\n"
    "  virt-manager -c qemu+ssh://root@%s%s%s/system\n",
   ""
    "从您的电脑上：\n"
    "  virsh -c qemu+ssh://root@%s%s%s/system list --all\n"
    "  virt-manager -c qemu+ssh://root@%s%s%s/system\n" },
  { "German",
   "德语" },
  { "German (Switzerland)",
   "德语（瑞士）" },
  { "German, no dead keys",
   "德语（无死键）" },
  { "Go on although a check has failed",
   "尽管有检查未通过，仍然继续" },
  { "Go on without KVM: guests are emulated, about ten times slower",
   "不使用 KVM 而继续：虚拟机用软件模拟，约慢十倍" },
  { "Help",
   "帮助" },
  { "Host name",
   "主机名" },
  { "Hungarian",
   "匈牙利语" },
  { "IPv4",
   "IPv4" },
  { "IPv4 address",
   "IPv4 地址" },
  { "IPv4 gateway",
   "IPv4 网关" },
  { "IPv6",
   "IPv6" },
  { "IPv6 address",
   "IPv6 地址" },
  { "IPv6 gateway",
   "IPv6 网关" },
  { ""
    "It stopped at \"%s\":\n"
    "\n",
   ""
    "停止于“%s”：\n"
    "\n" },
  { "Italian",
   "意大利语" },
  { "Japanese",
   "日语" },
  { "Keyboard and language",
   "键盘和语言" },
  { "Keys from LODGE",
   "从 LODGE 读取密钥" },
  { "Language",
   "语言" },
  { "Leave",
   "退出" },
  { "Leave all else as it is, the VM storage and the virtual machines too.",
   "其他一切保持不变，包括虚拟机存储和虚拟机。" },
  { "Leave the wizard?",
   "退出向导？" },
  { ""
    "Left and Right move between choices in a line, Space chooses.  Fields that the choice does not need are skipped.\n"
    "\n"
    "VLAN is the number (1 to 4094) of a tagged network on the switch's port; the host and its bridged guests are then on that network.\n"
    "\n"
    "Several name servers or domains are written with blanks between them.  With DHCP they may stay empty: the server tells them.\n"
    "\n"
    "When the new address or gateway does not work, the network is put back as it is now and you are brought back here.",
   ""
    "用左右键在一行的选项之间移动，空格键选定。当前选择用不到的栏目会被跳过。\n"
    "\n"
    "VLAN 是交换机端口上带标签网络的编号（1 到 4094）；主机和桥接的虚拟机都将在该网络中。\n"
    "\n"
    "多个域名服务器或搜索域之间用空格隔开。使用 DHCP 时可以留空：由服务器提供。\n"
    "\n"
    "如果新地址或网关不通，网络会恢复成现在的样子，并回到这一屏。" },
  { "Let %u SSH keys log in as root.",
   "允许 %u 个 SSH 密钥登录 root。" },
  { "Let 1 SSH key log in as root.",
   "允许 1 个 SSH 密钥登录 root。" },
  { "Let root log in over SSH with the password",
   "允许 root 用密码通过 SSH 登录" },
  { "Lodge %s: changing a KVM host",
   "Lodge %s：修改 KVM 主机" },
  { "Lodge %s: setting up a KVM host",
   "Lodge %s：设置 KVM 主机" },
  { "Log",
   "日志" },
  { "Log in instead",
   "改为登录" },
  { ""
    "Looking at processors, disks and network ports...\n"
    "\n"
    "A network port without a cable takes ten seconds.",
   ""
    "正在检查处理器、磁盘和网络接口……\n"
    "\n"
    "未接网线的网络接口需要十秒钟。" },
  { "Lose these settings of the bridge, which were made by hand: %s.",
   "网桥的以下手工设置将丢失：%s。" },
  { "Make the bridge",
   "建立网桥" },
  { "Make the bridge %s over %s (%s).",
   "建立网桥 %s，使用接口 %s（%s）。" },
  { "Make the port a bond, %s.",
   "把接口组成绑定，模式为 %s。" },
  { "Mark a disk with Space, or the last row.",
   "请用空格键标记一个磁盘，或最后一行。" },
  { "Mark a port with Space.",
   "请用空格键标记一个网络接口。" },
  { "Name servers",
   "域名服务器" },
  { "Name, time and access",
   "名称、时间和登录" },
  { "Network port for the bridge",
   "网桥使用的网络接口" },
  { "Next",
   "下一步" },
  { "No file system labelled LODGE is plugged in.",
   "没有找到卷标为 LODGE 的文件系统。" },
  { "Nobody could log in to this host: give a password or an SSH key.",
   "将无人能登录本机：请设置密码或 SSH 密钥。" },
  { "Norwegian",
   "挪威语" },
  { "Nothing to change.",
   "没有需要修改的内容。" },
  { "Nothing was changed yet.  Read it through, then choose \"Change\" or go back.",
   "目前没有任何改动。请通读一遍，然后选择“修改”或返回。" },
  { "Nothing was changed yet.  Read it through, then choose \"Set up\" or go back.",
   "尚未做任何更改。请仔细阅读，然后选择“开始设置”或返回。" },
  { "One moment",
   "请稍候" },
  { "One partition with an XFS file system; virtual machines are files in it, copied and grown with ease.  Right for most hosts.",
   "一个分区，XFS 文件系统；虚拟机是其中的文件，便于复制和扩大。适合多数主机。" },
  { "Polish",
   "波兰语" },
  { "Portuguese",
   "葡萄牙语" },
  { "Portuguese (Brazil)",
   "葡萄牙语（巴西）" },
  { "Power off.",
   "关机。" },
  { "Prepare the VM storage",
   "准备虚拟机存储" },
  { "Put the network back as it is now when that does not work.",
   "如果新设置不能用，就把网络恢复成现在的样子。" },
  { "Read from %s.",
   "已从 %s 读取。" },
  { "Reboot.",
   "重新启动。" },
  { "Refuse when running guests are plugged into one that changes.",
   "如果要修改的网络上有正在运行的虚拟机，则拒绝修改。" },
  { "Remove the guests' network \"default\".",
   "删除虚拟机网络“default”。" },
  { "Retry",
   "重试" },
  { "Root's password",
   "root 密码" },
  { "Russian",
   "俄语" },
  { "SSH key, or https://...",
   "SSH 密钥或 https://..." },
  { "Save a report",
   "保存报告" },
  { "Save answers",
   "保存设置" },
  { "Save report",
   "保存报告" },
  { "Save the answers",
   "保存设置" },
  { "Search domains",
   "搜索域" },
  { "Search the domains %s.",
   "搜索域 %s。" },
  { "Set name, time zone, keyboard and language",
   "设置名称、时区、键盘和语言" },
  { "Set root's password (given as a hash).",
   "设置 root 的密码（以哈希形式给出）。" },
  { "Set the IPv4 address %s, gateway %s.",
   "设置 IPv4 地址 %s，网关 %s。" },
  { "Set the IPv4 address %s.",
   "设置 IPv4 地址 %s。" },
  { "Set the IPv6 address %s, gateway %s.",
   "设置 IPv6 地址 %s，网关 %s。" },
  { "Set the IPv6 address %s.",
   "设置 IPv6 地址 %s。" },
  { "Set the MTU to %u bytes.",
   "把 MTU 设为 %u 字节。" },
  { "Set the console keymap to %s.",
   "把控制台键盘布局设为 %s。" },
  { "Set the host name to %s.",
   "把主机名设为 %s。" },
  { "Set the language to %s.",
   "把语言设为 %s。" },
  { "Set the time zone to %s.",
   "把时区设为 %s。" },
  { "Set the ways to log in",
   "设置登录方式" },
  { "Set up",
   "开始设置" },
  { "Set up this machine",
   "设置本机" },
  { "Setting up",
   "正在设置" },
  { "Setup goes on by itself; `lodge-firstboot status` tells where it is.",
   "设置会自行继续；用 `lodge-firstboot status` 查看进度。" },
  { "Setup has stopped",
   "设置已停止" },
  { "Shell",
   "命令行" },
  { ""
    "Somebody is changing this host on %s.\n"
    "\n"
    "You can take it over: it goes on here, with all that was typed there (but for passwords).  A change that has begun is not disturbed.",
   ""
    "有人正在 %s 上修改本机。\n"
    "\n"
    "您可以接手：将在这里继续，并保留那边输入的全部内容（密码除外）。已经开始的修改不会被打断。" },
  { ""
    "Somebody is setting this machine up on %s.\n"
    "\n"
    "You can take it over: it goes on here, with all that was typed there (but for passwords).  A setup that has begun is not disturbed.",
   ""
    "有人正在 %s 上设置本机。\n"
    "\n"
    "您可以接管：将在此处继续，保留那边输入的全部内容（密码除外）。已经开始的设置不受影响。" },
  { "Spanish",
   "西班牙语" },
  { "Spanish (Latin America)",
   "西班牙语（拉丁美洲）" },
  { "Start a guest to prove it",
   "启动一个虚拟机来验证" },
  { "Start a throw-away guest to prove it, in emulation, as KVM cannot be used.",
   "启动一个临时虚拟机进行验证（KVM 不可用，使用模拟）。" },
  { "Start a throw-away guest to prove it, with KVM.",
   "用 KVM 启动一个临时虚拟机进行验证。" },
  { "Start no guest to prove it.",
   "不启动虚拟机进行验证。" },
  { "Stay",
   "留下" },
  { "Steps that were done stay done.  \"Retry\" goes on with the step that failed; \"Change answer\" leads to the screen that decides it, with all that you typed.",
   "已完成的步骤不会重做。“重试”从失败的步骤继续；“修改设置”回到相应的屏幕，保留您输入的全部内容。" },
  { "Swedish",
   "瑞典语" },
  { "Switch libvirt on",
   "启动 libvirt" },
  { "Switch libvirt on.",
   "启用 libvirt。" },
  { "Take over",
   "接管" },
  { "Take the IPv4 address from DHCP.",
   "通过 DHCP 获取 IPv4 地址。" },
  { "Take the IPv6 address from DHCPv6.",
   "通过 DHCPv6 获取 IPv6 地址。" },
  { "Take the IPv6 address from router advertisements.",
   "通过路由器通告获取 IPv6 地址。" },
  { "Take the time from %s.",
   "从 %s 同步时间。" },
  { "Tell %s how it went.",
   "把结果告知 %s。" },
  { "The answers could not be saved: %s",
   "设置无法保存：%s" },
  { ""
    "The answers were saved as %s.\n"
    "\n"
    "The password is not among them.  Rename the file to answers.conf on the stick of the next hosts, and they set themselves up.  (It is not called that yet, so that this stick does not set up another machine by accident.)",
   ""
    "设置已保存为 %s。\n"
    "\n"
    "其中不含密码。在其他主机的 U 盘上把该文件改名为 answers.conf，它们就会自动完成设置。（现在没有用这个名字，以免此 U 盘意外设置另一台机器。）" },
  { "The change has stopped",
   "修改已停止" },
  { ""
    "The disk becomes storage for virtual machines.  Rows with [-] cannot be used; the lines under the list say why.  The stick that this system runs from is one of them.\n"
    "\n"
    "F2 lists every partition that was found on every disk.\n"
    "\n"
    "A disk that holds anything is only erased when you type its serial number on the next screen.  A disk that you plug in now appears by itself.",
   ""
    "该磁盘将用于存放虚拟机。带 [-] 的行不能使用；列表下方说明原因。本系统所在的 U 盘也在其中。\n"
    "\n"
    "F2 列出每个磁盘上的所有分区。\n"
    "\n"
    "有内容的磁盘，只有在下一屏输入其序列号后才会被擦除。现在插入的磁盘会自动出现。" },
  { "The disk is Lodge's VM storage already: it is mounted as it is, and the virtual machines, networks and pools saved on it are defined again.  Nothing is erased.",
   "该磁盘已经是 Lodge 的虚拟机存储：按原样挂载，并重新定义其中保存的虚拟机、网络和存储池。不擦除任何内容。" },
  { ""
    "The host name has letters, digits and hyphens, with dots between its parts.\n"
    "\n"
    "An SSH public key begins with ssh-ed25519 or the like and ends with a remark; several have \";\" between them.  A URL such as https://github.com/NAME.keys is fetched when you go on, and must be reachable now.  \"Keys from LODGE\" reads the file authorized_keys from the LODGE partition of the boot stick, where any computer can put it.\n"
    "\n"
    "Time servers are only needed when the usual ones cannot be reached.",
   ""
    "主机名由字母、数字和连字符组成，各部分之间用点隔开。\n"
    "\n"
    "SSH 公钥以 ssh-ed25519 等开头，以注释结尾；多个公钥之间用“;”隔开。也可以填写 https://github.com/NAME.keys 这样的网址，进入下一屏时读取，因此现在必须能访问。“从 LODGE 读取密钥”读取启动 U 盘 LODGE 分区上的 authorized_keys 文件，任何电脑都可以把它放进去。\n"
    "\n"
    "只有无法访问通常的时间服务器时才需要填写时间服务器。" },
  { ""
    "The list has what can be made of the disks that you marked.\n"
    "\n"
    "What is on a disk is lost for good when it is erased.  To be sure that the right one is meant, its serial number has to be typed as it stands before the field (in capital or small letters); it is printed on the disk's label as well.  A disk that has no serial number is called by its name.\n"
    "\n"
    "It is erased when setup has begun, not now.",
   ""
    "列表中是所标记的磁盘可以采用的方式。\n"
    "\n"
    "磁盘被擦除后，其内容永久丢失。为确保没有选错，必须按栏目前所示输入其序列号（不分大小写）；磁盘标签上也印有序列号。没有序列号的磁盘用其名称。\n"
    "\n"
    "擦除在设置开始之后进行，不是现在。" },
  { "The log and the report were saved as %s.  No password is in them.",
   "日志和报告已保存为 %s。其中不含密码。" },
  { "The log is empty.",
   "日志是空的。" },
  { "The password holds a control character, which a login prompt would not take.",
   "密码中含有控制字符，登录时无法输入。" },
  { "The password is too long: at most 256 bytes.",
   "密码过长：最多 256 字节。" },
  { ""
    "The port becomes part of a bridge, a switch inside this host that guests are plugged into.  The bridge takes over the port's hardware address, so a DHCP server gives the same address as before.\n"
    "\n"
    "Several ports make a bond.  active-backup works with every switch; 802.3ad needs a switch that is set up for it (LACP), balance-xor a static channel.\n"
    "\n"
    "Without a link a port cannot be used: plug in its cable, or connect the virtual machine's adapter.",
   ""
    "该接口将成为网桥的一部分；网桥是本机内部的交换机，虚拟机都接在上面。网桥沿用接口的硬件地址，因此 DHCP 服务器给出的地址不变。\n"
    "\n"
    "多个接口组成链路聚合。active-backup 适用于任何交换机；802.3ad 需要交换机相应配置（LACP），balance-xor 需要静态聚合。\n"
    "\n"
    "没有连接的接口不能使用：请插上网线，或连接虚拟机的网卡。" },
  { "The report could not be saved: %s",
   "报告无法保存：%s" },
  { "The same once more",
   "再输入一次" },
  { "The two passwords are not the same: type both again.",
   "两次输入的密码不同：请重新输入。" },
  { "The wizard runs elsewhere",
   "向导正在别处运行" },
  { "There is no file %s.",
   "没有文件 %s。" },
  { "There is no time zone \"%s\": choose one with the button \"Time zones\".",
   "没有时区“%s”：请用“时区列表”按钮选择。" },
  { "This cannot be done: %s",
   "无法执行：%s" },
  { "This cannot be left empty: give another value, or the one that it had.",
   "此项不能留空：请填写新值或原来的值。" },
  { "This host is already what the screens say.",
   "本机已经和各屏幕上的设置一致。" },
  { "This host was changed",
   "本机已修改" },
  { ""
    "This is all that will be done, in this order.  \"Set up\" begins; it takes a minute or two.\n"
    "\n"
    "\"Save answers\" writes them as a file to the LODGE partition of the boot stick, without the password, for setting up more hosts the same way.",
   ""
    "以上就是将要依次执行的全部操作。“开始设置”即开始执行，需要一两分钟。\n"
    "\n"
    "“保存设置”把设置写成文件存到启动 U 盘的 LODGE 分区（不含密码），用于以同样方式设置更多主机。" },
  { "This is all that will be done, in this order; all else stays as it is.  When the new network does not work, it is put back as it is now and you are brought back to its screen.",
   "将按此顺序只做这些事，其他一切保持不变。如果新的网络设置不能用，会恢复成现在的样子，并回到相应的屏幕。" },
  { "This machine has no network port that Linux has a driver for: add one and start anew.",
   "本机没有 Linux 能驱动的网络接口：请加装后重新启动。" },
  { "This machine is a KVM host now",
   "本机现在是 KVM 主机" },
  { ""
    "This machine is not set up yet.  Eight screens make a KVM host of it: they check that it can run virtual machines, ask for a disk and a network port, and change nothing before you confirm the last one.\n"
    "\n"
    "The same is shown on every console; go on at the one you like.",
   ""
    "本机尚未设置。八个屏幕即可使它成为 KVM 主机：检查能否运行虚拟机，询问磁盘和网络接口；在您确认最后一屏之前不做任何更改。\n"
    "\n"
    "所有控制台上都显示同样的内容；请在任意一个上继续。" },
  { "This password is fair.",
   "密码强度一般。" },
  { "This password is strong.",
   "密码强度高。" },
  { "This password is weak: longer, and not a known word, is better.",
   "密码强度低：请用更长的、不是常见词的密码。" },
  { "This will be done",
   "将要执行的操作" },
  { "Time servers (optional)",
   "时间服务器（可选）" },
  { "Time zone",
   "时区" },
  { "Time zones",
   "时区列表" },
  { "Try it here",
   "在此试打" },
  { "Turkish (Q)",
   "土耳其语（Q）" },
  { "Turn SSH login with a password off.",
   "禁止用密码通过 SSH 登录。" },
  { "Turn SSH login with a password on.",
   "允许用密码通过 SSH 登录。" },
  { "Type %s to erase %s",
   "输入 %s 以擦除 %s" },
  { ""
    "Up and Down move in the list, a letter jumps to the keyboards that begin with it.  Tab goes to the next field or button, Shift-Tab back.  Enter in the list is Next.\n"
    "\n"
    "On every screen: Esc goes back, F12 goes on, F1 is this help, F2 shows details where there are any, Ctrl-C leaves.  What you typed is kept when you go back.  Nothing is changed on this machine before the last screen is confirmed.",
   ""
    "用上下键在列表中移动，按字母键跳到以该字母开头的键盘。Tab 到下一栏或按钮，Shift-Tab 往回。在列表中按回车即下一步。\n"
    "\n"
    "在每一屏：Esc 返回，F12 下一步，F1 帮助，F2 显示详情（如果有），Ctrl-C 退出。返回时保留输入的内容。在确认最后一屏之前，不会更改本机的任何内容。" },
  { "Use VLAN %u.",
   "使用 VLAN %u。" },
  { "Use no IPv4 address.",
   "不使用 IPv4 地址。" },
  { "Use no IPv6 address.",
   "不使用 IPv6 地址。" },
  { "VLAN (empty: none)",
   "VLAN（空：不用）" },
  { "VM storage of Lodge",
   "Lodge 的虚拟机存储" },
  { "WARNING",
   "警告" },
  { ""
    "Web console:\n"
    "  https://%s%s%s:9090\n"
    "\n",
   ""
    "网页控制台：\n"
    "  https://%s%s%s:9090\n"
    "\n" },
  { "Welcome to Lodge",
   "欢迎使用 Lodge" },
  { "What setup said",
   "设置过程的输出" },
  { "What to make of the disk",
   "磁盘的使用方式" },
  { "What you typed is kept, but for passwords.  `lodge-firstboot` starts the wizard again.",
   "输入的内容会保留，密码除外。用 `lodge-firstboot` 可重新启动向导。" },
  { "Which disk shall hold the virtual machines?  Space marks it.  Nothing is written before the last screen is confirmed.",
   "用哪个磁盘存放虚拟机？用空格键标记。在确认最后一屏之前不会写入任何内容。" },
  { "Which port connects this host and its guests to the network?  Space marks it; mark several for a bond.  The link is shown as it is now: pull a cable to see which is which.",
   "本机和虚拟机用哪个接口连接网络？用空格键标记；标记多个则组成链路聚合。连接状态是实时的：拔一下网线就能分辨接口。" },
  { "adopt: keep what is on it",
   "adopt：保留其内容" },
  { "another terminal",
   "另一个终端" },
  { "automatic",
   "自动" },
  { "blank",
   "空白" },
  { "done",
   "完成" },
  { "fixed",
   "固定" },
  { "link up",
   "已连接" },
  { "link up, %d Gbit/s",
   "已连接，%d Gbit/s" },
  { "link up, %d Mbit/s",
   "已连接，%d Mbit/s" },
  { "lvm: a volume group",
   "lvm：卷组" },
  { "no disk: store virtual machines on the boot disk",
   "不用磁盘：虚拟机存放在启动磁盘上" },
  { "no link",
   "未连接" },
  { "none",
   "无" },
  { "note",
   "提示" },
  { "ok",
   "正常" },
  { "raid1: two disks, mirrored",
   "raid1：两个磁盘互为镜像" },
  { "running %d s",
   "进行中 %d 秒" },
  { "unknown model",
   "型号未知" },
  { "xfs: one file system",
   "xfs：一个文件系统" },
  { NULL, NULL },
};
