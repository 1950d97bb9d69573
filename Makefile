# Lodge.  `make image` builds a bootable KVM host, `make check` runs the tests; both install what they need.
# Every object is made from its own .c; a new file in builder/, firstboot/, common/ or tests/unit/ needs no line here.

BUILD    ?= build
TEMPLATE ?=
IMAGE    ?= images/kvm-host.raw
PREFIX   ?= /usr/local
DESTDIR  ?=

CC       ?= cc
# `make V=1` shows whole command lines.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))
# GLIB_VERSION_*: the oldest GLib that one source must compile on (CentOS Stream 9).
GLIB_API  = -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_68 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_68
WARNINGS  = -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wundef -Wpointer-arith -Wwrite-strings -Wno-missing-field-initializers -Werror
OPTIMIZE ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE ?=
CFLAGS   ?=
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -I$(BUILD) $(GLIB_API) $(WARNINGS) $(OPTIMIZE) $(SANITIZE) \
             -MMD -MP $(CFLAGS)

COMMON_PACKAGES    = gio-2.0 gio-unix-2.0 json-glib-1.0 blkid mount
BUILDER_PACKAGES   = $(COMMON_PACKAGES) fdisk libguestfs libarchive libcrypto ext2fs com_err libselinux zlib
FIRSTBOOT_PACKAGES = $(COMMON_PACKAGES) libparted libnm libvirt libarchive libcurl libnewt slang libcrypt

# Programs: NAME-main.c holds main(); everything else in the folder goes into the folder's archive.
COMMON_OBJECTS    = $(patsubst %.c,$(BUILD)/%.o,$(wildcard common/*.c))
BUILDER_OBJECTS   = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %-main.c builder/main.c,$(wildcard builder/*.c)))
FIRSTBOOT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %-main.c firstboot/main.c,$(wildcard firstboot/*.c)))
BUILDER_PROGRAMS   = $(BUILD)/lodge $(BUILD)/lodge-sandbox $(BUILD)/lodge-processor-init
FIRSTBOOT_PROGRAMS = $(BUILD)/lodge-firstboot $(BUILD)/lodge-proof-init
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test-*.c))
# Programs that the scripts among the tests run.
TEST_HELPERS = $(addprefix $(BUILD)/tests/,label-image make-flash-map make-format tell-webhook)

# What is in the cache was made by this code: its hash is in the keys, so that a change makes it anew, and a change
# elsewhere does not (a root takes a minute).  A family adds its files to ROOT_SOURCES.
ROOT_SOURCES     = $(sort $(wildcard builder/apt*.[ch] builder/debian-*.[ch] builder/dnf*.[ch] builder/el-*.[ch] \
                   builder/family-*.[ch] builder/root-*.[ch] builder/grub-words.[ch] builder/ext4.[ch] builder/tree.[ch] builder/sandbox*.[ch]))
PROGRAMS_SOURCES = $(sort $(wildcard builder/compile.[ch] builder/family-*.[ch]))
BUILDER_SOURCES  = $(sort $(wildcard builder/*.[ch] common/*.[ch]))

.DELETE_ON_ERROR:
.SUFFIXES:
# `make -j2 all image`: what calls make again, to compile after `deps`, must not do it beside another that compiles.
ifneq ($(filter-out all builder firstboot $(BUILD)/%,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
.PHONY: all builder firstboot deps-builder deps deps-check image package check check-el check-fast check-image check-boot check-memory \
        bench bench-el screens screens-console lint format install uninstall clean help

all: builder firstboot
builder: $(BUILDER_PROGRAMS)
firstboot: $(FIRSTBOOT_PROGRAMS)

# Asked once for each set of packages, not once for each object.
pkg_once   = $(or $(pkg_$(2)_$(subst $(space),_,$(1))),$(eval pkg_$(2)_$(subst $(space),_,$(1)) := \
             $(shell pkg-config --$(2) $(1)))$(pkg_$(2)_$(subst $(space),_,$(1))))
space     := $(subst ,, )
pkg_cflags = $(call pkg_once,$(1),cflags)
pkg_libs   = $(call pkg_once,$(1),libs)

hash_of = $$(sha256sum $(1) | sha256sum | cut -d' ' -f1)
$(BUILD)/builder/recipe.h: $(BUILDER_SOURCES)
	@mkdir -p $(@D)
	@printf '/* Made by make: hashes of the sources that make each of these. */\n#define %s "%s"\n#define %s "%s"\n#define %s "%s"\n' \
	  LODGE_ROOT_RECIPE "$(call hash_of,$(ROOT_SOURCES))" \
	  LODGE_PROGRAMS_RECIPE "$(call hash_of,$(PROGRAMS_SOURCES))" \
	  LODGE_BUILDER_RECIPE "$(call hash_of,$(BUILDER_SOURCES))" >$@
# Exists before anything includes it; what does is made anew by what the compiler found out (-MMD).
$(BUILDER_OBJECTS): | $(BUILD)/builder/recipe.h

$(BUILD)/common/%.o: common/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(COMMON_PACKAGES)) -c -o $@ $<
$(BUILD)/builder/%.o: builder/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(BUILDER_PACKAGES)) -c -o $@ $<
$(BUILD)/firstboot/%.o: firstboot/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(FIRSTBOOT_PACKAGES)) -c -o $@ $<

