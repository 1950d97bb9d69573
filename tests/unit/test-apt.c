/* What apt prints, its configuration, the mirror, package lists, keys: on text and files.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/apt-config.h"
#include "builder/apt-date.h"
#include "builder/apt-index.h"
#include "builder/apt-keyring.h"
#include "builder/apt-memo.h"
#include "builder/apt-mirror.h"
#include "builder/apt-output.h"
#include "builder/apt-private.h"
#include "builder/apt-text.h"
#include "builder/cache.h"
#include "builder/debian-tree.h"
#include "builder/root-check.h"
#include "common/error.h"
#include "tests/unit/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define DIGEST_A "967aa62605721081c3eb2a17650611a792aa802d76a6511d1840242623d204c9"
#define DIGEST_B "5b6825de4263824b78c4c51f6476414f3b4e89c2ab63e81dc8b9b5501e867cf6"

static const char uris[]
    = "Reading package lists...\n"
      "The following NEW packages will be installed:\n"
      "  libc6 gcc-14-base\n"
      "'http://mirror.example/debian/pool/main/g/glibc/libc6_2.41-12%2bdeb13u4_amd64.deb' "
      "libc6_2.41-12+deb13u4_amd64.deb 2846580 SHA256:" DIGEST_A "\n"
      "'http://mirror.example/debian/pool/main/b/bsd/bsdutils_2.41_amd64.deb' "
      "bsdutils_1%3a2.41_amd64.deb 49432 SHA256:" DIGEST_B "\n";

static void
test_uris (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packages = lodge_apt_parse_uris (uris, &error);
  const LodgePackage *first;
  const LodgePackage *second;

  g_assert_no_error (error);
  g_assert_cmpuint (packages->len, ==, 2);
  first = g_ptr_array_index (packages, 0); /* sorted by name */
  second = g_ptr_array_index (packages, 1);
  g_assert_cmpstr (first->name, ==, "bsdutils");
  g_assert_cmpstr (first->version, ==, "1:2.41");
  g_assert_cmpstr (first->architecture, ==, "amd64");
  g_assert_cmpstr (second->name, ==, "libc6");
  g_assert_cmpstr (second->version, ==, "2.41-12+deb13u4");
  g_assert_cmpstr (second->sha256, ==, DIGEST_A);
  g_assert_cmpuint (second->size, ==, 2846580);
  g_assert_cmpstr (
      second->uri, ==,
      "http://mirror.example/debian/pool/main/g/glibc/libc6_2.41-12%2bdeb13u4_amd64.deb");
}

static void
test_bad_uris (void)
{
  static const char *const bad[] = {
    "",
    "Reading package lists...\n",
    "'http://m/a_1_amd64.deb' a_1_amd64.deb 10 MD5Sum:d41d8cd98f00b204e9800998ecf8427e\n",
    "'http://m/a_1_amd64.deb' a_1_amd64.deb 10 SHA256:abc\n",
    "'http://m/a_1_amd64.deb' a_1_amd64.deb x SHA256:" DIGEST_A "\n",
    "'http://m/a_1_amd64.deb' a_1_amd64.deb 0 SHA256:" DIGEST_A "\n",
    "'http://m/a.deb' a.deb 10 SHA256:" DIGEST_A "\n",
    "'http://m/a_1_amd64.deb' a_1_amd64.deb 10\n",
    "'http://m/a_1_amd64.deb a_1_amd64.deb 10 SHA256:" DIGEST_A "\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) packages = lodge_apt_parse_uris (bad[i], &error);

      g_assert_null (packages);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
    }
}

static char *
join (const GPtrArray *names)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, " %s", (char *)g_ptr_array_index (names, i));
  return g_string_free (text, FALSE);
}

