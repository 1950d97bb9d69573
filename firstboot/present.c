/* What a host that was set up is now.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/present.h"

#include "common/answers-table.h"
#include "common/error.h"
#include "common/file.h"
#include "firstboot/apply.h"
#include "firstboot/host-files.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/network-present.h"
#include "firstboot/plan-choose.h"

#include <arpa/inet.h>

/* Where libvirt keeps the definition of the network "default". */
#define NAT_FILE "/etc/libvirt/qemu/networks/default.xml"
#define XML_LIMIT (1024 * 1024)

/* "192.168.122.0/24" of an address and a netmask, as libvirt writes them. */
static char *
network_of (const char *address, const char *netmask)
{
  struct in_addr host, mask;
  char text[INET_ADDRSTRLEN];

  if (address == NULL || netmask == NULL || inet_pton (AF_INET, address, &host) != 1
      || inet_pton (AF_INET, netmask, &mask) != 1)
    return NULL;
  host.s_addr &= mask.s_addr;
  return g_strdup_printf ("%s/%d", inet_ntop (AF_INET, &host, text, sizeof text),
                          __builtin_popcount (mask.s_addr));
}

static void
read_nat (LodgePresent *present, const char *root)
{
  g_autofree char *path = lodge_host_path (root, NAT_FILE);
  g_autofree char *xml = lodge_file_read (path, XML_LIMIT, NULL, NULL);
  g_autofree char *mode
      = xml != NULL ? lodge_libvirt_xml_get (xml, "network/forward", "mode") : NULL;

  present->answers->nat = g_strcmp0 (mode, "nat") == 0;
  if (present->answers->nat)
    {
      g_autofree char *address = lodge_libvirt_xml_get (xml, "network/ip", "address");
      g_autofree char *netmask = lodge_libvirt_xml_get (xml, "network/ip", "netmask");

      present->nat_network = network_of (address, netmask);
    }
}

/* Somebody may have written what answers.conf does not take: such a value is not shown, and stays
 * what it is. */
static void
leave_out_unknown (LodgeAnswers *answers)
{
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  for (gsize i = 0; i < count; i++)
    {
      g_autofree char *value = lodge_answer_key_format (&rows[i], answers);
      g_autoptr (LodgeAnswers) scratch = lodge_answers_new ();

      if (value[0] != '\0' && !lodge_answer_key_parse (&rows[i], value, scratch, NULL))
        lodge_answer_key_reset (&rows[i], answers);
    }
}

static gboolean
read_network (LodgePresent *present, const char *root, GError **error)
{
  g_autoptr (GPtrArray) profiles = lodge_network_profiles_load (root, error);

  g_autofree char *message = NULL;

  if (profiles == NULL)
    return FALSE;
  present->network_known
      = lodge_network_profiles_read (profiles, present->answers, &present->foreign);
  leave_out_unknown (present->answers);
  /* Such answers could not be given. */
  if (lodge_answer_rules_find (present->answers, &message) != NULL)
    present->network_known = FALSE;
  if (!present->network_known)
    lodge_answers_copy_section (present->plan->answers, present->answers, "network");
  return TRUE;
}

/* A change that stopped or was interrupted leaves a host that is set up. */
static LodgePlan *
read_plan (const char *root, GError **error)
{
  g_autofree char *directory = lodge_host_path (root, LODGE_STATE_DIRECTORY);
  g_autoptr (LodgeJournal) journal = lodge_journal_open (directory, error);
  const LodgePlan *plan = journal != NULL ? lodge_journal_plan (journal) : NULL;
  gsize count;
  const LodgeStep *steps = lodge_steps (&count);

  if (journal == NULL)
    return NULL;
  if (plan != NULL && (plan->steps != NULL || lodge_journal_complete (journal, steps, count)))
    return lodge_plan_copy (plan, error);
  lodge_error_set (error, LODGE_ERROR_REFUSED,
                   "the setup of this host has %s, so there is nothing to change yet: finish it "
                   "first, with `lodge-firstboot`",
                   plan == NULL ? "not begun" : "not ended");
  return NULL;
}

static gboolean
read_all (LodgePresent *present, const char *root, GError **error)
{
  LodgeAnswers *answers;

  present->plan = read_plan (root, error);
  if (present->plan == NULL)
    return FALSE;
  answers = lodge_plan_copy_answers (present->plan->answers, error);
  if (answers == NULL)
    return FALSE;
  present->answers = answers;
  g_clear_pointer (&answers->root_password_hash, g_free);
  g_strfreev (answers->ssh_keys);
  answers->ssh_keys = g_new0 (char *, 1);
  answers->action = LODGE_FINISH_CONTINUE;
  g_clear_pointer (&answers->webhook, g_free);
  g_clear_pointer (&answers->webhook_fingerprint, g_free);
  if (!read_network (present, root, error))
    return FALSE;
  read_nat (present, root);
  lodge_present_settings (root, answers);
  present->ssh_keys = lodge_present_access (root, answers);
  leave_out_unknown (answers);
  return TRUE;
}

LodgePresent *
lodge_present_read (const char *root, GError **error)
{
  g_autoptr (LodgePresent) present = g_new0 (LodgePresent, 1);

  return read_all (present, root, error) ? g_steal_pointer (&present) : NULL;
}

void
lodge_present_free (LodgePresent *present)
{
  if (present == NULL)
    return;
  lodge_answers_free (present->answers);
  g_strfreev (present->ssh_keys);
  g_free (present->nat_network);
  g_strfreev (present->foreign);
  lodge_plan_free (present->plan);
  g_free (present);
}

LodgePlanPresent
lodge_present_for_plan (const LodgePresent *present)
{
  return (LodgePlanPresent){ .answers = present->answers,
                             .nat_network = present->nat_network,
                             .network_known = present->network_known,
                             .foreign = (const char *const *)present->foreign,
                             .plan = present->plan };
}
