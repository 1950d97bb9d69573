/* lodge inspect: package database, checksum file, the text for people.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/inspect.h"
#include "builder/remove.h"
#include "common/error.h"

#include <string.h>

static void
test_dpkg_status (void)
{
  static const char status[]
      = "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\n"
        "Description: compression\n Package: not-this\nVersion: 1:1.3\n"
        "\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n"
        "\n"
        "Package: half\nStatus: install reinstreq half-installed\nArchitecture: all\nVersion: 2\n"
        "\n"
        "Package: adduser\nStatus: hold ok installed\nArchitecture: all\nVersion: 3.152\n";
  g_autoptr (JsonArray) packages = lodge_inspect_dpkg_status (status);
  JsonObject *package;

  g_assert_cmpuint (json_array_get_length (packages), ==, 2);
  package = json_array_get_object_element (packages, 0);
  g_assert_cmpstr (json_object_get_string_member (package, "name"), ==, "adduser");
  g_assert_cmpstr (json_object_get_string_member (package, "architecture"), ==, "all");
  package = json_array_get_object_element (packages, 1);
  g_assert_cmpstr (json_object_get_string_member (package, "name"), ==, "zlib1g");
  g_assert_cmpstr (json_object_get_string_member (package, "version"), ==, "1:1.3");
}

static void
put (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* -1: no checksum was found, else whether it matches. */
static int
find_checksum (const char *image)
{
  g_autoptr (JsonObject) facts = json_object_new ();
  g_autoptr (GError) error = NULL;

  lodge_inspect_checksum (facts, image, NULL, &error);
  g_assert_no_error (error);
  if (!json_object_has_member (facts, "checksum"))
    return -1;
  return json_object_get_boolean_member (json_object_get_object_member (facts, "checksum"),
                                         "matches");
}

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* of "abc" */
#define DEF "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34" /* of "def" */

