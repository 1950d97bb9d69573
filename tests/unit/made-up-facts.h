/* Facts made up for tests of what is decided by them: disks, ports, checks, routes.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "firstboot/plan.h"

#include <string.h>

#define GIB (1024ULL * 1024 * 1024)
#define TEST_SEED "0123456789abcdef0123456789abcdef"

/* A machine that has nothing but processors and memory. */
static inline LodgeFacts *
made_up_facts (void)
{
  LodgeFacts *facts = g_new0 (LodgeFacts, 1);

  facts->host = g_new0 (LodgeHost, 1);
  facts->host->identity = g_new0 (LodgeHostIdentity, 1);
  facts->host->memory = 4 * GIB;
  facts->host->processors = 2;
  facts->checks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_check_free);
  facts->disks = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_disk_free);
  facts->ports = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_port_free);
  facts->kernel_routes = g_ptr_array_new_with_free_func (g_free);
  return facts;
}

/* TYPE is what libblkid found on the disk, NULL: blank.  SERIAL may be NULL. */
static inline LodgeDisk *
add_disk (LodgeFacts *facts, const char *name, const char *serial, const char *type)
{
  LodgeDisk *disk = g_new0 (LodgeDisk, 1);

  disk->name = g_strdup (name);
  disk->device = g_strconcat ("/dev/", name, NULL);
  disk->model = g_strdup ("MADE UP");
  disk->serial = g_strdup (serial);
  disk->path = g_strconcat ("pci-0000:00:05.0-", name, NULL);
  disk->paths = g_strsplit (disk->path, " ", -1);
  disk->transport = g_strdup ("virtio");
  disk->size = 8 * GIB;
  disk->logical_sector_size = 512;
  disk->signatures = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_signature_free);
  disk->partitions = g_new0 (char *, 1);
  disk->holders = g_new0 (char *, 1);
  if (type != NULL)
    {
      LodgeSignature *signature = g_new0 (LodgeSignature, 1);

      signature->device = g_strdup (disk->device);
      signature->type = g_strdup (type);
      signature->usage = g_strdup (strcmp (type, "gpt") == 0            ? "partition table"
                                   : g_str_has_suffix (type, "_member") ? "raid"
                                                                        : "filesystem");
      g_ptr_array_add (disk->signatures, signature);
    }
  g_ptr_array_add (facts->disks, disk);
  return disk;
}

static inline LodgeDisk *
add_boot_disk (LodgeFacts *facts)
{
  LodgeDisk *disk = add_disk (facts, "sda", "STICK", "gpt");

  disk->unusable = g_strdup ("this is the boot disk");
  return disk;
}

/* NUMBER is the last byte of the MAC address. */
static inline LodgePort *
add_port (LodgeFacts *facts, const char *name, guint number, gboolean carrier)
{
  LodgePort *port = g_new0 (LodgePort, 1);

  port->name = g_strdup (name);
  port->mac = g_strdup_printf ("52:54:00:00:00:%02x", number);
  port->permanent_mac = g_strdup (port->mac);
  port->driver = g_strdup ("virtio_net");
  port->carrier = carrier;
  port->speed = -1;
  g_ptr_array_add (facts->ports, port);
  return port;
}

static inline void
add_check (LodgeFacts *facts, const char *id, LodgeCheckLevel level, const char *sentence,
           const char *mend)
{
  LodgeCheck *check = g_new0 (LodgeCheck, 1);

  check->id = g_strdup (id);
  check->level = level;
  check->sentence = g_strdup (sentence);
  check->mend = g_strdup (mend);
  g_ptr_array_add (facts->checks, check);
}

/* The usual machine: boot stick, one blank disk vda (serial S1), one port with carrier. */
static inline LodgeFacts *
usual_facts (void)
{
  LodgeFacts *facts = made_up_facts ();

  add_boot_disk (facts);
  add_disk (facts, "vda", "S1", NULL);
  add_port (facts, "enp1s0", 1, TRUE);
  g_ptr_array_add (facts->kernel_routes, g_strdup ("10.0.2.0/24"));
  return facts;
}

static inline LodgeAnswers *
parse_answers (const char *text)
{
  g_autoptr (GError) error = NULL;
  LodgeAnswers *answers = lodge_answers_parse ("answers.conf", text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  return answers;
}
