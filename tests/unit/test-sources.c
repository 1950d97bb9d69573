/* Where answers come from: kernel command line, credential, VMware's variables, web server.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The partition LODGE needs a block device: the boot tests try it.
 */
#include "common/error.h"
#include "firstboot/answer-sources.h"
#include "tests/unit/web-server.h"

#include <glib/gstdio.h>

static void
set_up_host (Fixture *fixture, gconstpointer data)
{
  set_up (fixture, data);
  put_file (fixture->root, "proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz quiet lodge.answer=no\n");
}

/* What the sources give: "nothing", "off", "NAME: TEXT" or "error: MESSAGE". */
static char *
ask (const Fixture *fixture)
{
  LodgeSourceContext context = { .root = fixture->root };
  g_auto (LodgeAnswerText) text = { 0 };
  g_autoptr (GError) error = NULL;

  switch (lodge_answer_sources_read (&context, &text, &error))
    {
    case LODGE_SOURCE_NOTHING:
      g_assert_no_error (error);
      return g_strdup ("nothing");
    case LODGE_SOURCE_OFF:
      g_assert_no_error (error);
      return g_strdup ("off");
    case LODGE_SOURCE_FOUND:
      g_assert_no_error (error);
      g_assert_cmpuint (text.length, ==, strlen (text.text));
      return g_strdup_printf ("%s: %s", text.name, text.text);
    case LODGE_SOURCE_ERROR:
      return g_strdup_printf ("error: %s", error->message);
    }
  g_assert_not_reached ();
}

static void
expect (const Fixture *fixture, const char *command_line, const char *expected)
{
  g_autofree char *answer = NULL;

  put_file (fixture->root, "proc/cmdline", command_line);
  answer = ask (fixture);
  g_assert_cmpstr (answer, ==, expected);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = ask (fixture);

  (void)data;
  g_assert_cmpstr (answer, ==, "nothing");
}

static void
test_command_line (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put_file (fixture->root, "etc/answers one.conf", "1");
  put_file (fixture->root, "etc/two.conf", "2");
  expect (fixture, "lodge.answers=off\n", "off");
  expect (fixture, "quiet lodge.answers=\n", "nothing");
  expect (fixture, "quiet lodge.answers=/etc/two.conf ro", "/etc/two.conf: 2");
  expect (fixture, "quiet lodge.answers=off lodge.answers=/etc/two.conf", "/etc/two.conf: 2");
  expect (fixture, "lodge.answers=\"/etc/answers one.conf\" x", "/etc/answers one.conf: 1");
  expect (fixture, "\"lodge.answers=/etc/answers one.conf\" x", "/etc/answers one.conf: 1");
  expect (fixture, "lodge.answers=two.conf",
          "error: the kernel command line: lodge.answers=two.conf is none of: an https:// URL, an "
          "absolute path, off");
  expect (fixture, "lodge.answers=http://127.0.0.1/a",
          "error: the kernel command line: lodge.answers=: \"http://127.0.0.1/a\" is refused: over "
          "http:// anyone on the way can read and change what is sent; use https://, and a "
          "fingerprint when the certificate is the server's own");
}

/* A file that was named and is not there is an error, not a reason to look elsewhere. */
static void
test_missing_path (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = NULL;

  (void)data;
  put_file (fixture->root, "run/credentials/@system/lodge.answers", "credential");
  put_file (fixture->root, "proc/cmdline", "lodge.answers=/etc/none.conf");
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the kernel command line: "));
  g_assert_nonnull (strstr (answer, "/etc/none.conf: No such file or directory"));
}

static void
test_credential (Fixture *fixture, gconstpointer data)
{
  (void)data;
  put_file (fixture->root, "run/credentials/@system/lodge.answers", "[host]\n");
  expect (fixture, "quiet", "credential lodge.answers: [host]\n");
  /* The command line comes first. */
  expect (fixture, "lodge.answers=off", "off");
}

static void
test_too_long (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1024 * 1024 + 1, '#');
  g_autofree char *answer = NULL;

  (void)data;
  put_file (fixture->root, "run/credentials/@system/lodge.answers", text);
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the systemd credential lodge.answers: "));
}

