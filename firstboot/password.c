/* Root's password: judged and hashed.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/password.h"

#include "common/error.h"
#include "firstboot/i18n.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

/* CRYPT_MAX_PASSPHRASE_SIZE is larger; login(1) and PAM take this much everywhere. */
#define LONGEST 256

/* Among the first that any list of passwords has. */
static const char *const common[]
    = { "password", "passwort", "qwerty", "qwertz", "letmein",  "welcome",
        "admin",    "changeme", "secret", "root",   "12345678", "123456789" };

static gboolean
is_common (const char *password)
{
  g_autofree char *lower = g_ascii_strdown (password, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (common); i++)
    if (strstr (lower, common[i]) != NULL && strlen (lower) < strlen (common[i]) + 4)
      return TRUE;
  return FALSE;
}

/* How many different characters, and of how many kinds. */
LodgePasswordStrength
lodge_password_judge (const char *password)
{
  gboolean lower = FALSE, upper = FALSE, digit = FALSE, other = FALSE;
  guint different = 0;
  guint kinds;

  for (const char *p = password; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_utf8_strchr (password, p - password, c) == NULL)
        different++;
      if (g_unichar_islower (c))
        lower = TRUE;
      else if (g_unichar_isupper (c))
        upper = TRUE;
      else if (g_unichar_isdigit (c))
        digit = TRUE;
      else
        other = TRUE;
    }
  kinds = (guint)lower + (guint)upper + (guint)digit + (guint)other;
  if (g_utf8_strlen (password, -1) < 8 || different < 6 || is_common (password))
    return LODGE_PASSWORD_WEAK;
  return different >= 14 || (different >= 9 && kinds >= 3) ? LODGE_PASSWORD_STRONG
                                                           : LODGE_PASSWORD_FAIR;
}

const char *
lodge_password_complaint (const char *password)
{
  if (strlen (password) > LONGEST)
    return _ ("The password is too long: at most 256 bytes.");
  for (const char *p = password; *p != '\0'; p++)
    if ((guchar)*p < 0x20 || *p == 0x7f)
      return _ ("The password holds a control character, which a login prompt would not take.");
  return NULL;
}

char *
lodge_password_hash (const char *password, GError **error)
{
  /* "$y$": yescrypt, as the distributions' own passwd(1) makes; 0: its usual cost. */
  g_autofree char *setting = g_new0 (char, CRYPT_GENSALT_OUTPUT_SIZE);
  g_autofree struct crypt_data *data = g_new0 (struct crypt_data, 1);
  const char *hash = NULL;
  char *copy;

  if (crypt_gensalt_rn ("$y$", 0, NULL, 0, setting, CRYPT_GENSALT_OUTPUT_SIZE) != NULL)
    hash = crypt_r (password, setting, data);
  if (hash == NULL || hash[0] == '*')
    {
      lodge_error_set_errno (error, errno, N_ ("hash the password"));
      return NULL;
    }
  copy = g_strdup (hash);
  explicit_bzero (data, sizeof *data);
  return copy;
}
