/* Forms as data, text in columns, and where things stand: what needs no terminal.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/password.h"
#include "firstboot/ui-geometry.h"
#include "firstboot/ui-text.h"

#include <string.h>

static void
assert_wrapped (const char *text, guint width, const char *expected)
{
  g_autofree char *got = lodge_text_fill (text, width);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_wrap (void)
{
  assert_wrapped ("", 10, "");
  assert_wrapped ("one two three", 7, "one two\nthree");
  assert_wrapped ("one two three", 8, "one two\nthree");
  assert_wrapped ("one\n\ntwo\n", 10, "one\n\ntwo");
  assert_wrapped ("unbreakable", 4, "unbr\neaka\nble");
  assert_wrapped ("  an indented line", 12, "  an\n  indented\n  line");
  /* Chinese: two columns a character, a line may end after each. */
  assert_wrapped ("虚拟机存储", 6, "虚拟机\n存储");
  assert_wrapped ("虚拟机存储", 7, "虚拟机\n存储");
  assert_wrapped ("盘", 1, "盘");
  /* But not before what closes, nor behind what opens. */
  assert_wrapped ("虚拟机，存储。", 6, "虚拟\n机，存\n储。");
  assert_wrapped ("虚拟（存储）", 6, "虚拟\n（存\n储）");
  assert_wrapped ("虚拟机(KVM)", 11, "虚拟机(KVM)");
  assert_wrapped ("虚拟机, 存储", 6, "虚拟\n机, 存\n储");
  assert_wrapped ("虚拟机”存储", 6, "虚拟\n机”存\n储");
  /* Where there is no other place it is cut all the same. */
  assert_wrapped ("机。。。。", 4, "机。\n。。\n。");
}

static void
assert_padded (const char *text, guint width, const char *expected)
{
  g_autofree char *got = lodge_text_pad (text, width);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_pad (void)
{
  assert_padded ("abc", 5, "abc  ");
  assert_padded ("abcdef", 6, "abcdef");
  assert_padded ("abcdefg", 6, "abcd..");
  assert_padded ("虚拟机", 5, "虚.. ");
  assert_padded ("虚拟", 4, "虚拟");
  g_assert_cmpuint (lodge_text_columns ("aé虚\xcc\x81"), ==, 4);
}

static LodgeForm *
form_with_marks (void)
{
  LodgeForm *form = lodge_form_new ("test", "Test");
  LodgeField *field = lodge_form_add (form, LODGE_FIELD_MARKS, "disks", NULL, NULL);

  lodge_field_add_row (field, "vda", "vda", NULL, NULL);
  lodge_field_add_row (field, "vdb", "vdb", NULL, NULL);
  lodge_field_add_row (field, "vd", "vd", NULL, NULL);
  return form;
}

static void
test_marks (void)
{
  g_autoptr (LodgeForm) form = form_with_marks ();
  LodgeField *field = lodge_form_field (form, "disks");
  LodgeField *other = lodge_form_add (form, LODGE_FIELD_TEXT, "bond", "Bond", "");

  other->when = "disks";
  other->when_values = "2";
  g_assert_false (lodge_form_uses (form, other));
  lodge_field_toggle (field, "vdb");
  g_assert_false (lodge_field_has (field, "vd"));
  g_assert_false (lodge_form_uses (form, other));
  /* In the rows' order, whatever was marked first. */
  lodge_field_toggle (field, "vda");
  g_assert_cmpstr (field->value, ==, "vda;vdb");
  g_assert_true (lodge_form_uses (form, other));
  lodge_field_toggle (field, "vda");
  g_assert_cmpstr (field->value, ==, "vdb");

  lodge_field_add_row (field, "none", "none", NULL, NULL)->alone = TRUE;
  lodge_field_toggle (field, "vda");
  lodge_field_toggle (field, "none");
  g_assert_cmpstr (field->value, ==, "none");
  lodge_field_toggle (field, "vdb");
  g_assert_cmpstr (field->value, ==, "vdb");
  lodge_field_toggle (field, "vdb");
  g_assert_cmpstr (field->value, ==, "");
}

static gboolean
refuse (const LodgeField *field, GError **error)
{
  if (field->value[0] == 'x')
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s is no x", field->value);
  return FALSE;
}

static void
test_check (void)
{
  g_autoptr (LodgeForm) form = lodge_form_new ("test", "Test");
  LodgeField *method = lodge_form_add (form, LODGE_FIELD_RADIO, "method", "Method", "dhcp");
  LodgeField *first = lodge_form_add (form, LODGE_FIELD_TEXT, "first", "First", "y");
  LodgeField *second = lodge_form_add (form, LODGE_FIELD_TEXT, "second", "Second", "z");

  lodge_field_add_row (method, "dhcp", "DHCP", NULL, NULL);
  lodge_field_add_row (method, "static", "fixed", NULL, NULL);
  first->check = second->check = refuse;
  first->when = second->when = "method";
  first->when_values = "off;static";
  second->when_values = "static";
  /* What is not used is not checked. */
  g_assert_true (lodge_form_check (form));
  lodge_field_set_value (method, "static");
  g_assert_false (lodge_form_check (form));
  g_assert_cmpstr (form->note, ==, "y is no x");
  g_assert_cmpstr (form->focus, ==, "first");
  g_assert_true (form->complaint);
  lodge_field_set_value (first, "x");
  g_assert_false (lodge_form_check (form));
  g_assert_cmpstr (form->focus, ==, "second");
}

/* On 80x24, and on what a smaller terminal leaves: nothing stands on another or outside. */
static void
test_geometry (void)
{
  static const guint sizes[][2] = { { 80, 24 }, { 80, 25 }, { 132, 43 }, { 80, 20 }, { 60, 16 } };
  g_autofree char *mend = g_strnfill (500, 'm');

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint rows = 1; rows < 60; rows += 7)
      {
        g_autoptr (LodgeForm) form = lodge_form_new ("test", "Test");
        LodgeField *list = lodge_form_add (form, LODGE_FIELD_LIST, "list", NULL, NULL);
        g_auto (LodgeGeometry) geometry = { 0 };

        form->text = g_strdup ("A sentence that is long enough to need more than one line on a "
                               "terminal of eighty columns, as such sentences do.");
        for (guint row = 0; row < rows; row++)
          lodge_field_add_row (list, "row", "row", row == 0 ? mend : NULL, NULL);
        lodge_form_add (form, LODGE_FIELD_CHECKBOX, "box", "Box", "no");
        lodge_form_add_back_and_next (form);
        lodge_form_complain (form, "box", "Something is wrong with it.");
        lodge_geometry_make (&geometry, form, sizes[i][0], sizes[i][1]);

        g_assert_cmpuint (geometry.width, <=, sizes[i][0] - 4);
        g_assert_cmpuint (geometry.fields[0].top, >, geometry.text_rows);
        g_assert_cmpuint (geometry.detail_top, >,
                          geometry.fields[0].top + geometry.fields[0].height);
        g_assert_cmpuint (geometry.fields[1].top, >=, geometry.detail_top + geometry.detail_rows);
        g_assert_cmpuint (geometry.note_top, >, geometry.fields[1].top);
        g_assert_cmpuint (geometry.note_rows, ==, 1);
        g_assert_cmpuint (geometry.buttons_top, >=, geometry.note_top + geometry.note_rows);
        if (sizes[i][1] >= 24)
          {
            g_assert_cmpuint (geometry.buttons_top, <, geometry.height);
            g_assert_cmpuint (geometry.height, <=, sizes[i][1] - 5);
            g_assert_cmpuint (geometry.fields[0].height, >=, MIN (rows, 3));
          }
      }
}

