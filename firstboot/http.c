/* HTTPS by libcurl.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/http.h"

#include "common/error.h"
#include "common/run.h"
#include "firstboot/certificate.h"

#include <curl/curl.h>
#include <string.h>

#define CONNECT_SECONDS 20L
#define REDIRECTIONS 5L
#define PAUSE_MILLISECONDS 5000

typedef CURL LodgeCurl;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeCurl, curl_easy_cleanup)
typedef struct curl_slist LodgeCurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeCurlList, curl_slist_free_all)

typedef struct
{
  const LodgeHttpRequest *request;
  GString *body;
  gboolean too_long;
  gint64 deadline; /* of g_get_monotonic_time() */
} Transfer;

static const char *
name_of (const LodgeHttpRequest *request)
{
  return request->name != NULL ? request->name : request->url;
}

static size_t
receive (char *data, size_t size, size_t count, void *user)
{
  Transfer *transfer = user;

  if (transfer->body->len + size * count > transfer->request->limit)
    {
      transfer->too_long = TRUE;
      return 0;
    }
  g_string_append_len (transfer->body, data, (gssize)(size * count));
  return size * count;
}

static int
progress (void *user, curl_off_t download_total, curl_off_t download_now, curl_off_t upload_total,
          curl_off_t upload_now)
{
  const Transfer *transfer = user;

  (void)download_total, (void)download_now, (void)upload_total, (void)upload_now;
  return g_cancellable_is_cancelled (transfer->request->cancellable);
}

static gboolean
fail (const LodgeHttpRequest *request, CURLcode code, const char *details, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (request->cancellable, error))
    return FALSE;
  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", name_of (request),
                          details[0] != '\0' ? details : curl_easy_strerror (code));
}

/* A handle with what every request has in common.  DETAILS receives libcurl's words. */
static CURL *
handle_new (Transfer *transfer, char *details, GError **error)
{
  const LodgeHttpRequest *request = transfer->request;
  CURL *curl = curl_easy_init ();
  gint64 left = (transfer->deadline - g_get_monotonic_time ()) / 1000;

  if (curl == NULL)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED, "libcurl cannot be initialized");
      return NULL;
    }
  details[0] = '\0';
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, details);
  curl_easy_setopt (curl, CURLOPT_URL, request->url);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, (long)MAX (left, 1)); /* 0 would mean forever */
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, transfer);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, "lodge-firstboot");
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS);
  curl_easy_setopt (curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTPS);
#endif
  return curl;
}

/* --- pinning --- */

/* The certificate that the server shows, as PEM.  Nothing is sent but the TLS handshake. */
static char *
fetch_certificate (Transfer *transfer, GError **error)
{
  char details[CURL_ERROR_SIZE];
  g_autoptr (LodgeCurl) curl = handle_new (transfer, details, error);
  const struct curl_certinfo *certificates = NULL;
  CURLcode code;

  if (curl == NULL)
    return NULL;
  curl_easy_setopt (curl, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt (curl, CURLOPT_CERTINFO, 1L);
  /* Not trusted here: the caller compares the fingerprint, and the real request trusts only its
   * key.
   */
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  code = curl_easy_perform (curl);
  if (code != CURLE_OK)
    {
      fail (transfer->request, code, details, error);
      return NULL;
    }

  /* The first is the server's own; "Cert:" is libcurl's name for the PEM text. */
  if (curl_easy_getinfo (curl, CURLINFO_CERTINFO, &certificates) == CURLE_OK && certificates != NULL
      && certificates->num_of_certs > 0)
    for (const struct curl_slist *line = certificates->certinfo[0]; line != NULL; line = line->next)
      if (g_str_has_prefix (line->data, "Cert:"))
        return g_strdup (line->data + strlen ("Cert:"));
  lodge_error_set (error, LODGE_ERROR_FAILED, "%s: the server shows no certificate",
                   name_of (transfer->request));
  return NULL;
}

/* The certificate in its binary form (DER), or NULL. */
static guint8 *
decode (const char *pem, gsize *length)
{
  const char *begin = strstr (pem, "-----BEGIN CERTIFICATE-----");
  const char *end = begin != NULL ? strstr (begin, "-----END CERTIFICATE-----") : NULL;
  g_autofree char *base64 = NULL;

  if (end == NULL)
    return NULL;
  begin += strlen ("-----BEGIN CERTIFICATE-----");
  base64 = g_strndup (begin, (gsize)(end - begin));
  return g_base64_decode (base64, length);
}

static char *
normalize_fingerprint (const char *text)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p != ':')
      g_string_append_c (digits, g_ascii_tolower (*p));
  return g_strdup (digits->str);
}

/* The public key of the server's certificate (certificate.h), after the certificate's fingerprint
 * was found to be right. */
static char *
find_key (Transfer *transfer, GError **error)
{
  const LodgeHttpRequest *request = transfer->request;
  g_autofree char *pem = fetch_certificate (transfer, error);
  g_autofree guint8 *der = NULL;
  g_autofree char *found = NULL;
  g_autofree char *wanted = normalize_fingerprint (request->fingerprint);
  char *key;
  gsize length = 0;

  if (pem == NULL)
    return NULL;
  der = decode (pem, &length);
  /* As everybody prints it. */
  found = der != NULL ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, length) : NULL;
  if (g_strcmp0 (found, wanted) != 0)
    {
      lodge_error_set (error, LODGE_ERROR_FAILED,
                       "%s: the server's certificate has the fingerprint %s, not %s: compare both "
                       "with `openssl x509 -fingerprint -sha256` on the server",
                       name_of (request), found != NULL ? found : "(unknown)", wanted);
      return NULL;
    }
  key = lodge_certificate_key_pin (der, length);
  if (key == NULL)
    lodge_error_set (error, LODGE_ERROR_FAILED, "%s: the server's certificate cannot be read",
                     name_of (request));
  return key;
}

