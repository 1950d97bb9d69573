/* The commands of lodge-firstboot: one file each (command-ID.c), one row in main.c's table.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * This layer and main.c print; nothing below does.
 */
#pragma once

#include <glib.h>

/* What stood on the command line. */
typedef struct
{
  char *root;    /* directory of a captured machine, or "" */
  char *answers; /* or NULL */
  gboolean json;
  gboolean new_plan;
  gboolean without_kvm;  /* set up although a check fails */
  gboolean reconfigure;  /* change a host that is set up */
  gboolean no_announce;  /* say nothing on consoles */
  gboolean from_wizard;  /* apply: a wizard shows it, and has its words in a file */
  char *disks;           /* apply: FILE that tells which disks a wizard had confirmed, or NULL */
  gboolean start_wizard; /* apply: when there are no answers, start the wizard on the consoles */
  gboolean console;      /* wizard: on a console that nobody may be looking at */
  /* For tests of the wizard; NULL otherwise. */
  char *script;  /* followed instead of a terminal */
  char *program; /* run instead of lodge-firstboot to apply the answers */
  char *runtime; /* used instead of /run/lodge */
} LodgeOptions;

/* Options that a command takes, besides --help and --version. */
enum
{
  LODGE_OPTION_ROOT = 1 << 0,
  LODGE_OPTION_ANSWERS = 1 << 1,
  LODGE_OPTION_JSON = 1 << 2,
  LODGE_OPTION_NEW_PLAN = 1 << 3,
  LODGE_OPTION_WITHOUT_KVM = 1 << 4,
  LODGE_OPTION_NO_ANNOUNCE = 1 << 5,
  LODGE_OPTION_WIZARD = 1 << 6, /* the three for tests, and console */
  LODGE_OPTION_START_WIZARD = 1 << 7,
  LODGE_OPTION_RECONFIGURE = 1 << 8,
  LODGE_OPTION_FROM_WIZARD = 1 << 9,
};

typedef struct
{
  const char *name;    /* NULL: no command was given */
  const char *summary; /* NULL: not for people, left out of --help */
  guint options;
  /* Returns the exit status; ERROR when set is printed by main, and decides the status. */
  int (*run) (const LodgeOptions *options, GError **error);
} LodgeCommand;

/* Exit status of `check` when all that failed is a warning. */
#define LODGE_EXIT_WARNINGS 4

int lodge_command_start (const LodgeOptions *options, GError **error);
int lodge_command_check (const LodgeOptions *options, GError **error);
int lodge_command_plan (const LodgeOptions *options, GError **error);
int lodge_command_apply (const LodgeOptions *options, GError **error);
int lodge_command_status (const LodgeOptions *options, GError **error);
int lodge_command_wizard (const LodgeOptions *options, GError **error);
int lodge_command_grow_root (const LodgeOptions *options, GError **error);
int lodge_command_boot_entries (const LodgeOptions *options, GError **error);
int lodge_command_boot_loaders (const LodgeOptions *options, GError **error);
int lodge_command_kernel_messages (const LodgeOptions *options, GError **error);
int lodge_command_save_guests (const LodgeOptions *options, GError **error);

/* How to give answers, in at most eight lines of at most 79 columns: for consoles, and for whoever
 * calls the program without a command. */
extern const char lodge_how_to_answer[];