static void
test_password (void)
{
  g_autofree char *hash = NULL;
  g_autofree char *again = NULL;
  g_autofree char *huge = g_strnfill (300, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (lodge_password_judge ("secret"), ==, LODGE_PASSWORD_WEAK);
  g_assert_cmpint (lodge_password_judge ("aaaaaaaaaaaaaaaa"), ==, LODGE_PASSWORD_WEAK);
  g_assert_cmpint (lodge_password_judge ("Password1"), ==, LODGE_PASSWORD_WEAK);
  g_assert_cmpint (lodge_password_judge ("kvmhostxy"), ==, LODGE_PASSWORD_FAIR);
  g_assert_cmpint (lodge_password_judge ("correct horse battery"), ==, LODGE_PASSWORD_FAIR);
  g_assert_cmpint (lodge_password_judge ("Corr3ct-Horse"), ==, LODGE_PASSWORD_STRONG);
  g_assert_null (lodge_password_complaint ("grüße, 世界"));
  g_assert_nonnull (lodge_password_complaint ("tab\there"));
  g_assert_nonnull (lodge_password_complaint (huge));

  hash = lodge_password_hash ("secret", &error);
  g_assert_no_error (error);
  again = lodge_password_hash ("secret", &error);
  g_assert_true (g_str_has_prefix (hash, "$y$"));
  g_assert_cmpstr (hash, !=, again);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/wrap", test_wrap);
  g_test_add_func ("/ui/pad", test_pad);
  g_test_add_func ("/ui/marks", test_marks);
  g_test_add_func ("/ui/check", test_check);
  g_test_add_func ("/ui/geometry", test_geometry);
  g_test_add_func ("/ui/password", test_password);
  return g_test_run ();
}
