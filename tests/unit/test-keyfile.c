/* The strict key-file reader.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "common/error.h"
#include "common/file.h"
#include "common/keyfile.h"

#include <glib/gstdio.h>
#include <string.h>

/* What was read, one entry a line: "SECTION@LINE KEY=VALUE@LINE". */
static char *
dump (const LodgeKeyfile *keyfile)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < keyfile->sections->len; i++)
    {
      const LodgeKeyfileSection *section = g_ptr_array_index (keyfile->sections, i);

      g_string_append_printf (text, "[%s]@%u\n", section->name, section->line);
      for (guint j = 0; j < section->entries->len; j++)
        {
          const LodgeKeyfileEntry *entry = g_ptr_array_index (section->entries, j);

          g_string_append_printf (text, "<%s>=<%s>@%u\n", entry->key, entry->value, entry->line);
        }
    }
  return g_strdup (text->str);
}

static void
test_good (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "", "" },
    { "\n\n# remark\n  ; remark\n", "" },
    { "[a]", "[a]@1\n" },
    { "[a]\nk=v", "[a]@1\n<k>=<v>@2\n" },
    { "  [ a b ]  \n\n\t k \t=\t v w \t\n", "[a b]@1\n<k>=<v w>@3\n" },
    { "[a]\nk=\nl==x=y\n[b]\nk=# no remark\n", "[a]@1\n<k>=<>@2\n<l>=<=x=y>@3\n[b]@4\n"
                                               "<k>=<# no remark>@5\n" },
    { "[a]\r\nk=v\r\n", "[a]@1\n<k>=<v>@2\n" },
    { "\xef\xbb\xbf[a]\nk=ä€\n", "[a]@1\n<k>=<ä€>@2\n" },
    /* Joined with one space; blanks around the backslash's line are those of the lines. */
    { "[a]\nk=one\\\n  two\\\nthree\nl=v\n", "[a]@1\n<k>=<one two three>@2\n<l>=<v>@5\n" },
    { "[a]\nk=one \\  \n# between\n; between\ntwo\n", "[a]@1\n<k>=<one  two>@2\n" },
    { "[a]\r\nk=one\\\r\ntwo\r\n", "[a]@1\n<k>=<one two>@2\n" },
    { "[a]\nk=one\\\n\nl=v\n", "[a]@1\n<k>=<one>@2\n<l>=<v>@4\n" },
    /* An even number of backslashes is text, as in systemd. */
    { "[a]\nk=one\\\\\nl=v\n", "[a]@1\n<k>=<one\\\\>@2\n<l>=<v>@3\n" },
    { "[a]\nk=v\n[A]\nk=v\nK=v\n", "[a]@1\n<k>=<v>@2\n[A]@3\n<k>=<v>@4\n<K>=<v>@5\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LodgeKeyfile) keyfile
          = lodge_keyfile_parse ("F", cases[i].text, strlen (cases[i].text), &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (keyfile->path, ==, "F");
      text = dump (keyfile);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
assert_refused (const char *text, gsize length, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lodge_keyfile_parse ("F", text, length, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "k=v", "F:1: \"k\" stands before the first [SECTION]" },
    { "\n[a]\nword\n", "F:3: \"word\" is neither [SECTION] nor KEY=VALUE nor a comment that begins "
                       "with \"#\"" },
    { "[a]\nlo\tng=v\nword\n",
      "F:3: \"word\" is neither [SECTION] nor KEY=VALUE nor a comment that begins with \"#\"; if "
      "it "
      "belongs to \"lo ng\" in line 2, put it there, with \";\" before it" },
    { "[a]\n=v\n", "F:2: no key stands before \"=\"" },
    { "[a\nk=v\n", "F:1: the section line \"[a\" must end with \"]\"" },
    { "[a] # x\n", "F:1: the section line \"[a] # x\" must end with \"]\"" },
    { "[", "F:1: the section line \"[\" must end with \"]\"" },
    { "[ ]\n", "F:1: the section has no name between its brackets" },
    { "[]\n", "F:1: the section has no name between its brackets" },
    { "[a]\n\n[ a ]\n", "F:3: the section \"[ a ]\" is already in line 1; put its keys there" },
    { "[a]\nk=1\n\nk =2\n", "F:4: \"k\" is already set in line 2; remove one of the two, or put "
                            "both values into one line if it is a list" },
    { "[a]\nk=1\\\n", "F:2: the backslash at the line's end announces another line, but the file "
                      "ends" },
    { "[a]\nk=1\\", "F:2: the backslash at the line's end announces another line, but the file "
                    "ends" },
    { "[a]\nk=\xff\n", "F:2: the text is not valid UTF-8; save the file as UTF-8" },
    { "[a]\nk=\xc3", "F:2: the text is not valid UTF-8; save the file as UTF-8" },
    { "[a]\nk=\x1b[31m\n", "F:2: the control character U+001B stands here; remove it" },
    { "[a]\nk=x\ry\n", "F:2: the control character U+000D stands here; remove it" },
    { "[a]\rk=x\r", "F:1: the control character U+000D stands here; remove it" },
    { "[a]\nk=\xc2\x85\n", "F:2: the control character U+0085 stands here; remove it" },
  };
  static const char nul[] = "[a]\nk=\0v\n";
  static const char utf16[] = "\xff\xfe[\0a\0]\0";

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, strlen (cases[i].text), cases[i].message);
  assert_refused (nul, sizeof nul - 1,
                  "F:2: a NUL byte stands here; the file must be plain text in UTF-8");
  assert_refused (utf16, sizeof utf16 - 1,
                  "F:1: the text is UTF-16; save the file as UTF-8 instead");
  /* LENGTH is obeyed: what stands behind it is not read. */
  assert_refused ("[a]\nk=v", 2, "F:1: the section line \"[a\" must end with \"]\"");
}

static void
test_load (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lodge-test-keyfile-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "file.conf", NULL);
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
  g_autofree char *expected = g_strdup_printf ("%s:2: no key stands before \"=\"", path);
  g_autoptr (LodgeKeyfile) keyfile = NULL;

  g_assert_true (lodge_file_replace (path, "[a]\n", -1, 0600, NULL));
  keyfile = lodge_keyfile_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (keyfile->path, ==, path);
  g_assert_nonnull (lodge_keyfile_section (keyfile, "a"));
  g_assert_null (lodge_keyfile_section (keyfile, "b"));

  g_assert_true (lodge_file_replace (path, "[a]\n=\n", -1, 0600, NULL));
  g_assert_null (lodge_keyfile_load (path, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  g_assert_true (lodge_file_replace (path, large, -1, 0600, NULL));
  g_assert_null (lodge_keyfile_load (path, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_clear_error (&error);

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (lodge_keyfile_load (path, &error));
  g_assert_error (error, LODGE_ERROR, LODGE_ERROR_FAILED);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* As many keys as fit into a file, in time that is about linear. */
static void
test_many (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("[a]\n");
  g_autoptr (LodgeKeyfile) keyfile = NULL;
  const LodgeKeyfileSection *section;

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (text, "%u=\n", i);
  g_test_timer_start ();
  keyfile = lodge_keyfile_parse ("F", text->str, text->len, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (g_test_timer_elapsed (), <, 10);
  section = lodge_keyfile_section (keyfile, "a");
  g_assert_cmpuint (section->entries->len, ==, 100000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyfile/good", test_good);
  g_test_add_func ("/keyfile/refused", test_refused);
  g_test_add_func ("/keyfile/load", test_load);
  g_test_add_func ("/keyfile/many", test_many);
  return g_test_run ();
}