static const char simulation[] = "NOTE: This is only a simulation!\n"
                                 "Inst libc6 (2.41 Debian:13/stable [amd64])\n"
                                 "Inst libgcc-s1 (14 Debian:13/stable [amd64]) []\n"
                                 "Conf libc6 (2.41 Debian:13/stable [amd64])\n"
                                 "Inst dash (0.5 Debian:13/stable [amd64])\n"
                                 "Inst adduser (3 Debian:13/stable [all])\n"
                                 "Conf libgcc-s1 (14 Debian:13/stable [amd64])\n"
                                 "Conf dash (0.5 Debian:13/stable [amd64])\n";

static void
test_simulation (void)
{
  g_autoptr (GHashTable) skip = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) whole = lodge_apt_parse_simulation (simulation, NULL);
  g_autoptr (GPtrArray) rest = NULL;
  g_autoptr (GPtrArray) installed = lodge_apt_parse_installed (simulation);
  g_autofree char *installed_text = join (installed);
  static const char *const wanted[]
      = { " libc6 libgcc-s1", " libc6", " dash adduser", " libgcc-s1 dash" };

  g_assert_cmpstr (installed_text, ==, " libc6 libgcc-s1 dash adduser");
  g_assert_cmpuint (whole->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < whole->len; i++)
    {
      const LodgeAptGroup *group = g_ptr_array_index (whole, i);
      g_autofree char *names = join (group->names);

      g_assert_cmpint (group->action, ==, i % 2 == 0 ? LODGE_APT_UNPACK : LODGE_APT_CONFIGURE);
      g_assert_cmpstr (names, ==, wanted[i]);
    }
  /* Groups that become neighbours are one. */
  g_hash_table_add (skip, (gpointer) "libc6");
  rest = lodge_apt_parse_simulation (simulation, skip);
  g_assert_cmpuint (rest->len, ==, 2);
  g_assert_cmpuint (((LodgeAptGroup *)g_ptr_array_index (rest, 0))->names->len, ==, 3);
}

static void
test_order_text (void)
{
  static const char text[] = "base libc6 dash\nunpack a b\nconfigure a\nunpack c\nconfigure b c\n";
  g_autoptr (LodgeAptOrder) order = lodge_apt_order_parse (text);
  g_autoptr (LodgeAptOrder) empty = lodge_apt_order_parse ("");
  g_autofree char *again = lodge_apt_order_format (order);

  g_assert_cmpuint (order->base->len, ==, 2);
  g_assert_cmpuint (order->groups->len, ==, 4);
  g_assert_cmpstr (again, ==, text);
  g_assert_cmpuint (empty->base->len, ==, 0);
  g_assert_cmpuint (empty->groups->len, ==, 0);
}

static void
test_packages_text (void)
{
  g_autoptr (GPtrArray) packages = lodge_apt_parse_uris (uris, NULL);
  g_autofree char *text = lodge_apt_packages_format (packages);
  g_autoptr (GPtrArray) parsed = lodge_apt_packages_parse (text);
  g_autofree char *again = NULL;

  g_assert_nonnull (parsed);
  again = lodge_apt_packages_format (parsed);
  g_assert_cmpstr (again, ==, text);
  g_assert_null (lodge_apt_packages_parse (""));
  g_assert_null (lodge_apt_packages_parse ("a 1 amd64 " DIGEST_A " x 0 http://m/a\n"));
  g_assert_null (lodge_apt_packages_parse ("a 1 amd64\n"));
}

static void
test_status (void)
{
  double percent = -1;

  g_assert_true (lodge_apt_parse_status ("dlstatus:3:88.0390:Retrieving file 3 of 4", &percent));
  g_assert_cmpfloat_with_epsilon (percent, 88.0390, 1e-6);
  g_assert_true (lodge_apt_parse_status ("dlstatus:1:250:x", &percent));
  g_assert_cmpfloat (percent, ==, 100.0);
  g_assert_false (lodge_apt_parse_status ("pmstatus:dpkg:10:Installing", &percent));
  g_assert_false (lodge_apt_parse_status ("Get:1 http://mirror.example/a.deb [1 kB]", &percent));
  g_assert_false (lodge_apt_parse_status ("", &percent));
}