$(BUILD)/libcommon.a: $(COMMON_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libbuilder.a: $(BUILDER_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libfirstboot.a: $(FIRSTBOOT_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/lodge: $(BUILD)/builder/main.o $(BUILD)/libbuilder.a $(BUILD)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(call pkg_libs,$(BUILDER_PACKAGES))
# Only the builder's own sandbox-*.o are taken out of the archive: no library is needed.
$(BUILD)/lodge-sandbox: $(BUILD)/builder/sandbox-main.o $(BUILD)/libbuilder.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^
# An initramfs's first program on whatever processor: neither a library nor an instruction that the first ones did not have.
# Its bytes are part of images: nothing of the directory that it is made in goes into it.
PROCESSOR_INIT = builder/processor-init-main.c builder/processor-missing.c
$(BUILD)/lodge-processor-init: $(PROCESSOR_INIT) builder/processor-missing.h
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) -Os -march=x86-64 -mtune=generic -mgeneral-regs-only -ffreestanding -fno-pie \
	  -fno-stack-protector -fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables -nostdlib -static -no-pie \
	  -Wl,--build-id=none -Wl,-z,noexecstack -s -o $@ $(PROCESSOR_INIT)
$(BUILD)/lodge-firstboot: $(BUILD)/firstboot/main.o $(BUILD)/libfirstboot.a $(BUILD)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(call pkg_libs,$(FIRSTBOOT_PACKAGES))
# The proof guest's only process: no library but libc, and that inside it.
$(BUILD)/lodge-proof-init: firstboot/proof-init-main.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -Os -static -o $@ $<

# A unit test links what it names: firstboot's and builder's archives never together.
FIRSTBOOT_TEST = $(shell grep -l '^.include "firstboot/' tests/unit/$(1).c)
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libcommon.a $(BUILD)/libbuilder.a $(BUILD)/libfirstboot.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg_cflags,$(if $(call FIRSTBOOT_TEST,$*),$(FIRSTBOOT_PACKAGES),$(BUILDER_PACKAGES))) \
	  -o $@ $< $(BUILD)/$(if $(call FIRSTBOOT_TEST,$*),libfirstboot,libbuilder).a $(BUILD)/libcommon.a \
	  $(call pkg_libs,$(if $(call FIRSTBOOT_TEST,$*),$(FIRSTBOOT_PACKAGES),$(BUILDER_PACKAGES)))

# --- what this machine needs: installed by `make deps` (to build images; `make deps-builder`, without lodge-firstboot here) and `make deps-check` (to test) ---

DEPS_DEBIAN = gcc make pkg-config libc6-dev libglib2.0-dev libjson-glib-dev libguestfs-dev libarchive-dev libssl-dev libext2fs-dev comerr-dev libguestfs0 \
              qemu-system-x86 qemu-utils ovmf uidmap e2fsprogs dosfstools fdisk debian-archive-keyring gpg gpgv apt dnf rpm curl \
              libselinux1-dev libblkid-dev libmount-dev libfdisk-dev mtools zlib1g-dev
# To compile firstboot here, for its tests: an image's is compiled among the image's own packages.
DEPS_DEBIAN_FIRSTBOOT = libparted-dev libnm-dev libvirt-dev libcurl4-openssl-dev libnewt-dev libslang2-dev libcrypt-dev
DEPS_DEBIAN_CHECK = perl python3 openssh-client openssl mandoc valgrind cppcheck clang-format clang-tidy cpio xfsprogs fdisk gdisk \
                    dosfstools lvm2 mdadm socat jq zstd libcap2-bin attr time util-linux iproute2 procps udev tmux gettext libxml2-utils nbdkit libnbd-bin fuse3
DEPS_EL = gcc make pkgconf-pkg-config glibc-static glib2-devel json-glib-devel libguestfs-devel libarchive-devel openssl-devel e2fsprogs-devel libcom_err-devel \
          qemu-kvm qemu-img edk2-ovmf apt shadow-utils e2fsprogs dosfstools util-linux debian-keyring gnupg2 dnf rpm curl \
          libselinux-devel libblkid-devel libmount-devel libfdisk-devel mtools zlib-devel
DEPS_EL_FIRSTBOOT = parted-devel NetworkManager-libnm-devel libvirt-devel libcurl-devel newt-devel slang-devel libxcrypt-devel
DEPS_EL_CHECK = perl-Test-Harness python3 openssh-clients openssl mandoc valgrind cppcheck clang-tools-extra cpio xfsprogs gdisk \
                dosfstools lvm2 mdadm socat jq zstd libcap attr time util-linux iproute procps-ng tmux gettext libxml2 nbdkit nbdfuse fuse3
# What `make package` needs beside them.
DEPS_DEBIAN_PACKAGE = rpm dpkg
DEPS_EL_PACKAGE     = rpm-build
# What `make bench` compares with.
DEPS_BENCH = mmdebstrap bmap-tools
DEPS_BENCH_EL_DEBIAN = guestfish
DEPS_BENCH_EL_EL     = /usr/bin/guestfish
# What the stand-in for CentOS packages is made with.
DEPS_STANDIN_DEBIAN = mmdebstrap createrepo-c libarchive-tools selinux-utils python3
DEPS_STANDIN_EL     = mmdebstrap createrepo_c bsdtar libselinux-utils python3 rpm-build rpm-sign
AS_ROOT = $(if $(filter 0,$(shell id -u)),,sudo)

# $(call install_packages,DEBIAN,EL): only what is missing is asked for, so that a second run needs no root.
define install_packages
@if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then \
  missing=; for p in $(1); do \
    dpkg-query -W -f '$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q ^ii || missing="$$missing $$p"; done; \
  ls /boot/vmlinuz-* >/dev/null 2>&1 || missing="$$missing linux-image-cloud-amd64"; \
  if [ -n "$$missing" ]; then echo "Installing:$$missing"; \
    $(AS_ROOT) apt-get -qq update && \
    $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing \
      >/dev/null; fi; \
elif command -v dnf >/dev/null; then \
  missing=; for p in $(2); do rpm -q --whatprovides $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
  if [ -n "$$missing" ]; then echo "Installing:$$missing"; $(AS_ROOT) dnf -q -y install $$missing || { \
    echo "Some of these are in CRB and EPEL: dnf install epel-release dnf-plugins-core && dnf config-manager --set-enabled crb" >&2; \
    exit 1; }; fi; \
else echo "Neither apt nor dnf is on this machine: install by hand: $(1)" >&2; exit 1; fi
endef

deps-builder:
	$(call install_packages,$(DEPS_DEBIAN),$(DEPS_EL))
deps: deps-builder
	$(call install_packages,$(DEPS_DEBIAN_FIRSTBOOT),$(DEPS_EL_FIRSTBOOT))
deps-check: deps
	$(call install_packages,$(DEPS_DEBIAN_CHECK),$(DEPS_EL_CHECK))

# --- the image ---

# LODGE_OPTIONS: more of `lodge build`'s options, as LODGE_OPTIONS='--ssh-key ~/.ssh/id_ed25519.pub'.  They are not
# shown: a password's hash may be among them, and the logs of CI are read by many.
LODGE_OPTIONS ?=
image: deps
	@$(MAKE) --no-print-directory builder
	@template='$(TEMPLATE)'; [ -n "$$template" ] || template=$$(builder/choose-template $(filter --source --source=%,$(LODGE_OPTIONS))); \
	echo "$(BUILD)/lodge build $$template -o $(IMAGE)$(if $(LODGE_OPTIONS), …)"; \
	exec $(BUILD)/lodge build $$template -o $(IMAGE) $(LODGE_OPTIONS)

# lodge-firstboot for a release as an .rpm or .deb, for `lodge build --firstboot` where no mirror can be reached.
# SOURCE=DIR|ISO|URL: packages of a copy of a mirror.
package: deps-builder
	$(call install_packages,$(DEPS_DEBIAN_PACKAGE),$(DEPS_EL_PACKAGE))
	@$(MAKE) --no-print-directory builder
	$(BUILD)/lodge package $(or $(TEMPLATE),centos-stream-9) $(if $(SOURCE),--source $(SOURCE)) -o $(BUILD)

# --- tests: all print TAP and run under prove ---

export LODGE_TOP   := $(CURDIR)
export LODGE_BUILD := $(abspath $(BUILD))
export LODGE_IMAGE := $(abspath $(IMAGE))
PROVE = prove --timer --merge --failures

# Four at a time: the wizard's tests wait for a screen most of the time.
FAST_TESTS = $(wildcard tests/fast/*.t) $(UNIT_TESTS)

check-fast: deps-check
	@$(MAKE) --no-print-directory -j2 all $(UNIT_TESTS) $(TEST_HELPERS)
	$(PROVE) -j4 $(FAST_TESTS)

check-image: deps-check image
	$(PROVE) $(wildcard tests/image/*.t)

check-boot: deps-check image
	@$(MAKE) --no-print-directory $(TEST_HELPERS)
	$(PROVE) -j2 $(wildcard tests/boot/*.t)

# The unit tests again under AddressSanitizer, UndefinedBehaviorSanitizer and valgrind.
check-memory: deps-check
	tests/memory.sh

# README's test command, and what CI runs (.ci/run); the rest are check-image, check-boot, check-el, check-memory and lint.
# The longest machine first, two at a time: each keeps one core of two busy.
CHECKED_MACHINES = power-cut refusals classroom bios-usb flash wizard vmware wizard-tty1 uefi-secure no-virtualization old-processor
check: deps-check
	@$(MAKE) --no-print-directory -j2 all $(UNIT_TESTS) $(TEST_HELPERS)
	$(PROVE) -j4 $(FAST_TESTS)
	@$(MAKE) --no-print-directory image
	$(BUILD)/lodge inspect $(IMAGE) >$(BUILD)/inspect.txt; status=$$?; head -n 21 $(BUILD)/inspect.txt; exit $$status
	$(PROVE) tests/image/disk.t
	$(PROVE) -j2 $(CHECKED_MACHINES:%=tests/boot/%.t)

# The RPM family: builds centos-stream-9 and boots it.  SOURCE='DIR|ISO|URL…': packages of a real mirror; without it, the
# stand-in for them (tests/standin).  FIRSTBOOT=RPM, from `make package`: where SOURCE is a DVD alone.
SOURCE    ?=
FIRSTBOOT ?=
EL_IMAGE ?= images/centos-stream-9$(if $(SOURCE),,-stand-in).raw
EL_UNIT_TESTS = $(addprefix $(BUILD)/tests/,test-el-root test-el-check test-el-refusals test-el-servers test-el-key test-el-templates test-dnf-output)
check-el: deps-check
	$(call install_packages,$(DEPS_STANDIN_DEBIAN),$(DEPS_STANDIN_EL))
	@$(MAKE) --no-print-directory -j2 all $(EL_UNIT_TESTS)
	$(if $(SOURCE),,LODGE_STANDIN=$$(tests/standin/make-stand-in) && export LODGE_STANDIN && $(PROVE) $(EL_UNIT_TESTS))
	LODGE_EL_FIRSTBOOT='$(FIRSTBOOT)' tests/el/make-image $(EL_IMAGE) $(SOURCE)
	LODGE_EL_SOURCE='$(SOURCE)' LODGE_IMAGE=$(abspath $(EL_IMAGE)) $(PROVE) tests/image/disk.t $(wildcard tests/el/*.t)

bench: deps-check all image
	$(call install_packages,$(DEPS_BENCH),$(DEPS_BENCH))
	@$(MAKE) --no-print-directory $(TEST_HELPERS)
	tests/bench.sh
	$(if $(filter yes,$(EL)),@$(MAKE) --no-print-directory bench-el)

# The RPM family's figures, on the stand-in for its packages: a quarter of an hour, and more when that has to be made.
bench-el: deps-check
	$(call install_packages,$(DEPS_STANDIN_DEBIAN) $(DEPS_BENCH_EL_DEBIAN),$(DEPS_STANDIN_EL) $(DEPS_BENCH_EL_EL))
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/tests/label-image
	tests/bench-el.sh

# The wizard's screens as text, kept with the documentation.
screens: deps-check firstboot
	rm -f docs/screens/*.txt
	LODGE_SCREENS=$(CURDIR)/docs/screens $(PROVE) -j4 $(wildcard tests/fast/wizard-*.t)

# The same at a monitor, as pictures: a machine that boots the image is set up.
screens-console: deps-check image
	SCREENS=$(CURDIR)/docs/screens $(PROVE) tests/boot/wizard-tty1.t

SOURCES = $(wildcard common/*.[ch] builder/*.[ch] firstboot/*.[ch] tests/unit/*.[ch])
format:
	clang-format -i $(SOURCES)
lint: deps-check $(BUILD)/builder/recipe.h
	tests/lint.sh

# --- installation ---

MANUALS = man1/lodge.1 man5/template.conf.5 man5/answers.conf.5 man5/flash-map.5 man8/lodge-firstboot.8
# lodge, and the sources of lodge-firstboot, which is compiled for each image.
install: deps-builder
	@$(MAKE) --no-print-directory builder
	install -D -m 0755 $(BUILD)/lodge $(DESTDIR)$(PREFIX)/bin/lodge
	install -D -m 0755 $(BUILD)/lodge-sandbox $(DESTDIR)$(PREFIX)/libexec/lodge/lodge-sandbox
	install -D -m 0755 $(BUILD)/lodge-processor-init $(DESTDIR)$(PREFIX)/libexec/lodge/lodge-processor-init
	rm -rf $(DESTDIR)$(PREFIX)/share/lodge
	install -d $(DESTDIR)$(PREFIX)/share/lodge
	cp -dR --preserve=mode common firstboot templates $(DESTDIR)$(PREFIX)/share/lodge
	install -D -m 0644 Makefile $(DESTDIR)$(PREFIX)/share/lodge/Makefile
	for m in $(MANUALS); do install -D -m 0644 docs/$${m#*/} $(DESTDIR)$(PREFIX)/share/man/$$m; done

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/lodge $(MANUALS:%=$(DESTDIR)$(PREFIX)/share/man/%)
	rm -rf $(DESTDIR)$(PREFIX)/libexec/lodge $(DESTDIR)$(PREFIX)/share/lodge

clean:
	rm -rf $(BUILD)

help:
	@echo 'make            compile lodge, and lodge-firstboot for its tests'
	@echo 'make image      build images/kvm-host.raw  (TEMPLATE=NAME  IMAGE=FILE  LODGE_OPTIONS="--ssh-key FILE …")'
	@echo 'make package    lodge-firstboot as an .rpm or .deb  (TEMPLATE=NAME  SOURCE=DIR|ISO|URL)'
	@echo 'make install    lodge, its manuals and templates  (PREFIX=/usr/local  DESTDIR=); make uninstall removes them'
	@echo 'make check      every test that CI runs; make check-fast: those without a virtual machine'
	@echo 'make check-image check-boot check-el check-memory lint bench   see README.md, "Where it stands"'
	@echo 'make screens    the wizard’s screens in docs/screens anew; screens-console: the pictures of them at a monitor'
	@echo 'make deps       only install what is needed to build; deps-check: to test'
	@echo 'make clean      remove build/; images/ and the cache (~/.cache/lodge) stay' 
