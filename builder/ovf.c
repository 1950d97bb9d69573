/* The OVF descriptor.
 * Copyright (C) 2026 The Lodge developers.  SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources: DMTF, DSP0243 (Open Virtualization Format 1.1), DSP8023 (its schema: the children of an
 * Item stand in the order of the alphabet); for the parts in the namespace vmw, what VMware's own
 * exports have.
 *
 * Choices:
 * - OVF 1.1: all of VMware's products read it, none of them all of OVF 2.
 * - EFI: the image starts both ways, and this is what VMware gives new machines of these systems.
 *   Secure Boot works, and is left to who wants it: it needs nothing but the tick.
 * - The guest system is one that the oldest product knows that has the hardware version: another
 * one is told of in a warning.
 * - nestedHVEnabled is vSphere's word for passing VT-x or AMD-V through, vhv.enable that of
 *   Workstation and Fusion.
 * - The network is "bridged", which is what Workstation and Fusion make of the name; vSphere asks.
 * - The second disk has no file: it is made blank, and thin, when the OVA is opened.
 */
#include "builder/ovf.h"
#include "builder/format.h"

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
#define STREAM_OPTIMIZED "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

enum
{
  PROCESSORS = 4,
  MEMORY = 8192,     /* MiB: a few small guests, and no more than a desktop computer has to give */
  STORAGE_SIZE = 64, /* GiB, thin */
};

/* CIM_OperatingSystem.OSType, and VMware's identifier. */
static const struct
{
  LodgeFamilyKind family;
  guint cim;
  const char *vmware; /* VirtualMachineGuestOsIdentifier of ESXi 7.0 U2 */
} guests[] = {
  { LODGE_FAMILY_DEBIAN, 96, "debian11_64Guest" },
  { LODGE_FAMILY_EL, 107, "centos9_64Guest" },
};

static const char *
guest_identifier (LodgeFamilyKind family, guint *cim)
{
  for (gsize i = 0; i < G_N_ELEMENTS (guests); i++)
    if (guests[i].family == family)
      {
        *cim = guests[i].cim;
        return guests[i].vmware;
      }
  *cim = 101; /* Linux, 64 bits */
  return "other5xLinux64Guest";
}

