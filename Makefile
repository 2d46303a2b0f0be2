# SPDX-License-Identifier: GPL-2.0-only
# interdict. `make help` lists targets and variables.

## PREFIX      where it is installed                                  [/usr]
PREFIX ?= /usr
## DESTDIR     a directory to install into instead of /               []
DESTDIR ?=
## SYSCONFDIR  where its configuration is                             [/etc]
SYSCONFDIR ?= /etc
## BUILD       where everything that is built goes                    [build]
BUILD ?= build
## KERNEL      the guest's kernel: 6.1, 6.12, 6.18, 7.3 or a vmlinuz  [6.1]
KERNEL ?= 6.1
## SCRIPT      what `make guest` runs there instead of a shell        []
SCRIPT ?=
## CC          the C compiler                                         [cc]
CC ?= cc
## CLANG       the compiler of the BPF program                        [clang]
CLANG ?= clang
## BPFTOOL     what writes the BPF skeleton                           [found]
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool) bpftool)
## V           1: show every command                                  [0]
V ?= 0

Q := $(if $(filter 1,$(V)),,@)
MAKEFLAGS += --no-print-directory
VERSION := $(shell cat VERSION)

CFLAGS ?= -O2 -g
CPPFLAGS_ALL = -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -Iinclude -I$(BUILD)/include -Iuserspace/lib -Iuserspace \
	-DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' -DLIBDIR='"$(PREFIX)/lib"' \
	-DLIBEXECDIR='"$(PREFIX)/libexec"' $(CPPFLAGS)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wno-unused-parameter -Wno-missing-field-initializers
CFLAGS_ALL = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE $(CFLAGS) \
	$(shell pkg-config --cflags libbpf jansson libarchive libsystemd libcrypto libelf 2>/dev/null)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS = -lbpf -larchive -ljansson -lsystemd -lcrypto -lelf
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -Iinclude \
	-I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

LIB_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard userspace/lib/*.c))
CLI_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard userspace/cli/*.c))
DAEMON_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard userspace/daemon/*.c userspace/audit/*.c))
UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
TOOLS       := $(patsubst tests/guest/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/guest/tools/*.c))
PROGRAMS    := $(BUILD)/interdictd $(BUILD)/interdict $(BUILD)/canary-deny $(BUILD)/canary-allow

all: $(PROGRAMS) ## build everything

# ---- the BPF program -------------------------------------------------------------------------

$(BUILD)/interdict.bpf.o: $(wildcard bpf/*.c bpf/*.h include/interdict/*.h) | $(BUILD)/include
	@echo "  BPF      $@"
	$(Q)$(CLANG) $(BPF_CFLAGS) -c bpf/interdict.bpf.c -o $@

$(BUILD)/include/interdict.skel.h: $(BUILD)/interdict.bpf.o
	@echo "  SKELETON $@"
	$(Q)$(BPFTOOL) gen skeleton $< name interdict_bpf > $@.tmp && mv $@.tmp $@

# ---- userspace -------------------------------------------------------------------------------

$(BUILD)/include:
	$(Q)mkdir -p $@

$(BUILD)/userspace/daemon/%.o: | $(BUILD)/include/interdict.skel.h

$(BUILD)/%.o: %.c | $(BUILD)/include
	@echo "  CC       $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/libinterdict.a: $(LIB_OBJS)
	@echo "  AR       $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/interdictd: $(DAEMON_OBJS) $(BUILD)/libinterdict.a
$(BUILD)/interdict: $(CLI_OBJS) $(BUILD)/libinterdict.a
$(BUILD)/interdictd $(BUILD)/interdict:
	@echo "  LINK     $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)

# Two programs of the same size, one of them always denied: same source, another name inside.
$(BUILD)/canary-%: userspace/canary/canary.c
	@echo "  CANARY   $@"
	@mkdir -p $(@D)
	$(Q)$(CC) -Os -s -std=gnu11 $(WARNINGS) -DCANARY='"$(patsubst deny,deny.,$*)"' $< -o $@

# ---- install ---------------------------------------------------------------------------------

install: all ## install under DESTDIR and PREFIX
	$(Q)install -Dm755 $(BUILD)/interdict $(DESTDIR)$(PREFIX)/bin/interdict
	$(Q)install -Dm755 $(BUILD)/interdictd $(DESTDIR)$(PREFIX)/sbin/interdictd
	$(Q)install -Dm755 $(BUILD)/canary-deny $(DESTDIR)$(PREFIX)/libexec/interdict/canary-deny
	$(Q)install -Dm755 $(BUILD)/canary-allow $(DESTDIR)$(PREFIX)/libexec/interdict/canary-allow
	@echo "installed under $(DESTDIR)$(PREFIX)"

# ---- tests -----------------------------------------------------------------------------------

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libinterdict.a
	@echo "  TEST     $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -MMD -MP $< $(BUILD)/libinterdict.a \
		-o $@ -lcmocka $(LIBS)

unit: $(UNIT_TESTS) ## run the unit tests
	$(Q)set -e; for t in $(UNIT_TESTS); do echo "== $$(basename $$t)"; (cd tests/unit && $(CURDIR)/$$t); done

clean: ## remove what was built
	$(Q)rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all install unit clean
.DELETE_ON_ERROR:
