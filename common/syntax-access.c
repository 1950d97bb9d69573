/* Password hashes and SSH keys.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/syntax.h"
#include "common/translate.h"

#include <string.h>

/* The hashes of crypt(5) that are fit for new passwords, in the forms that page gives. */
static const struct
{
  const char *prefix;
  const char *pattern;
} hashes[] = {
  { "$y$", "^\\$y\\$[./A-Za-z0-9]+\\$[./A-Za-z0-9]{0,86}\\$[./A-Za-z0-9]{43}$" },
  { "$gy$", "^\\$gy\\$[./A-Za-z0-9]+\\$[./A-Za-z0-9]{0,86}\\$[./A-Za-z0-9]{43}$" },
  { "$7$", "^\\$7\\$[./A-Za-z0-9]{11,97}\\$[./A-Za-z0-9]{43}$" },
  { "$2b$", "^\\$2b\\$[0-9]{2}\\$[./A-Za-z0-9]{53}$" },
  { "$6$", "^\\$6\\$(rounds=[1-9][0-9]+\\$)?[!-#%-9<-~]{1,16}\\$[./0-9A-Za-z]{86}$" },
  { "$5$", "^\\$5\\$(rounds=[1-9][0-9]+\\$)?[!-#%-9<-~]{1,16}\\$[./0-9A-Za-z]{43}$" },
};

static const char make_hash[] = "make one with `openssl passwd -6`";

char *
lodge_syntax_password_hash (const char *text, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++)
    {
      if (!g_str_has_prefix (text, hashes[i].prefix))
        continue;
      if (g_regex_match_simple (hashes[i].pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
        return g_strdup (text);
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("the hash begins with %s but is cut short or damaged (a shell replaces "
                          "$… unless it stands between single quotation marks); %s"),
                       hashes[i].prefix, make_hash);
      return NULL;
    }
  if (*text == '$')
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     _ ("the hash is of a kind that is unknown or no longer safe; %s"), make_hash);
  else if (*text == '!' || *text == '*')
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     _ ("a locked password cannot be given: leave the key out instead"));
  else if (*text == '"' || *text == '\'')
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     _ ("the hash must stand without quotation marks around it"));
  else
    lodge_error_set (error, LODGE_ERROR_USAGE,
                     _ ("this is not a password hash but looks like the password itself; %s"),
                     make_hash);
  return NULL;
}

/* --- SSH public keys --- */

enum
{
  RSA_BITS_MIN = 2048,
  FIELDS_MAX = 4,
};

/* A key's type and what its blob holds (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4, and OpenSSH's
 * PROTOCOL.u2f): the type again, then FIELDS strings; CURVE and POINT bytes where they are fixed.
 */
typedef struct
{
  const char *name;
  guint fields;
  const char *curve; /* the first field, or NULL */
  gsize key_length;  /* bytes of the public key, 0: any */
} KeyType;

static const KeyType key_types[] = {
  { "ssh-ed25519", 1, NULL, 32 },
  { "ssh-rsa", 2, NULL, 0 },
  { "ecdsa-sha2-nistp256", 2, "nistp256", 65 },
  { "ecdsa-sha2-nistp384", 2, "nistp384", 97 },
  { "ecdsa-sha2-nistp521", 2, "nistp521", 133 },
  { "sk-ssh-ed25519@openssh.com", 2, NULL, 32 },
  { "sk-ecdsa-sha2-nistp256@openssh.com", 3, "nistp256", 65 },
};

static const KeyType *
find_key_type (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (key_types); i++)
    if (strcmp (key_types[i].name, name) == 0)
      return &key_types[i];
  return NULL;
}

typedef struct
{
  const guint8 *data;
  gsize length;
} Field;

/* Cuts BLOB, all of it, into exactly COUNT strings, each with its length before it. */
static gboolean
split_blob (const guint8 *blob, gsize length, Field *fields, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      guint32 field_length;

      if (length < sizeof field_length)
        return FALSE;
      memcpy (&field_length, blob, sizeof field_length);
      field_length = GUINT32_FROM_BE (field_length);
      blob += sizeof field_length;
      length -= sizeof field_length;
      if (field_length > length)
        return FALSE;
      fields[i] = (Field){ blob, field_length };
      blob += field_length;
      length -= field_length;
    }
  return length == 0;
}

