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
## ARCH        arm64: cross-built, and tried in an emulated machine    []
ARCH ?=
## V           1: show every command                                  [0]
V ?= 0

Q := $(if $(filter 1,$(V)),,@)
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
VERSION := $(shell cat VERSION)
PKG_CONFIG := pkg-config

ifeq ($(ARCH),arm64)
include tests/arm64/arm64.mk
else ifneq ($(filter-out amd64 x86 x86_64,$(ARCH)),)
$(error ARCH=$(ARCH): arm64, or nothing for the architecture of this machine)
endif

CFLAGS ?= -O2 -g
CPPFLAGS_ALL = -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -Iinclude -isystem $(BUILD)/include -Iuserspace/lib -Iuserspace \
	-DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' -DLIBDIR='"$(PREFIX)/lib"' \
	-DLIBEXECDIR='"$(PREFIX)/libexec"' $(CPPFLAGS)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wno-unused-parameter -Wno-missing-field-initializers
# What is built says nothing of the directory that it was built in.
HERE := -ffile-prefix-map=$(CURDIR)=.
CFLAGS_ALL = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE $(HERE) $(CFLAGS) \
	$(shell $(PKG_CONFIG) --cflags libbpf jansson libarchive libsystemd libcrypto libelf audit 2>/dev/null)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS = -pthread -lbpf -larchive -ljansson -lsystemd -lcrypto -lelf -laudit
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g $(HERE) -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -Iinclude \
	-I$(SYSROOT)/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

