/* Network ports: which are ports, what selects them, and bringing up real links in a network
 * namespace of the test's own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/run.h"
#include "firstboot/port-link.h"
#include "firstboot/probe-host.h"
#include "tests/unit/hardware-tree.h"
#include "tests/unit/made-up-facts.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void
add_interface (const char *root, const char *name, const char *type, const char *driver)
{
  g_autofree char *base = g_strdup_printf ("sys/class/net/%s", name);
  g_autofree char *type_file = g_strdup_printf ("%s/type", base);
  g_autofree char *address_file = g_strdup_printf ("%s/address", base);
  g_autofree char *driver_link = g_strdup_printf ("%s/device/driver", base);
  g_autofree char *target = g_strdup_printf ("../../../bus/pci/drivers/%s", driver);

  tree_file (root, type_file, type);
  tree_file (root, address_file, "52:54:00:AA:BB:CC\n");
  if (driver != NULL)
    tree_link (root, driver_link, target);
}

/* Only Ethernet ports with a device are ports. */
static void
test_kinds (void)
{
  g_autofree char *root = tree_new ();
  const LodgeProbe probe = { .sysroot = root };
  g_autoptr (GPtrArray) ports = NULL;
  g_autoptr (GError) error = NULL;
  const LodgePort *port;

  add_interface (root, "lo", "772", NULL);
  add_interface (root, "br0", "1", NULL);
  add_interface (root, "enp1s0.7", "1", NULL);
  add_interface (root, "ib0", "32", "mlx5_core");
  add_interface (root, "wlan0", "1", "iwlwifi");
  tree_file (root, "sys/class/net/wlan0/wireless/status", "0");
  add_interface (root, "wlan1", "1", "ath12k");
  tree_file (root, "sys/class/net/wlan1/phy80211/name", "phy1");
  add_interface (root, "enp1s0v0", "1", "iavf");
  tree_file (root, "sys/class/net/enp1s0v0/device/physfn/vendor", "0x8086");
  add_interface (root, "enp10s0", "1", "ixgbe");
  add_interface (root, "enp2s0", "1", "vmxnet3");
  tree_file (root, "sys/class/net/enp2s0/carrier", "1");
  tree_file (root, "sys/class/net/enp2s0/speed", "10000");
  tree_file (root, "run/lodge-capture/machine.conf", "[permanent-mac]\nenp2s0=00:50:56:01:02:03\n");

  ports = lodge_probe_ports (&probe, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ports->len, ==, 2);
  port = g_ptr_array_index (ports, 0);
  g_assert_cmpstr (port->name, ==, "enp2s0");
  g_assert_cmpstr (port->mac, ==, "52:54:00:aa:bb:cc");
  g_assert_cmpstr (port->permanent_mac, ==, "00:50:56:01:02:03");
  g_assert_cmpstr (port->driver, ==, "vmxnet3");
  g_assert_true (port->virtual_guest);
  g_assert_true (port->carrier);
  g_assert_cmpint (port->speed, ==, 10000);
  port = g_ptr_array_index (ports, 1);
  g_assert_cmpstr (port->name, ==, "enp10s0");
  g_assert_cmpstr (port->permanent_mac, ==, "52:54:00:aa:bb:cc");
  g_assert_false (port->virtual_guest);
  g_assert_false (port->carrier);
  g_assert_cmpint (port->speed, ==, -1);
  tree_remove (root);
}

static void
test_matches (void)
{
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  LodgePort *port = add_port (facts, "enp1s0", 1, TRUE);
  const struct
  {
    LodgeSelectorKind kind;
    const char *value;
    gboolean matches;
  } selectors[] = {
    { LODGE_SELECT_MAC, "00:50:56:01:02:03", TRUE },
    { LODGE_SELECT_MAC, "00:50:56:01:02:0A", FALSE },
    /* Its current one, as in a bond: another port may have it for good. */
    { LODGE_SELECT_MAC, "52:54:00:00:00:01", FALSE },
    { LODGE_SELECT_MAC, "52:54:00:00:00:02", FALSE },
    { LODGE_SELECT_NAME, "enp1s0", TRUE },
    { LODGE_SELECT_NAME, "enp1s", FALSE },
    { LODGE_SELECT_SERIAL, "enp1s0", FALSE },
    { LODGE_SELECT_PATH, "enp1s0", FALSE },
    { LODGE_SELECT_WWN, "enp1s0", FALSE },
  };

  g_free (port->permanent_mac);
  port->permanent_mac = g_strdup ("00:50:56:01:02:03");
  for (gsize i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      LodgeSelector selector = { .kind = selectors[i].kind, .value = (char *)selectors[i].value };

      g_assert_cmpint (lodge_port_matches (port, &selector), ==, selectors[i].matches);
    }
}

