# Lodge.  `make image` builds a bootable KVM host, `make check` runs the tests; both install what they need.
# Every object is made from its own .c; a new file in builder/, firstboot/, common/ or tests/unit/ needs no line here.

BUILD    ?= build
TEMPLATE ?=
IMAGE    ?= images/kvm-host.raw
PREFIX   ?= /usr/local
DESTDIR  ?=

CC       ?= cc
# GLIB_VERSION_*: the oldest GLib that one source must compile on (CentOS Stream 9).
GLIB_API  = -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_68 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_68
WARNINGS  = -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wundef -Wpointer-arith -Wwrite-strings -Wno-missing-field-initializers -Werror
OPTIMIZE ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE ?=
CFLAGS   ?=
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. $(GLIB_API) $(WARNINGS) $(OPTIMIZE) $(SANITIZE) \
             -MMD -MP $(CFLAGS)

COMMON_PACKAGES    = gio-2.0 gio-unix-2.0
BUILDER_PACKAGES   = $(COMMON_PACKAGES) json-glib-1.0 libguestfs libarchive
FIRSTBOOT_PACKAGES = $(COMMON_PACKAGES) json-glib-1.0 libparted blkid mount libnm libvirt libarchive libcurl

# Programs: NAME-main.c holds main(); everything else in the folder goes into the folder's archive.
COMMON_OBJECTS    = $(patsubst %.c,$(BUILD)/%.o,$(wildcard common/*.c))
BUILDER_OBJECTS   = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %-main.c builder/main.c,$(wildcard builder/*.c)))
FIRSTBOOT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %-main.c firstboot/main.c,$(wildcard firstboot/*.c)))
BUILDER_PROGRAMS   = $(BUILD)/lodge $(BUILD)/lodge-sandbox
FIRSTBOOT_PROGRAMS = $(BUILD)/lodge-firstboot $(BUILD)/lodge-proof-init
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test-*.c))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all builder firstboot deps image check check-fast bench lint format install clean

all: builder firstboot
builder: $(BUILDER_PROGRAMS)
firstboot: $(FIRSTBOOT_PROGRAMS)

pkg_cflags = $(shell pkg-config --cflags $(1))
pkg_libs   = $(shell pkg-config --libs $(1))

$(BUILD)/common/%.o: common/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(COMMON_PACKAGES)) -c -o $@ $<
$(BUILD)/builder/%.o: builder/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(BUILDER_PACKAGES)) -c -o $@ $<
$(BUILD)/firstboot/%.o: firstboot/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(FIRSTBOOT_PACKAGES)) -c -o $@ $<

$(BUILD)/libcommon.a: $(COMMON_OBJECTS)
	$(AR) rcs $@ $^
$(BUILD)/libbuilder.a: $(BUILDER_OBJECTS)
	$(AR) rcs $@ $^
$(BUILD)/libfirstboot.a: $(FIRSTBOOT_OBJECTS)
	$(AR) rcs $@ $^

$(BUILD)/lodge: $(BUILD)/builder/main.o $(BUILD)/libbuilder.a $(BUILD)/libcommon.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(call pkg_libs,$(BUILDER_PACKAGES))
$(BUILD)/lodge-sandbox: $(BUILD)/builder/sandbox-main.o $(BUILD)/libcommon.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(call pkg_libs,$(COMMON_PACKAGES))
$(BUILD)/lodge-firstboot: $(BUILD)/firstboot/main.o $(BUILD)/libfirstboot.a $(BUILD)/libcommon.a
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(call pkg_libs,$(FIRSTBOOT_PACKAGES))
# The proof guest's only process: no library but libc, and that inside it.
$(BUILD)/lodge-proof-init: firstboot/proof-init-main.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -Os -static -o $@ $<

# A unit test links what it names: firstboot's and builder's archives never together.
FIRSTBOOT_TEST = $(shell grep -l '"firstboot/' tests/unit/$(1).c)
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libcommon.a $(BUILD)/libbuilder.a $(BUILD)/libfirstboot.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(if $(call FIRSTBOOT_TEST,$*),$(FIRSTBOOT_PACKAGES),$(BUILDER_PACKAGES))) \
	  -o $@ $< $(BUILD)/$(if $(call FIRSTBOOT_TEST,$*),libfirstboot,libbuilder).a $(BUILD)/libcommon.a \
	  $(call pkg_libs,$(if $(call FIRSTBOOT_TEST,$*),$(FIRSTBOOT_PACKAGES),$(BUILDER_PACKAGES)))

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)
