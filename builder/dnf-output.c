/* The words of dnf and rpm.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/dnf-output.h"

#include <string.h>

#include "common/error.h"

/* --- the table of a transaction --- */

static void
item_free (gpointer data)
{
  LodgeDnfItem *item = data;

  g_free (item->name);
  g_free (item->architecture);
  g_free (item->version);
  g_free (item->repository);
  g_free (item);
}

/* The rows below headings "Installing…:", joined with blanks. */
static char *
join_rows (const char *output)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  GString *rows = g_string_new (NULL);
  gboolean installing = FALSE;

  for (char **line = lines; *line != NULL; line++)
    {
      if (g_str_has_prefix (*line, "Transaction Summary"))
        break;
      if (g_str_has_suffix (g_strchomp (*line), ":"))
        installing = g_str_has_prefix (*line, "Installing");
      else if (installing)
        g_string_append_printf (rows, "%s ", g_strchug (*line));
    }
  return g_string_free (rows, FALSE);
}

/* "Install  61 Packages" of dnf 4, " Installing:  61 packages" of dnf 5; -1 when there is none. */
static gint64
read_count (const char *output)
{
  const char *summary = strstr (output, "Transaction Summary");
  g_autoptr (GRegex) regex
      = g_regex_new ("^\\s*Install(?:ing:)?\\s+([0-9]+) [Pp]ackages?", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *count = NULL;

  if (summary == NULL || !g_regex_match (regex, summary, 0, &match))
    return -1;
  count = g_match_info_fetch (match, 1);
  return g_ascii_strtoll (count, NULL, 10);
}

GPtrArray *
lodge_dnf_parse_transaction (const char *output, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);
  g_autofree char *rows = join_rows (output);
  /* name, architecture, version, repository, size with its unit */
  g_autoptr (GRegex) regex
      = g_regex_new ("(\\S+)\\s+(x86_64|noarch|i686)\\s+(\\S+-\\S+)\\s+(\\S+)\\s+[0-9.]+"
                     "(?:\\s+[kKMGT]?i?B?)?(?=\\s)",
                     0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  gint64 count = read_count (output);

  for (g_regex_match (regex, rows, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      LodgeDnfItem *item = g_new (LodgeDnfItem, 1);

      item->name = g_match_info_fetch (match, 1);
      item->architecture = g_match_info_fetch (match, 2);
      item->version = g_match_info_fetch (match, 3);
      item->repository = g_match_info_fetch (match, 4);
      g_ptr_array_add (items, item);
    }
  if (items->len > 0 && count == (gint64)items->len)
    return g_steal_pointer (&items);
  lodge_error_set (error, LODGE_ERROR_FAILED,
                   "dnf's list of packages cannot be understood: %u rows, while it speaks of "
                   "%" G_GINT64_FORMAT " packages",
                   items->len, count);
  return NULL;
}

/* --- failures --- */

typedef struct
{
  const char *pattern;
  LodgeDnfFailure failure;
  const char *sentence; /* with \1 and \2 from the pattern */
} Explanation;

/* The first row that matches anywhere counts: the exact ones come first. */
static const Explanation explanations[] = {
  { "No space left on device", LODGE_DNF_FULL, "no space is left on the device" },
  { "At least ([0-9]+ ?[KMG]B) more space needed on the (\\S+) filesystem", LODGE_DNF_FULL,
    "the packages need \\1 more space" },
  { "Package \"?(\\S+?)\"? from \\S+ repository \"(\\S+)\" has incorrect checksum",
    LODGE_DNF_UNTRUSTED,
    "the package \\1 is not the one that the signed package list of \\2 names: its checksum "
    "differs" },
  { "Problem opening package (\\S+)", LODGE_DNF_UNTRUSTED,
    "the package \\1 is damaged or was tampered with: its signature does not fit" },
  { "Package (\\S+) is not signed", LODGE_DNF_UNTRUSTED, "the package \\1 is not signed" },
  { "Public key for (\\S+) is not installed", LODGE_DNF_UNTRUSTED,
    "the package \\1 is signed with a key that the template does not trust" },
  { "'(\\S+)'[^\\n]*Bad GPG signature", LODGE_DNF_UNTRUSTED,
    "the repository \\1 cannot be trusted: the signature of its repomd.xml is not good" },
  { "Bad GPG signature|Bad PGP signature", LODGE_DNF_UNTRUSTED,
    "the repository cannot be trusted: the signature of its repomd.xml is not good" },
  { "repo(?:sitory)?:? '?([A-Za-z0-9_-]+)'?[^\\n]*GPG signature verification error: Signing key "
    "not found",
    LODGE_DNF_UNTRUSTED,
    "the repository \\1 cannot be trusted: its repomd.xml is signed with a key that the template "
    "does "
    "not trust" },
  { "repo '(\\S+)'[^\\n]*GPG verification is enabled, but GPG signature is not available",
    LODGE_DNF_UNTRUSTED, "the repository \\1 cannot be trusted: its repomd.xml is not signed" },
  { "GPG signature is not available", LODGE_DNF_UNTRUSTED,
    "the repository cannot be trusted: its repomd.xml is not signed" },
  { "repo '(\\S+?)'[^\\n]*(?:GPG|PGP|signature)", LODGE_DNF_UNTRUSTED,
    "the repository \\1 cannot be trusted: its repomd.xml has no good signature by a key of the "
    "template" },
  { "Downloading successful, but checksum doesn't match", LODGE_DNF_UNTRUSTED,
    "what was downloaded is not what the signed metadata names: its checksum differs" },
  { "(?:Unable to find a match|No match for argument): ([^\\n]+)", LODGE_DNF_OTHER,
    "there is no package \\1 in the repositories" },
  { "nothing provides ([^\\n]+?) needed by ([^\\n ]+)", LODGE_DNF_OTHER,
    "\\2 needs \\1, which no package in the repositories provides" },
  { "Curl error \\((?:5|6|7|28|35|56)\\): ([^\\n]+)", LODGE_DNF_UNREACHABLE, "\\1" },
  /* A server that is out of order, unlike one that has no such list or an empty one. */
  { "Cannot prepare internal mirrorlist: (Status code: 5[^\\n]+)", LODGE_DNF_UNREACHABLE, "\\1" },
  { "Status code: (4[0-9][0-9]) for (\\S+)", LODGE_DNF_MISSING,
    "the server does not have \\2 (status \\1)" },
  { "repo '(\\S+?)': Cannot prepare internal mirrorlist: ([^\\n]+)", LODGE_DNF_OTHER,
    "the list of mirrors of \\1 cannot be used: \\2" },
  { "Cannot prepare internal mirrorlist: ([^\\n]+)", LODGE_DNF_OTHER,
    "a list of mirrors cannot be used: \\1" },
  { "Curl error \\(37\\): [^\\n]* for (\\S+)", LODGE_DNF_MISSING, "there is no \\1" },
  { "\\[MIRROR\\] (\\S+): [^\\n]*Inconsistent server data", LODGE_DNF_MISSING,
    "the file \\1 came incomplete" },
  { "Inconsistent server data", LODGE_DNF_MISSING, "a file came incomplete" },
  { "Failed to download metadata for repo '(\\S+?)': ([^\\n]+)", LODGE_DNF_OTHER,
    "the package list of \\1 cannot be had: \\2" },
};

/* The line that says most when nothing is known about it. */
static char *
last_error (const char *output)
{
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  const char *found = "it says nothing about the cause";

  for (char **line = lines; *line != NULL; line++)
    {
      g_strstrip (*line);
      if (g_str_has_prefix (*line, "Error: ") && (*line)[7] != '\0')
        found = *line + 7;
      else if (**line != '\0' && strstr (found, "nothing about") != NULL && line[1] == NULL)
        found = *line;
    }
  return g_strdup (found);
}

LodgeDnfFailure
lodge_dnf_explain (const char *output, char **sentence)
{
  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (explanations[i].pattern, 0, 0, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      if (!g_regex_match (regex, output, 0, &match))
        continue;
      *sentence = g_match_info_expand_references (match, explanations[i].sentence, NULL);
      return explanations[i].failure;
    }
  *sentence = last_error (output);
  return LODGE_DNF_OTHER;
}

/* --- lies --- */

gboolean
lodge_dnf_is_owner_missing (const char *line)
{
  return strstr (line, "does not exist - using root") != NULL;
}

char *
lodge_dnf_find_lie (const char *line)
{
  static const struct
  {
    const char *pattern;
    const char *sentence;
  } lies[] = {
    /* dnf 4: dnf/yum/rpmtrans.py */
    { "^Error in (\\S+) scriptlet in rpm package (\\S+)",
      "the script \\1 of the package \\2 failed" },
    /* dnf 5: RpmTransCB in dnf5/context.cpp; "return code" follows in its first versions.  What is
     * said to be not critical is a failed %post (dnf5 issue 2507). */
    { "^>>> (?:Error|Non-critical error) in (\\S+) scriptlet: (\\S+)",
      "the script \\1 of the package \\2 failed" },
    { "^>>> Unpack err(?:or|ro): (\\S+)", "the package \\1 could not be unpacked" },
    { "^>>> Cpio error: (\\S+)", "the package \\1 could not be unpacked" },
    /* rpm, as it prints it and as dnf 5 repeats it, without the first word. */
    { "(?:warning: |error: |^>>> \\[RPM\\] )(%\\w+)\\((\\S+?)\\) scriptlet failed",
      "the script \\1 of the package \\2 failed" },
    { "lua script failed: \\[string \"(%\\w+)\\((\\S+?)\\)\"\\]",
      "the script \\1 of the package \\2 failed" },
    { "Scriptlet failed.*: (\\S+)", "a script of the package \\1 failed" },
    { "unpacking of archive failed(?: on file (\\S+?))?[;:]",
      "a package could not be unpacked: \\1" },
    { "(?:error: |^>>> \\[RPM\\] )(\\S+): install failed", "the package \\1 was not installed" },
    { "Failed: *$", "a package was not installed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (lies[i].pattern, 0, 0, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      if (g_regex_match (regex, line, 0, &match))
        return g_match_info_expand_references (match, lies[i].sentence, NULL);
    }
  if (lodge_dnf_is_owner_missing (line))
    return g_strdup_printf ("files of a package have no owner (%s)", line);
  return NULL;
}
