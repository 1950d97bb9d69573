/* The step "pool": libvirt's storage pool "default", where the VM storage is mounted.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/step.h"

#include "common/error.h"
#include "common/size.h"
#include "firstboot/layout.h"
#include "firstboot/libvirt-handle.h"
#include "firstboot/libvirt-xml.h"

#define POOL "default"

/* Whether POOL's permanent definition is a directory pool at the mount point. */
static gboolean
is_as_wanted (virStoragePool *pool)
{
  g_autofree char *xml = virStoragePoolGetXMLDesc (pool, VIR_STORAGE_XML_INACTIVE);
  g_autofree char *type = xml != NULL ? lodge_libvirt_xml_get (xml, "pool", "type") : NULL;
  g_autofree char *path
      = xml != NULL ? lodge_libvirt_xml_get (xml, "pool/target/path", NULL) : NULL;

  return virStoragePoolIsPersistent (pool) == 1 && g_strcmp0 (type, "dir") == 0
         && g_strcmp0 (path, LODGE_STORAGE_MOUNT_POINT) == 0;
}

/* Takes away a pool of that name that is something else.  What it holds stays where it is: neither
 * "destroy" (libvirt's word for stop) nor "undefine" touches a volume. */
static gboolean
forget (LodgeStepContext *context, virStoragePool *pool, GError **error)
{
  context->tell ("a pool \"" POOL
                 "\" of another kind was defined; its definition is replaced, what "
                 "it holds stays",
                 context->tell_data);
  if (virStoragePoolIsActive (pool) == 1 && virStoragePoolDestroy (pool) < 0)
    return lodge_libvirt_error (error, "cannot stop the storage pool \"" POOL "\"");
  /* A pool that was not persistent is gone by now. */
  if (virStoragePoolIsPersistent (pool) == 1 && virStoragePoolUndefine (pool) < 0)
    return lodge_libvirt_error (error, "cannot undefine the storage pool \"" POOL "\"");
  return TRUE;
}

static virStoragePool *
define (virConnect *connection, GError **error)
{
  g_autofree char *xml = lodge_libvirt_pool_xml (NULL, POOL, LODGE_STORAGE_MOUNT_POINT);
  g_autoptr (virStoragePool) pool = virStoragePoolDefineXML (connection, xml, 0);

  if (pool == NULL)
    {
      lodge_libvirt_error (error, "cannot define the storage pool \"" POOL "\"");
      return NULL;
    }
  return g_steal_pointer (&pool);
}

static gboolean
measure (LodgeStepContext *context, virStoragePool *pool, GError **error)
{
  virStoragePoolInfo info;
  g_autofree char *capacity = NULL;
  g_autofree char *available = NULL;
  g_autofree char *line = NULL;

  if (virStoragePoolGetInfo (pool, &info) < 0)
    return lodge_libvirt_error (error, "cannot ask the storage pool \"" POOL "\" for its size");
  json_object_set_string_member (context->measured, "path", LODGE_STORAGE_MOUNT_POINT);
  json_object_set_int_member (context->measured, "capacity", (gint64)info.capacity);
  json_object_set_int_member (context->measured, "available", (gint64)info.available);
  capacity = lodge_size_format (info.capacity);
  available = lodge_size_format (info.available);
  line = g_strdup_printf ("pool \"" POOL "\" at " LODGE_STORAGE_MOUNT_POINT ": %s, %s free",
                          capacity, available);
  context->tell (line, context->tell_data);
  return TRUE;
}

gboolean
lodge_step_pool (LodgeStepContext *context, GError **error)
{
  g_autoptr (virConnect) connection = lodge_libvirt_open (context->cancellable, error);
  g_autoptr (virStoragePool) pool = NULL;

  if (connection == NULL)
    return FALSE;
  pool = virStoragePoolLookupByName (connection, POOL);
  if (pool != NULL && !is_as_wanted (pool))
    {
      if (!forget (context, pool, error))
        return FALSE;
      g_clear_pointer (&pool, virStoragePoolFree);
    }
  if (pool == NULL)
    pool = define (connection, error);
  if (pool == NULL)
    return FALSE;

  if (virStoragePoolSetAutostart (pool, 1) < 0)
    return lodge_libvirt_error (error, "cannot make the storage pool \"" POOL "\" start at boot");
  /* "Build" makes the directory and sets its mode; a directory with volumes keeps them. */
  if (virStoragePoolIsActive (pool) != 1
      && (virStoragePoolBuild (pool, VIR_STORAGE_POOL_BUILD_NEW) < 0
          || virStoragePoolCreate (pool, 0) < 0))
    return lodge_libvirt_error (error, "cannot start the storage pool \"" POOL "\"");
  if (virStoragePoolRefresh (pool, 0) < 0)
    return lodge_libvirt_error (error, "cannot read the storage pool \"" POOL "\"");
  return measure (context, pool, error);
}