static void
test_checksum (void)
{
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-XXXXXX", NULL);
  g_autofree char *image = g_build_filename (directory, "x.raw", NULL);
  g_autofree char *beside = g_build_filename (directory, "x.sha256", NULL);
  g_autofree char *appended = g_build_filename (directory, "x.raw.sha256", NULL);

  put (image, "abc");
  g_assert_cmpint (find_checksum (image), ==, -1);
  put (beside, DEF "  other.raw\n");
  g_assert_cmpint (find_checksum (image), ==, -1);
  {
    /* A checksum file that does not name the image is not the same as none. */
    g_autoptr (JsonObject) facts = json_object_new ();

    g_assert_true (lodge_inspect_checksum (facts, image, NULL, NULL));
    g_assert_nonnull (
        strstr (json_array_get_string_element (json_object_get_array_member (facts, "warnings"), 0),
                "x.sha256 has no line for x.raw"));
  }
  put (beside, DEF "  other.raw\n" ABC "  x.raw\n");
  g_assert_cmpint (find_checksum (image), ==, TRUE);
  put (beside, DEF "  x.raw\n");
  g_assert_cmpint (find_checksum (image), ==, FALSE);
  put (beside, "short  x.raw\n");
  g_assert_cmpint (find_checksum (image), ==, -1);
  put (appended, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD *x.raw\n");
  g_assert_cmpint (find_checksum (image), ==, TRUE);
  g_assert_true (lodge_remove_tree (directory, NULL));
}

static void
test_describe (void)
{
  static const char facts[]
      = "{ 'path': 'a.raw', 'format': 'raw', 'size': 4294967296, 'file_size': 4294967296,"
        "  'allocated_size': 1073741824, 'os': 'Debian', 'kernels': [ '6.12', '6.1' ],"
        "  'checksum': { 'file': 'a.sha256', 'sha256': 'ff', 'matches': false },"
        "  'manifest': { 'build_hash': 'ab', 'lodge_version': '0.1', 'template': { 'name': 't' } },"
        "  'partitions': [ { 'number': 1, 'size': 1048576, 'name': 'bios', 'filesystem': null,"
        "                    'label': null, 'filesystem_uuid': null },"
        "                  { 'number': 2, 'size': 67108864, 'name': 'LODGE', 'filesystem': 'vfat',"
        "                    'label': 'LODGE', 'filesystem_uuid': '1234-ABCD' } ],"
        "  'access': { 'root_password': 'locked', 'root_ssh_keys': 0,"
        "    'answers': { 'hosts': [ 'kvm1' ], 'layouts': [ 'xfs' ], 'other_hosts': false,"
        "                 'root_password': true, 'ssh_keys': 2 } },"
        "  'packages': [ { 'name': 'a', 'version': '1', 'architecture': 'all' } ] }";
  static const char expected[]
      = "Image:      a.raw\n"
        "Format:     raw, a disk of 4.0 GiB, 1.0 GiB in this file system\n"
        "Checksum:   ff, NOT the one in a.sha256\n"
        "System:     Debian\n"
        "Kernel:     6.12\n"
        "            6.1\n"
        "Template:   t\n"
        "Lodge:      0.1\n"
        "Build:      ab\n"
        "\n"
        "Partitions\n"
        "  1  bios       1.0 MiB  -\n"
        "  2  LODGE     64.0 MiB  vfat \"LODGE\" 1234-ABCD\n"
        "\n"
        "Access\n"
        "  password  no password: root is locked\n"
        "  SSH keys  no SSH key\n"
        "  answers   answers.conf on LODGE with a password hash and 2 SSH keys\n"
        "            for kvm1, layout xfs\n"
        "\n"
        "Packages (1)\n"
        "  a 1 all\n";
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = g_strdelimit (g_strdup (facts), "'", '"');
  g_autofree char *text = NULL;

  g_assert_true (json_parser_load_from_data (parser, json, -1, NULL));
  text = lodge_inspect_describe (json_node_get_object (json_parser_get_root (parser)), TRUE);
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
  text = lodge_inspect_describe (json_node_get_object (json_parser_get_root (parser)), FALSE);
  g_assert_true (g_str_has_suffix (text, "\n\nPackages (1; --packages lists them)\n"));
}

#define KEY_1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a"
#define KEY_2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJm b"

#define HASH                                                                                       \
  "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDe"                                   \
  "hy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"

static void
test_root_password (void)
{
  g_assert_cmpstr (lodge_inspect_root_password ("bin:*:1::::::\nroot:*:1::::::\n"), ==, "locked");
  g_assert_cmpstr (lodge_inspect_root_password ("root:!$6$x$y:1::::::\n"), ==, "locked");
  g_assert_cmpstr (lodge_inspect_root_password ("root:$6$x$y:1::::::\n"), ==, "set");
  g_assert_cmpstr (lodge_inspect_root_password ("root::1::::::\n"), ==, "empty");
  g_assert_cmpstr (lodge_inspect_root_password ("rooted:$6$x$y:1::::::\n"), ==, "locked");
}

static void
test_count_keys (void)
{
  g_assert_cmpuint (lodge_inspect_count_keys (""), ==, 0);
  g_assert_cmpuint (lodge_inspect_count_keys ("# " KEY_1 "\n\n  \n"), ==, 0);
  g_assert_cmpuint (lodge_inspect_count_keys (KEY_1 "\n\n#\nfrom=\"::1\" " KEY_2), ==, 2);
}

/* What each answers.conf shows: hosts, layouts, access, and never a secret itself. */
static void
test_answers (void)
{
  static const struct
  {
    const char *text;
    const char *shown;
  } cases[] = {
    { "", "with no password and no SSH key\n            for any host, layout xfs\n" },
    { "[host]\nhostname=kvm1\n[access]\nroot-password-hash=" HASH "\n"
      "ssh-keys=" KEY_1 ";" KEY_2 "\n",
      "with a password hash and 2 SSH keys\n            for kvm1, layout xfs\n" },
    { "[access]\nssh-keys=" KEY_1 "\n"
      "[match mac=52:54:00:00:00:01]\nhost.hostname=one\nstorage.layout=adopt\n"
      "[match mac=52:54:00:00:00:02]\naccess.root-password-hash=" HASH "\n"
      "[match serial=S3]\nhost.hostname=three\naccess.ssh-keys=" KEY_2 "\n"
      "[match serial=S4]\nhost.hostname=four\n",
      "with a password hash and 2 SSH keys\n"
      "            for one, mac=52:54:00:00:00:02, three and 1 more, and any other host, layout "
      "adopt or xfs\n" },
    /* A host that no section names is not set up, and its key is in the file all the same. */
    { "[access]\nssh-keys=" KEY_1 "\n[network]\nipv4=static\n"
      "[match serial=S1]\nnetwork.address=192.0.2.1/24\naccess.ssh-keys=" KEY_2 "\n",
      "with no password and 2 SSH keys\n            for serial=S1, layout xfs\n" },
    { "[network]\nipv4=static\n", "with no password and no SSH key\n            for no host\n" },
    { "[access]\nroot-password=salt\n", "may hold secrets:\n            answers.conf:2: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) facts = json_object_new ();
      g_autofree char *text = NULL;
      JsonObject *access = json_object_new ();

      json_object_set_object_member (facts, "access", access);
      json_object_set_array_member (facts, "partitions", json_array_new ());
      json_object_set_int_member (facts, "size", 0);
      json_object_set_int_member (facts, "allocated_size", 0);
      json_object_set_null_member (access, "root_password");
      json_object_set_null_member (access, "root_ssh_keys");
      json_object_set_object_member (access, "answers",
                                     lodge_inspect_answers (cases[i].text, strlen (cases[i].text)));
      text = lodge_inspect_describe (facts, FALSE);
      g_assert_nonnull (strstr (text, "\nAccess\n  password  unknown"));
      if (strstr (text, cases[i].shown) == NULL)
        g_error ("%s\nlacks:\n%s", text, cases[i].shown);
      g_assert_null (strstr (text, "salt"));
    }
}

/* The checksum file is another image's. */
static void
test_describe_warning (void)
{
  static const char facts[]
      = "{ \"path\": \"a\", \"format\": \"raw\", \"size\": 512, \"allocated_size\": 512,"
        "  \"warnings\": [ \"a.sha256 has no line\" ], \"partitions\": [] }";
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;

  g_assert_true (json_parser_load_from_data (parser, facts, -1, NULL));
  text = lodge_inspect_describe (json_node_get_object (json_parser_get_root (parser)), TRUE);
  g_assert_nonnull (strstr (text, "WARNING:    a.sha256 has no line\n"));
  g_assert_null (strstr (text, "none beside the image"));
}

/* A foreign image gives what it has. */
static void
test_describe_foreign (void)
{
  static const char facts[]
      = "{ \"path\": \"a\", \"format\": \"raw\", \"size\": 512, \"file_size\": 512,"
        "  \"allocated_size\": 512, \"partitions\": [] }";
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;

  g_assert_true (json_parser_load_from_data (parser, facts, -1, NULL));
  text = lodge_inspect_describe (json_node_get_object (json_parser_get_root (parser)), TRUE);
  g_assert_nonnull (strstr (text, "Checksum:   none beside the image\n"));
  g_assert_nonnull (strstr (text, "not made by lodge"));
}

/* What an image says is anybody's: a terminal shall not obey it, and no line be forged. */
static void
test_describe_hostile (void)
{
  static const char facts[]
      = "{ \"path\": \"a\", \"format\": \"raw\", \"size\": 512, \"file_size\": 512,"
        "  \"allocated_size\": 512, \"os\": \"Debian\\u001b]0;owned\\u0007\\nTemplate: good\","
        "  \"kernels\": [ \"6.12\\u009b2J\" ],"
        "  \"partitions\": [ { \"number\": 1, \"name\": \"a\\u001b[2J\", \"size\": 512 } ] }";
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;

  g_assert_true (json_parser_load_from_data (parser, facts, -1, NULL));
  text = lodge_inspect_describe (json_node_get_object (json_parser_get_root (parser)), TRUE);
  g_assert_nonnull (strstr (text, "System:     Debian]0;ownedTemplate: good\n"));
  g_assert_nonnull (strstr (text, "Kernel:     6.122J\n"));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (*p == '\n' || !g_unichar_iscntrl (g_utf8_get_char (p)));
}

/* By name, without the keys that rpm keeps as if they were packages. */
static void
test_rpm_list (void)
{
  static const char list[] = "kernel-core 5.14.0-734.el9 x86_64\n"
                             "gpg-pubkey 8483c65d-5ccc5b19 (none)\n"
                             "bash 5.1.8-9.el9 x86_64\n"
                             "NetworkManager 1:1.54.4-2.el9 x86_64\n";
  g_autoptr (JsonArray) packages = lodge_inspect_rpm_list (list);
  JsonObject *first;

  g_assert_cmpuint (json_array_get_length (packages), ==, 3);
  first = json_array_get_object_element (packages, 0);
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "NetworkManager");
  g_assert_cmpstr (json_object_get_string_member (first, "version"), ==, "1:1.54.4-2.el9");
  g_assert_cmpstr (json_object_get_string_member (first, "architecture"), ==, "x86_64");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspect/dpkg-status", test_dpkg_status);
  g_test_add_func ("/inspect/checksum", test_checksum);
  g_test_add_func ("/inspect/describe", test_describe);
  g_test_add_func ("/inspect/root-password", test_root_password);
  g_test_add_func ("/inspect/count-keys", test_count_keys);
  g_test_add_func ("/inspect/answers", test_answers);
  g_test_add_func ("/inspect/describe-warning", test_describe_warning);
  g_test_add_func ("/inspect/rpm-list", test_rpm_list);
  g_test_add_func ("/inspect/describe-foreign", test_describe_foreign);
  g_test_add_func ("/inspect/describe-hostile", test_describe_hostile);
  return g_test_run ();
}
