/* Two tasks at the same time.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/beside.h"

typedef struct
{
  LodgeTask task;
  gpointer data;
  GCancellable *cancellable;
  GError *error;
} Call;

static gpointer
run (gpointer data)
{
  Call *call = data;

  if (!call->task (call->data, &call->error))
    g_cancellable_cancel (call->cancellable);
  return NULL;
}

/* Of two failures the one that was not brought about by the other. */
static gboolean
merge (GError *here, GError *beside, GError **error)
{
  if (here == NULL && beside == NULL)
    return TRUE;
  if (here == NULL || (beside != NULL && g_error_matches (here, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      g_clear_error (&here);
      g_propagate_error (error, beside);
      return FALSE;
    }
  g_clear_error (&beside);
  g_propagate_error (error, here);
  return FALSE;
}

gboolean
lodge_run_beside (LodgeTask task, LodgeTask beside, gpointer data, GCancellable *cancellable,
                  GError **error)
{
  Call call_here = { .task = task, .data = data, .cancellable = cancellable };
  Call call_beside = { .task = beside, .data = data, .cancellable = cancellable };
  GThread *thread = g_thread_new ("beside", run, &call_beside);

  run (&call_here);
  g_thread_join (thread); /* which frees it; cppcheck does not know */
  /* cppcheck-suppress memleak */
  return merge (call_here.error, call_beside.error, error);
}
