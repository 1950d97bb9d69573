/* Texts to read on a newt form, which scroll.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * newt's own text box scrolls only while it has the cursor; elsewhere the same keys go from button
 * to button, and who reads on would be on the one that begins.  So the cursor is never in a text,
 * and what is seen of it is given to newt line by line.
 */
#include "firstboot/i18n.h"
#include "firstboot/ui-newt-private.h"
#include "firstboot/ui-text.h"

static guint
text_width (const LodgeFieldPlace *place)
{
  return place->width - 2;
}

static guint
count_lines (const LodgeNewtForm *shown, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  g_auto (GStrv) lines
      = lodge_text_wrap (field->value, text_width (&shown->geometry.fields[index]));

  return g_strv_length (lines);
}

/* How many lines can be above the first that is seen. */
static guint
most_scrolled (const LodgeNewtForm *shown, guint index)
{
  guint height = shown->geometry.fields[index].height;
  guint lines = count_lines (shown, index);

  return lines > height ? lines - height : 0;
}

static void
set_text (const LodgeNewtForm *shown, newtComponent prose, guint index)
{
  const LodgeField *field = shown->form->fields->pdata[index];
  const LodgeFieldPlace *place = &shown->geometry.fields[index];
  guint first = MIN (shown->scrolled, most_scrolled (shown, index));
  g_autofree char *block
      = lodge_newt_block (field->value, text_width (place), first + place->height);
  /* The last of them is what stands below. */
  g_auto (GStrv) lines = g_strsplit (block, "\n", (int)(first + place->height + 1));
  g_autofree char *text = NULL;

  g_clear_pointer (&lines[first + place->height], g_free);
  text = g_strjoinv ("\n", lines + first);
  newtTextboxSetText (prose, text);
}

newtComponent
lodge_newt_make_prose (LodgeNewtForm *shown, guint index)
{
  const LodgeFieldPlace *place = &shown->geometry.fields[index];
  newtComponent prose = newtTextbox (LODGE_NEWT_MARGIN, (int)place->top, (int)text_width (place),
                                     (int)place->height, 0);

  set_text (shown, prose, index);
  if (most_scrolled (shown, index) > 0)
    lodge_newt_add_label (
        shown, place->top + place->height,
        _ ("... there is more: Up, Down, Page Up, Page Down, Home, End move the text"));
  return prose;
}

void
lodge_newt_show_prose (LodgeNewtForm *shown, guint index)
{
  set_text (shown, shown->fields[index], index);
}

/* Also where all of the text is seen: a key that scrolls on one screen chooses a button on none. */
gboolean
lodge_newt_scrolls (const LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    if (((const LodgeField *)form->fields->pdata[i])->kind != LODGE_FIELD_PROSE)
      return FALSE;
  return form->fields->len > 0;
}

void
lodge_newt_scroll (LodgeNewtForm *shown, int key)
{
  for (guint i = 0; i < shown->form->fields->len; i++)
    {
      guint most = most_scrolled (shown, i);
      guint by = key == NEWT_KEY_UP || key == NEWT_KEY_DOWN ? 1 : shown->geometry.fields[i].height;
      guint now = MIN (shown->scrolled, most);

      if (most == 0)
        continue;
      if (key == NEWT_KEY_HOME || key == NEWT_KEY_END)
        shown->scrolled = key == NEWT_KEY_END ? most : 0;
      else if (key == NEWT_KEY_DOWN || key == NEWT_KEY_PGDN)
        shown->scrolled = MIN (now + by, most);
      else
        shown->scrolled = now - MIN (by, now);
      lodge_newt_show_prose (shown, i);
    }
}

/* However many lines that are above it. */
guint
lodge_newt_first_scrolled (const LodgeForm *form)
{
  for (guint i = 0; i < form->fields->len; i++)
    if (((const LodgeField *)form->fields->pdata[i])->from_end)
      return G_MAXUINT;
  return 0;
}
