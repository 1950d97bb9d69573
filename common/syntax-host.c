/* Values about the host itself.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/syntax.h"
#include "common/translate.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

enum
{
  LABEL_MAX = 63,   /* RFC 1035, 2.3.4 */
  DOMAIN_MAX = 253, /* the 255 octets of RFC 1035 as text */
};

/* Checks TEXT as dot-separated labels; WHAT and MAXIMUM are for the whole. */
static char *
check_name (const char *text, const char *what, gsize maximum, const char *reason, GError **error)
{
  g_autofree char *quoted = lodge_error_quote (text);
  g_auto (GStrv) labels = g_strsplit (text, ".", -1);
  struct in_addr address;

  if (strlen (text) > maximum)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is %u characters long, but %s allows %u"),
                       quoted, (guint)strlen (text), reason, (guint)maximum);
      return NULL;
    }
  if (inet_pton (AF_INET, text, &address) == 1)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is an address, not a %s"), quoted, what);
      return NULL;
    }
  for (guint i = 0; i == 0 || labels[i] != NULL; i++)
    {
      const char *label = labels[i] != NULL ? labels[i] : "";
      gsize length = strlen (label);

      if (length == 0)
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         _ ("%s has an empty part: there must be a name before, between and after "
                            "dots"),
                         quoted);
      else if (length > LABEL_MAX)
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         _ ("%s has a part of %u characters, but RFC 1123 allows %d"), quoted,
                         (guint)length, (int)LABEL_MAX);
      else if (strspn (label, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-") != length)
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         _ ("%s holds something other than letters, digits, \"-\" and \".\""),
                         quoted);
      else if (label[0] == '-' || label[length - 1] == '-')
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         _ ("%s has a part that begins or ends with \"-\""), quoted);
      else
        continue;
      return NULL;
    }
  /* "300.1.1.1": a mistyped address. */
  if (labels[1] != NULL && strspn (text, G_CSET_DIGITS ".") == strlen (text))
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("%s is of digits and dots only, as addresses are"), quoted);
      return NULL;
    }
  return g_strdup (text);
}

char *
lodge_syntax_hostname (const char *text, GError **error)
{
  return check_name (text, _ ("host name"), HOST_NAME_MAX, "Linux", error);
}

char *
lodge_syntax_domain (const char *text, GError **error)
{
  return check_name (text, _ ("domain name"), DOMAIN_MAX, "RFC 1035", error);
}

static char *
check_pattern (const char *text, const char *pattern, const char *what, GError **error)
{
  g_autofree char *quoted = NULL;

  if (g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    return g_strdup (text);
  quoted = lodge_error_quote (text);
  lodge_error_set (error, LODGE_ERROR_USAGE, _ ("%s is not the name of a %s"), quoted, what);
  return NULL;
}

char *
lodge_syntax_timezone (const char *text, GError **error)
{
  /* The names of tzdata; none has a dot, so none leaves the directory. */
  return check_pattern (text, "^[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,3}$",
                        _ ("time zone"), error);
}

char *
lodge_syntax_keyboard (const char *text, GError **error)
{
  return check_pattern (text, "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", _ ("console keymap"), error);
}

char *
lodge_syntax_language (const char *text, GError **error)
{
  return check_pattern (
      text, "^(C|POSIX|[a-z]{2,3}(_[A-Z]{2}|_[0-9]{3})?)(\\.[A-Za-z0-9-]{1,20})?(@[a-z]{1,20})?$",
      _ ("locale"), error);
}