/* --- the request --- */

/* What a server says of a failure in words, quoted, or NULL: a page for browsers is none. */
static char *
first_line (const GString *body)
{
  g_autofree char *text = g_utf8_make_valid (body->str, (gssize)body->len);

  g_strstrip (text);
  text[strcspn (text, "\r\n")] = '\0';
  return *text == '\0' || *text == '<' ? NULL : lodge_error_quote (text);
}

static gboolean
fail_status (const Transfer *transfer, long status, GError **error)
{
  const LodgeHttpRequest *request = transfer->request;
  gboolean is_absent = request->absent != NULL && (status == 404 || status == 410);
  g_autofree char *words = first_line (transfer->body);

  return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: the server says HTTP status %ld%s%s%s%s",
                          name_of (request), status, words != NULL ? " " : "",
                          words != NULL ? words : "", is_absent ? ": " : "",
                          is_absent ? request->absent : "");
}

static gboolean
perform (Transfer *transfer, const char *key, GError **error)
{
  const LodgeHttpRequest *request = transfer->request;
  char details[CURL_ERROR_SIZE];
  g_autoptr (LodgeCurl) curl = handle_new (transfer, details, error);
  g_autoptr (LodgeCurlList) headers = NULL;
  long status = 0;
  CURLcode code;

  if (curl == NULL)
    return FALSE;
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_MAXREDIRS, REDIRECTIONS);
  /* By default what is redirected is fetched: the new place would never see the body. */
  curl_easy_setopt (curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
  if (key != NULL)
    {
      /* Whoever has that certificate's key is the server, wherever a redirection leads: neither who
       * issued it matters then, nor its name, nor its dates, as the clock of a host with an empty
       * battery is years behind. */
      code = curl_easy_setopt (curl, CURLOPT_PINNEDPUBLICKEY, key);
      if (code != CURLE_OK)
        return lodge_error_set (error, LODGE_ERROR_FAILED, "%s: %s", name_of (request),
                                curl_easy_strerror (code));
      curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
      curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
  if (request->body != NULL)
    {
      headers = curl_slist_append (NULL, "Content-Type: application/json");
      curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
      curl_easy_setopt (curl, CURLOPT_POSTFIELDS, request->body);
    }

  code = curl_easy_perform (curl);
  if (transfer->too_long)
    return lodge_error_set (error, LODGE_ERROR_FAILED,
                            "%s: the answer is longer than %" G_GSIZE_FORMAT " bytes",
                            name_of (request), request->limit);
  if (code != CURLE_OK)
    return fail (request, code, details, error);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299)
    return fail_status (transfer, status, error);
  return TRUE;
}

char *
lodge_http_request (const LodgeHttpRequest *request, gsize *length, GError **error)
{
  g_autoptr (GString) body = g_string_new (NULL);
  Transfer transfer = { .request = request, .body = body };
  g_autofree char *key = NULL;

  transfer.deadline = g_get_monotonic_time () + (gint64)request->seconds * G_USEC_PER_SEC;
  if (g_ascii_strncasecmp (request->url, "https://", strlen ("https://")) != 0)
    {
      lodge_error_set (
          error, LODGE_ERROR_USAGE,
          "%s: only https:// is taken, as answers hold secrets and decide what is erased",
          name_of (request));
      return NULL;
    }
  if (request->fingerprint != NULL)
    {
      key = find_key (&transfer, error);
      if (key == NULL)
        return NULL;
    }
  if (!perform (&transfer, key, error))
    return NULL;
  if (length != NULL)
    *length = body->len;
  return g_string_free (g_steal_pointer (&body), FALSE);
}

/* FALSE when CANCELLABLE was triggered meanwhile. */
static gboolean
pause_between_tries (const LodgeHttpRequest *request)
{
  GCancellable *cancellable = request->cancellable;
  int pause
      = request->pause_milliseconds != 0 ? (int)request->pause_milliseconds : PAUSE_MILLISECONDS;
  GPollFD waiting = { .fd = -1 };

  if (cancellable == NULL || !g_cancellable_make_pollfd (cancellable, &waiting))
    g_poll (NULL, 0, pause);
  else
    {
      g_poll (&waiting, 1, pause);
      g_cancellable_release_fd (cancellable);
    }
  return !g_cancellable_is_cancelled (cancellable);
}

char *
lodge_http_request_tries (const LodgeHttpRequest *request, guint tries, gsize *length,
                          void (*tell) (const char *line, gpointer data), gpointer data,
                          GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) problem = NULL;
      char *body = lodge_http_request (request, length, &problem);

      if (problem == NULL)
        return body;
      if (tell != NULL)
        {
          g_autofree char *line = g_strdup_printf ("try %u of %u: %s", i, tries, problem->message);
          tell (line, data);
        }
      /* A wrong URL stays wrong. */
      if (i >= tries || g_error_matches (problem, LODGE_ERROR, LODGE_ERROR_USAGE)
          || !pause_between_tries (request))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
    }
}

gboolean
lodge_http_wait_for_network (guint seconds, GCancellable *cancellable)
{
  g_autofree char *timeout = g_strdup_printf ("%u", seconds);
  g_autofree char *program = g_find_program_in_path ("nm-online");
  const char *const argv[]
      = { "nm-online", "--quiet", "--wait-for-startup", "--timeout", timeout, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) problem = NULL;
  int status;

  if (program == NULL)
    return TRUE;
  output = lodge_run_status (argv, NULL, &status, cancellable, &problem);
  return output != NULL && status == 0;
}