static void
test_explain (void)
{
  static const struct
  {
    const char *output;
    LodgeAptFailure failure;
    const char *words; /* in the sentence */
  } cases[] = {
    { "Err:1 http://m trixie InRelease\n"
      "E: Failed to fetch http://m/dists/trixie/InRelease  Could not connect to m:80 (192.0.2.1). "
      "- "
      "connect (111: Connection refused)\n"
      "E: Some index files failed to download. They have been ignored, or old ones used instead.\n",
      LODGE_APT_UNREACHABLE, "Could not connect to m:80" },
    { "E: Failed to fetch http://m/x  Temporary failure resolving 'm'\n", LODGE_APT_UNREACHABLE,
      "resolving 'm'" },
    { "W: GPG error: http://m trixie InRelease: The following signatures were invalid: BADSIG 1\n"
      "E: The repository 'http://m trixie InRelease' is not signed.\n",
      LODGE_APT_UNTRUSTED, "BADSIG" },
    { "E: The repository 'http://m trixie Release' does not have a Release file.\n",
      LODGE_APT_MISSING, "--mirror" },
    { "E: Failed to fetch http://m/pool/a_1_amd64.deb  Hash Sum mismatch\n"
      "   Hashes of expected file:\n",
      LODGE_APT_UNTRUSTED, "a_1_amd64.deb" },
    { "E: Failed to fetch http://m/pool/a_1_amd64.deb  404  Not Found [IP: 192.0.2.1 80]\n",
      LODGE_APT_MISSING, "try again" },
    { "E: Write error - write (28: No space left on device)\n", LODGE_APT_FULL, "--cache" },
    { "E: Release file for http://m/dists/trixie-security/InRelease is expired (invalid since "
      "3d).\n",
      LODGE_APT_UNTRUSTED, "up to date" },
    { "E: Unable to locate package nonesuch\n", LODGE_APT_OTHER, "nonesuch" },
    { "The following packages have unmet dependencies:\n"
      " a : Depends: b (>= 2) but it is not going to be installed\n"
      "E: Unable to correct problems, you have held broken packages.\n",
      LODGE_APT_OTHER, "a : Depends: b (>= 2)" },
    { "E: something new\n", LODGE_APT_OTHER, "something new" },
    { "", LODGE_APT_OTHER, "apt failed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = NULL;

      g_assert_cmpint (lodge_apt_explain (cases[i].output, &sentence), ==, cases[i].failure);
      g_assert_nonnull (strstr (sentence, cases[i].words));
      g_assert_false (g_str_has_prefix (sentence, "E: "));
      g_assert_null (strchr (sentence, '\n'));
    }
}

/* --- mirror --- */

static void
test_mirror_downloaded (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAptMirror) mirror = lodge_apt_mirror_parse (
      "http://other.example/debian/|stable|main|Docker|Docker CE\n"
      "cdrom://[Debian]/|bookworm|main|Debian|Debian\n"
      "http://m.example/debian/|bookworm-updates|main|Debian|Debian\n"
      "http://m.example/sec/|bookworm-security|main|Debian|Debian-Security\n"
      "http://late.example/debian/|bookworm|main|Debian|Debian\n",
      &error);

  g_assert_no_error (error);
  g_assert_cmpstr (mirror->main, ==, "http://m.example/debian");
  g_assert_cmpstr (mirror->security, ==, "http://m.example/sec");
  g_assert_null (mirror->login);
  g_assert_cmpstr (lodge_apt_mirror_uri (mirror, "trixie-updates"), ==, mirror->main);
  g_assert_cmpstr (lodge_apt_mirror_uri (mirror, "trixie-security"), ==, mirror->security);
}