# What both programs may use: every directory but those of the programs themselves.
LIB_FILES   := $(filter-out $(addprefix userspace/,canary/% cli/% daemon/%),$(wildcard userspace/*/*.c))
LIB_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(LIB_FILES))
CLI_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard userspace/cli/*.c))
DAEMON_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard userspace/daemon/*.c))
UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
TOOLS       := $(addprefix $(BUILD)/tools/,run storm notified slots silent mute nomaps change apart program-evil program-good \
	library-evil library-good tiny killat verdicts races settings maps) $(BUILD)/next/interdictd
BYPASS      := $(patsubst tests/guest/bypass/%.c,$(BUILD)/bypass/%,$(filter-out tests/guest/bypass/content-%,$(wildcard tests/guest/bypass/*.c))) \
	$(addprefix $(BUILD)/bypass/content/,$(foreach w,evil good filler,$(addsuffix -$(w),program library build)))
CANARIES    := $(addprefix $(BUILD)/canary-,deny allow deny.sh allow.sh)
PROGRAMS    := $(BUILD)/interdictd $(BUILD)/interdict $(CANARIES)

all: $(PROGRAMS) ## build everything

# ---- the BPF program -------------------------------------------------------------------------

$(BUILD)/interdict.bpf.o: $(wildcard bpf/*.c bpf/*.h include/interdict/*.h) | $(BUILD)/include
	@echo "  BPF      $@"
	$(Q)$(CLANG) $(BPF_CFLAGS) $(BPF_EXTRA) -c bpf/interdict.bpf.c -o $@

$(BUILD)/include/interdict.skel.h: $(BUILD)/interdict.bpf.o
	@echo "  SKELETON $@"
	$(Q)$(BPFTOOL) gen skeleton $< name interdict_bpf > $@.tmp && mv $@.tmp $@

# ---- userspace -------------------------------------------------------------------------------

$(BUILD)/include:
	$(Q)mkdir -p $@

# Which commit this is, for --version. Only what it is in is built again when that changes.
$(BUILD)/include/revision.h: FORCE | $(BUILD)/include
	$(Q)echo "#define REVISION \"$$(packaging/revision)\"" > $@.tmp
	$(Q)cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(BUILD)/userspace/daemon/main.o $(BUILD)/userspace/cli/main.o: $(BUILD)/include/revision.h

# Where things are is in programs and units: they are built again when they are to be elsewhere.
$(BUILD)/places: FORCE | $(BUILD)/include
	$(Q)echo "$(PREFIX) $(SYSCONFDIR)" > $@.tmp
	$(Q)cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@

$(DAEMON_OBJS): | $(BUILD)/include/interdict.skel.h
# A header of the system's to the compiler, which then does not name it.
$(BUILD)/userspace/daemon/program.o: $(BUILD)/include/interdict.skel.h

$(BUILD)/%.o: %.c $(BUILD)/places | $(BUILD)/include
	@echo "  CC       $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/libinterdict.a: $(LIB_OBJS)
	@echo "  AR       $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/interdictd: $(DAEMON_OBJS) $(BUILD)/libinterdict.a
$(BUILD)/interdict: $(CLI_OBJS) $(BUILD)/libinterdict.a
# Of others' lists: the daemon reads none.
$(BUILD)/interdict $(BUILD)/unit/test_import $(BUILD)/fuzz/%: LIBS += -lexpat
$(BUILD)/interdictd $(BUILD)/interdict:
	@echo "  LINK     $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)

# Two programs of the same size, one of them always denied: same source, another name inside. And two
# scripts.
$(BUILD)/canary-%.sh: userspace/canary/canary.sh.in
	@echo "  CANARY   $@"
	@mkdir -p $(@D)
	$(Q)sed 's/@CANARY@/$(patsubst deny,deny.,$*)/' $< > $@ && chmod 755 $@
$(BUILD)/canary-%: userspace/canary/canary.c
	@echo "  CANARY   $@"
	@mkdir -p $(@D)
	$(Q)$(CC) -Os -s -std=gnu11 $(WARNINGS) -DCANARY='"$(patsubst deny,deny.,$*)"' $< -o $@

# ---- install ---------------------------------------------------------------------------------

# What is installed, and as what: MODE SOURCE TARGET. `uninstall` removes the same list.
INSTALLED = \
	755:$(BUILD)/interdict:$(PREFIX)/bin/interdict \
	755:$(BUILD)/interdictd:$(PREFIX)/sbin/interdictd \
	$(foreach canary,$(CANARIES),755:$(canary):$(PREFIX)/libexec/interdict/$(notdir $(canary))) \
	$(foreach unit,$(SERVICES),644:$(unit):$(PREFIX)/lib/systemd/system/$(notdir $(unit))) \
	644:packaging/interdict-scan.timer:$(PREFIX)/lib/systemd/system/interdict-scan.timer \
	644:packaging/catalog/interdict.catalog:$(PREFIX)/lib/systemd/catalog/interdict.catalog \
	$(patsubst %,644:%:$(PREFIX)/share/bash-completion/completions/interdict,$(wildcard packaging/completion/interdict.bash)) \
	$(patsubst %,644:%:$(PREFIX)/share/zsh/vendor-completions/_interdict,$(wildcard packaging/completion/_interdict)) \
	$(patsubst %,644:%:$(PREFIX)/share/fish/vendor_completions.d/interdict.fish,$(wildcard packaging/completion/interdict.fish)) \
	644:packaging/vendors/kaspersky.vendor:$(PREFIX)/lib/interdict/vendors.d/kaspersky.vendor \
	644:packaging/vendors/kaspersky-packages.digests:$(PREFIX)/lib/interdict/vendors.d/kaspersky-packages.digests \
	644:packaging/prometheus/interdict.rules.yml:$(PREFIX)/share/interdict/interdict.rules.yml \
	644:$(BUILD)/50interdict:$(SYSCONFDIR)/apt/apt.conf.d/50interdict \
	$(foreach page,$(wildcard man/*.1),644:$(page):$(PREFIX)/share/man/man1/$(notdir $(page))) \
	$(foreach page,$(wildcard man/*.5),644:$(page):$(PREFIX)/share/man/man5/$(notdir $(page))) \
	$(foreach page,$(wildcard man/*.8),644:$(page):$(PREFIX)/share/man/man8/$(notdir $(page)))
# Ours alone: they go with what was in them.
OWN_DIRS = $(PREFIX)/libexec/interdict $(PREFIX)/lib/interdict/policy.d $(PREFIX)/lib/interdict/vendors.d $(PREFIX)/lib/interdict \
	$(PREFIX)/share/interdict $(CONFIG_DIR)
# /etc/interdict systemd makes when interdictd starts, and no other one.
CONFIG_DIR = $(if $(filter-out /etc,$(SYSCONFDIR)),$(SYSCONFDIR)/interdict)

SERVICES = $(patsubst packaging/%.in,$(BUILD)/%,$(wildcard packaging/*.service.in))

$(SERVICES): $(BUILD)/%.service: packaging/%.service.in $(BUILD)/places
	@mkdir -p $(@D)
	$(Q)sed 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' $< > $@

$(BUILD)/50interdict: packaging/apt/50interdict.in $(BUILD)/places
	@mkdir -p $(@D)
	$(Q)sed 's|@PREFIX@|$(PREFIX)|g' $< > $@

install: all $(SERVICES) $(BUILD)/50interdict ## install under DESTDIR and PREFIX
	$(Q)set -e; for f in $(INSTALLED); do IFS=: read -r mode source target <<< "$$f"; \
		install -Dm$$mode "$$source" "$(DESTDIR)$$target"; done
	$(Q)for dir in $(PREFIX)/lib/interdict/policy.d $(CONFIG_DIR); do install -d "$(DESTDIR)$$dir" || exit; done
	@echo "installed under $(DESTDIR)$(PREFIX)"

# Without its programs nobody could lift what is in force. In a DESTDIR nothing is; directories that
# it shares with others stay, there too: who made them, it does not know.
uninstall: ## remove what `make install` installed; policies and logs stay
	$(Q)[ -n "$(DESTDIR)" ] || [ ! -e /sys/fs/bpf/interdict ] || { echo "uninstall: interdict is in force: first" \
		"interdict unload; systemctl disable --now interdictd interdict-scan.timer" >&2; exit 1; }
	$(Q)for f in $(INSTALLED); do rm -f "$(DESTDIR)$${f##*:}"; done
	$(Q)for dir in $(OWN_DIRS); do rmdir "$(DESTDIR)$$dir" 2>/dev/null || true; done
	@echo "uninstalled from $(DESTDIR)$(PREFIX)"

# ---- what is needed ---------------------------------------------------------------------------

DEPS_BUILD := gcc make clang llvm bpftool pkg-config libc6-dev linux-libc-dev libbpf-dev libelf-dev \
	libarchive-dev libjansson-dev libsystemd-dev libssl-dev librpm-dev libexpat1-dev libaudit-dev
DEPS_TEST  := libcmocka-dev libclang-rt-dev binutils qemu-system-x86 busybox-static cpio kmod xz-utils zstd file \
	libcap2-bin squashfs-tools erofs-utils util-linux procps systemd e2fsprogs xfsprogs btrfs-progs python3 dpkg-dev zip \
	pahole openssl jq chromium gzip debootstrap sbsigntool osslsigncode pesign rpm gpg gpg-agent skopeo bzip2 ca-certificates \
	zsh fish mandoc ansible-core runc systemd-container
DEPS_CHECK := clang-format clang-tidy cppcheck shellcheck mandoc git codespell valgrind
DEPS       := $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_CHECK) $(DEPS_ARCH)

deps: ## install the Debian packages that all of this needs (root), or name them
	$(Q)packaging/deps $(DEPS)

# ---- tests -----------------------------------------------------------------------------------

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libinterdict.a
	@echo "  TEST     $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -MMD -MP $< $(BUILD)/libinterdict.a \
		-o $@ -lcmocka $(LIBS)

$(BUILD)/tools/%-evil: tests/guest/tools/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -Wl,--build-id $(TOOL_FLAGS) -DWHICH='"evil"' $< -o $@
$(BUILD)/tools/%-good: tests/guest/tools/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -Wl,--build-id $(TOOL_FLAGS) -DWHICH='"good"' $< -o $@
$(BUILD)/tools/library-%: TOOL_FLAGS = -shared -fPIC
$(BUILD)/tools/tiny: tests/guest/tools/tiny.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARNINGS) -Os -s -static -nostartfiles $< -o $@
$(BUILD)/tools/races $(BUILD)/tools/settings: $(BUILD)/tools/%: tests/guest/tools/%.c $(BUILD)/libinterdict.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)
# Records as interdictd writes them, for tests of what reads them.
$(BUILD)/tools/records: tests/bench/records.c $(BUILD)/libinterdict.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)
$(BUILD)/tools/slots: TOOL_LIBS = -lbpf
$(BUILD)/tools/%: tests/guest/tools/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARNINGS) -D_GNU_SOURCE -O1 $< -o $@ $(TOOL_LIBS)

$(BUILD)/browser/%: tests/browser/%.c $(BUILD)/libinterdict.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(BUILD)/libinterdict.a -o $@ $(LIBS)

# Another build, to upgrade to: what it pins has another digest.
$(BUILD)/next/interdictd: all
	$(Q)$(MAKE) BUILD=$(BUILD)/next BPF_EXTRA='-include tests/guest/tools/next.h' $@
BYPASS_FLAGS := -D_GNU_SOURCE -std=gnu11 -O1 -Wall -Wextra -Werror

# Content under test: alike in size and layout, but for the word that it prints. What `build` is has
# a build-id of its own.
$(BUILD)/bypass/content/program-%: tests/guest/bypass/content-program.c tests/guest/bypass/content.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(BYPASS_FLAGS) -fPIE -pie -Wl,--build-id=sha1 -DWHICH='"$*"' $< -o $@
$(BUILD)/bypass/content/build-%: tests/guest/bypass/content-program.c tests/guest/bypass/content.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(BYPASS_FLAGS) -fPIE -pie -Wl,--build-id=md5 -DWHICH='"$*"' $< -o $@
$(BUILD)/bypass/content/library-%: tests/guest/bypass/content-library.c tests/guest/bypass/content.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(BYPASS_FLAGS) -shared -fPIC -Wl,--build-id=sha1,-e,start -DWHICH='"$*"' $< -o $@
$(BUILD)/bypass/%: tests/guest/bypass/%.c $(wildcard tests/guest/bypass/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BYPASS_FLAGS) $< -o $@ -ldl -lpthread

# ---- the kernel module, for the guests' kernels ------------------------------------------------

KMOD_TOOLS := $(addprefix $(BUILD)/kmod/,probe.bpf.o probe keys)

$(BUILD)/kmod/probe.bpf.o: tests/guest/kmod/probe.bpf.c tests/guest/kmod/probe.h include/interdict/kfuncs.h
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
$(BUILD)/kmod/probe $(BUILD)/kmod/keys: $(BUILD)/kmod/%: tests/guest/kmod/%.c tests/guest/kmod/probe.h include/interdict/kfuncs.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(WARNINGS) -D_GNU_SOURCE -std=gnu11 -O1 -Iinclude $< -o $@ -lbpf

# Status 3: this machine has no headers or tools for that kernel, and says so; its suites skip.
kmod: $(KMOD_TOOLS) ## build interdict.ko for the kernels of KERNELS and SIGNER_KERNELS
	$(Q)set -e; for k in $(sort $(KERNELS) $(SIGNER_KERNELS:%:bare=%)); do \
		echo "  KMOD     $$k"; \
		BUILD=$(abspath $(BUILD)) tests/guest/module $$k >/dev/null || { [ $$? = 3 ]; continue; }; \
		tests/guest/kmod/samples.py "$$(tests/guest/kernel $$k)" $(BUILD)/kmod/$$k/samples; done

# Where there is none, the suite that needs it says so.
$(BUILD)/auditd:
	$(Q)tests/guest/auditd $@ || [ $$? = 3 ]

$(BUILD)/keys/made:
	$(Q)tests/guest/keys $(@D)

$(BUILD)/root: all $(SERVICES) $(BUILD)/50interdict
	$(Q)$(MAKE) install DESTDIR=$(abspath $@) >/dev/null

unit-programs: $(UNIT_TESTS)

# What takes longest first: as many run at a time as there are CPUs.
UNIT_SCRIPTS := unit/test_hostile.py unit/test_planted.py unit/test_scan.sh unit/test_cli.sh unit/test_real.py \
	browser/test_report.sh
UNIT_SCRIPTS += $(filter-out $(UNIT_SCRIPTS),$(patsubst tests/%,%,$(wildcard tests/unit/test_*.sh tests/unit/test_*.py)))

# The programs that unit tests run.
UNIT_NEEDS := $(PROGRAMS) $(addprefix $(BUILD)/tools/,records killat) $(BUILD)/browser/make_log

unit: unit-programs $(UNIT_NEEDS) ## run the unit tests
	$(Q)tests/unit/run $(BUILD) $(UNIT_SCRIPTS) $(notdir $(UNIT_TESTS))

# ---- elsewhere -------------------------------------------------------------------------------

rpm: ## build the RPM of this tree with rpmbuild, in build/rpm
	$(Q)packaging/rpm/build $(BUILD)/rpm

rpm-tests: suite-tools ## the RPM's life in a machine that boots with systemd
	$(Q)tests/elsewhere/rpm $(abspath $(BUILD))

debian13-tests: ## make install on Debian 13, which then boots on its own kernel
	$(Q)tests/elsewhere/debian13

guest: $(BUILD)/root ## a root shell in a guest that has the build; or SCRIPT=, with KERNEL=
	$(Q)tests/guest/run --kernel $(KERNEL) --layer $(BUILD)/root $(SCRIPT)

# All that the suites need, for who runs one by hand: tests/guest/run SUITE BUILD.
guest-tools: $(BUILD)/auditd suite-tools $(BUILD)/keys/made kmod

# What they need everywhere.
suite-tools: $(BUILD)/root $(TOOLS) $(BYPASS)

guest-tests: guest-tools ## run the suites in guests
	$(Q)BUILD=$(abspath $(BUILD)) SIGNER_KERNELS="$(SIGNER_KERNELS)" BYPASSES="$(BYPASSES)" \
		KILLS=$(KILLS) RACES=$(RACES) EXPLAINED=$(EXPLAINED) ONLY=$(ONLY) tests/guest/suites $(KERNELS)

bypass: guest-tools ## every bypass, on each of SIGNER_KERNELS with the module and without
	$(Q)BUILD=$(abspath $(BUILD)) ONLY=bypass \
		BYPASSES="$(foreach k,$(SIGNER_KERNELS:%:bare=%),$k:kmod $k:bare)" tests/guest/suites

# A machine of each release, with its own systemd, from boot to boot. A quarter of an hour each.
boot-tests: $(BUILD)/root $(addprefix $(BUILD)/tools/program-,evil good) ## boot RELEASES with systemd, again and again
	$(Q)BUILD=$(abspath $(BUILD)) ONLY=$(ONLY) tests/boot/suites $(RELEASES)

## RELEASES    Debian's releases that `make boot-tests` boots         [bookworm]
RELEASES ?= bookworm

# Two minutes of storms, and 200 kills, a kernel: `make test` has a tenth of it.
stress: guest-tools ## races and kills at full length, in guests
	$(Q)BUILD=$(abspath $(BUILD)) ONLY=stress SIGNER_KERNELS="$(SIGNER_KERNELS)" tests/guest/suites $(KERNELS)

## KERNELS     the kernels that `make test` boots                     [6.1 7.3]
KERNELS ?= 6.1 7.3
## SIGNER_KERNELS  those on which it tries signers and drivers; 6.1:bare: without the module only [6.1 6.12 7.3]
SIGNER_KERNELS ?= 6.1 6.12 7.3
## BYPASSES    those on which it tries bypasses, and how              [6.1:kmod 6.12:bare 7.3:bare]
BYPASSES ?= 6.1:kmod 6.12:bare 7.3:bare
## KILLS       at how many points it kills interdictd                 [20]
KILLS ?= 20
## RACES       for how many seconds a bypass races                    [10]
RACES ?= 10
## EXPLAINED   of how many files it asks explain and the kernel       [1000]
EXPLAINED ?= 1000
## ONLY        core: fewer suites, one for each way of use       []
ONLY ?=

TEST_STEPS ?= unit guest-tests boot-tests

# As many compile at a time as there are CPUs, where make was told nothing else. What downloads has a
# line of the terminal for itself.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# More steps than one, since what make knows of the machine changes once deps has run.
test: ## all tests, set-up included: the README's second command
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(JOBS) all unit-programs suite-tools
	$(Q)$(MAKE) $(TEST_STEPS)

demo: ## a real antivirus is denied, in a guest: the README's first command
	$(Q)$(MAKE) deps
	$(Q)$(MAKE) $(JOBS) all
	$(Q)$(MAKE) demo-run

demo-run: $(BUILD)/root
	$(Q)BUILD=$(abspath $(BUILD)) tests/demo/run --kernel $(KERNEL)

FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
## FUZZ_TIME   how long each fuzz target runs                         [60]
FUZZ_TIME ?= 60

FUZZ_FLAGS := -g -O1 -fsanitize=address,undefined
FUZZ_OBJS  := $(patsubst %.c,$(BUILD)/fuzz/%.o,$(LIB_FILES))

$(BUILD)/fuzz/userspace/%.o: userspace/%.c $(wildcard include/interdict/*.h userspace/*/*.h)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(CPPFLAGS_ALL) -std=gnu11 -c $< -o $@

$(BUILD)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h include/interdict/*.h) $(FUZZ_OBJS)
	@echo "  FUZZ     $@"
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer $(CPPFLAGS_ALL) -std=gnu11 $< $(FUZZ_OBJS) -o $@ $(LIBS)

fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZ)) ## fuzz the readers of hostile bytes, FUZZ_TIME= each
	$(Q)set -e; for f in $(FUZZ); do mkdir -p $(BUILD)/corpus/$$f; \
		$(BUILD)/fuzz/$$f -max_total_time=$(FUZZ_TIME) -print_final_stats=1 $(BUILD)/corpus/$$f \
		$$(ls -d tests/fuzz/corpus/$$f 2>/dev/null); done

bench: $(BUILD)/root ## what it costs, beside fapolicyd
	$(Q)BUILD=$(abspath $(BUILD)) tests/bench/run

# ---- Debian packages -------------------------------------------------------------------------

DEPS_DEB := build-essential debhelper dh-dkms dpkg-dev lintian fakeroot

## DEB_VERSION the version of the packages                            [the changelog's]
DEB_VERSION ?=

deb: ## build the Debian packages in build/deb, and have lintian look at them
	$(Q)packaging/deps $(DEPS_BUILD) $(DEPS_DEB)
	$(Q)packaging/deb $(BUILD)/deb $(DEB_VERSION)

# What the packages are upgraded to: a later version, whose program in the kernel is another.
deb-next:
	$(Q)BPF_EXTRA='-include tests/guest/tools/next.h' packaging/deb $(BUILD)/deb \
		"$$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)+next"

# An hour: machines that boot Debian 12 and 13.
deb-tests: deb deb-next $(addprefix $(BUILD)/tools/,program-evil program-good notified) ## install, upgrade, remove and purge the packages, in guests
	$(Q)RELEASES="$(DEB_RELEASES)" tests/packages/run $(abspath $(BUILD))

reproducible: ## build twice, elsewhere and otherwise, and compare every byte
	$(Q)packaging/deps $(DEPS_BUILD) $(DEPS_DEB)
	$(Q)tests/reproducible

## DEB_RELEASES  the Debian releases that `make deb-tests` boots      [bookworm trixie]
DEB_RELEASES ?= bookworm trixie

# ---- checks ----------------------------------------------------------------------------------

C_FILES     := $(wildcard include/interdict/*.h bpf/*.[ch] userspace/*/*.[ch] kmod/*.[ch] kmod/*/*.c tests/*/*.[ch] tests/*/*/*.[ch])
FORMATTER   := 14
TIDY_FILES  := $(filter-out userspace/canary/%,$(wildcard userspace/*/*.c))
SHELL_FILES = $(shell grep -slE '^\#!/(usr/)?bin/(env )?(ba)?sh' $$(git ls-files --cached --others --exclude-standard .ci packaging tests ':!tests/fuzz/corpus'))

