/* What is done with the planned disk, by what is on it.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/storage-decision.h"

#define OWN "d2719c1e-8f3a-4f6e-9d3e-0c8b1d1f7a55"
#define OTHER "00000000-8f3a-4f6e-9d3e-0c8b1d1f7a55"

static const struct
{
  const char *name;
  LodgeDiskStateKind kind;
  const char *uuid;
  gboolean blank, erase, unnamed, resumed, finished;
  LodgeStorageAction action;
} cases[] = {
  { "blank", LODGE_DISK_STATE_BLANK, NULL, TRUE, FALSE, FALSE, FALSE, FALSE, LODGE_STORAGE_CREATE },
  { "data", LODGE_DISK_STATE_DATA, NULL, FALSE, FALSE, FALSE, FALSE, FALSE, LODGE_STORAGE_REFUSE },
  { "data-erase", LODGE_DISK_STATE_DATA, NULL, FALSE, TRUE, FALSE, FALSE, FALSE,
    LODGE_STORAGE_ERASE },
  { "other", LODGE_DISK_STATE_OTHER, NULL, FALSE, FALSE, FALSE, FALSE, FALSE,
    LODGE_STORAGE_REFUSE },
  { "other-erase", LODGE_DISK_STATE_OTHER, NULL, FALSE, TRUE, FALSE, FALSE, FALSE,
    LODGE_STORAGE_ERASE },
  { "own-finished", LODGE_DISK_STATE_STORAGE, OWN, FALSE, TRUE, TRUE, TRUE, TRUE,
    LODGE_STORAGE_KEEP },
  { "own-finished-not-resumed", LODGE_DISK_STATE_STORAGE, OWN, FALSE, TRUE, FALSE, FALSE, TRUE,
    LODGE_STORAGE_KEEP },
  { "own-unfinished", LODGE_DISK_STATE_STORAGE, OWN, FALSE, FALSE, TRUE, TRUE, FALSE,
    LODGE_STORAGE_REDO },
  { "own-unfinished-not-resumed", LODGE_DISK_STATE_STORAGE, OWN, FALSE, TRUE, TRUE, FALSE, FALSE,
    LODGE_STORAGE_REFUSE },
  { "storage-erase-serial", LODGE_DISK_STATE_STORAGE, OTHER, FALSE, TRUE, TRUE, FALSE, FALSE,
    LODGE_STORAGE_REFUSE },
  { "storage-erase-serial-resumed", LODGE_DISK_STATE_STORAGE, OTHER, FALSE, TRUE, TRUE, TRUE, FALSE,
    LODGE_STORAGE_REFUSE },
  { "storage-erase-uuid", LODGE_DISK_STATE_STORAGE, OTHER, FALSE, TRUE, FALSE, FALSE, FALSE,
    LODGE_STORAGE_ERASE },
  { "storage-beside-others", LODGE_DISK_STATE_OTHER, NULL, FALSE, TRUE, TRUE, FALSE, FALSE,
    LODGE_STORAGE_REFUSE },
};

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  LodgeDiskState state
      = { .kind = cases[i].kind, .uuid = (char *)cases[i].uuid, .what = (char *)"gpt, xfs" };
  LodgeSignature signature = { .type = (char *)"xfs", .uuid = (char *)cases[i].uuid };
  LodgeStorageCase facts = {
    .state = &state,
    .content = "a file system",
    .filesystem_uuid = OWN,
    .blank = cases[i].blank,
    .erase = cases[i].erase,
    .unnamed_storage = cases[i].unnamed ? &signature : NULL,
    .resumed = cases[i].resumed,
    .finished = cases[i].finished,
  };

  g_assert_cmpint (lodge_storage_decide (&facts, &error), ==, cases[i].action);
  if (cases[i].action == LODGE_STORAGE_REFUSE)
    g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
  else
    g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/storage-decision/", cases[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  return g_test_run ();
}
