/* Names of disks, network ports and machines.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/syntax.h"

#include <string.h>

enum
{
  NAME_MAX_LENGTH = 255,
};

static gboolean
matches (const char *pattern, const char *text)
{
  return g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0);
}

/* Fills ERROR with "TEXT MESSAGE"; always NULL. */
static char *
refuse (const char *text, const char *message, GError **error)
{
  g_autofree char *quoted = lodge_error_quote (text);

  lodge_error_set (error, LODGE_ERROR_USAGE, "%s %s", quoted, message);
  return NULL;
}

static gboolean
is_too_long_or_empty (const char *text)
{
  return *text == '\0' || strlen (text) > NAME_MAX_LENGTH;
}

char *
lodge_syntax_serial (const char *text, GError **error)
{
  if (*text == '\0')
    {
      lodge_error_set (error, LODGE_ERROR_USAGE, "the serial number is missing");
      return NULL;
    }
  /* ";" separates lists and "\" joins lines: neither could be written back. */
  if (strlen (text) > NAME_MAX_LENGTH || !matches ("^[!-~]([ -~]*[!-~])?$", text)
      || strpbrk (text, ";\\") != NULL)
    return refuse (text,
                   "is not a serial number that can be written here: at most 255 printable ASCII "
                   "characters without \";\" and \"\\\" (a disk can be named with path: instead)",
                   error);
  return g_strdup (text);
}

char *
lodge_syntax_erase (const char *text, GError **error)
{
  static const char *const prefixes[] = { "serial:", "path:", "wwn:", "name:", "/dev/" };
  static const char *const switches[]
      = { "yes", "no", "true", "false", "on", "off", "all", "any", "none", "auto" };

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    if (g_ascii_strcasecmp (text, switches[i]) == 0)
      {
        lodge_error_set (error, LODGE_ERROR_USAGE,
                         "\"%s\" names no disk: erase= wants the serial number (or name) of the "
                         "disk",
                         text);
        return NULL;
      }
  /* Such an entry would never equal a serial number, and the admin would learn it on the host. */
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (text, prefixes[i]))
      {
        g_autofree char *message = g_strdup_printf (
            "must be the serial number (or kernel name) alone, without \"%s\"", prefixes[i]);

        return refuse (text, message, error);
      }
  return lodge_syntax_serial (text, error);
}

char *
lodge_syntax_disk_path (const char *text, GError **error)
{
  if (strchr (text, '/') != NULL)
    return refuse (text,
                   "holds a \"/\": write the link's name alone, as `ls /dev/disk/by-path` shows "
                   "it",
                   error);
  if (is_too_long_or_empty (text) || !matches ("^[A-Za-z0-9][A-Za-z0-9:._,@=+-]*$", text))
    return refuse (text, "is not the name of a link in /dev/disk/by-path", error);
  return g_strdup (text);
}

char *
lodge_syntax_wwn (const char *text, GError **error)
{
  if (is_too_long_or_empty (text) || !matches ("^[A-Za-z0-9][A-Za-z0-9:._-]*$", text))
    return refuse (text, "is not a world wide name", error);
  return g_strdup (text);
}

char *
lodge_syntax_kernel_name (const char *text, GError **error)
{
  if (strchr (text, '/') != NULL)
    return refuse (text, "holds a \"/\": write the kernel's name alone, without /dev/", error);
  if (is_too_long_or_empty (text) || !matches ("^[A-Za-z0-9][A-Za-z0-9:._!@-]*$", text))
    return refuse (text, "is not the kernel's name of a device", error);
  return g_strdup (text);
}

char *
lodge_syntax_mac (const char *text, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  char separator;

  g_strdelimit (lower, "-", ':');
  separator = strchr (text, '-') != NULL ? '-' : ':';
  if (!matches ("^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", lower)
      || (separator == '-' && strchr (text, ':') != NULL))
    return refuse (text, "is not a MAC address", error);
  if (strcmp (lower, "00:00:00:00:00:00") == 0 || (g_ascii_xdigit_value (lower[1]) & 1) != 0)
    return refuse (text, "is not the MAC address of a network port (it is zero or for groups)",
                   error);
  return g_steal_pointer (&lower);
}

char *
lodge_syntax_uuid (const char *text, GError **error)
{
  if (!g_uuid_string_is_valid (text))
    return refuse (text, "is not a UUID", error);
  return g_ascii_strdown (text, -1);
}
