/* answers.conf: what the wizard would ask, written down.  One table, in answers-table.c, names
 * every key: the parser and the printer go by it, and answers.conf(5) is tested against it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parser checks everything that can be known without looking at a machine: syntax, types,
 * ranges, and keys that contradict each other.  What depends on the machine (does the disk exist?)
 * is the plan's to decide.
 */
#pragma once

#include <glib.h>

/* How one disk or network port is named: "serial:S", "path:P", "wwn:W", "name:N", "mac:M". */
typedef enum
{
  LODGE_SELECT_SERIAL,
  LODGE_SELECT_PATH, /* a link name under /dev/disk/by-path */
  LODGE_SELECT_WWN,
  LODGE_SELECT_NAME, /* kernel name: vdb, enp1s0 */
  LODGE_SELECT_MAC,
} LodgeSelectorKind;

typedef struct
{
  LodgeSelectorKind kind;
  char *value; /* MAC addresses in lower case with colons */
} LodgeSelector;

typedef enum
{
  LODGE_LAYOUT_XFS,
  LODGE_LAYOUT_LVM,
  LODGE_LAYOUT_RAID1,
  LODGE_LAYOUT_ADOPT,
  LODGE_LAYOUT_NONE,
} LodgeLayoutKind;

typedef enum
{
  LODGE_IPV4_DHCP,
  LODGE_IPV4_STATIC,
  LODGE_IPV4_OFF,
} LodgeIpv4Method;

typedef enum
{
  LODGE_IPV6_AUTO, /* router advertisements, and DHCPv6 when they ask for it */
  LODGE_IPV6_DHCP,
  LODGE_IPV6_STATIC,
  LODGE_IPV6_OFF,
} LodgeIpv6Method;

typedef enum
{
  LODGE_FINISH_CONTINUE,
  LODGE_FINISH_REBOOT,
  LODGE_FINISH_POWEROFF,
} LodgeFinishAction;

/* Strings are NULL and lists are empty (never NULL) when not given, unless a default stands beside.
 */
typedef struct
{
  char *source; /* where it was read from, for messages and the report */

  /* [host] */
  char *hostname; /* RFC 1123, checked */
  char *timezone; /* "Europe/Vienna": syntax checked, existence is the machine's to know */
  char *keyboard; /* a console keymap, "de-latin1" */
  char *language; /* a locale, "en_US.UTF-8" */

  /* [access] */
  char *root_password_hash;    /* crypt(5), "$6$…", "$y$…"; clear text is refused */
  GStrv ssh_keys;              /* one public key each, type checked */
  gboolean ssh_password_login; /* default no */

  /* [storage] */
  LodgeLayoutKind layout; /* default xfs */
  GPtrArray *disks;       /* of LodgeSelector; empty: auto */
  GStrv erase; /* serials (or kernel names) whose content may be destroyed, and UUIDs of Lodge's VM
                  storage */

  /* [network] */
  GPtrArray *ports;     /* of LodgeSelector; empty: auto */
  char *bridge;         /* default "br0" */
  char *bond;           /* bonding mode, or NULL */
  guint vlan;           /* 1-4094, 0: none */
  guint mtu;            /* bytes, 0: the device's own */
  LodgeIpv4Method ipv4; /* default dhcp */
  char *address;        /* "192.0.2.10/24" */
  char *gateway;
  LodgeIpv6Method ipv6; /* default auto */
  char *address6;
  char *gateway6;
  GStrv dns;
  GStrv search;
  GStrv ntp;

  /* [libvirt] */
  gboolean nat;   /* default yes: define and start the network "default" */
  gboolean proof; /* default yes: run the proof guest */

  /* [finish] */
  LodgeFinishAction action;  /* default continue */
  char *webhook;             /* https URL */
  char *webhook_fingerprint; /* SHA-256 of the server's certificate, 64 hexadecimal digits */
} LodgeAnswers;

/* Who the machine is, for [match …] sections. */
typedef struct
{
  GStrv macs;   /* lower case; may be empty or NULL */
  char *serial; /* DMI product serial, or NULL */
  char *uuid;   /* DMI product UUID, lower case, or NULL */
} LodgeHostIdentity;

/* Parses TEXT and applies the [match …] sections that fit HOST, in the file's order.  PATH is for
 * messages.  Errors are "PATH:LINE: …" in LODGE_ERROR_USAGE.
 *
 * Every section is checked, those of other hosts too.  Keys that contradict each other are looked
 * for in what HOST gets.  HOST may be NULL, for a file on its way to hosts: then no [match …] is
 * applied, and a contradiction that some [match …] could mend (a static address that stands with
 * each host) is let pass; such answers are not fit to be applied. */
LodgeAnswers *lodge_answers_parse (const char *path, const char *text, gsize length,
                                   const LodgeHostIdentity *host, GError **error);
LodgeAnswers *lodge_answers_load (const char *path, const LodgeHostIdentity *host, GError **error);

/* Everything at its default: what an empty answers.conf gives. */
LodgeAnswers *lodge_answers_new (void);
void lodge_answers_free (LodgeAnswers *answers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeAnswers, lodge_answers_free)

/* The answers as an answers.conf that parses to the same (defaults are left out).  The root
 * password's hash is replaced by a comment when WITH_SECRETS is FALSE. */
char *lodge_answers_format (const LodgeAnswers *answers, gboolean with_secrets);

/* The number of [match …] sections in the file that name HOST; 0 with ERROR unset when none does.
 * Contradictions are no error here. */
guint lodge_answers_count_matches (const char *path, const LodgeHostIdentity *host, GError **error);

/* The layout's name as written in answers.conf. */
const char *lodge_layout_kind_name (LodgeLayoutKind layout);

void lodge_selector_free (LodgeSelector *selector);
/* "serial:S"; free with g_free. */
char *lodge_selector_format (const LodgeSelector *selector);
void lodge_host_identity_free (LodgeHostIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeHostIdentity, lodge_host_identity_free)
