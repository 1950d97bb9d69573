/* How setup ended, as one line.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/outcome.h"

#include "common/error.h"
#include "common/file.h"
#include "common/size.h"
#include "firstboot/i18n.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

/* The line is English, as it is searched for; the result screen finds its translation again by
 * these formats (said.h). */

/* "vda+vdb"; *SIZE becomes how much they hold. */
static char *
name_disks (const LodgePlan *plan, char **size)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint64 bytes = 0;

  for (guint i = 0; i < plan->disks->len; i++)
    {
      const LodgePlanDisk *disk = plan->disks->pdata[i];

      g_string_append_printf (names, "%s%s", i > 0 ? "+" : "", disk->name);
      /* A mirror holds as much as its smaller half. */
      bytes = i == 0 || disk->size < bytes ? disk->size : bytes;
    }
  *size = lodge_size_format (bytes);
  return g_strdup (names->str);
}

static char *
proof_words (const LodgeJournal *journal, const LodgeReport *report)
{
  const LodgePlan *plan = lodge_journal_plan (journal);
  JsonObject *measured = lodge_report_measured (report, "proof");
  gint64 milliseconds = lodge_journal_milliseconds (journal, "proof");

  if (!plan->answers->proof)
    return g_strdup (N_ ("no proof guest"));
  /* The guest's own time; the step's is longer by what it took to make the guest. */
  if (measured != NULL)
    milliseconds = json_object_get_int_member_with_default (measured, "total_ms", milliseconds);
  return g_strdup_printf (plan->kvm ? N_ ("proof guest %.1f s with KVM")
                                    : N_ ("proof guest %.1f s in emulation"),
                          (double)milliseconds / 1000);
}

static guint
count_lines (JsonObject *measured, const char *member)
{
  JsonNode *node = measured != NULL ? json_object_get_member (measured, member) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node)
             ? json_array_get_length (json_node_get_array (node))
             : 0;
}

/* "vda with 2 virtual machines (1 warning …)", of storage that was adopted. */
static char *
adopted_words (const char *disks, const LodgeReport *report)
{
  JsonObject *measured = lodge_report_measured (report, "guests");
  guint guests = count_lines (measured, "virtual-machines");
  guint warnings = count_lines (measured, "not-defined") + count_lines (measured, "warnings")
                   + count_lines (lodge_report_measured (report, "guest-networks"), "warnings");
  g_autofree char *adopted = g_strdup_printf (guests == 1 ? N_ ("%s with %u virtual machine")
                                                          : N_ ("%s with %u virtual machines"),
                                              disks, guests);
  g_autofree char *warned
      = g_strdup_printf (warnings == 1 ? N_ ("%u warning: see lodge-firstboot status")
                                       : N_ ("%u warnings: see lodge-firstboot status"),
                         warnings);

  return warnings > 0 ? g_strdup_printf ("%s (%s)", adopted, warned) : g_steal_pointer (&adopted);
}

char *
lodge_outcome_complete_line (const LodgeJournal *journal, const LodgeReport *report,
                             const char *host, const char *address)
{
  const LodgePlan *plan = lodge_journal_plan (journal);
  const char *bridge = plan->answers->bridge;
  const char *place = address != NULL ? address : N_ ("without address");
  g_autofree char *size = NULL;
  g_autofree char *disks = name_disks (plan, &size);
  g_autofree char *adopted
      = plan->answers->layout == LODGE_LAYOUT_ADOPT ? adopted_words (disks, report) : NULL;
  g_autofree char *proof = proof_words (journal, report);
  g_autofree char *line = NULL;

  if (plan->disks->len == 0)
    line = g_strdup_printf (N_ ("setup complete: host %s, %s %s, no VM storage, %s"), host, bridge,
                            place, proof);
  else
    line = g_strdup_printf (N_ ("setup complete: host %s, %s %s, storage %s on %s, %s"), host,
                            bridge, place, size, adopted != NULL ? adopted : disks, proof);
  return g_strconcat ("lodge: ", line, NULL);
}

char *
lodge_outcome_stopped_line (guint number, const char *step, const char *reason)
{
  return g_strdup_printf ("lodge: setup stopped at step %u (%s): %s", number, step, reason);
}

char *
lodge_outcome_address (const char *interface)
{
  struct ifaddrs *list = NULL;
  char text4[INET_ADDRSTRLEN] = "", text6[INET6_ADDRSTRLEN] = "";

  if (getifaddrs (&list) == -1)
    return NULL;
  for (const struct ifaddrs *one = list; one != NULL; one = one->ifa_next)
    {
      if (one->ifa_addr == NULL || !g_str_equal (one->ifa_name, interface))
        continue;
      if (one->ifa_addr->sa_family == AF_INET && text4[0] == '\0')
        {
          const struct sockaddr_in *address
              = (const struct sockaddr_in *)(const void *)one->ifa_addr;
          inet_ntop (AF_INET, &address->sin_addr, text4, sizeof text4);
        }
      else if (one->ifa_addr->sa_family == AF_INET6 && text6[0] == '\0')
        {
          const struct sockaddr_in6 *address
              = (const struct sockaddr_in6 *)(const void *)one->ifa_addr;
          if (!IN6_IS_ADDR_LINKLOCAL (&address->sin6_addr))
            inet_ntop (AF_INET6, &address->sin6_addr, text6, sizeof text6);
        }
    }
  freeifaddrs (list);
  if (text4[0] != '\0')
    return g_strdup (text4);
  return text6[0] != '\0' ? g_strdup (text6) : NULL;
}

/* agetty(8), "ISSUE ESCAPES": a backslash begins one. */
gboolean
lodge_outcome_write_issue (const char *root, const char *line, const char *interface,
                           const char *address, GError **error)
{
  g_autofree char *path = g_build_filename (root[0] ? root : "/", "etc/issue.d/lodge.issue", NULL);
  g_autoptr (GString) text = g_string_new (line);

  g_string_replace (text, "\\", "\\\\", 0);
  if (interface != NULL && address != NULL)
    {
      g_autofree char *escape
          = g_strdup_printf ("\\%c{%s}", strchr (address, ':') != NULL ? '6' : '4', interface);
      g_string_replace (text, address, escape, 1);
    }
  g_string_append (text, "\n\n");
  return lodge_file_replace (path, text->str, -1, 0644, error);
}

/* Whoever logs in over SSH sees no console; pam_motd(8) reads the directory. */
gboolean
lodge_outcome_write_motd (const char *root, const char *line, GError **error)
{
  g_autofree char *directory = g_build_filename (root[0] ? root : "/", "etc/motd.d", NULL);
  g_autofree char *path = g_build_filename (directory, "lodge", NULL);
  g_autofree char *text = g_strconcat (line, "\nMore: lodge-firstboot status\n", NULL);

  if (g_mkdir_with_parents (directory, 0755) != 0)
    return lodge_error_set_errno (error, errno, "make the directory %s", directory);
  return lodge_file_replace (path, text, -1, 0644, error);
}