static void
test_mirror_configured (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAptMirror) mirror = lodge_apt_mirror_parse (
      "https://deb.example/tools/|any|main|$(ORIGIN)|$(LABEL)\n"
      "https://me:s3cret@m.example:8443/debian/|trixie|main|$(ORIGIN)|$(LABEL)\n"
      "https://m.example/debian/|trixie|contrib|$(ORIGIN)|$(LABEL)\n",
      &error);

  g_assert_no_error (error);
  g_assert_cmpstr (mirror->main, ==, "https://m.example:8443/debian");
  g_assert_cmpstr (mirror->security, ==, "https://m.example:8443/debian-security");
  g_assert_cmpstr (mirror->login, ==,
                   "machine https://m.example:8443/debian login me password s3cret\n"
                   "machine https://m.example:8443/debian-security login me password s3cret\n");
}

/* apt takes %XX in a source's URL for the character; in auth.conf it does not. */
static void
test_mirror_login (void)
{
  static const struct
  {
    const char *uri;
    const char *login; /* how its first line ends; NULL: refused */
  } cases[] = {
    { "http://joe:p%40ss%3a%25@m.example/debian", " login joe password p@ss:%\n" },
    { "http://j%6fe:a:b@m.example/debian", " login joe password a:b\n" },
    { "http://joe@m.example/debian", " login joe\n" },
    { "http://joe:a%20b@m.example/debian", NULL },
    { "http://joe:a%00b@m.example/debian", NULL },
    { "http://joe:a%0ab@m.example/debian", NULL },
    { "http://joe:100%@m.example/debian", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeAptMirror) mirror = lodge_apt_mirror_new (cases[i].uri, &error);
      g_autofree char *line = g_strconcat ("machine http://m.example/debian", cases[i].login, NULL);

      if (cases[i].login != NULL)
        {
          g_assert_no_error (error);
          g_assert_true (g_str_has_prefix (mirror->login, line));
          continue;
        }
      g_assert_null (mirror);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_test_message ("%s", error->message);
      g_assert_null (strstr (error->message, "joe"));
    }
}

static void
test_no_mirror (void)
{
  static const char *const targets[]
      = { "", "http://u.example/ubuntu/|noble|main|Ubuntu|Ubuntu\n",
          "http://u.example/ubuntu/|noble|main|$(ORIGIN)|$(LABEL)\n", "nonsense\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeAptMirror) mirror = lodge_apt_mirror_parse (targets[i], &error);

      g_assert_null (mirror);
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "--mirror"));
    }
}

static void
test_mirror_option (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LodgeAptMirror) mirror = lodge_apt_mirror_new ("file:///srv/debian/", &error);
  static const char *const bad[] = { "mirror.example/debian", "/srv/debian", "", "http://a b/c" };

  g_assert_no_error (error);
  g_assert_cmpstr (mirror->main, ==, "file:///srv/debian");
  g_assert_cmpstr (mirror->security, ==, "file:///srv/debian-security");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (lodge_apt_mirror_new (bad[i], &error));
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
      g_clear_error (&error);
    }
}

/* --- configuration --- */

static const char machine[] = "Acquire::http::Proxy \"http://proxy.example:3128\";\n"
                              "Acquire::https::Proxy::m.example \"DIRECT\";\n"
                              "Acquire::Retries \"7\";\n"
                              "Acquire::AllowInsecureRepositories \"true\";\n"
                              "Acquire::Check-Valid-Until \"false\";\n"
                              "Acquire::Languages:: \"de\";\n"
                              "APT::Install-Recommends \"true\";\n"
                              "Dir::Etc::trusted \"/etc/anything.gpg\";\n"
                              "DPkg::Pre-Invoke:: \"rm -rf /\";\n";