char *
lodge_ovf_name (const LodgeTemplate *template)
{
  char *name = g_strconcat ("lodge-", template->name, NULL);

  return g_strcanon (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-", '-');
}

/* Appends FORMAT with its values escaped for XML. */
static void add (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add (GString *text, const char *format, ...)
{
  g_autofree char *escaped = NULL;
  va_list values;

  va_start (values, format);
  escaped = g_markup_vprintf_escaped (format, values);
  va_end (values);
  g_string_append (text, escaped);
}

static void
add_files (GString *text, const LodgeOvf *ovf)
{
  add (text,
       "  <References>\n"
       "    <File ovf:href=\"%s\" ovf:id=\"file1\" ovf:size=\"%" G_GUINT64_FORMAT "\"/>\n"
       "  </References>\n",
       ovf->disk_file, ovf->disk_file_size);
  add (text,
       "  <DiskSection>\n"
       "    <Info>The system disk, and one for virtual machines</Info>\n"
       "    <Disk ovf:capacity=\"%" G_GUINT64_FORMAT
       "\" ovf:capacityAllocationUnits=\"byte * 2^20\" ovf:diskId=\"system\" ovf:fileRef=\"file1\" "
       "ovf:format=\"" STREAM_OPTIMIZED "\"/>\n",
       ovf->disk_size / MEBIBYTE);
  add (text,
       "    <Disk ovf:capacity=\"%d\" ovf:capacityAllocationUnits=\"byte * 2^30\" "
       "ovf:diskId=\"storage\" ovf:format=\"" STREAM_OPTIMIZED "\" ovf:populatedSize=\"0\"/>\n"
       "  </DiskSection>\n",
       STORAGE_SIZE);
  add (text,
       "  <NetworkSection>\n"
       "    <Info>The network that the host, and virtual machines on its bridge, are in</Info>\n"
       "    <Network ovf:name=\"bridged\">\n"
       "      <Description>The host's network port</Description>\n"
       "    </Network>\n"
       "  </NetworkSection>\n");
}

static void
add_disk (GString *text, guint instance, guint unit, const char *name, const char *disk)
{
  add (text,
       "      <Item>\n"
       "        <rasd:AddressOnParent>%u</rasd:AddressOnParent>\n"
       "        <rasd:ElementName>%s</rasd:ElementName>\n"
       "        <rasd:HostResource>ovf:/disk/%s</rasd:HostResource>\n"
       "        <rasd:InstanceID>%u</rasd:InstanceID>\n"
       "        <rasd:Parent>3</rasd:Parent>\n"
       "        <rasd:ResourceType>17</rasd:ResourceType>\n"
       "      </Item>\n",
       unit, name, disk, instance);
}

static void
add_devices (GString *text)
{
  add (text,
       "      <Item>\n"
       "        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>\n"
       "        <rasd:Description>Number of virtual CPUs</rasd:Description>\n"
       "        <rasd:ElementName>%d virtual CPUs</rasd:ElementName>\n"
       "        <rasd:InstanceID>1</rasd:InstanceID>\n"
       "        <rasd:ResourceType>3</rasd:ResourceType>\n"
       "        <rasd:VirtualQuantity>%d</rasd:VirtualQuantity>\n"
       "      </Item>\n"
       "      <Item>\n"
       "        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>\n"
       "        <rasd:Description>Memory size</rasd:Description>\n"
       "        <rasd:ElementName>%d MB of memory</rasd:ElementName>\n"
       "        <rasd:InstanceID>2</rasd:InstanceID>\n"
       "        <rasd:ResourceType>4</rasd:ResourceType>\n"
       "        <rasd:VirtualQuantity>%d</rasd:VirtualQuantity>\n"
       "      </Item>\n",
       PROCESSORS, PROCESSORS, MEMORY, MEMORY);
  add (text, "      <Item>\n"
             "        <rasd:Address>0</rasd:Address>\n"
             "        <rasd:Description>SCSI controller</rasd:Description>\n"
             "        <rasd:ElementName>SCSI controller 0</rasd:ElementName>\n"
             "        <rasd:InstanceID>3</rasd:InstanceID>\n"
             "        <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>\n"
             "        <rasd:ResourceType>6</rasd:ResourceType>\n"
             "      </Item>\n");
  add_disk (text, 4, 0, "Hard disk 1", "system");
  add_disk (text, 5, 1, "Hard disk 2", "storage");
  add (text, "      <Item>\n"
             "        <rasd:AddressOnParent>7</rasd:AddressOnParent>\n"
             "        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>\n"
             "        <rasd:Connection>bridged</rasd:Connection>\n"
             "        <rasd:Description>VmxNet3 network adapter</rasd:Description>\n"
             "        <rasd:ElementName>Network adapter 1</rasd:ElementName>\n"
             "        <rasd:InstanceID>6</rasd:InstanceID>\n"
             "        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>\n"
             "        <rasd:ResourceType>10</rasd:ResourceType>\n"
             "      </Item>\n");
}

static void
add_hardware (GString *text, const char *name)
{
  static const struct
  {
    const char *element;
    const char *key;
    const char *value;
  } settings[] = {
    { "Config", "firmware", "efi" },
    { "Config", "bootOptions.efiSecureBootEnabled", "false" },
    { "Config", "nestedHVEnabled", "true" },
    { "ExtraConfig", "vhv.enable", "TRUE" },
    /* Without it disks have no serial number, by which the wizard and answers name them. */
    { "ExtraConfig", "disk.EnableUUID", "TRUE" },
  };

  add (text,
       "    <VirtualHardwareSection>\n"
       "      <Info>Virtual hardware</Info>\n"
       "      <System>\n"
       "        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>\n"
       "        <vssd:InstanceID>0</vssd:InstanceID>\n"
       "        <vssd:VirtualSystemIdentifier>%s</vssd:VirtualSystemIdentifier>\n"
       "        <vssd:VirtualSystemType>vmx-" LODGE_VMWARE_HARDWARE "</vssd:VirtualSystemType>\n"
       "      </System>\n",
       name);
  add_devices (text);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    add (text, "      <vmw:%s ovf:required=\"false\" vmw:key=\"%s\" vmw:value=\"%s\"/>\n",
         settings[i].element, settings[i].key, settings[i].value);
  add (text, "    </VirtualHardwareSection>\n");
}

static void
add_product (GString *text, const LodgeOvf *ovf)
{
  add (text,
       "    <ProductSection>\n"
       "      <Info>What this is</Info>\n"
       "      <Product>Lodge: %s</Product>\n"
       "      <Version>%s</Version>\n"
       "      <FullVersion>%s, build %.12s</FullVersion>\n"
       "    </ProductSection>\n",
       ovf->template->description, ovf->template->release, ovf->template->os_name, ovf->build_hash);
  add (text,
       "    <AnnotationSection>\n"
       "      <Info>How to use it</Info>\n"
       "      <Annotation>%s, made by Lodge. The wizard on the console sets the host up at its "
       "first start%s. The second disk is for virtual machines: make it larger before the first "
       "start if you like. VT-x or AMD-V is passed through. Where virtual machines shall be on the "
       "host's network, the port group has to accept promiscuous mode and forged "
       "transmits.</Annotation>\n"
       "    </AnnotationSection>\n",
       ovf->template->description,
       lodge_template_has_vmware_tools (ovf->template)
           ? "; answers can be given in the setting guestinfo.lodge.answers"
           : "");
}

char *
lodge_ovf_format (const LodgeOvf *ovf)
{
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  g_autofree char *name = lodge_ovf_name (ovf->template);
  guint cim;
  const char *guest = guest_identifier (ovf->template->family, &cim);

  add (text, "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"\n"
             "    xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\"\n"
             "    xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
             "CIM_ResourceAllocationSettingData\"\n"
             "    xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
             "CIM_VirtualSystemSettingData\"\n"
             "    xmlns:vmw=\"http://www.vmware.com/schema/ovf\"\n"
             "    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
  add_files (text, ovf);
  add (text,
       "  <VirtualSystem ovf:id=\"%s\">\n"
       "    <Info>A host for virtual machines</Info>\n"
       "    <Name>%s</Name>\n"
       "    <OperatingSystemSection ovf:id=\"%u\" vmw:osType=\"%s\">\n"
       "      <Info>The operating system</Info>\n"
       "      <Description>%s</Description>\n"
       "    </OperatingSystemSection>\n",
       name, name, cim, guest, ovf->template->os_name);
  add_hardware (text, name);
  add_product (text, ovf);
  g_string_append (text, "  </VirtualSystem>\n</Envelope>\n");
  return g_string_free (text, FALSE);
}
