/* answers.conf mutated at random, from a fixed seed: nothing crashes, everything is said properly.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "tests/unit/answers-fixtures.h"

#include <string.h>

/* A place in TEXT, often the start of a line: there most of the syntax is. */
static gsize
random_place (GRand *random, const GString *text)
{
  gsize place = (gsize)g_rand_int_range (random, 0, (gint32)text->len + 1);

  if (g_rand_boolean (random))
    while (place > 0 && text->str[place - 1] != '\n')
      place--;
  return place;
}

static void
mutate (GRand *random, GString *text, const GString *donor)
{
  static const char *const pieces[] = { "\n",
                                        "=",
                                        ";",
                                        "[",
                                        "]",
                                        "\\\n",
                                        "\\",
                                        "\r\n",
                                        "\r",
                                        "#",
                                        " ",
                                        "\t",
                                        "\"",
                                        "\xff",
                                        "\xc2",
                                        "\x1b[2J",
                                        ":",
                                        "/",
                                        "%s%n",
                                        "$6$",
                                        "auto",
                                        "static",
                                        "off",
                                        "no",
                                        "-1",
                                        "0",
                                        "99999999999999999999",
                                        "[match mac=52:54:00:00:00:01]\n",
                                        "[match serial=]\n",
                                        "[network]\n",
                                        "network.",
                                        "address=",
                                        "::",
                                        "…",
                                        "\xef\xbb\xbf",
                                        "..",
                                        "/128",
                                        "\v" };
  gsize place = random_place (random, text);
  gsize some = (gsize)g_rand_int_range (random, 1, 200);

  switch (g_rand_int_range (random, 0, 6))
    {
    case 0: /* a byte replaced, NUL among them */
      if (place < text->len)
        text->str[place] = (char)g_rand_int_range (random, 0, 256);
      break;
    case 1: /* some bytes removed */
      g_string_erase (text, (gssize)place, (gssize)MIN (text->len - place, some / 16));
      break;
    case 2: /* a piece of the syntax put in */
      g_string_insert (text, (gssize)place,
                       pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
      break;
    case 3: /* the end cut off */
      g_string_truncate (text, place);
      break;
    case 4: /* a line of another file put in, so that keys contradict each other */
      {
        gsize start = random_place (random, donor);
        const char *end = memchr (donor->str + start, '\n', donor->len - start);
        gsize length = end == NULL ? donor->len - start : (gsize)(end + 1 - donor->str) - start;

        g_string_insert_len (text, (gssize)place, donor->str + start, (gssize)length);
        break;
      }
    default: /* a stretch repeated */
      {
        gsize length = MIN (text->len - place, some);
        g_autofree char *copy = g_memdup2 (text->str + place, length);

        g_string_insert_len (text, (gssize)place, copy, (gssize)length);
        break;
      }
    }
}

/* Whether MESSAGE begins with "F:LINE: " and is fit for a console. */
static void
assert_message (const char *message)
{
  g_assert_true (g_regex_match_simple ("^F:[1-9][0-9]*: \\S", message, 0, 0));
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_cmpuint (strlen (message), <, 1000);
  for (const char *p = message; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}

/* A few thousand mutations of the good files: each is either refused with a proper message or read
 * into answers that survive being written and read again. */
static void
test_mutated (void)
{
  const guint rounds = g_test_slow () ? 200000 : 6000;
  g_autoptr (GRand) random = g_rand_new_with_seed (20260101);
  g_autoptr (GPtrArray) names = list_fixtures ("good-");
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  char *macs[] = { (char *)"52:54:00:00:00:01", NULL };
  LodgeHostIdentity host = { .macs = macs, .serial = (char *)"ABC 123" };
  guint accepted = 0;

  g_ptr_array_sort (names, (GCompareFunc)(void (*) (void))g_strcmp0);
  for (guint i = 0; i < names->len; i++)
    {
      gsize length;
      g_autofree char *text = read_fixture (g_ptr_array_index (names, i), &length);

      g_ptr_array_add (texts, g_string_new_len (text, (gssize)length));
    }
  for (guint round = 0; round < rounds; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeAnswers) answers = NULL;
      const GString *original
          = g_ptr_array_index (texts, g_rand_int_range (random, 0, (gint32)texts->len));
      const GString *donor
          = g_ptr_array_index (texts, g_rand_int_range (random, 0, (gint32)texts->len));
      g_autoptr (GString) text = g_string_new_len (original->str, (gssize)original->len);
      g_autofree char *copy = NULL;

      for (gint32 i = g_rand_int_range (random, 1, 5); i > 0; i--)
        mutate (random, text, donor);
      /* Without the NUL behind it, so that ASan and valgrind see a read beyond the length. */
      copy = g_memdup2 (text->str, text->len);
      answers = lodge_answers_parse ("F", copy, text->len, g_rand_boolean (random) ? &host : NULL,
                                     &error);
      if (answers == NULL)
        {
          g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
          assert_message (error->message);
        }
      else if (strstr (text->str, "match") == NULL)
        {
          g_autofree char *once = lodge_answers_format (answers, TRUE);
          g_autofree char *twice = parse_and_format (once, strlen (once), NULL);

          g_assert_no_error (error);
          g_assert_cmpstr (once, ==, twice);
          accepted++;
        }
    }
  /* Mutations that are all refused would test little. */
  g_assert_cmpuint (accepted, >, rounds / 20);
  g_test_message ("%u of %u accepted", accepted, rounds);
  for (guint i = 0; i < texts->len; i++)
    g_string_free (g_ptr_array_index (texts, i), TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answers/mutated", test_mutated);
  return g_test_run ();
}
