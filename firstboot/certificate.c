/* Where the public key of a certificate is: RFC 5280, section 4.1, in DER (X.690).
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/certificate.h"

enum
{
  SEQUENCE = 0x30,
  VERSION = 0xa0,        /* [0], left out by version 1 */
  BEFORE_KEY = 5,        /* serialNumber, signature, issuer, validity, subject */
  LONG_LENGTH = 0x80,    /* or'ed with the number of bytes of it that follow */
  MOST_LENGTH_BYTES = 3, /* no certificate has 16 MiB */
};

typedef struct
{
  const guint8 *bytes;
  gsize length;
} Part;

/* Takes the first element off REST: *WHOLE with its tag and length, *CONTENT without; its tag, or
 * -1. */
static int
take (Part *rest, Part *whole, Part *content)
{
  gsize header = 2;
  gsize length;

  if (rest->length < header)
    return -1;
  length = rest->bytes[1];
  if (length >= LONG_LENGTH)
    {
      gsize count = length - LONG_LENGTH;

      if (count == 0 || count > MOST_LENGTH_BYTES || rest->length < header + count)
        return -1;
      length = 0;
      for (gsize i = 0; i < count; i++)
        length = length << 8 | rest->bytes[header + i];
      header += count;
    }
  if (rest->length - header < length)
    return -1;
  *whole = (Part){ rest->bytes, header + length };
  *content = (Part){ rest->bytes + header, length };
  rest->bytes += whole->length;
  rest->length -= whole->length;
  return whole->bytes[0];
}

char *
lodge_certificate_key_pin (const guint8 *der, gsize length)
{
  Part rest = { der, length };
  Part whole;
  Part certificate;
  Part fields;
  Part content;
  guint8 digest[32];
  gsize digest_length = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *text = NULL;
  int tag;

  if (take (&rest, &whole, &certificate) != SEQUENCE
      || take (&certificate, &whole, &fields) != SEQUENCE)
    return NULL;
  tag = take (&fields, &whole, &content);
  for (int i = tag == VERSION ? 0 : 1; tag != -1 && i < BEFORE_KEY; i++)
    tag = take (&fields, &whole, &content);
  if (tag == -1 || take (&fields, &whole, &content) != SEQUENCE)
    return NULL;
  g_checksum_update (checksum, whole.bytes, (gssize)whole.length);
  g_checksum_get_digest (checksum, digest, &digest_length);
  text = g_base64_encode (digest, digest_length);
  return g_strconcat ("sha256//", text, NULL);
}
