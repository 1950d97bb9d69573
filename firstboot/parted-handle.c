/* libparted's questions as errors.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/parted-handle.h"
#include "common/error.h"

typedef struct
{
  LodgePartedAnswer answer;
  char *complaint; /* the first */
} Conversation;

static void
conversation_free (gpointer data)
{
  Conversation *conversation = data;

  g_free (conversation->complaint);
  g_free (conversation);
}

/* The handler gets no data pointer, so this has to be found from nothing. */
static GPrivate conversations = G_PRIVATE_INIT (conversation_free);

static Conversation *
get_conversation (void)
{
  Conversation *conversation = g_private_get (&conversations);

  if (conversation == NULL)
    {
      conversation = g_new0 (Conversation, 1);
      g_private_set (&conversations, conversation);
    }
  return conversation;
}

static PedExceptionOption
handle_exception (PedException *exception)
{
  Conversation *conversation = get_conversation ();

  if (conversation->answer == LODGE_PARTED_FIX)
    {
      if (exception->options & PED_EXCEPTION_FIX)
        return PED_EXCEPTION_FIX;
      if (exception->options & PED_EXCEPTION_OK)
        return PED_EXCEPTION_OK;
    }
  if (exception->type == PED_EXCEPTION_INFORMATION)
    return PED_EXCEPTION_UNHANDLED;
  if (conversation->complaint == NULL)
    conversation->complaint = g_strdup (exception->message);
  return (exception->options & PED_EXCEPTION_CANCEL) ? PED_EXCEPTION_CANCEL
                                                     : PED_EXCEPTION_UNHANDLED;
}

void
lodge_parted_begin (LodgePartedAnswer answer)
{
  Conversation *conversation = get_conversation ();

  g_clear_pointer (&conversation->complaint, g_free);
  conversation->answer = answer;
  ped_exception_set_handler (handle_exception);
}

gboolean
lodge_parted_error (GError **error, const char *format, ...)
{
  const Conversation *conversation = get_conversation ();
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", message,
                          conversation->complaint != NULL ? conversation->complaint
                                                          : "libparted gave no reason");
}
