/* answers.conf: good and bad files, one host of many, what is printed, and the manual.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tests/fixtures/answers: good-NAME.conf must give good-NAME.expected, the canonical form;
 * bad-NAME.conf says in its first line, behind "# ", with which message it must be refused.
 */
#include "common/answers-table.h"
#include "common/error.h"
#include "tests/unit/answers-fixtures.h"

#include <string.h>

/* Compares TEXT with the golden file NAME, or writes that. */
static void
assert_golden (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture (name);
  g_autofree char *expected = NULL;

  if (g_getenv ("LODGE_UPDATE_GOLDEN") != NULL)
    {
      lodge_file_replace (path, text, -1, 0644, &error);
      g_assert_no_error (error);
    }
  expected = read_fixture (name, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_good (gconstpointer data)
{
  const char *name = data;
  gsize length;
  g_autofree char *text = read_fixture (name, &length);
  g_autofree char *canonical = parse_and_format (text, length, NULL);
  g_autofree char *base = g_strndup (name, strlen (name) - strlen (".conf"));
  g_autofree char *expected = g_strconcat (base, ".expected", NULL);

  assert_golden (expected, canonical);
}

static void
test_bad (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *name = data;
  gsize length;
  g_autofree char *text = read_fixture (name, &length);
  char *end = strchr (text, '\n');
  g_autofree char *expected = NULL;

  g_assert_true (g_str_has_prefix (text, "# "));
  g_assert_nonnull (end);
  expected = g_strdup_printf ("F:%.*s", (int)(end - text - 2), text + 2);
  g_assert_null (lodge_answers_parse ("F", text, length, NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, expected);
}

/* --- one host of many --- */

static void
test_hosts (void)
{
  static const struct
  {
    const char *macs;
    const char *serial;
    const char *uuid;
    guint matches;
    const char *golden;
  } hosts[] = {
    { "52:54:00:00:00:01", NULL, NULL, 1, "good-classroom-seat1.expected" },
    { "02:00:00:00:00:01 52:54:00:00:00:02", "other", NULL, 1, "good-classroom-seat2.expected" },
    { "52:54:00:00:00:01", "ABC 123", NULL, 2, "good-classroom-repaired.expected" },
    { "52:54:00:00:00:03", "DEF", "4c4c4544-0042-4a10-8056-b4c04f4e3132", 1,
      "good-classroom-teacher.expected" },
  };
  g_autofree char *path = fixture ("good-classroom.conf");

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeHostIdentity) host = g_new0 (LodgeHostIdentity, 1);
      g_autoptr (LodgeAnswers) answers = NULL;
      g_autofree char *text = NULL;

      host->macs = g_strsplit (hosts[i].macs, " ", -1);
      host->serial = g_strdup (hosts[i].serial);
      host->uuid = g_strdup (hosts[i].uuid);
      answers = lodge_answers_load (path, host, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (answers->source, ==, path);
      text = lodge_answers_format (answers, TRUE);
      assert_golden (hosts[i].golden, text);
      g_assert_cmpuint (lodge_answers_count_matches (path, host, &error), ==, hosts[i].matches);
      g_assert_no_error (error);
    }
}

/* A host that no section names gets the room's part, which lacks the address. */
static void
test_host_not_named (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture ("good-classroom.conf");
  g_autofree char *expected
      = g_strdup_printf ("%s:14: ipv4=static needs an address=, such as 192.0.2.10/24", path);
  g_autoptr (LodgeHostIdentity) host = g_new0 (LodgeHostIdentity, 1);

  g_assert_null (lodge_answers_load (path, host, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  /* Counting needs no contradiction to be absent: it tells whether the host is named at all. */
  g_assert_cmpuint (lodge_answers_count_matches (path, host, &error), ==, 0);
  g_assert_no_error (error);
}

/* Contradictions of the host's own combination, with the line where they come from. */
static void
test_host_contradiction (void)
{
  static const struct
  {
    const char *text;
    const char *message; /* for the host, NULL: none */
  } cases[] = {
    { "[network]\nipv4=static\naddress=192.0.2.10/24\n"
      "[match mac=52:54:00:00:00:01]\nnetwork.gateway=198.51.100.1\n",
      "F:5: the gateway 198.51.100.1 is outside the network of the address 192.0.2.10/24, so it "
      "cannot "
      "be reached" },
    { "[match mac=52:54:00:00:00:01]\nnetwork.address=\n"
      "[network]\nipv4=static\naddress=192.0.2.10/24\n",
      "F:4: ipv4=static needs an address=, such as 192.0.2.10/24" },
    { "[match mac=52:54:00:00:00:01]\nnetwork.port=name:eno1;name:eno2\n",
      "F:2: several ports are named without bond=: name one, or add bond=active-backup" },
    /* Another host's contradiction does not keep this one from being set up. */
    { "[match mac=52:54:00:00:00:02]\nnetwork.port=name:eno1;name:eno2\n", NULL },
    /* Another host's mistake does. */
    { "[match mac=52:54:00:00:00:02]\nnetwork.vlan=no\n",
      "F:2: vlan: \"no\" is not a whole number (expected a VLAN number from 1 to 4094)" },
    { "[storage]\ndisks=serial:S1\n[match mac=52:54:00:00:00:01]\nstorage.disks=\n"
      "storage.layout=none\n",
      NULL },
  };
  char *macs[] = { (char *)"52:54:00:00:00:01", NULL };
  LodgeHostIdentity host = { .macs = macs };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeAnswers) answers
          = lodge_answers_parse ("F", cases[i].text, strlen (cases[i].text), &host, &error);

      if (cases[i].message == NULL)
        {
          g_assert_no_error (error);
          g_assert_nonnull (answers);
          continue;
        }
      g_assert_null (answers);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

/* --- writing --- */

static void
test_secrets (void)
{
  static const char text[] = "[access]\nroot-password-hash=$5$saltsalt$IptEAbkkzbA7Xnn2KwiABlj9R9DU"
                             "56ECWQWT2p9NXlD\nssh-password-login=yes\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAnswers) answers = lodge_answers_parse ("F", text, strlen (text), NULL, &error);
  g_autofree char *with = NULL;
  g_autofree char *without = NULL;
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  with = lodge_answers_format (answers, TRUE);
  g_assert_cmpstr (with, ==, text);
  without = lodge_answers_format (answers, FALSE);
  g_assert_cmpstr (without, ==,
                   "[access]\n# root-password-hash= was given and is left out here\n"
                   "ssh-password-login=yes\n");
  again = parse_and_format (without, strlen (without), NULL);
  g_assert_cmpstr (again, ==, "[access]\nssh-password-login=yes\n");
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_answers_load ("/no/such/answers.conf", NULL, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpuint (lodge_answers_count_matches ("/no/such/answers.conf", NULL, &error), ==, 0);
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
}

/* --- the manual --- */

/* The manual describes exactly the keys of the table, each in its section and in its order. */
static void
test_manual (void)
{
  const char *top = g_getenv ("LODGE_TOP");
  g_autofree char *path
      = g_build_filename (top != NULL ? top : ".", "docs", "answers.conf.5", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = lodge_file_read (path, 1024 * 1024, NULL, &error);
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) documented = g_string_new (NULL);
  g_autoptr (GString) known = g_string_new (NULL);
  g_autofree char *section = g_strdup ("");
  gsize count;
  const LodgeAnswerKey *rows = lodge_answer_keys (&count);

  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], ".Ss ["))
      {
        g_free (section);
        section = g_strndup (lines[i] + 5, strcspn (lines[i] + 5, "]"));
      }
    else if (g_str_has_prefix (lines[i], ".It Cm "))
      g_string_append_printf (documented, "%s.%.*s\n", section, (int)strcspn (lines[i] + 7, " "),
                              lines[i] + 7);
  for (gsize i = 0; i < count; i++)
    g_string_append_printf (known, "%s.%s\n", rows[i].section, rows[i].key);
  g_assert_cmpstr (documented->str, ==, known->str);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) good = list_fixtures ("good-");
  g_autoptr (GPtrArray) bad = list_fixtures ("bad-");

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < good->len; i++)
    {
      g_autofree char *path = g_strconcat ("/answers/", (char *)g_ptr_array_index (good, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (good, i), test_good);
    }
  for (guint i = 0; i < bad->len; i++)
    {
      g_autofree char *path = g_strconcat ("/answers/", (char *)g_ptr_array_index (bad, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (bad, i), test_bad);
    }
  g_test_add_func ("/answers/hosts", test_hosts);
  g_test_add_func ("/answers/host-not-named", test_host_not_named);
  g_test_add_func ("/answers/host-contradiction", test_host_contradiction);
  g_test_add_func ("/answers/secrets", test_secrets);
  g_test_add_func ("/answers/missing-file", test_missing_file);
  g_test_add_func ("/answers/manual", test_manual);
  return g_test_run ();
}