# bpftool's skeleton seems to leak to it, and cannot be annotated.
$(BUILD)/tidy/userspace/daemon/program: TIDY_FLAGS = --checks=-clang-analyzer-unix.Malloc
$(BUILD)/tidy/%: %.c .clang-tidy | $(BUILD)/include/interdict.skel.h $(BUILD)/include/revision.h
	@echo "  TIDY     $<"
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $(TIDY_FLAGS) $< -- $(CPPFLAGS_ALL) -std=gnu11 2>/dev/null && touch $@

# Each a target of its own: with -j, they run beside one another.
STATIC := clang-format codespell clang-tidy cppcheck shellcheck mandoc licences
static: $(STATIC) ## format, spelling, lint and static analysis

clang-format:
	@echo "  CHECK    $@"
	$(Q)if clang-format --version | grep -q 'version $(FORMATTER)\.'; then \
		clang-format --dry-run -Werror $(C_FILES); \
		else echo "  skipped: clang-format $(FORMATTER) formats this tree, and others differ"; fi

codespell:
	@echo "  CHECK    $@"
	$(Q)codespell

clang-tidy: $(patsubst %.c,$(BUILD)/tidy/%,$(TIDY_FILES))

cppcheck:
	@echo "  CHECK    $@"
	$(Q)cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=unknownMacro --std=c11 -Iinclude -Iuserspace/lib -Iuserspace userspace

