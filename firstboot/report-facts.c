/* The facts as JSON.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "firstboot/report-facts.h"

#include "firstboot/check-report.h"

static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static void
set_strings (JsonObject *object, const char *name, const char *const *values)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    json_array_add_string_element (array, values[i]);
  json_object_set_array_member (object, name, array);
}

static JsonObject *
host_to_json (const LodgeHost *host)
{
  JsonObject *object = json_object_new ();

  set_string (object, "system-vendor", host->system_vendor);
  set_string (object, "product-name", host->product_name);
  set_string (object, "hypervisor", host->hypervisor);
  json_object_set_int_member (object, "memory", (gint64)host->memory);
  json_object_set_int_member (object, "processors", host->processors);
  if (host->identity != NULL)
    {
      set_string (object, "serial", host->identity->serial);
      set_string (object, "uuid", host->identity->uuid);
      set_strings (object, "macs", (const char *const *)host->identity->macs);
    }
  return object;
}

static JsonObject *
signature_to_json (const LodgeSignature *signature)
{
  JsonObject *object = json_object_new ();

  set_string (object, "device", signature->device);
  set_string (object, "type", signature->type);
  set_string (object, "usage", signature->usage);
  set_string (object, "label", signature->label);
  set_string (object, "uuid", signature->uuid);
  return object;
}

static JsonObject *
disk_to_json (const LodgeDisk *disk)
{
  JsonObject *object = json_object_new ();
  JsonArray *signatures = json_array_new ();

  set_string (object, "name", disk->name);
  set_string (object, "model", disk->model);
  set_string (object, "serial", disk->serial);
  set_string (object, "wwn", disk->wwn);
  set_string (object, "path", disk->path);
  set_string (object, "transport", disk->transport);
  json_object_set_int_member (object, "size", (gint64)disk->size);
  json_object_set_int_member (object, "logical-sector-size", disk->logical_sector_size);
  json_object_set_boolean_member (object, "rotational", disk->rotational);
  json_object_set_boolean_member (object, "removable", disk->removable);
  json_object_set_boolean_member (object, "read-only", disk->read_only);
  for (guint i = 0; i < disk->signatures->len; i++)
    json_array_add_object_element (signatures, signature_to_json (disk->signatures->pdata[i]));
  json_object_set_array_member (object, "signatures", signatures);
  set_strings (object, "partitions", (const char *const *)disk->partitions);
  set_strings (object, "holders", (const char *const *)disk->holders);
  json_object_set_boolean_member (object, "unknown-data", disk->unknown_data);
  set_string (object, "unusable", disk->unusable);
  return object;
}

static JsonObject *
port_to_json (const LodgePort *port)
{
  JsonObject *object = json_object_new ();

  set_string (object, "name", port->name);
  set_string (object, "mac", port->mac);
  set_string (object, "permanent-mac", port->permanent_mac);
  set_string (object, "driver", port->driver);
  json_object_set_boolean_member (object, "carrier", port->carrier);
  json_object_set_int_member (object, "speed", port->speed);
  return object;
}

void
lodge_report_facts_add_host (JsonObject *object, const LodgeHost *host)
{
  json_object_set_object_member (object, "host", host_to_json (host));
}

void
lodge_report_facts_add (JsonObject *object, const LodgeFacts *facts)
{
  JsonArray *disks = json_array_new ();
  JsonArray *ports = json_array_new ();
  JsonArray *routes = json_array_new ();

  for (guint i = 0; i < facts->disks->len; i++)
    json_array_add_object_element (disks, disk_to_json (facts->disks->pdata[i]));
  for (guint i = 0; i < facts->ports->len; i++)
    json_array_add_object_element (ports, port_to_json (facts->ports->pdata[i]));
  for (guint i = 0; i < facts->kernel_routes->len; i++)
    json_array_add_string_element (routes, facts->kernel_routes->pdata[i]);

  lodge_report_facts_add_host (object, facts->host);
  json_object_set_member (object, "checks", lodge_checks_to_json (facts->checks));
  json_object_set_array_member (object, "disks", disks);
  json_object_set_array_member (object, "ports", ports);
  json_object_set_array_member (object, "kernel-routes", routes);
}
