/* Templates: templates/NAME/template.conf, what an image is made of.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The unit that sets the host up: every image has it, and runs it unless the template disables it.
 */
#define LODGE_FIRSTBOOT_UNIT "lodge-firstboot.service"

typedef enum
{
  LODGE_FAMILY_UNSET, /* never in a template that was loaded */
  LODGE_FAMILY_DEBIAN,
  LODGE_FAMILY_EL,
} LodgeFamilyKind;

/* One template with what its Include= files gave it.  A key given in an including file replaces the
 * included one's; list keys are joined, and an empty list value forgets what was included.  Lists
 * are never NULL in a loaded template. */
typedef struct
{
  char *name;      /* the directory's name */
  char *directory; /* absolute */
  /* The directory of each file that was read, the included ones' first: they may hold keys.gpg. */
  GStrv directories;
  /* Copied over the root: the directory "files" beside each file that was read, the included ones
   * first, the template's own last; only those that exist. */
  GStrv files_directories;

  /* [Template] */
  char *description;

  /* [Distribution] */
  LodgeFamilyKind family;
  char *release;    /* "trixie", "9-stream" */
  char *os_name;    /* "Debian 13": the boot menu's title */
  GStrv suites;     /* debian: "trixie trixie-updates trixie-security" */
  GStrv components; /* debian: "main non-free-firmware" */
  char *metalink;   /* el: URL with %R and %r for the repository's name, or NULL */
  char *mirrorlist; /* el: the same of a plain list of mirrors, or NULL; one of the two is given */
  GStrv repositories;       /* el: "BaseOS AppStream": what the image is made from */
  GStrv build_repositories; /* el: "CRB": where what compiling needs comes from too */
  char *rpm_database;       /* el: where the release keeps it, "/var/lib/rpm" */
  char *processor_level;    /* x86-64 level that the release needs, "3", or NULL */
  GStrv key_urls;           /* el: where a signing key is published */
  GStrv fingerprints;       /* full (40 digits) fingerprints of the keys that may sign */

  /* [Packages] */
  GStrv install;       /* what the host consists of */
  GStrv build_depends; /* what compiling lodge-firstboot for it needs */

  /* [Boot] */
  char *kernel_command_line; /* without root= */
  GStrv initramfs_drivers;   /* kernel modules asserted in the generic initramfs */

  /* [Services] */
  GStrv enable;  /* units, by a preset file */
  GStrv disable; /* none of `enable` */

  /* [Image] */
  guint64 size; /* bytes, of the whole image */
  char *hostname;
} LodgeTemplate;

/* "debian", "el". */
const char *lodge_family_kind_name (LodgeFamilyKind family);

/* Loads NAME from ROOT/NAME/template.conf; a NAME that holds a '/' is the directory (or its
 * template.conf) itself.  Unknown sections and keys, duplicates and bad values are "FILE:LINE: …"
 * in LODGE_ERROR_USAGE, with what was expected; an unknown NAME lists the templates there are. */
LodgeTemplate *lodge_template_load (const char *root, const char *name, GError **error);
/* Whether the template switches UNIT off. */
gboolean lodge_template_disables (const LodgeTemplate *template, const char *unit);
/* Whether the template installs open-vm-tools, which VMware talks to and through which
 * guestinfo.lodge.answers is read. */
gboolean lodge_template_has_vmware_tools (const LodgeTemplate *template);
void lodge_template_free (LodgeTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LodgeTemplate, lodge_template_free)