static void
test_describe (void)
{
  static const struct
  {
    gboolean carrier;
    int speed;
    const char *expected;
  } cases[] = {
    { FALSE, -1, "enp1s0 (52:54:00:00:00:01, virtio_net, no link)" },
    { TRUE, -1, "enp1s0 (52:54:00:00:00:01, virtio_net, link up)" },
    { TRUE, 100, "enp1s0 (52:54:00:00:00:01, virtio_net, link up at 100 Mbit/s)" },
    { TRUE, 1000, "enp1s0 (52:54:00:00:00:01, virtio_net, link up at 1 Gbit/s)" },
    { TRUE, 2500, "enp1s0 (52:54:00:00:00:01, virtio_net, link up at 2.5 Gbit/s)" },
    { TRUE, 100000, "enp1s0 (52:54:00:00:00:01, virtio_net, link up at 100 Gbit/s)" },
  };
  g_autoptr (LodgeFacts) facts = made_up_facts ();
  LodgePort *port = add_port (facts, "enp1s0", 1, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;

      port->carrier = cases[i].carrier;
      port->speed = cases[i].speed;
      text = lodge_port_describe (port);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

#define SKIPPED 77

static void
write_line (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
  close (fd);
}

/* Namespaces of network and mounts; an ordinary user becomes root in one of users first. */
static gboolean
enter_namespaces (void)
{
  g_autofree char *map = g_strdup_printf ("0 %u 1", geteuid ());

  if (geteuid () == 0)
    {
      if (unshare (CLONE_NEWNET | CLONE_NEWNS) != 0)
        return FALSE;
    }
  else
    {
      if (unshare (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
        return FALSE;
      write_line ("/proc/self/uid_map", map);
    }
  return mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("sysfs", "/sys", "sysfs", 0, NULL) == 0;
}

/* Runs FUNCTION in a child with a network of its own, in which there are the two ends of a cable,
 * "left" and "right", both down. */
static void
with_cable (void (*function) (void))
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      if (!enter_namespaces ())
        _exit (SKIPPED);
      output = lodge_run_list (&error, "ip", "link", "add", "left", "type", "veth", "peer", "name",
                               "right", NULL);
      if (output == NULL)
        _exit (SKIPPED);
      function ();
      _exit (0);
    }
  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == SKIPPED)
    g_test_skip ("no network namespace with a cable can be made here");
  else
    g_assert_cmpint (status, ==, 0);
}

static void
set_link (const char *name, const char *state)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = lodge_run_list (&error, "ip", "link", "set", name, state, NULL);

  g_assert_no_error (error);
}

static gint64
number_of (const char *name, const char *attribute)
{
  g_autofree char *path = g_strdup_printf ("/sys/class/net/%s/%s", name, attribute);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoll (text, NULL, 0) : -1;
}

/* Lets the links settle and returns how long that took. */
static gint64
settle (guint milliseconds, const char *first, const char *second)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gint64 begin = g_get_monotonic_time ();

  g_ptr_array_add (names, (gpointer)first);
  if (second != NULL)
    g_ptr_array_add (names, (gpointer)second);
  lodge_links_settle (names, milliseconds);
  return (g_get_monotonic_time () - begin) / 1000;
}

static void
in_cable_up (void)
{
  g_assert_cmpint (number_of ("left", "flags") & 1, ==, 0);
  g_assert_cmpint (settle (60000, "left", "right"), <, 50000);
  g_assert_cmpint (number_of ("left", "flags") & 1, ==, 1);
  g_assert_cmpint (number_of ("left", "carrier"), ==, 1);
  g_assert_cmpint (number_of ("right", "carrier"), ==, 1);
}

/* Nobody at the other end: the port is up, and the wait ends when it must. */
static void
in_cable_bound (void)
{
  gint64 took;

  took = settle (500, "left", NULL);
  g_assert_cmpint (took, >=, 499);
  g_assert_cmpint (took, <, 30000);
  g_assert_cmpint (number_of ("left", "flags") & 1, ==, 1);
  g_assert_cmpint (number_of ("left", "carrier"), ==, 0);
}

static gpointer
plug_in (gpointer data)
{
  /* Once the waiting side has brought its end up, it is waiting or about to. */
  while ((number_of ("left", "flags") & 1) == 0)
    g_thread_yield ();
  set_link ("right", "up");
  return data;
}

/* The carrier comes while it is waited for. */
static void
in_cable_wakes (void)
{
  GThread *thread;

  thread = g_thread_new ("plug-in", plug_in, NULL);
  g_assert_cmpint (settle (60000, "left", NULL), <, 50000);
  g_assert_cmpint (number_of ("left", "carrier"), ==, 1);
  g_thread_join (thread);
}

static void
test_settle_up (void)
{
  with_cable (in_cable_up);
}

static void
test_settle_bound (void)
{
  with_cable (in_cable_bound);
}

static void
test_settle_wakes (void)
{
  with_cable (in_cable_wakes);
}

/* The ports of the running machine: each that the kernel has a device for, with an address. */
static void
test_running_machine (void)
{
  const LodgeProbe probe = { .sysroot = "" };
  g_autoptr (GPtrArray) ports = lodge_ports_read (&probe);

  for (guint i = 0; i < ports->len; i++)
    {
      const LodgePort *port = g_ptr_array_index (ports, i);
      g_autofree char *device = g_strdup_printf ("/sys/class/net/%s/device", port->name);

      g_assert_true (g_file_test (device, G_FILE_TEST_EXISTS));
      g_assert_true (g_regex_match_simple ("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", port->mac, 0, 0));
      g_assert_true (
          g_regex_match_simple ("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", port->permanent_mac, 0, 0));
    }
  g_assert_null (lodge_link_permanent_mac ("lo"));
  g_assert_null (lodge_link_permanent_mac ("no-such-port"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe-network/kinds", test_kinds);
  g_test_add_func ("/probe-network/matches", test_matches);
  g_test_add_func ("/probe-network/describe", test_describe);
  g_test_add_func ("/probe-network/settle-up", test_settle_up);
  g_test_add_func ("/probe-network/settle-bound", test_settle_bound);
  g_test_add_func ("/probe-network/settle-wakes", test_settle_wakes);
  g_test_add_func ("/probe-network/running-machine", test_running_machine);
  return g_test_run ();
}