static gboolean
field_is (const Field *field, const char *text)
{
  return field->data != NULL && field->length == strlen (text)
         && memcmp (field->data, text, field->length) == 0;
}

/* Bits of the positive multiple-precision integer in FIELD (RFC 4251, 5). */
static gsize
integer_bits (const Field *field)
{
  const guint8 *data = field->data;
  gsize length = field->length;

  while (length > 0 && *data == 0)
    {
      data++;
      length--;
    }
  return length == 0 ? 0 : (length - 1) * 8 + g_bit_storage (*data);
}

static gboolean
check_blob (const KeyType *type, const char *base64, GError **error)
{
  gsize length = 0;
  g_autofree guint8 *blob = g_base64_decode (base64, &length);
  g_autofree char *again = g_base64_encode (blob, length);
  Field fields[FIELDS_MAX] = { 0 };
  const Field *key = &fields[type->curve != NULL ? 2 : 1];

  /* g_base64_decode() skips what is not base64, so compare. */
  if (strcmp (again, base64) != 0 || !split_blob (blob, length, fields, type->fields + 1)
      || (type->curve != NULL && !field_is (&fields[1], type->curve))
      || (type->key_length != 0 && key->length != type->key_length))
    return lodge_error_set (
        error, LODGE_ERROR_USAGE,
        _ ("the %s key is damaged or cut short: copy the whole line of the .pub "
           "file"),
        type->name);
  if (!field_is (&fields[0], type->name))
    return lodge_error_set (
        error, LODGE_ERROR_USAGE,
        _ ("the key says it is %s but holds another type: copy the whole line of "
           "the .pub file"),
        type->name);
  if (strcmp (type->name, "ssh-rsa") == 0 && integer_bits (&fields[2]) < RSA_BITS_MIN)
    return lodge_error_set (error, LODGE_ERROR_USAGE,
                            _ ("the RSA key has %u bits, but sshd of current distributions refuses "
                               "less than %d; make a new key with `ssh-keygen -t ed25519`"),
                            (guint)integer_bits (&fields[2]), (int)RSA_BITS_MIN);
  return TRUE;
}

/* What authorized_keys' owner has at hand is often the name of the file. */
static gboolean
is_file_name (const char *text)
{
  return *text == '/' || *text == '~' || *text == '.' || g_str_has_suffix (text, ".pub");
}

/* Whether another key begins behind the first one of WORDS (NULL at the end), after a blank or a
 * ",": it would be taken for a comment, and its owner could not log in. */
static gboolean
holds_second_key (const GPtrArray *words)
{
  for (guint i = 1; i + 1 < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);
      const char *comma = strrchr (word, ',');

      if (find_key_type (comma != NULL ? comma + 1 : word) != NULL)
        return TRUE;
    }
  return FALSE;
}

char *
lodge_syntax_ssh_key (const char *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  const KeyType *type;

  if (strstr (text, "PRIVATE KEY") != NULL)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("this is a private key, which must never leave its owner: give the line "
                          "of the .pub file"));
      return NULL;
    }
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (kept, words[i]);
  g_ptr_array_add (kept, NULL);

  type = kept->len > 1 ? find_key_type (g_ptr_array_index (kept, 0)) : NULL;
  if (type == NULL)
    {
      gboolean options = FALSE;

      for (guint i = 1; i + 1 < kept->len; i++)
        options = options || find_key_type (g_ptr_array_index (kept, i)) != NULL;
      lodge_error_set (
          error, LODGE_ERROR_USAGE,
          is_file_name (text) ? _ ("this is the name of a file, and the key itself is wanted: give "
                                   "the line that stands in the .pub file")
          : options           ? _ ("options stand before the SSH key, which is not supported: give "
                                             "the key alone")
                              : _ ("this is not an SSH public key of a known type (ssh-ed25519, "
                                             "ssh-rsa, ecdsa-sha2-…, sk-…)"));
      return NULL;
    }
  if (holds_second_key (kept))
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("several SSH keys stand in one entry: separate them with \";\""));
      return NULL;
    }
  if (kept->len < 3)
    {
      lodge_error_set (error, LODGE_ERROR_USAGE,
                       _ ("the key is missing behind \"%s\": copy the whole line of the .pub file"),
                       type->name);
      return NULL;
    }
  if (!check_blob (type, g_ptr_array_index (kept, 1), error))
    return NULL;
  return g_strjoinv (" ", (char **)kept->pdata);
}