/* It is where the distribution has apt's methods. */
static void
test_helper (void)
{
  static const struct
  {
    const char *machine;
    const char *helper;
  } cases[] = {
    { "Dir::Bin \"\";\nDir::Bin::methods \"/usr/lib/apt/methods\";\n", "/usr/lib/apt/apt-helper" },
    { "Dir::Bin::methods \"/usr/libexec/apt/methods/\";\n", "/usr/libexec/apt/apt-helper" },
    { "", "/usr/lib/apt/apt-helper" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *helper = lodge_apt_config_helper (cases[i].machine);

      g_assert_cmpstr (helper, ==, cases[i].helper);
    }
}

static void
test_config (void)
{
  g_autofree char *config = lodge_apt_config_format ("/c a/apt/x", "/w/auth.conf", machine);

  g_assert_nonnull (strstr (config, "Acquire::http::Proxy \"http://proxy.example:3128\";\n"));
  g_assert_nonnull (strstr (config, "Acquire::https::Proxy::m.example \"DIRECT\";\n"));
  g_assert_nonnull (strstr (config, "Acquire::Retries \"7\";\n"));
  g_assert_nonnull (strstr (config, "Acquire::Check-Valid-Until \"false\";\n"));
  g_assert_nonnull (strstr (config, "Dir::State::lists \"/c a/apt/x/lists\";\n"));
  g_assert_nonnull (strstr (config, "Dir::Etc::netrc \"/w/auth.conf\";\n"));
  /* Nothing of trust, of what is installed, or to be run. */
  g_assert_null (strstr (config, "InsecureRepositories \"true\""));
  g_assert_null (strstr (config, "Recommends \"true\""));
  g_assert_null (strstr (config, "anything.gpg"));
  g_assert_null (strstr (config, "rm -rf"));
  g_assert_null (strstr (config, "\"de\""));
  g_assert_true (lodge_apt_config_ignores_age (machine));
  g_assert_false (lodge_apt_config_ignores_age ("Acquire::Check-Valid-Until \"true\";\n"));
  g_assert_false (lodge_apt_config_ignores_age (""));
}

static void
test_sources (void)
{
  char *suites[] = { (char *)"trixie", (char *)"trixie-updates", (char *)"trixie-security", NULL };
  char *components[] = { (char *)"main", (char *)"non-free-firmware", NULL };
  LodgeTemplate template = { .suites = suites, .components = components };
  g_autoptr (LodgeAptMirror) http = lodge_apt_mirror_new ("http://me:pw@m.example/debian", NULL);
  g_autoptr (LodgeAptMirror) file = lodge_apt_mirror_new ("file:///srv/debian", NULL);
  g_autofree char *http_text = lodge_apt_config_sources (http, &template);
  g_autofree char *file_text = lodge_apt_config_sources (file, &template);
  g_autofree char *http_image = lodge_apt_config_image_sources (http, &template);
  g_autofree char *file_image = lodge_apt_config_image_sources (file, &template);

  g_assert_cmpstr (http_text, ==,
                   "deb http://m.example/debian trixie main non-free-firmware\n"
                   "deb http://m.example/debian trixie-updates main non-free-firmware\n"
                   "deb http://m.example/debian-security trixie-security main non-free-firmware\n");
  g_assert_nonnull (strstr (file_text, "deb copy:///srv/debian trixie main"));
  g_assert_cmpstr (http_image, ==,
                   "Types: deb\n"
                   "URIs: http://m.example/debian\n"
                   "Suites: trixie trixie-updates\n"
                   "Components: main non-free-firmware\n"
                   "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
                   "\n"
                   "Types: deb\n"
                   "URIs: http://m.example/debian-security\n"
                   "Suites: trixie-security\n"
                   "Components: main non-free-firmware\n"
                   "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n");
  g_assert_nonnull (strstr (file_image, "Enabled: no\nTypes: deb\nURIs: file:///srv/debian\n"));
}

/* --- package lists --- */

static const char list[]
    = "Package: base-files\nEssential: yes\nPriority: required\n"
      "Installed-Size: 100\nSHA256: " DIGEST_A "\nSize: 1\n\n"
      "Package: less\nPriority: standard\nInstalled-Size: 7\nSHA256: " DIGEST_B "\n\n"
      "Package: mount\nPriority: required\n\n"
      "Package: base-files\nPriority: required\n";

static void
test_index (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *path = g_build_filename (directory, "Packages", NULL);
  g_autofree char *empty = g_build_filename (directory, "empty", NULL);
  const char *const files[] = { empty, path, NULL };
  g_autoptr (GPtrArray) packages = lodge_apt_parse_uris (uris, NULL);
  g_autoptr (GPtrArray) required = NULL;
  g_autofree char *names = NULL;

  g_file_set_contents (path, list, -1, &error);
  g_assert_no_error (error);
  g_file_set_contents (empty, "", -1, &error);
  g_assert_no_error (error);
  required = lodge_apt_index_required (files, &error);
  g_assert_no_error (error);
  names = join (required);
  g_assert_cmpstr (names, ==, " base-files mount");
  g_assert_true (lodge_apt_index_add_sizes (files, packages, &error));
  g_assert_cmpuint (((LodgePackage *)g_ptr_array_index (packages, 0))->installed_size, ==,
                    7 * 1024);
  g_assert_cmpuint (((LodgePackage *)g_ptr_array_index (packages, 1))->installed_size, ==,
                    100 * 1024);
  g_unlink (path);
  g_assert_null (lodge_apt_index_required (files, &error));
  g_assert_nonnull (error);
  remove_directory (directory);
}

static void
test_memo (void)
{
  g_autofree char *directory = make_directory ();
  g_autofree char *release = g_build_filename (directory, "lists", "m_InRelease", NULL);
  g_autofree char *answers = g_build_filename (directory, "answers", NULL);
  g_autofree char *found = NULL;

  /* Without lists nothing is kept. */
  lodge_apt_memo_keep (directory, "what", "this");
  g_assert_null (lodge_apt_memo_find (directory, "what"));
  g_assert_true (lodge_file_replace (release, "one", -1, 0600, NULL));
  lodge_apt_memo_keep (directory, "what", "this");
  found = lodge_apt_memo_find (directory, "what");
  g_assert_cmpstr (found, ==, "this");
  g_assert_null (lodge_apt_memo_find (directory, "what else"));
  /* Other lists, other answers; the old ones go. */
  g_assert_true (lodge_file_replace (release, "two", -1, 0600, NULL));
  g_assert_null (lodge_apt_memo_find (directory, "what"));
  lodge_apt_memo_keep (directory, "what", "that");
  g_assert_cmpuint (count_entries (answers), ==, 1);
  remove_directory (directory);
}

/* --- keys --- */

#define BOOKWORM "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8"
#define NOBODY "0123456789ABCDEF0123456789ABCDEF01234567"

static void
test_keyring (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *path = g_build_filename (directory, "out.gpg", NULL);
  const char *const directories[] = { directory, NULL };
  g_auto (GStrv) files = lodge_apt_keyring_files (directories);
  const char *const one[] = { BOOKWORM, NULL };
  const char *const mixed[] = { NOBODY, BOOKWORM, NULL };
  const char *const none[] = { NOBODY, NULL };
  const char *const absent[] = { "/nonexistent/keyring.gpg", NULL };
  g_autofree char *missing = NULL;
  gsize size;

  if (!g_file_test (files[0], G_FILE_TEST_EXISTS) && !g_file_test (files[1], G_FILE_TEST_EXISTS))
    {
      g_test_skip ("Debian's keys are not on this machine");
      remove_directory (directory);
      return;
    }
  g_assert_true (lodge_apt_keyring_make ((const char *const *)files, one, directory, path, &missing,
                                         NULL, &error));
  g_assert_no_error (error);
  g_assert_null (missing);
  g_assert_true (g_file_get_contents (path, &missing, &size, NULL));
  g_clear_pointer (&missing, g_free);
  /* One key of some kilobytes, not the keyring of a dozen. */
  g_assert_cmpuint (size, >, 500);
  g_assert_cmpuint (size, <, 20000);

  g_assert_true (lodge_apt_keyring_make ((const char *const *)files, mixed, directory, path,
                                         &missing, NULL, &error));
  g_assert_cmpstr (missing, ==, NOBODY);
  g_clear_pointer (&missing, g_free);

  g_assert_false (lodge_apt_keyring_make ((const char *const *)files, none, directory, path,
                                          &missing, NULL, &error));
  g_assert_nonnull (strstr (error->message, NOBODY));
  g_assert_null (missing);
  g_clear_error (&error);

  /* Keys that are beside a template alone. */
  {
    g_autofree char *beside = g_build_filename (directory, "keys.gpg", NULL);
    const char *const own[] = { "/nonexistent/keyring.gpg", files[2], NULL };

    g_assert_cmpstr (files[2], ==, beside);
    g_assert_true (lodge_apt_keyring_make ((const char *const *)files, one, directory, beside,
                                           &missing, NULL, &error));
    g_assert_true (lodge_apt_keyring_make (own, one, directory, path, &missing, NULL, &error));
    g_assert_no_error (error);
  }

  g_assert_false (lodge_apt_keyring_make (absent, one, directory, path, &missing, NULL, &error));
  g_assert_nonnull (strstr (error->message, "debian-archive-keyring"));
  remove_directory (directory);
}

/* Whether a file below DIRECTORY holds TEXT. */
static gboolean
is_in_tree (const char *directory, const char *text)
{
  g_autoptr (GDir) handle = g_dir_open (directory, 0, NULL);
  const char *name;

  while (handle != NULL && (name = g_dir_read_name (handle)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *content = NULL;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR)
              ? is_in_tree (path, text)
              : g_file_get_contents (path, &content, &length, NULL)
                    && g_strstr_len (content, (gssize)length, text) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Passwords of mirrors are the work directory's, which is gone with the build; a cache stays, and
 * an older Lodge's are removed from it. */
static void
test_passwords (void)
{
  static char *suites[] = { (char *)"trixie", NULL };
  static char *components[] = { (char *)"main", NULL };
  static char *fingerprints[] = { (char *)BOOKWORM, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *cache = make_directory ();
  g_autofree char *work = make_directory ();
  g_autofree char *old = NULL;
  LodgeTemplate template = {
    .directory = work, .suites = suites, .components = components, .fingerprints = fingerprints
  };
  LodgeBuildOptions options = { .mirror = (char *)"http://me:sesame@mirror.example/debian" };
  LodgeBuildPlan plan = { .template = &template, .options = &options };
  LodgeBuild build = { .plan = &plan, .work = work, .cache = cache };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LodgeProgress) progress = lodge_progress_new (LODGE_PROGRESS_PLAIN);
  g_autofree char *apt_config = g_find_program_in_path ("apt-config");
  LodgeApt *apt;

  if (apt_config == NULL
      || !g_file_test ("/usr/share/keyrings/debian-archive-keyring.gpg", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("apt or Debian's keys are not on this machine");
      remove_directory (cache);
      remove_directory (work);
      return;
    }
  build.cancellable = cancellable;
  build.progress = progress;
  lodge_cache_open (cache, cancellable, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      apt = lodge_apt_open (&build, &error);
      g_assert_no_error (error);
      g_assert_true (is_in_tree (work, "sesame"));
      g_assert_false (is_in_tree (cache, "sesame"));
      old = g_build_filename (cache, "apt", "0123", "etc", "auth.conf", NULL);
      g_assert_true (lodge_file_replace (old, "password sesame", -1, 0600, NULL));
      g_clear_pointer (&old, g_free);
      lodge_apt_free (apt);
    }
  remove_directory (cache);
  remove_directory (work);
}

static void
test_modules (void)
{
  static const char modules[]
      = "-rw-r--r-- 1 root root 1 Nov 22 22:29 usr/lib/modules/6/kernel/drivers/usb/storage/"
        "usb-storage.ko.xz\n"
        "-rw-r--r-- 1 root root 1 Nov 22 22:29 "
        "usr/lib/modules/6/kernel/drivers/scsi/virtio_scsi.ko\n"
        "kernel/drivers/nvme/host/nvme.ko\n"
        "kernel/drivers/foo/xahci.ko\n";

  g_assert_true (lodge_root_has_module (modules, "usb-storage"));
  g_assert_true (lodge_root_has_module (modules, "usb_storage"));
  g_assert_true (lodge_root_has_module (modules, "virtio-scsi"));
  g_assert_true (lodge_root_has_module (modules, "nvme"));
  g_assert_false (lodge_root_has_module (modules, "ahci"));
  g_assert_false (lodge_root_has_module (modules, "storage"));
  g_assert_false (lodge_root_has_module ("", "nvme"));
}

/* The date of a release, as its signed file has it. */
static void
test_date (void)
{
  static const char release[] = "-----BEGIN PGP SIGNED MESSAGE-----\nSuite: stable\n"
                                "Date: Sat, 12 Sep 2026 07:55:41 UTC\nMD5Sum:\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = make_directory ();
  g_autofree char *other
      = g_build_filename (directory, "m_debian_dists_trixie-updates_InRelease", NULL);
  g_autofree char *path = g_build_filename (directory, "m_debian_dists_trixie_InRelease", NULL);
  gint64 seconds = 0;

  g_assert_true (lodge_apt_date_parse ("Sat, 12 Sep 2026 07:55:41 UTC", &seconds));
  g_assert_cmpint (seconds, ==, 1789199741);
  g_assert_false (lodge_apt_date_parse ("yesterday", &seconds));
  g_assert_false (lodge_apt_date_parse ("Sat, 32 Sep 2026 07:55:41 UTC", &seconds));
  g_assert_false (lodge_apt_date_parse ("Sat, 12 Sep 2026 07:55:41 CET", &seconds));
  g_assert_false (lodge_apt_date_read (directory, "trixie", &seconds, &error));
  g_assert_nonnull (strstr (error->message, "trixie"));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (other, "Date: Sat, 12 Sep 2020 07:55:41 UTC\n", -1, NULL));
  g_assert_true (g_file_set_contents (path, release, -1, NULL));
  lodge_apt_date_read (directory, "trixie", &seconds, &error);
  g_assert_no_error (error);
  g_assert_cmpint (seconds, ==, 1789199741);
  g_assert_true (g_file_set_contents (path, "Date: soon\n", -1, NULL));
  g_assert_false (lodge_apt_date_read (directory, "trixie", &seconds, &error));
  g_assert_nonnull (strstr (error->message, "SOURCE_DATE_EPOCH"));
  remove_directory (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/apt/uris", test_uris);
  g_test_add_func ("/apt/uris/bad", test_bad_uris);
  g_test_add_func ("/apt/simulation", test_simulation);
  g_test_add_func ("/apt/order-text", test_order_text);
  g_test_add_func ("/apt/packages-text", test_packages_text);
  g_test_add_func ("/apt/status", test_status);
  g_test_add_func ("/apt/explain", test_explain);
  g_test_add_func ("/apt/mirror/downloaded", test_mirror_downloaded);
  g_test_add_func ("/apt/mirror/configured", test_mirror_configured);
  g_test_add_func ("/apt/mirror/login", test_mirror_login);
  g_test_add_func ("/apt/mirror/none", test_no_mirror);
  g_test_add_func ("/apt/mirror/option", test_mirror_option);
  g_test_add_func ("/apt/config", test_config);
  g_test_add_func ("/apt/helper", test_helper);
  g_test_add_func ("/apt/sources", test_sources);
  g_test_add_func ("/apt/index", test_index);
  g_test_add_func ("/apt/memo", test_memo);
  g_test_add_func ("/apt/keyring", test_keyring);
  g_test_add_func ("/apt/passwords", test_passwords);
  g_test_add_func ("/debian/modules", test_modules);
  g_test_add_func ("/apt/date", test_date);
  return g_test_run ();
}
