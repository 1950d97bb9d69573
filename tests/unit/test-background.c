/* Work that is done, that ends when it is dropped, and that cannot.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/background.h"

enum
{
  LONG_MILLISECONDS = 30000,
};

/* What a piece of work waits for and tells; the test's, as it outlives the work. */
typedef struct
{
  GAsyncQueue *go;    /* the work waits for something in it */
  GAsyncQueue *freed; /* gets the data when it is freed */
  gboolean cancelled; /* as the work found it at its end */
} Stage;

static void
stage_free (gpointer data)
{
  Stage *stage = data;

  g_async_queue_push (stage->freed, stage);
}

static void
stage_init (Stage *stage)
{
  stage->go = g_async_queue_new ();
  stage->freed = g_async_queue_new ();
  stage->cancelled = FALSE;
}

static void
stage_clear (Stage *stage)
{
  g_async_queue_unref (stage->go);
  g_async_queue_unref (stage->freed);
}

static void
wait_for_go (gpointer data, GCancellable *cancellable)
{
  Stage *stage = data;

  g_async_queue_pop (stage->go);
  stage->cancelled = g_cancellable_is_cancelled (cancellable);
}

static void
wait_for_cancel (gpointer data, GCancellable *cancellable)
{
  Stage *stage = data;
  GPollFD end = { .fd = -1 };

  g_assert_true (g_cancellable_make_pollfd (cancellable, &end));
  g_poll (&end, 1, LONG_MILLISECONDS);
  g_cancellable_release_fd (cancellable);
  stage->cancelled = g_cancellable_is_cancelled (cancellable);
}

static void
assert_freed (Stage *stage)
{
  g_assert_true (
      g_async_queue_timeout_pop (stage->freed, LONG_MILLISECONDS * G_TIME_SPAN_MILLISECOND)
      == stage);
}

static void
test_done (void)
{
  Stage stage;
  LodgeBackground *background;

  stage_init (&stage);
  background = lodge_background_start (wait_for_go, &stage, stage_free);
  g_assert_false (lodge_background_is_done (background, 0));
  g_async_queue_push (stage.go, &stage);
  g_assert_true (lodge_background_is_done (background, LONG_MILLISECONDS));
  g_assert_true (lodge_background_data (background) == &stage);
  g_assert_false (stage.cancelled);
  g_assert_cmpint (g_async_queue_length (stage.freed), ==, 0);
  lodge_background_drop (background);
  assert_freed (&stage);
  stage_clear (&stage);
}

static void
test_cancelled (void)
{
  Stage stage;

  stage_init (&stage);
  lodge_background_drop (lodge_background_start (wait_for_cancel, &stage, stage_free));
  assert_freed (&stage);
  g_assert_true (stage.cancelled);
  stage_clear (&stage);
}

/* As one that reads a disk that does not answer: whoever drops it is not held up, and what it works
 * on lives as long as it does. */
static void
test_left (void)
{
  Stage stage;

  stage_init (&stage);
  lodge_background_drop (lodge_background_start (wait_for_go, &stage, stage_free));
  g_assert_cmpint (g_async_queue_length (stage.freed), ==, 0);
  g_async_queue_push (stage.go, &stage);
  assert_freed (&stage);
  g_assert_true (stage.cancelled);
  stage_clear (&stage);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/background/done", test_done);
  g_test_add_func ("/background/cancelled", test_cancelled);
  g_test_add_func ("/background/left", test_left);
  return g_test_run ();
}
