/* Defining again what is saved on adopted VM storage.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/restore-guests.h"

#include "common/error.h"
#include "firstboot/guest-store.h"
#include "firstboot/i18n.h"
#include "firstboot/layout.h"
#include "firstboot/libvirt-xml.h"
#include "firstboot/restore-files.h"

#define OWN_POOL "default"
#define OWN_BRIDGED "bridge"
#define OWN_NAT "default"

LodgeRestored *
lodge_restored_new (void)
{
  LodgeRestored *restored = g_new0 (LodgeRestored, 1);

  restored->guests = g_ptr_array_new_with_free_func (g_free);
  restored->others = g_ptr_array_new_with_free_func (g_free);
  restored->refused = g_ptr_array_new_with_free_func (g_free);
  restored->warnings = g_ptr_array_new_with_free_func (g_free);
  return restored;
}

void
lodge_restored_free (LodgeRestored *restored)
{
  if (restored == NULL)
    return;
  g_ptr_array_unref (restored->guests);
  g_ptr_array_unref (restored->others);
  g_ptr_array_unref (restored->refused);
  g_ptr_array_unref (restored->warnings);
  g_free (restored);
}

static void warn (LodgeRestored *restored, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
warn (LodgeRestored *restored, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (restored->warnings, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* --- pools --- */

/* Lodge's own pool, which the step "pool" defines anew. */
static gboolean
is_own_pool (const LodgeSaved *saved)
{
  g_autofree char *type = lodge_libvirt_xml_get (saved->xml, "pool", "type");
  g_autofree char *path = lodge_libvirt_xml_get (saved->xml, "pool/target/path", NULL);

  return g_str_equal (saved->name, OWN_POOL) && g_strcmp0 (type, "dir") == 0
         && g_strcmp0 (path, LODGE_STORAGE_MOUNT_POINT) == 0;
}

static gboolean
restore_pool (virConnect *connection, const LodgeSaved *saved, LodgeRestored *restored,
              GError **error)
{
  g_autoptr (virStoragePool) pool = NULL;

  if (g_str_equal (saved->name, OWN_POOL))
    return lodge_error_set (error, LODGE_ERROR_REFUSED,
                            "Lodge's own pool has that name here; define it under another one");
  pool = virStoragePoolLookupByUUIDString (connection, saved->uuid);
  if (pool == NULL)
    pool = virStoragePoolDefineXML (connection, saved->xml, 0);
  if (pool == NULL)
    return lodge_libvirt_error (error, "libvirt does not take its definition");
  if (virStoragePoolSetAutostart (pool, saved->autostart) < 0)
    warn (restored, "storage pool %s: whether it starts with the host could not be set: %s",
          saved->name, virGetLastErrorMessage ());
  return TRUE;
}

/* --- networks --- */

static gboolean
is_own_network (const char *name)
{
  return g_str_equal (name, OWN_BRIDGED) || g_str_equal (name, OWN_NAT);
}

/* Distributions bring a network "default"; the saved one, which may have had addresses reserved in
 * it, takes its place.  No guest is defined yet that could use it. */
static gboolean
make_room (virConnect *connection, const char *name, GError **error)
{
  g_autoptr (virNetwork) network = virNetworkLookupByName (connection, name);

  if (network == NULL)
    return TRUE;
  if ((virNetworkIsActive (network) == 1 && virNetworkDestroy (network) < 0)
      || (virNetworkIsPersistent (network) == 1 && virNetworkUndefine (network) < 0))
    return lodge_libvirt_error (error, "the network of that name that is there cannot be removed");
  return TRUE;
}

static gboolean
restore_network (virConnect *connection, const LodgeSaved *saved, LodgeRestored *restored,
                 GError **error)
{
  g_autoptr (virNetwork) network = virNetworkLookupByUUIDString (connection, saved->uuid);
  gboolean own = is_own_network (saved->name);

  if (network == NULL)
    {
      if (own && !make_room (connection, saved->name, error))
        return FALSE;
      network = virNetworkDefineXML (connection, saved->xml);
    }
  if (network == NULL)
    return lodge_libvirt_error (error, "libvirt does not take its definition");
  /* The step "guest-networks" decides about these two. */
  if (own)
    return TRUE;
  if (virNetworkSetAutostart (network, saved->autostart) < 0)
    warn (restored, "network %s: whether it starts with the host could not be set: %s", saved->name,
          virGetLastErrorMessage ());
  return TRUE;
}

/* --- virtual machines --- */

static gboolean
has_network (virConnect *connection, const LodgePlan *plan, const char *name)
{
  g_autoptr (virNetwork) network = virNetworkLookupByName (connection, name);

  return g_str_equal (name, OWN_BRIDGED) || (plan->answers->nat && g_str_equal (name, OWN_NAT))
         || network != NULL;
}

