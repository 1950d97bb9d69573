/* Network links through the kernel's own interfaces.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/port-link.h"
#include "common/probe-files.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAC_LENGTH 6

static int
open_control_socket (void)
{
  return socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

char *
lodge_link_permanent_mac (const char *name)
{
  /* ethtool_perm_addr ends with the address: room for the longest the kernel may give. */
  union
  {
    struct ethtool_perm_addr request;
    unsigned char bytes[sizeof (struct ethtool_perm_addr) + 32];
  } answer = { .request = { .cmd = ETHTOOL_GPERMADDR, .size = 32 } };
  struct ifreq ifreq = { .ifr_data = (char *)&answer };
  const unsigned char *mac = answer.request.data;
  static const unsigned char none[MAC_LENGTH] = { 0 };
  int control = open_control_socket ();
  int result;

  if (control < 0)
    return NULL;
  g_strlcpy (ifreq.ifr_name, name, sizeof ifreq.ifr_name);
  result = ioctl (control, SIOCETHTOOL, &ifreq);
  close (control);
  if (result != 0 || answer.request.size != MAC_LENGTH || memcmp (mac, none, MAC_LENGTH) == 0)
    return NULL;
  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                          mac[5]);
}

static void
bring_up (int control, const char *name)
{
  struct ifreq ifreq = { 0 };

  g_strlcpy (ifreq.ifr_name, name, sizeof ifreq.ifr_name);
  if (ioctl (control, SIOCGIFFLAGS, &ifreq) != 0 || (ifreq.ifr_flags & IFF_UP) != 0)
    return;
  ifreq.ifr_flags |= IFF_UP;
  /* EPERM for an ordinary user, ERFKILL, a dead device: see the header. */
  (void)ioctl (control, SIOCSIFFLAGS, &ifreq);
}

static gboolean
all_have_carrier (const GPtrArray *names)
{
  static const LodgeProbe here = { .sysroot = "" };

  for (guint i = 0; i < names->len; i++)
    if (lodge_probe_number (&here, 0, "/sys/class/net/%s/carrier",
                            (const char *)g_ptr_array_index (names, i))
        != 1)
      return FALSE;
  return TRUE;
}

/* A socket that becomes readable when a link changes; -1 when there is none. */
static int
open_link_events (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
  int events = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (events >= 0 && bind (events, (struct sockaddr *)&address, sizeof address) != 0)
    {
      close (events);
      return -1;
    }
  return events;
}

/* Waits for news; what they say is read from sysfs afterwards, so only their arrival counts. */
static void
wait_for_news (int events, gint64 milliseconds)
{
  struct pollfd poll_events = { .fd = events, .events = POLLIN };
  char discarded[8192];

  if (poll (&poll_events, 1, (int)milliseconds) <= 0)
    return;
  /* ENOBUFS (news lost) counts as news too. */
  while (recv (events, discarded, sizeof discarded, MSG_DONTWAIT) > 0)
    ;
}

void
lodge_links_settle (const GPtrArray *names, guint milliseconds)
{
  int control = open_control_socket ();
  /* Opened before the ports are touched: no carrier can come unnoticed. */
  int events = open_link_events ();
  gint64 deadline = g_get_monotonic_time () + (gint64)milliseconds * 1000;

  for (guint i = 0; control >= 0 && i < names->len; i++)
    bring_up (control, g_ptr_array_index (names, i));
  while (events >= 0 && !all_have_carrier (names))
    {
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;

      if (left <= 0)
        break;
      wait_for_news (events, left);
    }
  if (events >= 0)
    close (events);
  if (control >= 0)
    close (control);
}
