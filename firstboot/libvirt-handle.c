/* libvirt: handles that close themselves, its errors as ours, and the connection to this host.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/libvirt-handle.h"

#include "common/error.h"
#include "firstboot/i18n.h"

#define OPEN_SECONDS 60

gboolean
lodge_libvirt_error (GError **error, const char *format, ...)
{
  const char *message = virGetLastErrorMessage ();
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", what, message);
}

/* libvirt's own handler prints to standard error, where a screen may be. */
static void
say_nothing (void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

static gpointer
initialize (gpointer data G_GNUC_UNUSED)
{
  virSetErrorFunc (NULL, say_nothing);
  return GINT_TO_POINTER (virInitialize () == 0 && virEventRegisterDefaultImpl () == 0);
}

static void
close_connection (gpointer connection)
{
  virConnectClose (connection);
}

/* virConnectOpen() has no time limit of its own; in a thread it can be left behind. */
static void
open_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  virConnect *connection = virConnectOpen ("qemu:///system");
  GError *error = NULL;

  if (connection == NULL)
    {
      lodge_libvirt_error (&error, "cannot connect to libvirt (qemu:///system)");
      g_task_return_error (task, error);
    }
  else
    g_task_return_pointer (task, connection, close_connection);
}

static void
on_opened (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer slot)
{
  *(GAsyncResult **)slot = g_object_ref (result);
}

static gboolean
on_deadline (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer limit)
{
  g_cancellable_cancel (limit);
}

virConnect *
lodge_libvirt_open (GCancellable *cancellable, GError **error)
{
  static GOnce once = G_ONCE_INIT;
  g_autoptr (GMainContext) loop = g_main_context_new ();
  g_autoptr (GCancellable) limit = g_cancellable_new ();
  g_autoptr (GSource) deadline = g_timeout_source_new_seconds (OPEN_SECONDS);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) local = NULL;
  gulong handler = 0;
  virConnect *connection;

  if (g_once (&once, initialize, NULL) == NULL)
    {
      lodge_libvirt_error (error, "cannot initialize libvirt");
      return NULL;
    }
  g_main_context_push_thread_default (loop);
  task = g_task_new (NULL, limit, on_opened, &result);
  g_task_set_return_on_cancel (task, TRUE);
  g_source_set_callback (deadline, on_deadline, limit, NULL);
  g_source_attach (deadline, loop);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), limit, NULL);
  g_task_run_in_thread (task, open_in_thread);
  while (result == NULL)
    g_main_context_iteration (loop, TRUE);
  g_cancellable_disconnect (cancellable, handler);
  g_source_destroy (deadline);
  g_main_context_pop_thread_default (loop);

  connection = g_task_propagate_pointer (task, &local);
  if (connection != NULL)
    return connection;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_cancellable_is_cancelled (cancellable))
    lodge_error_set (
        error, LODGE_ERROR_FAILED,
        N_ ("libvirt (qemu:///system) does not answer within %d s; see \"journalctl -u "
            "virtqemud -u libvirtd\""),
        OPEN_SECONDS);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
