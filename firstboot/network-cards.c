/* Network cards of guests that run.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/network-cards.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/error.h"
#include "firstboot/i18n.h"

#define INTERFACES "/sys/class/net"

static gboolean
has (const char *name, const char *attribute)
{
  g_autofree char *path = g_build_filename (INTERFACES, name, attribute, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

GPtrArray *
lodge_network_cards_find (const char *bridge)
{
  GPtrArray *cards = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (INTERFACES, bridge != NULL ? bridge : "", "brif", NULL);
  g_autoptr (GDir) ports = bridge != NULL ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  while (ports != NULL && (name = g_dir_read_name (ports)) != NULL)
    if (has (name, "tun_flags"))
      g_ptr_array_add (cards, g_strdup (name));
  return cards;
}

/* netdevice(7)'s way; ip-link(8) says "set NAME master BRIDGE". */
static gboolean
put (int fd, const char *name, const char *bridge, GError **error)
{
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, bridge, sizeof request.ifr_name);
  request.ifr_ifindex = (int)if_nametoindex (name);
  if (request.ifr_ifindex == 0)
    return TRUE; /* its guest has ended */
  if (ioctl (fd, SIOCBRADDIF, &request) == 0)
    return TRUE;
  return lodge_error_set_errno (error, errno, N_ ("put the guest's network card %s back on %s"),
                                name, bridge);
}

gboolean
lodge_network_cards_put (const GPtrArray *cards, const char *bridge, GError **error)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean done = TRUE;

  if (fd == -1)
    return lodge_error_set_errno (error, errno, N_ ("open a socket"));
  for (guint i = 0; i < cards->len; i++)
    if (!has (cards->pdata[i], "master"))
      done = put (fd, cards->pdata[i], bridge, done ? error : NULL) && done;
  close (fd);
  return done;
}
