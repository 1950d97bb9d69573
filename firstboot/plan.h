/* The plan: facts and answers in, what will be done out.  Pure: makes nothing, touches nothing.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "common/answers.h"
#include "firstboot/probe.h"

/* A disk named so that it is found again after a reboot, whatever its kernel name is then. */
typedef struct
{
  char *name;   /* kernel name when planned */
  char *serial; /* or NULL */
  char *wwn;    /* or NULL */
  char *path;   /* or NULL */
  guint64 size; /* bytes */
  /* What was on it, "ext4 UUID" for each signature, sorted, "data" for data without one: serial
   * numbers are not as unique as they should be.  Never NULL. */
  GStrv content;
  gboolean erase; /* the answers allow destroying what is on it */
} LodgePlanDisk;

typedef struct
{
  LodgeAnswers *answers;  /* a copy; steps read host, access, network and finish from it */
  gboolean answers_given; /* by --answers: no source has them */

  /* storage */
  GPtrArray *disks;      /* of LodgePlanDisk; empty with layout none */
  char *filesystem_uuid; /* the new file system's, chosen by the plan so that a resumed run knows
                            its own work; with layout adopt that of the one that is there */
  GStrv saved_guests;  /* layout adopt: names of the virtual machines saved there, or NULL when that
                          is not known */
  gboolean saved_more; /* layout adopt: they are not known to be all */

  /* network */
  GStrv port_names;  /* one, or those of a bond */
  GStrv port_macs;   /* their permanent addresses, in the same order: profiles are pinned by them */
  char *nat_network; /* "192.168.122.0/24" or the first free one */

  /* A change of a host that is set up (lodge_plan_change()): the ids of the steps that it takes, in
   * their order; what they do not read of `answers` is as it was.  NULL: setup, every step. */
  GStrv steps;
  GStrv given_up; /* a change's: fixed addresses that the host has and loses to another way */
  GStrv replaced; /* a change's: settings of the network that somebody made by hand and that go */

  /* libvirt */
  gboolean kvm; /* FALSE: guests will run in emulation */
} LodgePlan;

/* Makes the plan.  Refusals name what was asked, what was found and every candidate:
 * LODGE_ERROR_REFUSED when data could be lost, LODGE_ERROR_FAILED when the machine does not have
 * what is asked.  SEED makes the plan's UUIDs (UUIDv5), so that a test can compare whole plans; on
 * a host it is the machine id. */
LodgePlan *lodge_plan_make (const LodgeFacts *facts, const LodgeAnswers *answers, const char *seed,
                            GError **error);

/* What an earlier run, which the journal tells of, had begun with its plan. */
typedef struct
{
  const LodgePlan *plan;
  gboolean storage_begun;
  gboolean storage_done;
  gboolean guest_networks_begun;
} LodgePlanEarlier;

/* The plan for answers that were changed after an earlier run had begun (a wrong address mended,
 * say).  Work that was begun with unchanged [storage] answers goes on with EARLIER's disks and file
 * system (*STORAGE_KEPT is then TRUE), so that nothing is made twice; the NAT network stays.
 * Changed [storage] answers are planned anew by the rules of lodge_plan_make() while storage is not
 * done, and refused (LODGE_ERROR_REFUSED) once it is: the virtual machines' disks are on it. */
LodgePlan *lodge_plan_remake (const LodgeFacts *facts, const LodgeAnswers *answers,
                              const char *seed, const LodgePlanEarlier *earlier,
                              gboolean *storage_kept, GError **error);

/* What the host is (present.h) in the words of a plan. */
typedef struct
{
  const LodgeAnswers *answers; /* [storage] is what setup was answered */
  const char *nat_network;     /* or NULL */
  gboolean network_known;      /* FALSE: the network is other tools' business */
  const char *const *foreign;  /* NULL-terminated: what new profiles would lose */
  const LodgePlan *plan;       /* by which it was set up */
} LodgePlanPresent;

/* The plan that makes a host that is set up what WANTED says, and takes no more steps than that
 * needs: none (`steps` is empty) when there is nothing to change.  A name, time zone, keyboard,
 * language or list of time servers that WANTED does not give stays as it is, so does the network
 * port; a password and SSH keys are only ever added.  Never takes the step "storage" or one that
 * hangs on it: a [storage] section other than that of setup is LODGE_ERROR_REFUSED. */
LodgePlan *lodge_plan_change (const LodgeFacts *facts, const LodgePlanPresent *present,
                              const LodgeAnswers *wanted, GError **error);

/* Whether STEP belongs to PLAN. */
gboolean lodge_plan_takes (const LodgePlan *plan, const char *step);

/* A deep copy, by way of lodge_plan_serialize(). */
LodgePlan *lodge_plan_copy (const LodgePlan *plan, GError **error);

/* The plan as sentences, one a line: what will be erased, created, configured. */
char *lodge_plan_describe (const LodgePlan *plan);

/* The same of a setup that goes on: the steps DONE (NULL-terminated ids) are told as such. */
char *lodge_plan_describe_rest (const LodgePlan *plan, const char *const *done);

/* To and from the key file that the journal keeps (secrets included: the file is 0600), so that a
 * run after a power cut goes on with the same plan. */
char *lodge_plan_serialize (const LodgePlan *plan);
LodgePlan *lodge_plan_deserialize (const char *path, const char *text, GError **error);

void lodge_plan_disk_free (LodgePlanDisk *disk);
void lodge_plan_free (LodgePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgePlan, lodge_plan_free)
