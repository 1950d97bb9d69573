/* What is done with a disk, by what is on it: every state against every permission.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "firstboot/storage-decision.h"

#include <string.h>

#define OURS "11111111-2222-5333-8444-555555555555"
#define OTHERS "99999999-2222-5333-8444-555555555555"

typedef struct
{
  const char *name;
  LodgeDiskStateKind kind;
  const char *uuid;
  gboolean blank;
  gboolean finished;
  /* By permission: neither resumed nor erase, erase, resumed, both. */
  LodgeStorageAction expected[4];
  const char *reason; /* a part of the refusal */
} Row;

static const Row rows[] = {
  { "blank",
    LODGE_DISK_STATE_BLANK,
    NULL,
    TRUE,
    FALSE,
    { LODGE_STORAGE_CREATE, LODGE_STORAGE_CREATE, LODGE_STORAGE_CREATE, LODGE_STORAGE_CREATE },
    NULL },
  { "data without a signature",
    LODGE_DISK_STATE_BLANK,
    NULL,
    FALSE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE },
    "holds what the probe says" },
  { "deleted table",
    LODGE_DISK_STATE_REMAINS,
    NULL,
    TRUE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE },
    "no partition table, but ext4" },
  { "foreign",
    LODGE_DISK_STATE_OTHER,
    NULL,
    FALSE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE },
    "holds what the probe says" },
  { "table alone",
    LODGE_DISK_STATE_STORAGE_EMPTY,
    NULL,
    FALSE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REDO, LODGE_STORAGE_REDO },
    "\"lodge-storage\" that this setup did not make" },
  { "our unfinished file system",
    LODGE_DISK_STATE_STORAGE,
    OURS,
    FALSE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REDO, LODGE_STORAGE_REDO },
    "layout=adopt" },
  { "our finished file system",
    LODGE_DISK_STATE_STORAGE,
    OURS,
    FALSE,
    TRUE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_KEEP, LODGE_STORAGE_KEEP },
    "layout=adopt" },
  { "another host's storage",
    LODGE_DISK_STATE_STORAGE,
    OTHERS,
    FALSE,
    FALSE,
    { LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE, LODGE_STORAGE_REFUSE, LODGE_STORAGE_ERASE },
    OTHERS },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  char what[] = "ext4";
  LodgeDiskState state = { .kind = row->kind, .uuid = (char *)row->uuid, .what = what };

  for (guint permission = 0; permission < G_N_ELEMENTS (row->expected); permission++)
    {
      LodgeStorageCase facts = {
        .state = &state,
        .content = "what the probe says",
        .filesystem_uuid = OURS,
        .blank = row->blank,
        .erase = (permission & 1) != 0,
        .resumed = (permission & 2) != 0,
        .finished = row->finished,
      };
      g_autoptr (GError) error = NULL;
      LodgeStorageAction action = lodge_storage_decide (&facts, &error);

      g_assert_cmpint (action, ==, row->expected[permission]);
      if (action != LODGE_STORAGE_REFUSE)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, LODGE_ERROR, LODGE_ERROR_REFUSED);
      g_test_message ("vdb %s", error->message);
      g_assert_nonnull (strstr (error->message, row->reason));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/storage-decision/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  return g_test_run ();
}
