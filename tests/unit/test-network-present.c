/* The way back from NetworkManager's profiles to answers: what was made of answers reads as these
 * answers.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-present.h"

#include <glib/gstdio.h>
#include <nm-keyfile.h>
#include <string.h>

#define DIRECTORY "etc/NetworkManager/system-connections"
#define PORT "port=mac:52:54:00:12:34:56\n"

static LodgeAnswers *
parse (const char *network)
{
  g_autofree char *text = g_strconcat ("[network]\n", network, NULL);
  g_autoptr (GError) error = NULL;
  LodgeAnswers *answers = lodge_answers_parse ("answers.conf", text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return answers;
}

static GPtrArray *
make (const LodgeAnswers *answers)
{
  g_autoptr (GPtrArray) macs = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GPtrArray *profiles;

  for (guint i = 0; i < answers->ports->len; i++)
    g_ptr_array_add (macs, ((const LodgeSelector *)answers->ports->pdata[i])->value);
  g_ptr_array_add (macs, NULL);
  profiles = lodge_network_profiles_make (answers, (const char *const *)macs->pdata, &error);
  g_assert_no_error (error);
  return profiles;
}

/* Under ROOT as NetworkManager saves it, with MORE lines at the end of the file. */
static void
save (const char *root, NMConnection *profile, const char *more)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file
      = nm_keyfile_write (profile, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, &error);
  g_autofree char *data = g_key_file_to_data (file, NULL, NULL);
  g_autofree char *text = g_strconcat (data, more, NULL);
  g_autofree char *directory = g_build_filename (root, DIRECTORY, NULL);
  g_autofree char *name = g_strconcat (nm_connection_get_id (profile), ".nmconnection", NULL);
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *root)
{
  const char *const argv[] = { "rm", "-rf", root, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

static const char *const cases[] = {
  PORT,
  PORT "bridge=lan0\nmtu=9000\nipv4=static\naddress=192.0.2.10/24\ngateway=192.0.2.1\n"
       "ipv6=static\naddress6=2001:db8::10/64\ngateway6=fe80::1\ndns=192.0.2.53;2001:db8::53\n"
       "search=example.org;example.net\n",
  PORT "ipv4=static\naddress=192.0.2.10/24\nipv6=off\n",
  PORT "ipv4=off\nipv6=auto\nsearch=example.org\n",
  PORT "ipv6=dhcp\n",
  PORT "vlan=77\nipv6=off\n",
  "port=mac:52:54:00:12:34:56;mac:52:54:00:12:34:57\nbond=802.3ad\nvlan=77\nmtu=9000\n",
};

static void
test_back (gconstpointer data)
{
  g_autoptr (LodgeAnswers) answers = parse (data);
  g_autoptr (LodgeAnswers) read = lodge_answers_new ();
  g_autoptr (GPtrArray) made = make (answers);
  g_autoptr (GPtrArray) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-present-XXXXXX", &error);
  g_autofree char *wanted = lodge_answers_format (answers, TRUE);
  g_autofree char *got = NULL;
  g_auto (GStrv) foreign = NULL;

  for (guint i = 0; i < made->len; i++)
    save (root, made->pdata[i], "");
  loaded = lodge_network_profiles_load (root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (loaded->len, ==, made->len);
  g_assert_true (lodge_network_profiles_read (loaded, read, &foreign));
  got = lodge_answers_format (read, TRUE);
  g_assert_cmpstr (got, ==, wanted);
  g_assert_null (foreign[0]);
  remove_tree (root);
}

/* nmcli wrote a route into the bridge's profile and changed the address. */
static void
test_changed_by_hand (void)
{
  g_autoptr (LodgeAnswers) answers = parse (PORT "ipv4=static\naddress=192.0.2.10/24\nipv6=off\n");
  g_autoptr (LodgeAnswers) read = lodge_answers_new ();
  g_autoptr (GPtrArray) made = make (answers);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) foreign = NULL;
  NMSettingIPConfig *ipv4 = nm_connection_get_setting_ip4_config (made->pdata[0]);
  NMIPRoute *route = nm_ip_route_new (AF_INET, "198.51.100.0", 24, "192.0.2.9", -1, &error);
  NMIPAddress *address = nm_ip_address_new (AF_INET, "192.0.2.20", 24, &error);

  g_assert_no_error (error);
  nm_setting_ip_config_add_route (ipv4, route);
  nm_ip_route_unref (route);
  nm_setting_ip_config_clear_addresses (ipv4);
  nm_setting_ip_config_add_address (ipv4, address);
  nm_ip_address_unref (address);
  g_assert_true (lodge_network_profiles_read (made, read, &foreign));
  g_assert_cmpstr (read->address, ==, "192.0.2.20/24");
  g_assert_cmpstr (foreign[0], ==, "ipv4.routes");
  g_assert_null (foreign[1]);
}

/* Profiles of other tools are not looked into, and without the bridge's nothing is known. */
static void
test_not_ours (void)
{
  g_autoptr (LodgeAnswers) answers = parse (PORT);
  g_autoptr (LodgeAnswers) read = lodge_answers_new ();
  g_autoptr (GPtrArray) made = make (answers);
  g_autoptr (GPtrArray) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *root = g_dir_make_tmp ("lodge-present-XXXXXX", &error);
  g_autofree char *directory = g_build_filename (root, DIRECTORY, NULL);
  g_autofree char *path = g_build_filename (directory, "tunnel.nmconnection", NULL);
  g_autofree char *broken = g_build_filename (directory, "broken.nmconnection", NULL);
  g_auto (GStrv) foreign = NULL;

  save (root, made->pdata[1], "");
  g_file_set_contents (path,
                       "[connection]\ntype=vpn\nid=t\nuuid=9e3f2c1c-0000-4000-8000-000000000001\n",
                       -1, &error);
  g_assert_no_error (error);
  loaded = lodge_network_profiles_load (root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (loaded->len, ==, 1);
  g_assert_false (lodge_network_profiles_read (loaded, read, &foreign));

  g_file_set_contents (broken, "no key file\n", -1, &error);
  g_assert_no_error (error);
  g_assert_null (lodge_network_profiles_load (root, &error));
  g_assert_nonnull (strstr (error->message, "broken.nmconnection"));
  remove_tree (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/network-present/back/%" G_GSIZE_FORMAT, i);
      g_test_add_data_func (path, cases[i], test_back);
    }
  g_test_add_func ("/network-present/changed-by-hand", test_changed_by_hand);
  g_test_add_func ("/network-present/not-ours", test_not_ours);
  return g_test_run ();
}
