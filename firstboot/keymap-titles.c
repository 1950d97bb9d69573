/* What people call a keymap.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/keymap-titles.h"

#include "firstboot/i18n.h"

/* Files begin with these in the order in which people look for their own. */
static const struct
{
  const char *keymap;
  const char *title;
} titles[] = {
  { "us", N_ ("English (US)") },
  { "uk", N_ ("English (UK)") },
  { "gb", N_ ("English (UK)") },
  { "de", N_ ("German") },
  { "de-latin1", N_ ("German") },
  { "de-latin1-nodeadkeys", N_ ("German, no dead keys") },
  { "de_CH-latin1", N_ ("German (Switzerland)") },
  { "sg-latin1", N_ ("German (Switzerland)") },
  { "fr", N_ ("French") },
  { "fr-latin9", N_ ("French") },
  { "fr_CH-latin1", N_ ("French (Switzerland)") },
  { "be-latin1", N_ ("Belgian") },
  { "be2-latin1", N_ ("Belgian") },
  { "es", N_ ("Spanish") },
  { "la-latin1", N_ ("Spanish (Latin America)") },
  { "pt-latin1", N_ ("Portuguese") },
  { "br-abnt2", N_ ("Portuguese (Brazil)") },
  { "it", N_ ("Italian") },
  { "nl", N_ ("Dutch") },
  { "dk", N_ ("Danish") },
  { "dk-latin1", N_ ("Danish") },
  { "no", N_ ("Norwegian") },
  { "no-latin1", N_ ("Norwegian") },
  { "se-latin1", N_ ("Swedish") },
  { "sv-latin1", N_ ("Swedish") },
  { "fi", N_ ("Finnish") },
  { "fi-latin1", N_ ("Finnish") },
  { "pl", N_ ("Polish") },
  { "pl2", N_ ("Polish") },
  { "cz-lat2", N_ ("Czech") },
  { "hu", N_ ("Hungarian") },
  { "ru", N_ ("Russian") },
  { "trq", N_ ("Turkish (Q)") },
  { "jp106", N_ ("Japanese") },
  { "dvorak", N_ ("English (Dvorak)") },
};

const char *
lodge_keymap_title (const char *keymap)
{
  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_str_equal (titles[i].keymap, keymap))
      return _ (titles[i].title);
  return NULL;
}
