/* Single values as people write them, each checked by one function: for answers.conf, the wizard's
 * fields and the options of lodge(1).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each takes TEXT without blanks around it and returns it in its canonical spelling (free with
 * g_free), or NULL with one sentence in LODGE_ERROR_USAGE that says what is wrong with it.  Only
 * the syntax is checked: nothing is looked up on the machine or in the network.
 */
#pragma once

#include <glib.h>

typedef char *LodgeSyntax (const char *text, GError **error);

/* --- the host: syntax-host.c --- */

/* RFC 1123 host name, at most 64 characters (HOST_NAME_MAX of Linux) and no address. */
LodgeSyntax lodge_syntax_hostname;
/* Domain name of at most 253 characters (RFC 1035, 2.3.4), for search lists. */
LodgeSyntax lodge_syntax_domain;
/* Name of a file under /usr/share/zoneinfo: "Europe/Vienna". */
LodgeSyntax lodge_syntax_timezone;
/* Console keymap as in vconsole.conf(5): "de-latin1". */
LodgeSyntax lodge_syntax_keyboard;
/* Locale as in locale.conf(5): "en_US.UTF-8". */
LodgeSyntax lodge_syntax_language;

/* --- access: syntax-access.c.  Their errors never repeat the text. --- */

/* crypt(5) hash: yescrypt, gost-yescrypt, scrypt, bcrypt, SHA-512 or SHA-256. */
LodgeSyntax lodge_syntax_password_hash;
/* One line of authorized_keys without options: "ssh-ed25519 AAAA… comment" (RFC 4253, 6.6). */
LodgeSyntax lodge_syntax_ssh_key;

/* --- devices: syntax-device.c --- */

/* Disk serial number or other identity, printable ASCII without ";" and "\". */
LodgeSyntax lodge_syntax_serial;
/* Entry of the list of disks that may be erased: a serial number, or the kernel name of a disk that
 * has none, without "serial:" or "name:" before it. */
LodgeSyntax lodge_syntax_erase;
/* Name of a link in /dev/disk/by-path, without the directory. */
LodgeSyntax lodge_syntax_disk_path;
/* World wide name, without blanks. */
LodgeSyntax lodge_syntax_wwn;
/* Kernel name, without /dev: "vdb", "enp1s0". */
LodgeSyntax lodge_syntax_kernel_name;
/* "52:54:00:12:34:56", also with "-"; lower case with colons comes back. */
LodgeSyntax lodge_syntax_mac;
/* DMI product UUID; lower case comes back. */
LodgeSyntax lodge_syntax_uuid;

/* --- network: syntax-network.c --- */

/* Name for the new bridge: at most 15 characters (IFNAMSIZ), none that libvirt gives away itself.
 */
LodgeSyntax lodge_syntax_bridge;
/* Bonding mode of the kernel that carries a bridge with guests. */
LodgeSyntax lodge_syntax_bond;
/* Host address and prefix length, "192.0.2.10/24" and "2001:db8::10/64". */
LodgeSyntax lodge_syntax_ipv4_interface;
LodgeSyntax lodge_syntax_ipv6_interface;
/* Unicast address alone; that of IPv6 may be link-local. */
LodgeSyntax lodge_syntax_ipv4_address;
LodgeSyntax lodge_syntax_ipv6_address;
/* Address of either family. */
LodgeSyntax lodge_syntax_address;
/* Address of either family or host name. */
LodgeSyntax lodge_syntax_server;

/* --- finish: syntax-web.c --- */

/* https URL with a host, without user, password and fragment. */
LodgeSyntax lodge_syntax_https_url;

/* URL without "USER:PASSWORD@"; what is no URL comes back as it is.  Free with g_free. */
char *lodge_url_without_login (const char *url);
/* The same for all URLs in TEXT, another program's words.  Free with g_free. */
char *lodge_text_without_logins (const char *text);
/* URL as it may be shown: without a login; what is behind "?" is often a password by another name,
 * so that "…" stands for it.  Free with g_free. */
char *lodge_url_to_show (const char *url);
/* SHA-256 as 64 hexadecimal digits, with or without colons between the bytes; lower case without
 * colons comes back. */
LodgeSyntax lodge_syntax_fingerprint;
