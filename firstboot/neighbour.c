/* Does the machine with that address answer on this network?
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/neighbour.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "common/error.h"
#include "firstboot/i18n.h"

#define ASK_AGAIN_MICROSECONDS G_USEC_PER_SEC
#define DISCARD_PORT 9 /* RFC 863 */

typedef struct
{
  const char *interface;
  unsigned index;
  const char *text;
  GInetAddress *address;
  int netlink;
  GSocket *udp;
} Question;

static gboolean
open_netlink (Question *question, GError **error)
{
  struct sockaddr_nl local = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_NEIGH };

  question->netlink = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (question->netlink < 0
      || bind (question->netlink, (struct sockaddr *)&local, sizeof local) < 0)
    return lodge_error_set_errno (error, errno, N_ ("listen to the kernel's neighbour messages"));
  return TRUE;
}

/* What the kernel knows from before says nothing about now.  That there is no such entry is fine,
 * so the kernel's reply is not asked for. */
static gboolean
forget (const Question *question, GError **error)
{
  gsize length = g_inet_address_get_native_size (question->address);
  struct
  {
    struct nlmsghdr header;
    struct ndmsg body;
    struct rtattr attribute;
    guint8 address[16];
  } request = {
    .header = { .nlmsg_type = RTM_DELNEIGH, .nlmsg_flags = NLM_F_REQUEST },
    .body = { .ndm_family = g_inet_address_get_family (question->address) == G_SOCKET_FAMILY_IPV4
                                ? AF_INET
                                : AF_INET6,
              .ndm_ifindex = (int)question->index },
    .attribute = { .rta_type = NDA_DST, .rta_len = (unsigned short)RTA_LENGTH (length) },
  };

  memcpy (request.address, g_inet_address_to_bytes (question->address), length);
  request.header.nlmsg_len = (guint32)(NLMSG_LENGTH (sizeof request.body) + RTA_LENGTH (length));
  if (send (question->netlink, &request, request.header.nlmsg_len, 0) < 0)
    return lodge_error_set_errno (error, errno, N_ ("ask the kernel to forget %s"), question->text);
  return TRUE;
}

/* A datagram that nobody reads: to send it, the kernel must ask who has the address. */
static gboolean
ask (Question *question, GError **error)
{
  g_autoptr (GSocketAddress) target = NULL;
  g_autoptr (GError) local = NULL;
  char byte = 0;

  if (g_inet_address_get_family (question->address) == G_SOCKET_FAMILY_IPV6)
    target = g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address", question->address, "port",
                           DISCARD_PORT, "scope-id", question->index, NULL);
  else
    target = g_inet_socket_address_new (question->address, DISCARD_PORT);
  if (question->udp == NULL)
    {
      int fd;

      question->udp = g_socket_new (g_inet_address_get_family (question->address),
                                    G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
      if (question->udp == NULL)
        return FALSE;
      fd = g_socket_get_fd (question->udp);
      if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, question->interface,
                      (socklen_t)strlen (question->interface))
          < 0)
        return lodge_error_set_errno (error, errno, "bind to %s", question->interface);
    }
  /* "Port unreachable" for the one before, or "no route" after a failed resolution, is an answer
   * that the messages tell better. */
  if (g_socket_send_to (question->udp, target, &byte, sizeof byte, NULL, &local) < 0)
    g_debug ("send to %s: %s", question->text, local->message);
  return TRUE;
}

/* Whether MESSAGE tells that the address was resolved. */
static gboolean
is_answer (const Question *question, const struct nlmsghdr *message)
{
  const struct ndmsg *body = NLMSG_DATA (message);
  int length;

  if (message->nlmsg_type != RTM_NEWNEIGH || message->nlmsg_len < NLMSG_LENGTH (sizeof *body)
      || body->ndm_ifindex != (int)question->index || (body->ndm_state & NUD_REACHABLE) == 0)
    return FALSE;
  length = (int)(message->nlmsg_len - NLMSG_LENGTH (sizeof *body));
  for (const struct rtattr *attribute
       = (const void *)((const char *)body + NLMSG_ALIGN (sizeof *body));
       RTA_OK (attribute, length); attribute = RTA_NEXT (attribute, length))
    if (attribute->rta_type == NDA_DST
        && RTA_PAYLOAD (attribute) == g_inet_address_get_native_size (question->address)
        && memcmp (RTA_DATA (attribute), g_inet_address_to_bytes (question->address),
                   RTA_PAYLOAD (attribute))
               == 0)
      return TRUE;
  return FALSE;
}

static gboolean
read_answer (const Question *question)
{
  guint8 buffer[8192] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  ssize_t received;

  while ((received = recv (question->netlink, buffer, sizeof buffer, 0)) > 0)
    {
      gsize left = (gsize)received;

      for (const struct nlmsghdr *message = (const void *)buffer; NLMSG_OK (message, left);
           message = NLMSG_NEXT (message, left))
        if (is_answer (question, message))
          return TRUE;
    }
  return FALSE;
}

static gboolean
ask_until_answered (Question *question, guint milliseconds, GCancellable *cancellable,
                    gboolean *answered, guint *elapsed, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  gint64 end = begin + (gint64)milliseconds * 1000;
  gint64 next = begin;
  GPollFD fds[2] = { { .fd = question->netlink, .events = G_IO_IN } };
  guint count = g_cancellable_make_pollfd (cancellable, &fds[1]) ? 2 : 1;
  gboolean ok = TRUE;

  for (gint64 now = begin; ok && !*answered && now < end; now = g_get_monotonic_time ())
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        ok = FALSE;
      else if (now >= next)
        {
          ok = ask (question, error);
          next = now + ASK_AGAIN_MICROSECONDS;
        }
      if (ok)
        g_poll (fds, count, (gint)((MIN (next, end) - now) / 1000 + 1));
      if (ok && read_answer (question))
        *answered = TRUE;
    }
  if (count == 2)
    g_cancellable_release_fd (cancellable);
  if (elapsed != NULL)
    *elapsed = (guint)((g_get_monotonic_time () - begin) / 1000);
  return ok;
}

gboolean
lodge_neighbour_answers (const char *interface, const char *address, guint milliseconds,
                         GCancellable *cancellable, gboolean *answered, guint *elapsed,
                         GError **error)
{
  g_autoptr (GInetAddress) target = g_inet_address_new_from_string (address);
  Question question = { .interface = interface,
                        .index = if_nametoindex (interface),
                        .text = address,
                        .address = target,
                        .netlink = -1 };
  gboolean ok;

  *answered = FALSE;
  if (target == NULL)
    return lodge_error_set (error, LODGE_ERROR_FAILED, N_ ("\"%s\" is not an IP address"), address);
  if (question.index == 0)
    return lodge_error_set_errno (error, errno, N_ ("find the network interface %s"), interface);
  ok = open_netlink (&question, error) && forget (&question, error)
       && ask_until_answered (&question, milliseconds, cancellable, answered, elapsed, error);
  g_clear_object (&question.udp);
  if (question.netlink >= 0)
    close (question.netlink);
  return ok;
}
