/* Answers from a web server, which is told who asks: so it can give each host its own.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/syntax.h"
#include "firstboot/answer-sources.h"

#include "firstboot/http.h"
#include "firstboot/probe.h"

#include <string.h>

#define ANSWERS_LIMIT (1024 * 1024)
#define NETWORK_SECONDS 90
#define TRIES 3
#define TRY_SECONDS 30

static void
tell (const char *line, gpointer data)
{
  const LodgeSourceContext *context = data;

  lodge_watcher_tell (context->watcher, "answers, %s", line);
}

/* --- who asks --- */

/* The identity as NAME=VALUE, in the order of the query. */
static GPtrArray *
list_names (const LodgeHostIdentity *identity)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; identity->macs != NULL && identity->macs[i] != NULL; i++)
    g_ptr_array_add (names, g_strconcat ("mac=", identity->macs[i], NULL));
  if (identity->serial != NULL)
    g_ptr_array_add (names, g_strconcat ("serial=", identity->serial, NULL));
  if (identity->uuid != NULL)
    g_ptr_array_add (names, g_strconcat ("uuid=", identity->uuid, NULL));
  return names;
}

char *
lodge_source_url_for_host (const char *url, const LodgeHostIdentity *identity)
{
  g_autoptr (GPtrArray) names = list_names (identity);
  g_autoptr (GString) whole = g_string_new (url);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const char *value = strchr (name, '=') + 1;
      char last = whole->str[whole->len - 1];

      if (strchr (whole->str, '?') == NULL)
        g_string_append_c (whole, '?');
      else if (last != '?' && last != '&')
        g_string_append_c (whole, '&');
      g_string_append_len (whole, name, value - name);
      g_string_append_uri_escaped (whole, value, NULL, FALSE);
    }
  return g_strdup (whole->str);
}

/* For people: "it has no answers for mac=…, serial=…". */
static char *
describe_absence (const LodgeHostIdentity *identity)
{
  g_autoptr (GPtrArray) names = list_names (identity);
  g_autofree char *joined = NULL;

  if (names->len == 0)
    return NULL;
  g_ptr_array_add (names, NULL);
  joined = g_strjoinv (", ", (GStrv)names->pdata);
  return g_strdup_printf ("it has no answers for this host (%s)", joined);
}

/* --- asking --- */

static LodgeSourceResult
fetch (const LodgeSourceContext *context, const LodgeHostIdentity *identity, const char *url,
       const char *fingerprint, LodgeAnswerText *text, GError **error)
{
  g_autofree char *whole = lodge_source_url_for_host (url, identity);
  g_autofree char *shown = lodge_url_to_show (url);
  g_autofree char *absent = describe_absence (identity);
  LodgeHttpRequest request = {
    .url = whole,
    .name = shown,
    .absent = absent,
    .fingerprint = fingerprint,
    .seconds = TRY_SECONDS,
    .limit = ANSWERS_LIMIT,
    .cancellable = context->cancellable,
  };

  text->text
      = lodge_http_request_tries (&request, TRIES, &text->length, tell, (gpointer)context, error);
  if (text->text == NULL)
    return LODGE_SOURCE_ERROR;
  text->name = g_steal_pointer (&shown);
  return LODGE_SOURCE_FOUND;
}

LodgeSourceResult
lodge_source_url (const LodgeSourceContext *context, const char *url, const char *fingerprint,
                  LodgeAnswerText *text, GError **error)
{
  const LodgeProbe probe = { .sysroot = context->root };
  g_autoptr (LodgeHost) host = NULL;

  if (context->root[0] == '\0'
      && !lodge_http_wait_for_network (NETWORK_SECONDS, context->cancellable))
    lodge_watcher_tell (context->watcher,
                        "answers: the network is not up after %d s; trying all the "
                        "same",
                        NETWORK_SECONDS);
  host = lodge_probe_host (&probe, error);
  if (host == NULL)
    return LODGE_SOURCE_ERROR;
  return fetch (context, host->identity, url, fingerprint, text, error);
}