static void
test_url (Fixture *fixture, gconstpointer data)
{
  g_auto (Server) server = { 0 };
  g_autofree char *line = NULL;
  g_autofree char *expected = NULL;

  (void)data;
  if (!server_start (fixture, &server))
    return;
  put_file (fixture->root, "response",
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n[host]\n");
  line = g_strdup_printf ("lodge.answers=%s lodge.answers-fingerprint=%s", server.url,
                          server.fingerprint);
  expected = g_strconcat (server.url, ": [host]\n", NULL);
  expect (fixture, line, expected);
  assert_request (fixture, "GET /answers.conf HTTP/1.1\r\n");

  /* With its identity, in messages without. */
  put_file (fixture->root, "sys/class/dmi/id/product_serial", "A&B=#1 \303\266\n");
  put_file (fixture->root, "sys/class/dmi/id/product_uuid",
            "4C4C4544-0042-4A10-8056-B4C04F4E3132\n");
  expect (fixture, line, expected);
  assert_request (fixture, "GET /answers.conf?serial=A%26B%3D%231%20%C3%B6"
                           "&uuid=4c4c4544-0042-4a10-8056-b4c04f4e3132 HTTP/1.1\r\n");
}

static void
test_url_for_host (Fixture *fixture, gconstpointer data)
{
  char *macs[] = { (char *)"52:54:00:00:00:01", (char *)"52:54:00:00:00:02", NULL };
  char *none[] = { NULL };
  static const char *const urls[][2] = {
    { "https://a.test", "https://a.test?" },
    { "https://a.test/b", "https://a.test/b?" },
    { "https://a.test/b?", "https://a.test/b?" },
    { "https://a.test/b?room=5", "https://a.test/b?room=5&" },
    { "https://a.test/b?room=5&", "https://a.test/b?room=5&" },
  };
  LodgeHostIdentity identity = { .macs = macs, .serial = (char *)"100%/+?" };
  LodgeHostIdentity nobody = { .macs = none };

  (void)fixture, (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *url = lodge_source_url_for_host (urls[i][0], &identity);
      g_autofree char *same = lodge_source_url_for_host (urls[i][0], &nobody);
      g_autofree char *expected
          = g_strconcat (urls[i][1],
                         "mac=52%3A54%3A00%3A00%3A00%3A01&mac=52%3A54%3A00%3A00%3A00%3A02"
                         "&serial=100%25%2F%2B%3F",
                         NULL);

      g_assert_cmpstr (url, ==, expected);
      g_assert_cmpstr (same, ==, urls[i][0]);
    }
}

/* --- VMware --- */

/* open-vm-tools as far as the source knows it: VARIABLES is a shell's case list. */
static void
write_tool (const Fixture *fixture, const char *path, const char *variables)
{
  g_autofree char *full = g_strconcat (fixture->root, path, NULL);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\n"
                                             "[ \"$1\" != --cmd ] || shift\n"
                                             "[ $# -eq 1 ] || exit 9\n"
                                             "case $1 in\n%s\n"
                                             "*) echo 'No value found' >&2; exit 1;;\n"
                                             "esac\n",
                                             variables);

  put_file (fixture->root, path, script);
  g_assert_cmpint (g_chmod (full, 0700), ==, 0);
}

#define ANSWERS_CASE "'info-get guestinfo.lodge.answers') printf '[host]\\nhostname=a\\n';;"

static void
test_guestinfo (Fixture *fixture, gconstpointer data)
{
  static const char *const programs[] = { "/usr/bin/vmtoolsd", "/usr/bin/vmware-rpctool" };

  (void)data;
  write_tool (fixture, programs[0], ANSWERS_CASE);
  /* Not on VMware: nobody is asked. */
  expect (fixture, "quiet", "nothing");
  put_file (fixture->root, "sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  expect (fixture, "quiet", "guestinfo.lodge.answers: [host]\nhostname=a");
  /* Others are asked before it. */
  expect (fixture, "lodge.answers=off", "off");
  /* The one that is made for it is asked first. */
  write_tool (fixture, programs[1], "'info-get guestinfo.lodge.answers') echo b;;");
  expect (fixture, "quiet", "guestinfo.lodge.answers: b");
  write_tool (fixture, programs[1], "'info-get guestinfo.lodge.answers') echo;;");
  expect (fixture, "quiet", "nothing");
  write_tool (fixture, programs[1], "'info-get else') echo b;;");
  expect (fixture, "quiet", "nothing");
}

static void
test_guestinfo_encoding (Fixture *fixture, gconstpointer data)
{
#define ENCODED_AS(encoding, text)                                                                 \
  "'info-get guestinfo.lodge.answers') echo " text ";;\n"                                          \
  "'info-get guestinfo.lodge.answers.encoding') echo " encoding ";;"

  (void)data;
  put_file (fixture->root, "sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  write_tool (fixture, "/usr/bin/vmware-rpctool",
              ENCODED_AS ("base64", "W2hvc3RdCmhvc3RuYW1lPWEK"));
  expect (fixture, "quiet", "guestinfo.lodge.answers: [host]\nhostname=a\n");
  write_tool (fixture, "/usr/bin/vmware-rpctool", ENCODED_AS ("rot13", "x"));
  expect (fixture, "quiet",
          "error: the VMware variable guestinfo.lodge.answers: guestinfo.lodge.answers.encoding is "
          "\"rot13\"; expected base64, or nothing for plain text");
}

static void
remember_line (const char *line, gpointer data)
{
  g_free (*(char **)data);
  *(char **)data = g_strdup (line);
}

static void
test_guestinfo_failures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *answer = NULL;
  g_autofree char *line = NULL;
  const LodgeWatcher watcher = { .tell = remember_line, .data = &line };
  const LodgeSourceContext context = { .root = fixture->root, .watcher = &watcher };
  g_auto (LodgeAnswerText) text = { 0 };

  (void)data;
  put_file (fixture->root, "sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
  /* Without open-vm-tools it is told of, and the next source is asked. */
  g_assert_cmpint (lodge_answer_sources_read (&context, &text, NULL), ==, LODGE_SOURCE_NOTHING);
  g_assert_nonnull (strstr (line, "open-vm-tools is not installed"));
  write_tool (fixture, "/usr/bin/vmware-rpctool",
              "*answers) echo 'Failed to send message to the host' >&2; exit 1;;");
  answer = ask (fixture);
  g_assert_true (g_str_has_prefix (answer, "error: the VMware variable guestinfo.lodge.answers: "));
  g_assert_true (g_str_has_suffix (answer, ": Failed to send message to the host"));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/sources/nothing", test_nothing },
    { "/sources/command-line", test_command_line },
    { "/sources/missing-path", test_missing_path },
    { "/sources/credential", test_credential },
    { "/sources/too-long", test_too_long },
    { "/sources/guestinfo", test_guestinfo },
    { "/sources/guestinfo-encoding", test_guestinfo_encoding },
    { "/sources/guestinfo-failures", test_guestinfo_failures },
    { "/sources/url", test_url },
    { "/sources/url-for-host", test_url_for_host },
  };

  g_test_init (&argc, &argv, NULL);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up_host, tests[i].test, tear_down);
  return g_test_run ();
}