shellcheck:
	@echo "  CHECK    $@"
	$(Q)printf '%s\n' $(SHELL_FILES) | xargs -P "$$(nproc)" -n 8 shellcheck -x

mandoc:
	@echo "  CHECK    $@"
	$(Q)for page in man/*.[158]; do mandoc -Tlint -Werror "$$page" || exit; done

licences:
	@echo "  CHECK    $@"
	$(Q)packaging/check-licences

# One in so many bits, cuts and combinations: each instruction costs thirty there.
STRIDE := 31
$(BUILD)/valgrind/%: $(BUILD)/unit/% tests/unit/valgrind.supp | $(UNIT_NEEDS)
	@mkdir -p $(@D)
	$(Q)if (cd tests/unit && TEST_STRIDE=$(STRIDE) valgrind --quiet --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite --errors-for-leak-kinds=definite \
		--suppressions=valgrind.supp $(abspath $<)) > $@.log 2>&1; \
		then echo "  VALGRIND $*"; touch $@; else cat $@.log; echo "valgrind: $* failed"; exit 1; fi

# Those that step through a child of theirs, ask who refused an exec, or look at themselves as at a
# process: valgrind does the first two itself, and is what the last see.
NO_VALGRIND := $(addprefix test_,fold canary_ways needed running scan_running)
# Those of openat2(2), which Debian 12's valgrind does not know: it fails there.
NO_VALGRIND += $(addprefix test_,guard_running packages scan)
memory: $(patsubst %,$(BUILD)/valgrind/%,$(filter-out $(NO_VALGRIND),$(notdir $(UNIT_TESTS)))) ## unit tests in C, under valgrind
	@echo "  skipped  not for valgrind: $(NO_VALGRIND)"

# One build for both: sanitizers that stop at the first fault, and counts of the lines that are run.
CHECKED   := $(BUILD)/checked
SANITIZE  := -fsanitize=address,undefined
checked    = $(MAKE) BUILD=$(CHECKED) LDFLAGS='--coverage $(SANITIZE)' \
	CFLAGS='-O1 -g -fno-omit-frame-pointer --coverage -fprofile-update=atomic $(SANITIZE) -fno-sanitize-recover=all'
sanitized: ## all unit tests, under ASan and UBSan
	$(Q)find $(CHECKED) -name '*.gcda' -delete 2>/dev/null || true
	+$(Q)LSAN_OPTIONS=suppressions=$(abspath tests/unit/lsan.supp):print_suppressions=0 $(checked) unit

## COVERED     suites whose guests count the lines that they run      [lifetime]
COVERED ?= lifetime
# The least share of the lines of userspace/ and include/, in per cent.
COVERAGE  := 85
GUESTS_TOOLS = $(patsubst $(BUILD)/%,$(CHECKED)/%,$(filter-out $(BUILD)/next/% %/races %/settings,$(TOOLS)))

# The daemon runs in guests only. Its lines count from those, the others' from both.
guests-lines: sanitized
	+$(Q)$(checked) $(CHECKED)/root $(GUESTS_TOOLS) >/dev/null
	$(Q)KERNEL=$(KERNEL) tests/coverage/guests $(CHECKED) $(foreach s,$(COVERED),'$(subst /, ,$s)')

coverage: guests-lines ## which share of userspace/ and include/ unit tests and guests run
	$(Q)tests/coverage/report --least $(COVERAGE) $(CHECKED)

check: ## format, spelling, lint, static analysis; unit tests under valgrind and sanitizers; the share of lines run
	$(Q)$(MAKE) $(JOBS) static memory
	$(Q)$(MAKE) $(JOBS) coverage

# ---- the rest --------------------------------------------------------------------------------

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
	@echo; echo "Variables [default]:"
	@sed -n 's/^## /  /p' $(MAKEFILE_LIST)

clean: ## remove what was built
	$(Q)rm -rf $(BUILD)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)

.PHONY: all kmod install uninstall deps unit guest guest-tools guest-tests boot-tests bypass stress test demo demo-run fuzz bench check help clean $(BUILD)/root deb deb-next deb-tests reproducible FORCE unit-programs rpm rpm-tests debian13-tests suite-tools static memory sanitized guests-lines coverage $(STATIC)
.SECONDARY:
.DELETE_ON_ERROR:
