/* What dnf prints, understood: real output of dnf 4.14 (Debian 12), and dnf 5's by its sources.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/dnf-output.h"
#include "common/error.h"

#include <string.h>

static const char dnf4[]
    = "Dependencies resolved.\n"
      "================================================================================\n"
      " Package                                   Arch   Version            Repo\n"
      "                                                                            Size\n"
      "================================================================================\n"
      "Installing:\n"
      " hello                                     x86_64 1-1                loc  5.4 k\n"
      " libfoo-long-package-name-with-very-many-letters-indeed\n"
      "                                           x86_64 3:1.2_verylong-1   loc  5.7 k\n"
      "Installing dependencies:\n"
      " basesystem                                noarch 11-13.el9          baseos 8.0 k\n"
      "\n"
      "Transaction Summary\n"
      "================================================================================\n"
      "Install  3 Packages\n"
      "\n"
      "Total size: 11 k\n";

static const char dnf5[] = "Package        Arch   Version          Repository      Size\n"
                           "Installing:\n"
                           " hello         x86_64 0:1-1            loc          5.4 KiB\n"
                           "Installing dependencies:\n"
                           " basesystem    noarch 0:11-13.el10     baseos       0.0   B\n"
                           "\n"
                           "Transaction Summary:\n"
                           " Installing:         2 packages\n";

static void
check_item (const GPtrArray *items, guint index, const char *name, const char *architecture,
            const char *version, const char *repository)
{
  const LodgeDnfItem *item = g_ptr_array_index (items, index);

  g_assert_cmpstr (item->name, ==, name);
  g_assert_cmpstr (item->architecture, ==, architecture);
  g_assert_cmpstr (item->version, ==, version);
  g_assert_cmpstr (item->repository, ==, repository);
}

static void
test_transaction (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) four = lodge_dnf_parse_transaction (dnf4, &error);
  g_autoptr (GPtrArray) five = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (four->len, ==, 3);
  check_item (four, 0, "hello", "x86_64", "1-1", "loc");
  check_item (four, 1, "libfoo-long-package-name-with-very-many-letters-indeed", "x86_64",
              "3:1.2_verylong-1", "loc");
  check_item (four, 2, "basesystem", "noarch", "11-13.el9", "baseos");
  five = lodge_dnf_parse_transaction (dnf5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (five->len, ==, 2);
  check_item (five, 1, "basesystem", "noarch", "0:11-13.el10", "baseos");
}

/* A row that is not understood must not vanish. */
static void
test_transaction_refused (void)
{
  g_auto (GStrv) parts = g_strsplit (dnf4, "x86_64 1-1 ", 2);
  g_autofree char *broken = g_strjoinv ("riscv64 1-1 ", parts);
  const char *const texts[] = { "", "Nothing to do.\n", broken };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (lodge_dnf_parse_transaction (texts[i], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
    }
}

/* Lines as they were seen (research: what dnf 4.14 says of each fault). */
static void
test_explain (void)
{
  static const struct
  {
    const char *output;
    LodgeDnfFailure failure;
    const char *sentence; /* a part of it */
  } cases[] = {
    { "Package \"bash-5.2-1.x86_64\" from local repository \"baseos\" has incorrect checksum\n",
      LODGE_DNF_UNTRUSTED, "the package bash-5.2-1.x86_64 is not the one" },
    { "Problem opening package bash-5.2-1.x86_64.rpm\nError: GPG check FAILED\n",
      LODGE_DNF_UNTRUSTED, "bash-5.2-1.x86_64.rpm is damaged" },
    { "Package bash-5.2-1.x86_64.rpm is not signed\nError: GPG check FAILED\n", LODGE_DNF_UNTRUSTED,
      "bash-5.2-1.x86_64.rpm is not signed" },
    { "Import of key(s) didn't help, wrong key(s)?\nPublic key for bash-5.2-1.x86_64.rpm is not "
      "installed. Failing package is: bash\nError: GPG check FAILED\n",
      LODGE_DNF_UNTRUSTED, "bash-5.2-1.x86_64.rpm is signed with a key" },
    { "Error: Failed to download metadata for repo 'baseos': repomd.xml GPG signature verification "
      "error: Bad GPG signature\n",
      LODGE_DNF_UNTRUSTED, "the repository baseos cannot be trusted" },
    { "Error: Failed to download metadata for repo 'baseos': GPG verification is enabled, but GPG "
      "signature is not available. This may be an error or the repository does not support GPG "
      "verification: Status code: 404 for http://localhost/repomd.xml.asc\n",
      LODGE_DNF_UNTRUSTED, "its repomd.xml is not signed" },
    { "Curl error (7): Couldn't connect to server for http://localhost:1/ [Failed to connect]\n",
      LODGE_DNF_UNREACHABLE, "Couldn't connect" },
    { "Status code: 404 for http://localhost/a/repomd.xml (IP: 127.0.0.1)\n", LODGE_DNF_MISSING,
      "the server does not have http://localhost/a/repomd.xml" },
    { "[MIRROR] less-1-1.noarch.rpm: Interrupted by header callback: Inconsistent server data, "
      "reported file Content-Length: 100000, repository metadata states file length: 313427 "
      "(please report to repository maintainer)\n",
      LODGE_DNF_MISSING, "the file less-1-1.noarch.rpm came incomplete" },
    { "Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: "
      "Curl "
      "error (6): Couldn't resolve host name for https://mirrors.invalid/a [Could not resolve "
      "host: "
      "mirrors.invalid]\n",
      LODGE_DNF_UNREACHABLE, "Couldn't resolve host name" },
    { "Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: "
      "Status code: 503 for https://mirrors.invalid/a (IP: 127.0.0.1)\n",
      LODGE_DNF_UNREACHABLE, "Status code: 503 for https://mirrors.invalid/a" },
    { "Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: "
      "Status code: 404 for https://mirrors.invalid/a (IP: 127.0.0.1)\n",
      LODGE_DNF_MISSING, "the server does not have https://mirrors.invalid/a (status 404)" },
    { "Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: "
      "No "
      "URLs in mirrorlist\n",
      LODGE_DNF_OTHER, "the list of mirrors of baseos cannot be used: No URLs in mirrorlist" },
    { ">>> Librepo error: Cannot prepare internal mirrorlist: No URLs in mirrorlist\n",
      LODGE_DNF_OTHER, "a list of mirrors cannot be used: No URLs in mirrorlist" },
    { "No match for argument: nonsense\nError: Unable to find a match: nonsense\n", LODGE_DNF_OTHER,
      "there is no package nonsense" },
    { "  - nothing provides /bin/sh needed by systemd-257-1.x86_64 from baseos\n", LODGE_DNF_OTHER,
      "systemd-257-1.x86_64 needs /bin/sh" },
    { "At least 647MB more space needed on the / filesystem.\n", LODGE_DNF_FULL, "647MB" },
    { "Error: something new\n", LODGE_DNF_OTHER, "something new" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = NULL;

      g_assert_cmpint (lodge_dnf_explain (cases[i].output, &sentence), ==, cases[i].failure);
      g_test_message ("%s", sentence);
      g_assert_nonnull (strstr (sentence, cases[i].sentence));
    }
}

static void
test_lies (void)
{
  static const struct
  {
    const char *line;
    const char *sentence; /* a part of it; NULL: no lie */
  } cases[] = {
    { "Error in POSTTRANS scriptlet in rpm package kernel-core",
      "POSTTRANS of the package kernel-core" },
    { "warning: %posttrans(kernel-core-6.1-1.x86_64) scriptlet failed, exit status 1",
      "%posttrans of the package kernel-core-6.1-1.x86_64" },
    /* dnf 5 (dnf5/context.cpp; the second, third and sixth as in dnf5 issues 2507 and 462). */
    { ">>> Error in %pre scriptlet: kernel-core-0:6.12.0-1.el10.x86_64",
      "the script %pre of the package kernel-core-0:6.12.0-1.el10.x86_64 failed" },
    { ">>> Non-critical error in %post scriptlet: Package-post-fail-0:1.0-1.x86_64",
      "the script %post of the package Package-post-fail-0:1.0-1.x86_64 failed" },
    { ">>> [RPM] lua script failed: [string \"%post(Package-post-fail-0:1.0-1.x86_64)\"]:1: "
      "failing "
      "on post scriptlet",
      "the script %post of the package Package-post-fail-0:1.0-1.x86_64 failed" },
    { ">>> [RPM] %posttrans(kernel-core-6.12.0-1.el10.x86_64) scriptlet failed, exit status 1",
      "the script %posttrans of the package kernel-core-6.12.0-1.el10.x86_64 failed" },
    { ">>> Error in post-install scriptlet: setup-0:2.14.3-2.fc38.noarch return code 1",
      "the script post-install of the package setup-0:2.14.3-2.fc38.noarch failed" },
    { ">>> Unpack errro: filesystem-0:3.18-3.fc38.x86_64",
      "the package filesystem-0:3.18-3.fc38.x86_64 could not be unpacked" },
    { ">>> Unpack error: bash-0:5.2-1.x86_64", "bash-0:5.2-1.x86_64 could not be unpacked" },
    { ">>> Cpio error: bash-0:5.2-1.x86_64", "bash-0:5.2-1.x86_64 could not be unpacked" },
    { ">>> [RPM] unpacking of archive failed on file /proc: cpio: chown failed - Device or "
      "resource "
      "busy",
      "could not be unpacked: /proc" },
    { ">>> [RPM] bash-5.2-1.x86_64: install failed", "bash-5.2-1.x86_64 was not installed" },
    { ">>> [RPM] user tss does not exist - using root", "no owner" },
    { ">>> Running %post scriptlet: bash-0:5.2-1.x86_64", NULL },
    { ">>> Finished %post scriptlet: bash-0:5.2-1.x86_64", NULL },
    { ">>> Scriptlet output:", NULL },
    { ">>> Created symlink /etc/systemd/system/a.service", NULL },
    { ">>> [RPM] /etc/x created as /etc/x.rpmnew", NULL },
    { "warning: user tss does not exist - using root", "no owner" },
    { "  Installing       : bash-5.2-1.x86_64    1/2", NULL },
    { "warning: /etc/x created as /etc/x.rpmnew", NULL },
    { "Complete!", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = lodge_dnf_find_lie (cases[i].line);

      if (cases[i].sentence == NULL)
        g_assert_null (sentence);
      else
        g_assert_nonnull (strstr (sentence, cases[i].sentence));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dnf-output/transaction", test_transaction);
  g_test_add_func ("/dnf-output/transaction-refused", test_transaction_refused);
  g_test_add_func ("/dnf-output/explain", test_explain);
  g_test_add_func ("/dnf-output/lies", test_lies);
  return g_test_run ();
}
