/* Name-based UUIDs: published vectors, and those of a build.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "builder/plan.h"
#include "common/uuid.h"

/* RFC 4122, appendix C: the name spaces for host names and for URLs. */
static const guint8 dns[LODGE_UUID_BYTES] = { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                              0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
static const guint8 url[LODGE_UUID_BYTES] = { 0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
                                              0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };

static void
test_vectors (void)
{
  /* The first is RFC 9562's own (A.4); the others are what uuidgen --sha1 of util-linux and
   * Python's uuid give. */
  g_autofree char *first = lodge_uuid_from_name (dns, "www.example.com");
  g_autofree char *second = lodge_uuid_from_name (url, "https://www.example.com/");
  g_autofree char *third = lodge_uuid_from_name (dns, "");

  g_assert_cmpstr (first, ==, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  g_assert_cmpstr (second, ==, "3d3ed9d2-aa3d-5fa6-90e8-ed662e90f559");
  g_assert_cmpstr (third, ==, "4ebd0208-8328-5d69-8c44-ec50939c0967");
}

static void
test_build (void)
{
  g_autofree char *one = lodge_build_uuid ("aa", "filesystem-root");
  g_autofree char *same = lodge_build_uuid ("aa", "filesystem-root");
  g_autofree char *other_role = lodge_build_uuid ("aa", "partition-root");
  g_autofree char *other_build = lodge_build_uuid ("ab", "filesystem-root");

  g_assert_true (g_uuid_string_is_valid (one));
  g_assert_cmpstr (one, ==, same);
  g_assert_cmpstr (one, !=, other_role);
  g_assert_cmpstr (one, !=, other_build);
  /* Pinned: another value would give every image other UUIDs. */
  g_assert_cmpstr (one, ==, "b600b60e-7773-514a-b591-435cff11d10f");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uuid/vectors", test_vectors);
  g_test_add_func ("/uuid/build", test_build);
  return g_test_run ();
}