/* What the guest is plugged into and this host has not. */
static void
look_for_networks (virConnect *connection, const LodgePlan *plan, const LodgeSaved *guest,
                   LodgeRestored *restored)
{
  g_autoptr (GPtrArray) bridges
      = lodge_libvirt_xml_list (guest->xml, "domain/devices/interface/source", "bridge");
  g_autoptr (GPtrArray) networks
      = lodge_libvirt_xml_list (guest->xml, "domain/devices/interface/source", "network");

  for (guint i = 0; i < bridges->len; i++)
    {
      g_autofree char *path = g_build_filename ("/sys/class/net", bridges->pdata[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        warn (restored,
              "virtual machine %s is plugged into the bridge %s, which this host does not have; "
              "this host's bridge is %s",
              guest->name, (const char *)bridges->pdata[i], plan->answers->bridge);
    }
  for (guint i = 0; i < networks->len; i++)
    if (!has_network (connection, plan, networks->pdata[i]))
      warn (restored,
            "virtual machine %s is plugged into the network %s, which this host does not have",
            guest->name, (const char *)networks->pdata[i]);
}

/* The files and devices of this host that the guest's definition names, and that are not there: it
 * will not start without them. */
static void
look_for_files (const LodgeSaved *guest, LodgeRestored *restored)
{
  static const struct
  {
    const char *path;
    const char *attribute; /* or NULL: the text, of the first one */
  } places[] = {
    { "domain/devices/disk/source", "file" },
    { "domain/devices/disk/source", "dev" },
    { "domain/os/loader", NULL },
    { "domain/os/kernel", NULL },
    { "domain/os/initrd", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GPtrArray) files
          = places[i].attribute != NULL
                ? lodge_libvirt_xml_list (guest->xml, places[i].path, places[i].attribute)
                : g_ptr_array_new_with_free_func (g_free);

      if (places[i].attribute == NULL)
        g_ptr_array_add (files, lodge_libvirt_xml_get (guest->xml, places[i].path, NULL));
      for (guint j = 0; j < files->len; j++)
        {
          const char *file = files->pdata[j];

          if (file != NULL && file[0] == '/' && !g_file_test (file, G_FILE_TEST_EXISTS))
            warn (restored, "virtual machine %s uses %s, which this host does not have",
                  guest->name, file);
        }
    }
}

static gboolean
restore_guest (virConnect *connection, const LodgePlan *plan, const LodgeSaved *guest,
               LodgeRestored *restored, GError **error)
{
  g_autoptr (virDomain) domain = virDomainLookupByUUIDString (connection, guest->uuid);

  if (domain == NULL)
    {
      /* Before the definition: libvirt could start it from then on, with new ones. */
      if (!lodge_restore_files ("", guest, error))
        return FALSE;
      domain = virDomainDefineXML (connection, guest->xml);
    }
  if (domain == NULL)
    return lodge_libvirt_error (error, "libvirt does not take its definition");
  if (virDomainSetAutostart (domain, guest->autostart) < 0)
    warn (restored, "virtual machine %s: whether it starts with the host could not be set: %s",
          guest->name, virGetLastErrorMessage ());
  look_for_networks (connection, plan, guest, restored);
  look_for_files (guest, restored);
  return TRUE;
}

/* --- all --- */

static gboolean
restore_one (virConnect *connection, const LodgePlan *plan, const LodgeSaved *saved,
             LodgeRestored *restored, GError **error)
{
  switch (saved->kind)
    {
    case LODGE_SAVED_POOL:
      return restore_pool (connection, saved, restored, error);
    case LODGE_SAVED_NETWORK:
      return restore_network (connection, saved, restored, error);
    case LODGE_SAVED_GUEST:
      return restore_guest (connection, plan, saved, restored, error);
    }
  g_return_val_if_reached (FALSE);
}

/* What is no definition stays in the store too: somebody may be able to mend it.  But where the
 * disk could not be read nobody knows what is there, and it is not taken over. */
static gboolean
mark_unreadable (const char *store, const GPtrArray *problems, LodgeRestored *restored,
                 GError **error)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const LodgeSavedProblem *problem = problems->pdata[i];

      if (problem->lost)
        return lodge_error_set (error, LODGE_ERROR_FAILED,
                                N_ ("what is saved there cannot be read fully, and stays as it is; "
                                    "mend the file system or copy the disk, then try again: %s"),
                                problem->reason);
    }
  for (guint i = 0; i < problems->len; i++)
    {
      const LodgeSavedProblem *problem = problems->pdata[i];

      g_ptr_array_add (restored->refused, g_strdup (problem->reason));
      if (!problem->strange
          && !lodge_saved_mark (store, problem->directory, problem->reason, error))
        return FALSE;
    }
  return TRUE;
}

static void
count_restored (const LodgeSaved *saved, const char *word, LodgeRestored *restored)
{
  if (saved->kind == LODGE_SAVED_GUEST)
    g_ptr_array_add (restored->guests, g_strdup (saved->name));
  else
    g_ptr_array_add (restored->others, g_strdup_printf ("%s %s", word, saved->name));
}

gboolean
lodge_restore_guests (virConnect *connection, const char *store, const LodgePlan *plan,
                      GCancellable *cancellable, LodgeRestored *restored, GError **error)
{
  gsize count;
  const LodgeSavedKindInfo *kinds = lodge_saved_kinds (&count);
  g_autoptr (GPtrArray) problems
      = g_ptr_array_new_with_free_func ((GDestroyNotify)lodge_saved_problem_free);
  g_autoptr (GPtrArray) saved = lodge_guest_store_read (store, problems);

  if (!mark_unreadable (store, problems, restored, error))
    return FALSE;
  for (guint i = 0; i < saved->len; i++)
    {
      const LodgeSaved *one = saved->pdata[i];
      const char *word = kinds[one->kind].word;
      g_autoptr (GError) problem = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (one->kind == LODGE_SAVED_POOL && is_own_pool (one))
        continue;
      if (restore_one (connection, plan, one, restored, &problem))
        {
          count_restored (one, word, restored);
          continue;
        }
      g_ptr_array_add (restored->refused,
                       g_strdup_printf ("%s %s: %s", word, one->name, problem->message));
      if (!lodge_saved_mark (store, one->directory, problem->message, error))
        return FALSE;
    }
  return TRUE;
}
